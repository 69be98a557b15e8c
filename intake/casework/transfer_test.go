package casework_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
	"tipline/intake/ledger"
)

// deskKeys are each desk's own.
type deskKeys map[string]intake.DeskKeys

func (k deskKeys) DeskKeys(desk string) (intake.DeskKeys, error) {
	if _, ok := k[desk]; !ok {
		return intake.DeskKeys{}, errors.New("no such desk")
	}
	return k[desk], nil
}

// twoDesks is the office with a county's desk beside its own: a handler, chen, and a
// custodian, xu.
type twoDesks struct {
	*office
	c                *courier
	desk, custodians *age.HybridIdentity // the county's
	chen, xu         casework.Actor
}

func openTwo(t *testing.T) *twoDesks {
	t.Helper()
	o, c := sending(t)
	w := &twoDesks{office: o, c: c, desk: intaketest.Identity(t), custodians: intaketest.Identity(t)}
	own, _ := o.DeskKeys("")
	keys := deskKeys{"main": own, "county": {Desk: w.desk.Recipient(), Custodian: w.custodians.Recipient(), Ledger: own.Ledger, Version: 1}}
	d := o.Service.Deps
	d.Keys, d.Desks = keys, intake.Desks{"main", "county"}
	o.Service = casework.New(d)
	o.Office.Deps.Keys = keys
	o.door = o.Door()
	w.chen = o.member(t, "chen", casework.RoleHandler, map[string]*age.HybridIdentity{intake.DeskKey("county"): w.desk})
	w.xu = o.member(t, "xu", casework.RoleCustodian, map[string]*age.HybridIdentity{"custodian:county": w.custodians})
	w.chen.Desk, w.xu.Desk = "county", "county"
	return w
}

// rich is a tip with everything on it: an identity, files in and beside its rows, a
// conversation with a file, notes.
func (w *twoDesks) rich(t *testing.T) intake.Filed {
	t.Helper()
	f := w.tip(t, contact, photo(t))
	intaketest.Must(t, w.Note(t.Context(), w.wang, f.ID, canary+" note"))
	intaketest.Must(t, w.Move(t.Context(), w.wang, f.ID, casework.Triage{To: intake.StateNeedsInfo, Note: canary + " reason", Letter: "请补充具体位置。"}))
	intaketest.Must(t, w.Office.Store.Act(t.Context(), intake.Act{Audit: intake.Audit{Member: "li", Act: "x", Desk: "main", Tip: f.ID}, Returned: &intake.Dispatch{ID: w.dispatches(t, f.ID)[0].ID, State: intake.DispatchReturned}}))
	_, err := w.door.Add(t.Context(), f.Receipt, intake.Addition{Text: canary + " said", Files: one(strings.Repeat("added\n", 30_000))})
	intaketest.Must(t, err)
	return f
}

func one(body string) iter.Seq2[intake.File, error] {
	return func(yield func(intake.File, error) bool) {
		yield(intake.File{Name: canary + ".txt", Body: strings.NewReader(body)}, nil)
	}
}

// reads says whether a handler opens all of a rich tip, files and all.
func (w *twoDesks) reads(t *testing.T, by casework.Actor, tip string) {
	t.Helper()
	v, err := w.Read(t.Context(), by, tip)
	intaketest.Must(t, err)
	if v.Report.Text != canary+" words" || len(v.Messages) != 2 || v.Messages[1].Text != canary+" said" || v.Inside[0].Text != canary+" note" ||
		v.Notes[intake.StateNeedsInfo] != canary+" reason" || !v.Identity || len(v.Differs) != 0 {
		t.Errorf("%d messages, %d notes, differs %v", len(v.Messages), len(v.Inside), v.Differs)
	}
	for n, size := range map[int]int{2: 220_000, 4: 180_000} {
		content, _, closer, err := w.CleanFile(t.Context(), by, tip, n)
		intaketest.Must(t, err)
		text, err := io.ReadAll(content)
		if len(text) != size || err != nil {
			t.Errorf("file %d has %d bytes, %v", n, len(text), err)
		}
		intaketest.Must(t, closer.Close())
	}
}

