package casework_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

// allowed is the practice's table, written out apart from the code's.
var allowed = map[intake.State]string{
	"received": "reviewing needs_info accepted declined referred spam", "reviewing": "needs_info accepted declined referred spam",
	"needs_info": "reviewing accepted declined referred spam", "accepted": "reviewing in_ledger", "declined": "reviewing", "referred": "reviewing",
	"spam": "reviewing", "in_ledger": "verifying concluded", "verifying": "concluded", "concluded": "answered objection", "answered": "objection",
	"objection": "verifying concluded", "merged": "", "withdrawn": "",
}

var told = map[intake.State]intake.EventType{"accepted": intake.EventAccepted, "declined": intake.EventDeclined, "referred": intake.EventReferred, "spam": intake.EventSpam}

// TestNobodyIsAsked: what an office sent is taken up or not like any other, but nobody
// is asked, answered or written a letter.
func TestNobodyIsAsked(t *testing.T) {
	o := open(t)
	tip := o.tip(t, func(r *intake.Report) { r.Channel, r.Source = intake.Office, "ok-media" }).ID
	for name, err := range map[string]error{
		"an answer":  o.Answer(t.Context(), o.wang, tip, "请补充", true),
		"a question": o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateNeedsInfo}),
		"a letter":   o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateDeclined, Reason: "a_reason", Letter: "不予受理", Sure: true}),
	} {
		if !errors.Is(err, casework.ErrNobody) {
			t.Errorf("%s to nobody: %v", name, err)
		}
	}
	if err := o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateDeclined, Reason: "a_reason"}); err != nil {
		t.Error(err)
	}
}

// TestEveryMove tries every state, target and lane.
func TestEveryMove(t *testing.T) {
	o := open(t)
	filed := o.tip(t)
	o.events(t)
	for _, lane := range []intake.Lane{intake.Normal, intake.Held} {
		for _, from := range intake.States() {
			for _, to := range intake.States() {
				o.put(t, filed.ID, from, lane)
				before := len(o.acts(t, filed.ID))
				err := o.Move(t.Context(), o.wang, filed.ID, casework.Triage{To: to, Reason: "a_reason"})
				want := slices.Contains(strings.Fields(allowed[from]), string(to))
				name := fmt.Sprintf("%s: %s>%s", lane, from, to)
				switch {
				case !want && !errors.Is(err, casework.ErrTransition):
					t.Errorf("%s: %v", name, err)
				case want && lane == intake.Held && to != "reviewing" && to != "spam":
					want = false
					if !errors.Is(err, casework.ErrHeld) {
						t.Errorf("%s: %v", name, err)
					}
				case want && err != nil:
					t.Errorf("%s: %v", name, err)
				}
				o.checkMove(t, name, filed.ID, lane, from, to, want, before)
			}
		}
	}
}

// checkMove: one row, one event and the state, or none of them.
func (o *office) checkMove(t *testing.T, name, tip string, lane intake.Lane, from, to intake.State, moved bool, before int) {
	t.Helper()
	acts, events, state := o.acts(t, tip)[before:], o.events(t), o.row(t, tip).State
	if !moved {
		if len(acts) != 0 || len(events) != 0 || state != from {
			t.Errorf("%s was refused and left %d rows, %d events, state %s", name, len(acts), len(events), state)
		}
		return
	}
	if want := fmt.Sprintf("wang state %s>%s a_reason", from, to); len(acts) != 1 || acts[0] != want || state != to {
		t.Errorf("%s: %q, state %s", name, acts, state)
	}
	kind := told[to]
	if lane == intake.Held {
		kind = ""
	}
	if kind == "" && len(events) != 0 || kind != "" && (len(events) != 1 || events[0].Type != kind || events[0].Data.Reason != "a_reason") {
		t.Errorf("%s: %d events", name, len(events))
	}
}

func TestAReasonIsNeeded(t *testing.T) {
	o := open(t)
	for _, c := range []struct {
		d    casework.Triage
		want error
	}{
		{casework.Triage{To: "declined"}, casework.ErrReason}, {casework.Triage{To: "spam", Note: " \n"}, casework.ErrReason},
		{casework.Triage{To: "declined", Reason: "out_of_scope"}, nil}, {casework.Triage{To: "spam", Note: "words"}, nil}, {casework.Triage{To: "accepted"}, nil},
		{casework.Triage{To: "declined", Reason: "CANARY in words"}, intake.ErrInvalid}, {casework.Triage{To: "referred", Department: "局"}, intake.ErrInvalid},
	} {
		f := o.tip(t)
		err := o.Move(t.Context(), o.wang, f.ID, c.d)
		if !errors.Is(err, c.want) || strings.Contains(fmt.Sprint(err), canary) {
			t.Errorf("%s: %v", c.d.To, err)
		}
		if c.want != nil && (o.row(t, f.ID).State != "received" || len(o.acts(t, f.ID)) != 0) {
			t.Errorf("%s was refused and left something", c.d.To)
		}
	}
}

