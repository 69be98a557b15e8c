package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime/debug"
	"time"

	"github.com/redis/go-redis/v9"

	"tipline/configs/locale"
	"tipline/intake"
	"tipline/intake/fetch"
	"tipline/intake/limit"
	"tipline/intake/mail"
	"tipline/intake/members"
	"tipline/intake/outbound"
	"tipline/intake/spool"
)

// The collector's pace (GOGC): until everything has started, since the start allocates much at
// once and little of it stays, and then. Less than the usual 100 keeps the whole within 64 MB, for a
// few hundredths of the throughput (BENCHMARKS.md).
const (
	startGC  = 400
	steadyGC = 80
)

type loaded struct {
	bundle *locale.Bundle
	err    error
}

// program is a part of the tip line, or all of it, as one process. What its part
// has no use for is nil.
type program struct {
	*house
	does        part
	crew        *crew
	meters      *meters
	tally       *tally
	bundle      *locale.Bundle
	limits      *limit.Limiter
	door        *intake.Service
	bell        announced
	sessions    *members.Sessions
	mailer      *outbound.Mailer
	carriers    *carriers
	texter      *outbound.Texter
	answers     *mail.Answers
	senders     *mail.Senders // nil when mail isn't checked
	mailboxes   []work
	fetchers    map[string]*fetch.Fetcher // by channel
	proxies     []netip.Prefix
	deskProxies []netip.Prefix
	spool       *spool.Spool          // nil when it is off
	redis       redis.UniversalClient // nil without Redis
	seat        seat                  // among those that read its streams
	issuer      *issuer               // nil without tls.hosts
}

// runPart opens what a part needs and runs it until ctx ends.
func runPart(ctx context.Context, where place, t terminal, this part) error {
	steady := debug.SetGCPercent(startGC)
	if os.Getenv("GOGC") == "" {
		steady = steadyGC
	}
	messages := make(chan loaded, 1)
	go func() { b, err := locale.Load(); messages <- loaded{b, err} }() // meanwhile the house opens
	h, err := openPart(ctx, where, this.needs())
	if err != nil {
		return err
	}
	defer h.close()
	m := <-messages
	if m.err != nil {
		return m.err
	}
	p, err := newProgram(ctx, h, m.bundle, this)
	if err != nil {
		return err
	}
	return p.run(ctx, t, func() { debug.SetGCPercent(steady); debug.FreeOSMemory() })
}

func newProgram(ctx context.Context, h *house, messages *locale.Bundle, this part) (p *program, err error) {
	p = &program{house: h, does: this, crew: newCrew(h.log), meters: newMeters(h.now)}
	if p.bundle, err = messages.WithLanguages(h.cfg.Languages...); err != nil {
		return nil, err
	}
	p.pack.Fill(p.times(p.bundle)) // before the fronts, which are made at once, read it
	if p.redis, err = h.startRedis(ctx, this.needs().keys); err != nil {
		return nil, err
	}
	if p.redis != nil && (this.ledger || this.desk) {
		p.sit()
	}
	p.meters.watch(p)
	if !this.intake && !this.desk {
		return p, nil
	}
	if p.proxies, err = prefixes("public.proxies", h.cfg.Public.Proxies); err != nil {
		return nil, err
	}
	if p.deskProxies, err = prefixes("desk.proxies", h.cfg.Desk.Proxies); err != nil {
		return nil, err
	}
	p.sessions = members.NewSessions(h.members)
	p.tally = &tally{write: h.store.CountInlets, now: h.now, loc: h.loc}
	p.limits = h.limiter(p.redis, p.meters)
	if err := p.openDoor(); err != nil {
		return nil, err
	}
	if p.mailer, err = p.newMailer(p.bundle, p.meters.drop); err != nil {
		return nil, err
	}
	if p.carriers, err = p.newCarriers(p.bundle, p.mailer); err != nil {
		return nil, err
	}
	p.mailer.Failed = func(err error) { p.unsent(intake.InletRelay, err) }
	p.texter = outbound.NewTexter(func(ctx context.Context, n outbound.Note) error {
		err := p.carriers.text(ctx, n.Gateway, n.To, n.Outgoing)
		p.unsent(intake.InletKey(intake.SMS, n.Gateway), err)
		return err
	}, h.log, p.meters.drop, h.now)
	p.bell = announced{Service: p.door, desk: p.desk.ID, arrived: p.mailer.TipArrived, wished: p.wished}
	p.answers = mail.NewAnswers(p.acknowledge, p.now)
	p.senders = h.newSenders()
	if this.intake {
		p.fetchers = map[string]*fetch.Fetcher{}
		for _, c := range h.cfg.SMS {
			if c.Media.Off {
				continue
			}
			if p.fetchers[c.Name], err = p.fetcher(c); err != nil {
				return nil, err
			}
		}
		p.mailboxes, err = p.mailboxWorks()
	}
	return p, err
}