// originals opens every stream of a tip's originals with a desk's and a custodian's key.
func (w *twoDesks) originals(t *testing.T, tip string, desk, custodian *age.HybridIdentity) (n int, err error) {
	t.Helper()
	all, err := w.Office.Store.Containers(t.Context(), tip)
	intaketest.Must(t, err)
	for _, c := range all {
		if !strings.HasPrefix(c.Compartment, intake.CompartmentOriginals) {
			continue
		}
		for _, st := range c.Streams {
			var src io.ReaderAt = bytes.NewReader(c.Inline)
			if c.Inline == nil {
				file := c.File
				if file == "" {
					file = c.Compartment
				}
				b, err := w.Office.Blobs.Open(tip, file)
				intaketest.Must(t, err)
				defer b.Close()
				src = b
			}
			place := intake.PartContext(tip, intake.CompartmentOriginals, st.Name)
			inner, err := seal.OpenOuter(io.NewSectionReader(src, st.Offset, st.Length), st.Length, place, desk)
			if err == nil {
				_, err = seal.Open(inner, inner.Size(), place, custodian)
			}
			if err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// TestTransfer: everything opens at the other desk and nothing at the one it left; the
// receipt notices nothing; the identity is opened there when a custodian handed it over,
// and here no more.
func TestTransfer(t *testing.T) {
	w := openTwo(t)
	f := w.rich(t)
	w.reads(t, w.wang, f.ID)
	before := w.row(t, f.ID)
	intaketest.Must(t, w.Transfer(t.Context(), w.wang, f.ID, "county", canary+" why"))

	if _, err := w.Read(t.Context(), w.wang, f.ID); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("the desk it left: %v", err)
	}
	if found, err := w.Find(t.Context(), w.wang, f.ID); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("the desk it left finds %s, %v", found.ID, err)
	}
	w.reads(t, w.chen, f.ID)
	v, err := w.Read(t.Context(), w.chen, f.ID)
	intaketest.Must(t, err)
	if r := v.Tip; r.Desk != "county" || r.State != intake.StateReceived || r.Commitment == before.Commitment || r.DueOn != "2026-12-01" { // as promised on the day it came: the clock that stood goes on
		t.Errorf("%+v", r)
	}
	if v.Inside[1].Text != canary+" why" || v.Inside[1].By != "wang" || v.Handover == nil || v.Handover.Desk != "main" || len(v.Came) != 1 {
		t.Errorf("handover %v, %d notes", v.Handover, len(v.Inside))
	}
	w.talks(t, f)
	w.waitsForHandover(t, f)
	intaketest.Must(t, w.Handover(t.Context(), w.li, v.Handover.ID))
	w.isHandedOver(t, f)
	w.Clock.Add(72 * time.Hour)
	_, err = w.Office.Blobs.Collect(t.Context(), 24*time.Hour, func(tip, file string) (bool, error) { return w.Office.Store.HasFile(t.Context(), tip, file) })
	intaketest.Must(t, err)
	if n, err := w.originals(t, f.ID, w.desk, w.custodians); n < 4 || err != nil {
		t.Errorf("after the collection: %d originals, %v", n, err)
	}
	left, _ := filepath.Glob(filepath.Join(w.Dir, "blobs", f.ID[:2], f.ID+".*"))
	if len(left) != 4 {
		t.Errorf("files: %q", left)
	}
	if d := cmp.Diff([]string{"wang transfer county", "wang transfer.in main", "li identity.handover county", "li identity.handover.in main"}, only(w.acts(t, f.ID), "transfer", "handover")); d != "" {
		t.Error(d)
	}
}

// only are the acts that one of the words is in.
func only(acts []string, words ...string) (out []string) {
	for _, a := range acts {
		for _, word := range words {
			if strings.Contains(a, word) {
				out = append(out, a)
			}
		}
	}
	return out
}

// talks: the receipt opens what was said, and what its holder says goes to the new desk.
func (w *twoDesks) talks(t *testing.T, f intake.Filed) {
	t.Helper()
	talk, err := w.door.Look(t.Context(), f.Receipt)
	if err != nil || talk.State != intake.StateReceived || len(talk.Messages) != 2 || talk.Messages[0].Text != "请补充具体位置。" || talk.Identity != intake.IdentityKept {
		t.Fatalf("%+v, %v", talk, err)
	}
	_, err = w.door.Add(t.Context(), f.Receipt, intake.Addition{Text: "later", Files: one("more")})
	intaketest.Must(t, err)
	v, err := w.Read(t.Context(), w.chen, f.ID)
	if err != nil || len(v.Messages) != 3 || v.Messages[2].Text != "later" || len(v.Messages[2].Files) != 1 {
		t.Errorf("%d messages, %v", len(v.Messages), err)
	}
}

// waitsForHandover: until then nobody at the new desk opens the identity, and an answer
// waits.
func (w *twoDesks) waitsForHandover(t *testing.T, f intake.Filed) {
	t.Helper()
	if _, err := w.AskIdentity(t.Context(), w.chen, f.ID, "why"); !errors.Is(err, casework.ErrKept) {
		t.Errorf("asked for: %v", err)
	}
	if _, err := w.originals(t, f.ID, w.desk, w.custodians); !errors.Is(err, seal.ErrKey) {
		t.Errorf("the county's keys: %v", err)
	}
	if err := w.Transfer(t.Context(), w.chen, f.ID, "main", "back"); !errors.Is(err, casework.ErrKept) {
		t.Errorf("back with what was added: %v", err)
	}
	intaketest.Must(t, w.Answer(t.Context(), w.chen, f.ID, "县里已经受理。", false))
	sendable, err := w.ToSend(t.Context(), w.xu)
	if err != nil || len(sendable) != 1 || !sendable[0].Kept {
		t.Fatalf("%d answers, %v", len(sendable), err)
	}
	if err := w.Dispatch(t.Context(), w.xu, sendable[0].ID, false); !errors.Is(err, casework.ErrKept) {
		t.Errorf("sent: %v", err)
	}
	w.Clock.Add(20 * 24 * time.Hour)
	_, err = w.Office.Store.Expire(t.Context(), w.Clock.Now())
	intaketest.Must(t, err)
	mine, err := w.Handovers(t.Context(), w.li)
	if err != nil || len(mine) != 1 || mine[0].Tip != f.ID {
		t.Errorf("%d handovers, %v", len(mine), err)
	}
	if theirs, err := w.Handovers(t.Context(), w.xu); err != nil || len(theirs) != 0 {
		t.Errorf("theirs: %d, %v", len(theirs), err)
	}
	if _, err := w.Handovers(t.Context(), w.wang); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a handler: %v", err)
	}
	for who, want := range map[*casework.Actor]error{&w.xu: intake.ErrNotFound, &w.wang: casework.ErrForbidden} {
		if err := w.Handover(t.Context(), *who, mine[0].ID); !errors.Is(err, want) {
			t.Errorf("handed over by %s: %v", who, err)
		}
	}
	if err := w.Approve(t.Context(), w.li, mine[0].ID); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("approved: %v", err)
	}
}