func TestADecisionAndItsSummary(t *testing.T) {
	o := open(t)
	f := o.tip(t)
	o.events(t)
	o.Clock.Add(48 * 3600e9)
	summary := intake.Summary{Summary: canary + " summary", Subject: canary, Location: canary, Parcel: canary}
	intaketest.Must(t, o.Move(t.Context(), o.wang, f.ID, casework.Triage{To: "accepted", Department: "agriculture", Note: canary + " note", Summary: summary}))
	e := o.events(t)[0]
	if e.Data.Department != "agriculture" || e.Data.DueOn != "2026-12-26" || e.Sequence != "00000001" || o.row(t, f.ID).DueOn != "2026-12-26" {
		t.Errorf("%s %s %s", e.Data.Department, e.Data.DueOn, e.Sequence)
	}
	text, err := seal.OpenBytes(e.Data.Sealed, casework.LedgerContext(f.ID), o.Ledger)
	intaketest.Must(t, err)
	var got intake.Summary
	intaketest.Must(t, json.Unmarshal(text, &got))
	if d := cmp.Diff(summary, got); d != "" {
		t.Error(d)
	}
	if _, err := seal.OpenBytes(e.Data.Sealed, casework.LedgerContext(f.ID), o.Desk, o.Custodian); !errors.Is(err, seal.ErrKey) {
		t.Errorf("others opened it: %v", err)
	}
	note, err := o.Office.Store.Part(t.Context(), f.ID, intake.CompartmentNotes, "accepted")
	intaketest.Must(t, err)
	if text, err := seal.OpenBytes(note, intake.PartContext(f.ID, intake.CompartmentNotes, "accepted"), o.Desk); err != nil || string(text) != canary+" note" {
		t.Errorf("%q, %v", text, err)
	}
	view, err := o.Read(t.Context(), o.zhao, f.ID)
	if err != nil || view.Notes[intake.StateAccepted] != canary+" note" || len(view.Notes) != 1 {
		t.Errorf("the reader sees %d notes, %v", len(view.Notes), err)
	}
	if body, _ := e.JSON(); bytes.Contains(body, []byte(canary)) {
		t.Error("the event holds words in clear")
	}
}

func TestDueDates(t *testing.T) {
	o := open(t)
	f := o.tip(t)
	for _, c := range []struct {
		to  intake.State
		due intake.Date
	}{{"reviewing", "2026-12-01"}, {"accepted", "2026-12-25"}, {"in_ledger", "2026-12-25"}, {"verifying", "2026-12-25"}, {"concluded", ""}, {"objection", ""}, {"verifying", "2026-12-30"}} {
		intaketest.Must(t, o.Move(t.Context(), o.wang, f.ID, casework.Triage{To: c.to}))
		if got := o.row(t, f.ID).DueOn; got != c.due {
			t.Errorf("%s is due on %s", c.to, got)
		}
		o.Clock.Add(24 * 3600e9)
	}
}

func TestRelease(t *testing.T) {
	o := open(t)
	f := o.tip(t, held)
	if len(o.events(t)) != 0 {
		t.Error("the ledger heard of a held tip")
	}
	intaketest.Must(t, o.Move(t.Context(), o.wang, f.ID, casework.Triage{To: "spam", Note: "x"}))
	if err := o.Release(t.Context(), o.wang, f.ID); !errors.Is(err, casework.ErrTransition) {
		t.Errorf("spam was released: %v", err)
	}
	intaketest.Must(t, o.Move(t.Context(), o.wang, f.ID, casework.Triage{To: "reviewing"}))
	intaketest.Must(t, o.Release(t.Context(), o.wang, f.ID))
	if err := o.Release(t.Context(), o.wang, f.ID); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("released twice: %v", err)
	}
	intaketest.Must(t, o.Move(t.Context(), o.wang, f.ID, casework.Triage{To: "accepted"}))
	var got []string
	for _, e := range o.events(t) {
		got = append(got, string(e.Type)+" "+e.Sequence)
	}
	if d := cmp.Diff([]string{"tipline.tip.received.v1 00000000", "tipline.tip.accepted.v1 00000003"}, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"wang state received>spam", "wang state spam>reviewing", "wang release ", "wang state reviewing>accepted"}, o.acts(t, f.ID)); d != "" {
		t.Error(d)
	}
	if v, err := o.Read(t.Context(), o.wang, f.ID); err != nil || len(v.Differs) != 0 {
		t.Errorf("a release looks like tampering: %v, %v", v.Differs, err)
	}
}

