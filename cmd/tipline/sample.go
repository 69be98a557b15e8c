package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tipline/configs/locale"
	"tipline/crypto/keyring"
	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/invent"
	"tipline/intake/members"
)

type sampleCmd struct {
	place
	login
	Tips      int    `help:"How many." default:"300" placeholder:"N"`
	Days      int    `help:"How many days they go back." default:"150" placeholder:"N"`
	Seed      uint64 `help:"The same seed invents the same." default:"1" placeholder:"N"`
	AmongReal bool   `help:"Invent tips beside real ones, which nobody can take apart again."`
}

// Help is printed below the usage.
func (sampleCmd) Help() string {
	return "In a folder that isn't set up yet it makes an office with members whose passphrases it prints, and months of work: tips by every channel with photographs, answers, " +
		"refusals, ledger numbers and outcomes, parcels. In one that is set up it files the tips, and with --member, a handler, does the desk's work as well. Everything reads 样例."
}

func (c sampleCmd) Run(ctx context.Context, t terminal) error {
	if c.Tips < 1 || c.Tips > 100_000 || c.Days < 1 || c.Days > 3650 {
		return usageError{fmt.Errorf("--tips takes a number from 1 to 100000, --days one from 1 to 3650")}
	}
	fresh := !isSetUp(c.Data)
	var crew []members.NewMember
	if fresh {
		crew = sampleCrew()
		if err := setUp(ctx, c.place, terminal{in: t.in, out: io.Discard, err: t.err}, crew, nil); err != nil {
			return err
		}
	}
	p := &player{clock: time.Now(), tell: func(done int) { fmt.Fprintf(t.err, "\r%d of %d", done, c.Tips) }}
	if err := p.open(ctx, c.place, c.AmongReal); err != nil {
		return err
	}
	defer p.close()
	if err := p.employ(ctx, c.login, t, crew); err != nil {
		return err
	}
	if err := p.play(ctx, c.Seed, c.Tips, c.Days); err != nil {
		return err
	}
	if err := noteSample(c.Data, c.Tips); err != nil {
		return err
	}
	fmt.Fprintf(t.err, "\r")
	return p.report(t, c.place, c.Tips, crew)
}

// sampleCrew are the members of an office that is only to be looked at.
func sampleCrew() (out []members.NewMember) {
	for _, m := range []struct {
		name  string
		roles []string
	}{{"li", []string{members.Handler}}, {"zhao", []string{members.Handler}}, {"wang", []string{members.Custodian}}, {"sun", []string{members.Supervisor, members.Auditor}},
		{"boss", []string{members.Administrator}}} {
		out = append(out, members.NewMember{Name: m.name, Roles: m.roles, Passphrase: keyring.Passphrase()})
	}
	return out
}

// employ gives the player members at work: a fresh office's own, or who logged in.
func (p *player) employ(ctx context.Context, l login, t terminal, crew []members.NewMember) error {
	at := func(name, passphrase string) (casework.Actor, error) {
		u, err := p.members.Open(ctx, name, passphrase, "")
		if err != nil {
			return casework.Actor{}, err
		}
		return p.actor(u), nil
	}
	if crew == nil {
		u, err := l.open(ctx, p.house, t)
		if err != nil || u == nil {
			return err
		}
		if p.handler = p.actor(u); !p.handler.Is(casework.RoleHandler) {
			return usageError{fmt.Errorf("--member %s is no handler", l.Member)}
		}
		return nil
	}
	var err error
	for i, who := range []*casework.Actor{&p.handler, &p.second, &p.custodian, &p.supervisor} {
		if *who, err = at(crew[i].Name, crew[i].Passphrase); err != nil {
			return err
		}
	}
	return nil
}

// sampleFile says that an installation holds invented tips, and how many.
const sampleFile = "sample.json"

type sampled struct {
	Tips int `json:"invented_tips"`
}