func (w *twoDesks) isHandedOver(t *testing.T, f intake.Filed) {
	t.Helper()
	if n, err := w.originals(t, f.ID, w.desk, w.custodians); n < 4 || err != nil {
		t.Errorf("%d originals, %v", n, err)
	}
	for _, key := range []*age.HybridIdentity{w.Office.Desk, w.Custodian} {
		if n, err := w.originals(t, f.ID, key, w.Custodian); n != 0 || !errors.Is(err, seal.ErrKey) {
			t.Errorf("the desk it left opens %d, %v", n, err)
		}
	}
	id, err := w.AskIdentity(t.Context(), w.chen, f.ID, "why")
	intaketest.Must(t, err)
	intaketest.Must(t, w.Approve(t.Context(), w.xu, id))
	who, _, err := w.OpenIdentity(t.Context(), w.chen, f.ID)
	if err != nil || who.Name != canary+" name" {
		t.Errorf("%v", err)
	}
	intaketest.Must(t, w.Dispatch(t.Context(), w.xu, w.open(t, f.ID).ID, false))
	if len(w.c.got) != 1 || w.c.got[0].to != "13800138000" {
		t.Errorf("%d carried", len(w.c.got))
	}
	if err := w.Handover(t.Context(), w.li, id); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("a request: %v", err)
	}
}

// open is the answer at the county's desk that waits to be sent.
func (w *twoDesks) open(t *testing.T, tip string) intake.Dispatch {
	t.Helper()
	all, err := w.Office.Store.Dispatches(t.Context(), "county", tip, 9, intake.OpenDispatches()...)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d answers, %v", len(all), err)
	}
	return all[0]
}