// TestRetell: the ledger hears once more what it heard last, and of a held tip nothing.
func TestRetell(t *testing.T) {
	for name, c := range map[string]struct {
		moves []casework.Triage
		want  string
	}{
		"as it came":          {nil, "tipline.tip.received.v1 00000000"},
		"only looked at":      {[]casework.Triage{{To: "reviewing"}}, "tipline.tip.received.v1 00000000"},
		"accepted":            {[]casework.Triage{{To: "reviewing"}, {To: "accepted", Department: "agriculture"}}, "tipline.tip.accepted.v1 00000002"},
		"spam, and back":      {[]casework.Triage{{To: "spam", Reason: "spam", Note: "x"}, {To: "reviewing"}}, "tipline.tip.spam.v1 00000001"},
		"referred, back, yes": {[]casework.Triage{{To: "referred", Department: "housing"}, {To: "reviewing", Note: "x"}, {To: "accepted"}}, "tipline.tip.accepted.v1 00000003"},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			f := o.tip(t, nobody)
			for _, m := range c.moves {
				intaketest.Must(t, o.Move(t.Context(), o.wang, f.ID, m))
			}
			o.events(t)
			intaketest.Must(t, o.Retell(t.Context(), o.wang, f.ID))
			e := o.events(t)
			if len(e) != 1 || string(e[0].Type)+" "+e[0].Sequence != c.want || e[0].Data.Tip != f.ID {
				t.Errorf("got %v, want %s", e, c.want)
			}
		})
	}
	o := open(t)
	if err := o.Retell(t.Context(), o.wang, o.tip(t, held).ID); !errors.Is(err, casework.ErrHeld) {
		t.Errorf("a held tip: %v", err)
	}
}

// meanwhile runs an act of somebody else just before the store writes ours.
type meanwhile struct {
	casework.Store
	do func()
}

func (m *meanwhile) Act(ctx context.Context, a intake.Act) error {
	if do := m.do; do != nil {
		m.do = nil
		do()
	}
	return m.Store.Act(ctx, a)
}

func TestSomebodyWasFirst(t *testing.T) {
	move := func(o *office, tip string, to intake.State) {
		if err := o.Move(context.Background(), o.zhao, tip, casework.Triage{To: to, Reason: "r"}); err != nil {
			panic(err)
		}
	}
	for name, c := range map[string]struct {
		lane       intake.Lane
		mine       casework.Triage // To "" is a release
		theirs     func(o *office, tip string)
		wantEvents int // of the other's
	}{
		"another decision":  {"", casework.Triage{To: "accepted"}, func(o *office, tip string) { move(o, tip, "declined") }, 2},
		"there and back":    {"", casework.Triage{To: "accepted"}, func(o *office, tip string) { move(o, tip, "spam"); move(o, tip, "reviewing") }, 2},
		"release and spam":  {intake.Held, casework.Triage{To: "spam", Reason: "r"}, func(o *office, tip string) { o.Release(context.Background(), o.zhao, tip) }, 1},
		"spam and release":  {intake.Held, casework.Triage{}, func(o *office, tip string) { move(o, tip, "spam") }, 0},
		"release and again": {intake.Held, casework.Triage{}, func(o *office, tip string) { o.Release(context.Background(), o.zhao, tip) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			f := o.tip(t, func(r *intake.Report) { r.Hold = c.lane == intake.Held })
			if c.lane == "" {
				move(o, f.ID, "reviewing")
			}
			deps := o.Service.Deps
			deps.Store = &meanwhile{deps.Store, func() { c.theirs(o, f.ID) }}
			mine, err := casework.New(deps), error(nil)
			if c.mine.To == "" {
				err = mine.Release(t.Context(), o.wang, f.ID)
			} else {
				err = mine.Move(t.Context(), o.wang, f.ID, c.mine)
			}
			if !errors.Is(err, intake.ErrConflict) {
				t.Errorf("%v", err)
			}
			if events := o.events(t); len(events) != c.wantEvents {
				t.Errorf("%d events", len(events))
			}
			if slices.ContainsFunc(o.acts(t, f.ID), func(a string) bool { return strings.HasPrefix(a, "wang") }) {
				t.Error("what was refused left a row")
			}
		})
	}
}

func TestTwoHandlersAtOnce(t *testing.T) {
	o := open(t)
	f := o.tip(t)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			errs[i] = o.Move(t.Context(), o.wang, f.ID, casework.Triage{To: []intake.State{"accepted", "declined"}[i%2], Reason: "r"})
		})
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		switch {
		case err == nil:
			done++
		case !errors.Is(err, intake.ErrConflict) && !errors.Is(err, casework.ErrTransition):
			t.Errorf("%v", err)
		}
	}
	if done != 1 || len(o.acts(t, f.ID)) != 1 || len(o.events(t)) != 2 {
		t.Errorf("%d moves, %q", done, o.acts(t, f.ID))
	}
}

func TestNoWordsAreLogged(t *testing.T) {
	key := intaketest.Identity(t)
	actor := casework.Actor{Name: "wang", Key: key}
	for name, v := range map[string]any{"actor": actor, "pointer": &actor, "triage": casework.Triage{Note: canary, Summary: intake.Summary{Summary: canary}},
		"request": casework.Request{Words: canary}, "view": casework.View{Report: intake.SealedReport{Words: intake.Words{Text: canary}}},
		"in a slice": []casework.Request{{Words: canary}}, "in a struct": struct{ A casework.Actor }{actor}} {
		var out bytes.Buffer
		fmt.Fprintf(&out, "%v %+v", v, v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", fmt.Sprint(v))
		if strings.Contains(out.String(), canary) || strings.Contains(out.String(), "SECRET") {
			t.Errorf("%s: %s", name, out.String())
		}
	}
}