func readSample(dir string) (s sampled, err error) {
	text, err := os.ReadFile(filepath.Join(dir, sampleFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}

func noteSample(dir string, more int) error {
	s, err := readSample(dir)
	if err != nil {
		return err
	}
	s.Tips += more
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(dir, sampleFile), string(text)+"\n")
}

// errReal says that nobody wants invented tips here.
var errReal = errors.New("this installation holds tips that nobody invented: choose another --data folder, or say --among-real")

// onlyInvented refuses an installation with tips that aren't samples.
func (h *house) onlyInvented(ctx context.Context) error {
	s, err := readSample(h.dir)
	if err != nil {
		return err
	}
	n := 0
	for _, desk := range h.desks() {
		c, err := h.store.Counts(ctx, desk)
		if err != nil {
			return err
		}
		n += c.Held + c.Spam
		for _, of := range c.ByState {
			n += of
		}
	}
	if n > s.Tips {
		return errReal
	}
	return nil
}

// report says what there is by now and how to look at it.
func (p *player) report(t terminal, where place, tips int, crew []members.NewMember) error {
	t.say("%d invented {tip was filed; it reads|tips were filed; they read} \"样例\".\n", tips)
	switch {
	case p.handler.Name == "":
		t.say("They reach the ledger while `tipline up` or `tipline ledger follow` runs. With --member, a handler, they are worked on as well.\n")
	case crew != nil:
		t.say("tipline up --data %s, then the desk's address. Members and passphrases, for looking around only:\n", where.Data)
		for _, m := range crew {
			fmt.Fprintf(t.out, "  %-6s %-20s %s\n", m.Name, strings.Join(m.Roles, ","), m.Passphrase)
		}
	}
	if len(p.done) == 0 {
		return nil
	}
	kinds := []string{}
	for do, n := range p.done {
		kinds = append(kinds, fmt.Sprintf("%s %d", do, n))
	}
	slices.Sort(kinds)
	return t.say("Done about them: %s\n", strings.Join(kinds, ", "))
}

// inventedOffice is the office as stories are made for it.
func (o *office) invented(today time.Time, days int) invent.Office {
	out := invent.Office{Today: today, Days: days}
	for _, k := range o.pack.Categories {
		out.Categories = append(out.Categories, k.Code)
	}
	for _, k := range o.pack.Conduct {
		out.Conduct = append(out.Conduct, k.Code)
	}
	for _, p := range o.places() {
		if p.Level == "village" {
			out.Villages = append(out.Villages, p.Code)
		}
	}
	if len(out.Villages) == 0 { // a pack without villages: whatever places it has
		for _, p := range o.places() {
			out.Villages = append(out.Villages, p.Code)
		}
	}
	return out
}

var errNoPlaces = errors.New("the pack has no places to invent tips for")

// player carries stories out, day by day, under a clock of its own.
type player struct {
	*house
	clock                      time.Time
	door                       *intake.Service
	work                       *casework.Service
	messages                   *locale.Bundle
	camera                     invent.Camera
	tally                      tally
	handler, second, custodian casework.Actor
	supervisor                 casework.Actor
	stories                    []invent.Story
	filed                      []intake.Filed
	asked                      map[int]string // a request's id by its story
	done                       map[invent.Act]int
	tell                       func(done int)
}

// open opens the house under the player's clock.
func (p *player) open(ctx context.Context, where place, amongReal bool) error {
	o, err := openOffice(where)
	if err != nil {
		return err
	}
	o.now = func() time.Time { return p.clock }
	p.house = &house{office: o}
	if err := p.house.open(ctx, needs{keys: true, tips: true, ledger: true}); err != nil {
		p.close()
		return err
	}
	if p.messages, err = locale.Load(); err != nil {
		p.close()
		return err
	}
	if !amongReal {
		if err := p.onlyInvented(ctx); err != nil {
			p.close()
			return err
		}
	}
	p.door = p.house.intake(p.store, unlimited{})
	p.work = p.casework(p.door)
	p.tally = tally{write: p.store.CountInlets, now: p.now, loc: p.loc}
	p.asked, p.done = map[int]string{}, map[invent.Act]int{}
	return nil
}