// TestTransfersThatAreRefused leave everything as it was.
func TestTransfersThatAreRefused(t *testing.T) {
	w := openTwo(t)
	tip := func(change ...func(*intake.Report)) string { return w.tip(t, change...).ID }
	accepted, merged, parent, unsent, open := tip(), tip(), tip(), tip(contact), tip()
	intaketest.Must(t, w.Move(t.Context(), w.wang, accepted, casework.Triage{To: intake.StateAccepted, Department: "agriculture"}))
	intaketest.Must(t, w.Merge(t.Context(), w.wang, merged, parent))
	intaketest.Must(t, w.Answer(t.Context(), w.wang, unsent, "已经受理。", false))
	for name, c := range map[string]struct {
		by           casework.Actor
		tip, to, why string
		want         error
	}{
		"custodian":    {w.li, open, "county", "why", casework.ErrForbidden},
		"another desk": {w.chen, open, "main", "why", intake.ErrNotFound},
		"itself":       {w.wang, open, "main", "why", intake.ErrInvalid},
		"no such desk": {w.wang, open, "moon", "why", intake.ErrInvalid},
		"no reason":    {w.wang, open, "county", " ", casework.ErrReason},
		"long reason":  {w.wang, open, "county", strings.Repeat("x", intake.MaxMessage+1), intake.ErrInvalid},
		"accepted":     {w.wang, accepted, "county", "why", casework.ErrTransition},
		"merged":       {w.wang, merged, "county", "why", casework.ErrTransition},
		"with others":  {w.wang, parent, "county", "why", casework.ErrOthers},
		"unsent":       {w.wang, unsent, "county", "why", casework.ErrUnsent},
	} {
		if err := w.Transfer(t.Context(), c.by, c.tip, c.to, c.why); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if r := w.row(t, c.tip); r.Desk != "main" {
			t.Errorf("%s: it is at %s", name, r.Desk)
		}
	}
}

// TestTransferWithoutAnybodyBehind: an anonymous tip without files needs no custodian, and
// a held one no ledger. One that came back without additions is whole again.
func TestTransferWithoutAnybodyBehind(t *testing.T) {
	w := openTwo(t)
	bare, kept := w.tip(t, nobody, held).ID, w.tip(t).ID
	w.events(t)
	for _, tip := range []string{bare, kept} {
		intaketest.Must(t, w.Transfer(t.Context(), w.wang, tip, "county", "why"))
	}
	v, err := w.Read(t.Context(), w.chen, bare)
	if err != nil || v.Handover != nil || v.Tip.Lane != intake.Held {
		t.Errorf("%+v, %v", v.Handover, err)
	}
	intaketest.Must(t, w.Transfer(t.Context(), w.chen, kept, "main", "not ours"))
	if got := w.events(t); len(got) != 4 || got[0].Type != intake.EventWithdrawn || got[0].Data.Reason != intake.ReasonTransferred || got[1].Type != intake.EventReceived || got[1].Data.Desk != "county" {
		t.Errorf("%d events: %+v", len(got), got)
	}
	id, err := w.AskIdentity(t.Context(), w.wang, kept, "why")
	intaketest.Must(t, err)
	intaketest.Must(t, w.Approve(t.Context(), w.li, id))
	if who, _, err := w.OpenIdentity(t.Context(), w.wang, kept); err != nil || who.Name != canary+" name" {
		t.Errorf("%v", err)
	}
	if mine, err := w.Handovers(t.Context(), w.li); err != nil || len(mine) != 0 {
		t.Errorf("%d handovers, %v", len(mine), err)
	}
}

// interrupted is a store whose act ends as if the process or the database did.
type interrupted struct {
	casework.Store
	before func()
	after  error
	wrote  bool
}

func (s *interrupted) Act(ctx context.Context, a intake.Act) error {
	if s.before != nil {
		s.before()
		s.before = nil
	}
	if s.wrote {
		if err := s.Store.Act(ctx, a); err != nil {
			return err
		}
	}
	return s.after
}

