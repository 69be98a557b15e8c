package casework_test

import (
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

// comparing is the office with parcels compared under a key.
func comparing(t *testing.T) *office {
	o := open(t)
	d := o.Service.Deps
	d.Parcel = func(number string) []byte { sum := sha256.Sum256([]byte("key" + number)); return sum[:16] }
	o.Service = casework.New(d)
	return o
}

// concluded is a tip about a parcel whose work the ledger says is done.
func (o *office) concluded(t *testing.T, parcel, number string) string {
	t.Helper()
	tip := o.tip(t, func(r *intake.Report) { r.Words.Parcel = parcel }).ID
	intaketest.Must(t, o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateAccepted, Department: "land"}))
	for i, state := range []intake.LedgerState{intake.LedgerNumbered, intake.LedgerConcluded} {
		intaketest.Must(t, o.Outcome(t.Context(), o.said(tip, i+1, state, func(d *intake.OutcomeData) { d.Number = number })))
	}
	return tip
}

// TestRelapse: a new tip of a closed parcel, however it is written, or with its number,
// offers to look back, and both pages name the appointment.
func TestRelapse(t *testing.T) {
	o := comparing(t)
	old := o.concluded(t, "图斑 31-2", "2026-7")
	o.concluded(t, "图斑 32", "2026-8")
	running := o.tip(t, func(r *intake.Report) { r.Words.Parcel = "图斑31-2" }).ID
	intaketest.Must(t, o.Move(t.Context(), o.wang, running, casework.Triage{To: intake.StateAccepted, Department: "land"}))
	o.Clock.Add(90 * day)
	for name, c := range map[string]struct {
		report func(*intake.Report)
		why    string
		kind   intake.LookKind
	}{
		"wide":         {func(r *intake.Report) { r.Words.Parcel = "图斑３１－２" }, "parcel", intake.LookRelapse},
		"spaces":       {func(r *intake.Report) { r.Words.Parcel = " 图斑 31－2" }, "parcel", intake.LookRelapse},
		"number":       {func(r *intake.Report) { r.Words.RelapseOf = "2026-7" }, "number", intake.LookRelapse},
		"relapse of":   {func(r *intake.Report) { r.Words.RelapseOf = "图斑31-2" }, "parcel", intake.LookRelapse},
		"false":        {func(r *intake.Report) { r.Words.Parcel = "图斑 31-2" }, "parcel", intake.LookFalse},
		"other parcel": {func(r *intake.Report) { r.Words.Parcel = "图斑 33" }, "", ""},
		"none":         {func(r *intake.Report) {}, "", ""},
	} {
		tip := o.tip(t, c.report).ID
		if name == "false" { // a category that the test's office hasn't
			_, err := o.Office.Store.Database().Write.Exec(`UPDATE tips SET category = 'false_rectification' WHERE id = $1`, tip)
			intaketest.Must(t, err)
		}
		v, err := o.Read(t.Context(), o.wang, tip)
		intaketest.Must(t, err)
		if c.why == "" {
			if len(v.Before) != 0 {
				t.Errorf("%s: %+v", name, v.Before)
			}
			continue
		}
		if len(v.Before) != 1 || v.Before[0].ID != old || v.Before[0].Why != c.why || v.Before[0].Kind != c.kind || v.Before[0].Number != "2026-7" {
			t.Errorf("%s: %+v", name, v.Before)
		}
	}
	fresh := o.tip(t, func(r *intake.Report) { r.Words.RelapseOf = "2026-7" }).ID
	a := casework.Appointment{Kind: intake.LookFalse, Due: "2027-03-01", From: fresh[:8], Number: "2026-7", Note: canary + " 围墙还在"}
	if err := o.Appoint(t.Context(), o.wang, running, a); !errors.Is(err, casework.ErrNotClosed) {
		t.Errorf("what isn't done with: %v", err)
	}
	intaketest.Must(t, o.Appoint(t.Context(), o.wang, old, a))
	if err := o.Appoint(t.Context(), o.wang, old, a); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("twice: %v", err)
	}
	for _, tip := range []string{old, fresh} {
		v, err := o.Read(t.Context(), o.zhao, tip)
		intaketest.Must(t, err)
		if len(v.Looks) != 1 || v.Looks[0].Words != a.Note || v.Looks[0].Row.ID != old || v.Looks[0].Number != "2026-7" || v.Looks[0].From != fresh {
			t.Errorf("%+v", v.Looks)
		}
	}
	id := o.firstLook(t)
	for result, want := range map[string]error{"": intake.ErrInvalid, "safe": intake.ErrInvalid, "false": casework.ErrReason} {
		if err := o.Done(t.Context(), o.wang, id, result, ""); !errors.Is(err, want) {
			t.Errorf("%q: %v", result, err)
		}
	}
	if err := o.Done(t.Context(), o.li, id, "kept", ""); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a custodian: %v", err)
	}
	intaketest.Must(t, o.Done(t.Context(), o.wang, id, "false", canary+" 只拆了一面墙"))
	v, err := o.Read(t.Context(), o.wang, old)
	intaketest.Must(t, err)
	if v.Looks[0].Result != "false" || len(v.Inside) != 1 || v.Inside[0].Text != canary+" 只拆了一面墙" {
		t.Errorf("%+v %+v", v.Looks, v.Inside)
	}
	if got := strings.Join(o.acts(t, old), "\n"); !strings.Contains(got, "wang look.open false_rectification 2027-03-01 "+fresh) || !strings.Contains(got, "wang look.done false_rectification false") {
		t.Error(got)
	}
}

