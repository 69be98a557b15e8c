package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/width"

	"tipline/intake/ledger"
	"tipline/intake/queue"
)

type doctorCmd struct {
	place
	atDesk
	Lang string `help:"Language of the answer; without it the terminal's." enum:",zh-CN,en" default:"" placeholder:"zh-CN|en"`
}

// checkup is a house that is looked over, in the language of whoever asked.
type checkup struct {
	*house
	tongue
}

// fault is what is wrong and how to mend it, by its English format.
func (h *checkup) fault(format string, args ...any) error {
	return errors.New(h.say(format, args...))
}

// finding is one check's outcome.
type finding struct {
	err  error  // what is wrong and how to mend it
	note string // what was found

	warning string // works, and should be mended all the same
}

// check looks at one thing.
type check struct {
	name string // behind "check: ", so that its Chinese is nobody else's
	run  func(context.Context, *checkup) finding
}

// checks are all that doctor looks at, in the order it tells them.
func checks() []check {
	return []check{{"check: clock", checkClock}, {"check: keys", checkKeys}, {"check: files", checkFiles}, {"check: disk", checkDisk},
		{"check: database", checkDatabase}, {"check: members", checkMembers}, {"check: handovers", checkHandovers}, {"check: redis", checkRedis},
		{"check: spool", checkSpool}, {"check: channels", checkInlets}, {"check: mailboxes", checkMailboxes}, {"check: certificate", checkCertificates},
		{"check: backup", checkBackup}, {"check: destroyed", checkDestroyed}, {"check: audit", checkAudit}, {"check: calendar", checkCalendar}, {"check: ledger", checkLedger}}
}

func (c doctorCmd) Run(ctx context.Context, t terminal) (err error) {
	house, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer house.close()
	if house.desk, err = c.in(house.office); err != nil {
		return err
	}
	h := &checkup{house, t.tongue}
	if c.Lang != "" {
		if h.tongue, err = speakIn(c.Lang); err != nil {
			return err
		}
	}
	bad := 0
	for _, check := range checks() {
		f := check.run(ctx, h)
		f.print(t.out, h.tongue, check.name)
		if f.err != nil {
			bad++
		}
	}
	if bad > 0 {
		return h.fault("%d of the checks failed", bad)
	}
	return nil
}

func (f finding) print(w io.Writer, t tongue, name string) {
	mark, text := "✓", f.note
	switch {
	case f.err != nil:
		mark, text = "✗", t.error(f.err)
	case f.warning != "":
		mark, text = "!", f.warning
	}
	fmt.Fprintf(w, "%s %s %s\n", mark, column(strings.TrimPrefix(t.of(name), "check: "), nameWidth), text)
}

// nameWidth is the column of the checks' names.
const nameWidth = 12

// column is s with spaces behind it, n cells wide: a Chinese character takes two.
func column(s string, n int) string {
	for _, r := range s {
		if n--; width.LookupRune(r).Kind() == width.EastAsianWide {
			n--
		}
	}
	return s + strings.Repeat(" ", max(0, n))
}

// checkLedger reconciles tip by tip.
func checkLedger(ctx context.Context, h *checkup) finding {
	r, err := reconcile(ctx, h.house, h.desk.ID)
	if err == nil {
		err = unbalanced(h.tongue, r)
	}
	return finding{err: err, note: h.say("received %d = in ledger %d + held %d + waiting %d", r.Received, r.InLedger, r.Held, r.Waiting)}
}

// reconcile holds one desk's tips against its ledger. It also asks the stream for what
// has left the outbox and isn't in the ledger yet.
func reconcile(ctx context.Context, h *house, desk string) (ledger.Report, error) {
	r, err := h.dialRedis()
	if err != nil {
		return ledger.Report{}, err
	}
	if r == nil {
		return h.ledger.Reconcile(ctx, desk, h.store.Standings(ctx, desk))
	}
	defer r.Close()
	name := queue.StreamName(desk, h.pack.Desks[0].ID)
	return h.ledger.Reconcile(ctx, desk, h.store.Standings(ctx, desk),
		func(ctx context.Context) (map[string]bool, error) { return queue.Waiting(ctx, r, name) })
}

// unbalanced names every tip that isn't where it must be.
func unbalanced(t tongue, r ledger.Report) error {
	if r.Balanced() {
		return nil
	}
	var parts []string
	if len(r.Missing) > 0 {
		parts = append(parts, t.say("missing from the ledger (`tipline ledger retell` tells it again): %s", strings.Join(r.Missing, " ")))
	}
	if len(r.Early) > 0 {
		parts = append(parts, t.say("held, and in the ledger: %s", strings.Join(r.Early, " ")))
	}
	if len(r.Unknown) > 0 {
		parts = append(parts, t.say("in the ledger, and no tip: %s", strings.Join(r.Unknown, " ")))
	}
	return errors.New(t.say("received %d, in ledger %d, held %d, waiting %d; %s", r.Received, r.InLedger, r.Held, r.Waiting, strings.Join(parts, t.say("; "))))
}