// TestATransferThatBreaksOffLosesNothing: whether the transaction was written or not, the
// files its rows name are there, and the others are collected.
func TestATransferThatBreaksOffLosesNothing(t *testing.T) {
	for _, wrote := range []bool{false, true} {
		w := openTwo(t)
		f := w.rich(t)
		d := w.Service.Deps
		d.Store = &interrupted{Store: d.Store, after: intake.ErrNotDurable, wrote: wrote}
		if err := casework.New(d).Transfer(t.Context(), w.wang, f.ID, "county", "why"); !errors.Is(err, intake.ErrNotDurable) {
			t.Fatal(err)
		}
		by := map[bool]casework.Actor{false: w.wang, true: w.chen}[wrote]
		w.reads(t, by, f.ID)
		w.Clock.Add(72 * time.Hour)
		n, err := w.Office.Blobs.Collect(t.Context(), 24*time.Hour, func(tip, file string) (bool, error) { return w.Office.Store.HasFile(t.Context(), tip, file) })
		if n != 4 || err != nil {
			t.Errorf("%d files collected, %v", n, err)
		}
		w.reads(t, by, f.ID)
	}
}

// TestATransferMeetsTheReporter: what they add at that moment goes along, and what they
// add with the old desk in mind goes to the new one.
func TestATransferMeetsTheReporter(t *testing.T) {
	w := openTwo(t)
	f := w.rich(t)
	d := w.Service.Deps
	d.Store = &interrupted{Store: d.Store, wrote: true, before: func() { intaketest.Must(t, w.door.Say(t.Context(), f.Receipt, "meanwhile")) }}
	intaketest.Must(t, casework.New(d).Transfer(t.Context(), w.wang, f.ID, "county", "why"))
	old := w.Office.Deps
	old.Store = behind{old.Store, func() { intaketest.Must(t, w.Transfer(t.Context(), w.chen, f.ID, "main", "why")) }}
	intaketest.Must(t, intake.NewService(old).Say(t.Context(), f.Receipt, "after all"))
	v, err := w.Read(t.Context(), w.wang, f.ID)
	if err != nil || len(v.Messages) != 4 || v.Messages[2].Text != "meanwhile" || v.Messages[3].Text != "after all" {
		t.Errorf("%d messages, %v", len(v.Messages), err)
	}
}

// behind is a store under which the tip moves once, between a reporter's look and their
// message.
type behind struct {
	intake.Store
	move func()
}

func (s behind) AddFollowUp(ctx context.Context, f intake.FollowUp) (bool, error) {
	if f.Desk == "county" {
		s.move()
	}
	return s.Store.AddFollowUp(ctx, f)
}

// TestLedgersOfTwoDesks: the row leaves one ledger and begins in the other, in whatever
// order their events arrive, and both reconcile at every step.
func TestLedgersOfTwoDesks(t *testing.T) {
	w := openTwo(t)
	l, err := ledger.Open(t.Context(), w.Office.Store.Database())
	intaketest.Must(t, err)
	tip := w.tip(t).ID
	balanced := func(want map[string]int) {
		t.Helper()
		for desk, n := range want {
			r, err := l.Reconcile(t.Context(), desk, w.Office.Store.Standings(t.Context(), desk))
			if err != nil || !r.Balanced() || r.Received != n {
				t.Errorf("%s: %+v, %v", desk, r, err)
			}
		}
	}
	rows := func(desk string) (n int) {
		for _, err := range l.Rows(t.Context(), ledger.Filter{Desk: desk}) {
			intaketest.Must(t, err)
			n++
		}
		return n
	}
	first := w.events(t)
	intaketest.Must(t, l.Apply(t.Context(), first))
	intaketest.Must(t, w.Transfer(t.Context(), w.wang, tip, "county", "why"))
	balanced(map[string]int{"main": 0, "county": 1})
	second := w.events(t)
	intaketest.Must(t, l.Apply(t.Context(), second[:1]))
	intaketest.Must(t, l.Apply(t.Context(), first))
	intaketest.Must(t, l.Apply(t.Context(), second[1:]))
	balanced(map[string]int{"main": 0, "county": 1})
	if rows("main") != 0 || rows("county") != 1 {
		t.Errorf("%d and %d rows", rows("main"), rows("county"))
	}
	if err := l.Outcome(t.Context(), ledger.Outcome{Tip: tip, Desk: "main", State: intake.LedgerVerifying}, w.Events()); !errors.Is(err, ledger.ErrUnknown) {
		t.Errorf("an outcome of what left: %v", err)
	}
	intaketest.Must(t, w.Transfer(t.Context(), w.chen, tip, "main", "why"))
	intaketest.Must(t, l.Apply(t.Context(), w.events(t)))
	balanced(map[string]int{"main": 1, "county": 0})
	if rows("main") != 1 || rows("county") != 0 {
		t.Errorf("back: %d and %d rows", rows("main"), rows("county"))
	}
}