func (o *office) firstLook(t *testing.T) string {
	t.Helper()
	open, _, err := o.Appointments(t.Context(), o.wang)
	intaketest.Must(t, err)
	if len(open) == 0 || open[0].Note != nil || open[0].Words != "" {
		t.Fatalf("%+v", open)
	}
	return open[0].ID
}

func TestAppointmentsThatCantBe(t *testing.T) {
	o := comparing(t)
	old := o.concluded(t, "31", "2026-7")
	ok := casework.Appointment{Kind: intake.LookBack, Due: "2026-12-24"}
	for name, c := range map[string]struct {
		change func(*casework.Appointment)
		want   error
	}{
		"no kind":     {func(a *casework.Appointment) { a.Kind = "party" }, intake.ErrInvalid},
		"no day":      {func(a *casework.Appointment) { a.Due = "" }, intake.ErrInvalid},
		"yesterday":   {func(a *casework.Appointment) { a.Due = "2026-11-23" }, intake.ErrInvalid},
		"itself":      {func(a *casework.Appointment) { a.From = old }, intake.ErrInvalid},
		"nothing":     {func(a *casework.Appointment) { a.From = "abcdef99" }, intake.ErrInvalid},
		"long number": {func(a *casework.Appointment) { a.Number = strings.Repeat("7", 65) }, intake.ErrInvalid},
		"a letter":    {func(a *casework.Appointment) { a.Letter = "您好" }, intake.ErrInvalid},
		"echo":        {func(a *casework.Appointment) { a.Kind, a.Letter = intake.LookRetaliation, "13800138000" }, casework.ErrEcho},
		"too much":    {func(a *casework.Appointment) { a.Note = strings.Repeat("长", 5001) }, intake.ErrInvalid},
		"today":       {func(a *casework.Appointment) { a.Due = "2026-11-24" }, nil},
	} {
		a := ok
		c.change(&a)
		if err := o.Appoint(t.Context(), o.wang, old, a); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRetaliation: whoever may suffer for their report is asked on the day, under the
// receipt and once, and the tip is marked until somebody has looked.
func TestRetaliation(t *testing.T) {
	o := open(t)
	tip := o.tip(t).ID
	intaketest.Must(t, o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateAccepted, Department: "land", Watch: &casework.Watch{Letter: "有没有人为难您？"}}))
	in, err := o.Inbox(t.Context(), o.wang, intake.Filter{Lane: intake.Normal})
	intaketest.Must(t, err)
	if !in.Watched[tip] {
		t.Error("the tip isn't marked")
	}
	intaketest.Must(t, o.AskThem(t.Context()))
	asked := func() int {
		v, err := o.Read(t.Context(), o.wang, tip)
		intaketest.Must(t, err)
		return len(v.Messages)
	}
	o.Clock.Add(29 * day)
	intaketest.Must(t, o.AskThem(t.Context()))
	if asked() != 0 {
		t.Error("asked too early")
	}
	o.Clock.Add(day)
	intaketest.Must(t, o.AskThem(t.Context()))
	intaketest.Must(t, o.AskThem(t.Context()))
	if asked() != 1 {
		t.Errorf("asked %d times", asked())
	}
	id := o.firstLook(t)
	if err := o.Done(t.Context(), o.wang, id, "threatened", ""); !errors.Is(err, casework.ErrReason) {
		t.Errorf("threatened, and no word about it: %v", err)
	}
	intaketest.Must(t, o.Done(t.Context(), o.wang, id, "safe", ""))
	in, err = o.Inbox(t.Context(), o.wang, intake.Filter{Lane: intake.Normal})
	intaketest.Must(t, err)
	if in.Watched[tip] || !slices.Contains(o.acts(t, tip), "clock look.ask ") {
		t.Error("marked still, or the record doesn't tell", o.acts(t, tip))
	}
	_, over, err := o.Appointments(t.Context(), o.zhao)
	intaketest.Must(t, err)
	if len(over) != 1 || over[0].Result != "safe" || over[0].AskedOn != "2026-12-24" {
		t.Errorf("%+v", over)
	}
	if _, _, err := o.Appointments(t.Context(), o.li); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a custodian: %v", err)
	}
}