// openDoor puts the spool before the store where tips come in.
func (p *program) openDoor() (err error) {
	var st intake.Store = p.store
	if p.does.intake && p.cfg.Spool.Enabled {
		if p.spool, err = p.openSpool(); err != nil {
			return err
		}
		p.meters.watchSpool(p.spool)
		st = spooled{p.store, p.spool}
	}
	p.door = p.house.intake(st, p.limits)
	return nil
}

// run starts the parts in order: what others need first, the listeners last.
func (p *program) run(ctx context.Context, t terminal, started func()) (err error) {
	fronts, err := p.fronts(t)
	if err != nil {
		return err
	}
	for _, w := range p.works() {
		p.crew.start(ctx, w.name, w.run)
	}
	for _, f := range fronts {
		p.crew.front(ctx, f.key, f.run)
		fmt.Fprintf(t.out, "%-8s %s\n", f.key, shown(f.addr, f.shown))
	}
	started()
	err = errors.Join(p.crew.wait(ctx), p.crew.finish(lastTime))
	if p.does.intake {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		p.tally.flush(last)
	}
	if p.spool != nil {
		err = errors.Join(err, p.spool.Close())
	}
	if p.redis != nil {
		err = errors.Join(err, p.redis.Close(), p.seat.leave())
	}
	return err
}

// work is one thing done in the background, until its context ends.
type work struct {
	name string
	run  func(context.Context) error
}

// works are what this part does beside listening.
func (p *program) works() (out []work) {
	if p.does.intake && p.issuer != nil {
		out = append(out, work{"certificates", p.issuer.keep})
	}
	if p.does.desk {
		out = append(out, work{"housekeeping", p.keepHouse})
		for _, b := range p.bells() {
			out = append(out, work{"alerts", b.alertUrgent})
			if p.cfg.Alerts.Digest {
				out = append(out, work{"digest", b.tellDates})
			}
		}
	}
	if p.does.ledger && p.redis == nil {
		out = append(out, work{"ledger", p.followOutbox})
	}
	if p.does.relay && p.redis != nil {
		out = append(out, work{"relay", p.relayEvents})
	}
	if p.does.ledger && p.redis != nil {
		out = append(out, work{"ledger", p.followStreams})
	}
	out = append(out, p.outcomeWorks()...)
	if p.spool != nil {
		out = append(out, work{"spool", p.spool.Run})
	}
	if p.does.intake {
		out = append(out, work{"outbound", p.mailer.Run}, work{"acknowledgements", p.texter.Run}, work{"texts", p.fileWaiting}, work{"counts", p.tally.run})
		if len(p.fetchers) > 0 {
			out = append(out, work{"media", p.fetchMedia})
		}
		out = append(out, p.mailboxes...)
	}
	return out
}

// outcomeWorks carry what the ledger says of a tip back to the desk.
func (p *program) outcomeWorks() (out []work) {
	if p.redis == nil {
		if p.does.desk {
			out = append(out, work{"outcomes", p.tellDesk})
		}
		return out
	}
	if p.does.ledger {
		out = append(out, work{"outcomes relay", p.relayOutcomes})
	}
	if p.does.desk {
		out = append(out, work{"outcomes", p.hearOutcomes})
	}
	return out
}
