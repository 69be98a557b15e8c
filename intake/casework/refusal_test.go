package casework_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

var unclear = casework.Triage{To: "declined", Reason: "unclear", Note: canary + " why", Letter: "谢谢您的反映。"}

// TestRefusalBefore: nothing is told to anybody until another member agrees, and
// then everything at once.
func TestRefusalBefore(t *testing.T) {
	o := open(t)
	s := o.under(casework.Refusals{Mode: casework.ReviewBefore})
	f := o.tip(t)
	o.events(t)
	due := o.row(t, f.ID).DueOn
	intaketest.Must(t, s.Move(t.Context(), o.wang, f.ID, unclear))
	if row := o.row(t, f.ID); row.State != intake.StateReviewing || row.DueOn != due || len(o.events(t)) != 0 {
		t.Errorf("%s, due %s", row.State, row.DueOn)
	}
	if err := s.Move(t.Context(), o.zhao, f.ID, unclear); !errors.Is(err, casework.ErrWaits) {
		t.Errorf("a second refusal: %v", err)
	}
	if err := s.Confirm(t.Context(), o.wang, f.ID); !errors.Is(err, casework.ErrOwnRefusal) {
		t.Errorf("one's own: %v", err)
	}
	stranger := o.zhao
	stranger.Desk = "other"
	for name, err := range map[string]error{"confirmed": s.Confirm(t.Context(), stranger, f.ID), "returned": s.Return(t.Context(), stranger, f.ID, "why")} {
		if !errors.Is(err, intake.ErrConflict) {
			t.Errorf("%s by another desk: %v", name, err)
		}
	}
	waiting, err := s.ToReview(t.Context(), o.zhao)
	intaketest.Must(t, err)
	if len(waiting) != 1 || waiting[0].Note != canary+" why" || waiting[0].Letter != "谢谢您的反映。" || waiting[0].Asker != "wang" {
		t.Fatalf("%d wait", len(waiting))
	}
	intaketest.Must(t, s.Confirm(t.Context(), o.zhao, f.ID))
	talk, err := o.door.Look(t.Context(), f.Receipt)
	intaketest.Must(t, err)
	if talk.State != intake.StateDeclined || len(talk.Messages) != 1 || talk.Messages[0].Text != "谢谢您的反映。" {
		t.Errorf("the receipt shows %s, %d messages", talk.State, len(talk.Messages))
	}
	if e := o.events(t); len(e) != 1 || e[0].Type != intake.EventDeclined || e[0].Data.Reason != "unclear" {
		t.Errorf("%d events", len(e))
	}
	if err := s.Confirm(t.Context(), o.zhao, f.ID); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("confirmed twice: %v", err)
	}
	want := []string{"wang review.ask received>declined unclear", "zhao review.confirm reviewing>declined unclear"}
	if d := cmp.Diff(want, o.acts(t, f.ID)); d != "" {
		t.Error(d)
	}
}

// TestRefusalReturned: the tip stays open, and the asker reads why.
func TestRefusalReturned(t *testing.T) {
	o := open(t)
	for _, mode := range []casework.ReviewMode{casework.ReviewBefore, casework.ReviewAfter} {
		s := o.under(casework.Refusals{Mode: mode})
		f := o.tip(t)
		intaketest.Must(t, s.Move(t.Context(), o.wang, f.ID, unclear))
		if err := s.Return(t.Context(), o.zhao, f.ID, " "); !errors.Is(err, casework.ErrReason) {
			t.Errorf("returned without a reason: %v", err)
		}
		intaketest.Must(t, s.Return(t.Context(), o.zhao, f.ID, canary+" it is clear"))
		v, err := s.Read(t.Context(), o.wang, f.ID)
		intaketest.Must(t, err)
		if d := cmp.Diff([]casework.InsideNote{{By: "zhao", On: "2026-11-24", Text: canary + " it is clear"}}, v.Inside); d != "" {
			t.Error(d)
		}
		if v.Tip.State != intake.StateReviewing || v.Tip.DueOn == "" || v.Review != nil {
			t.Errorf("%s: %s, due %q", mode, v.Tip.State, v.Tip.DueOn)
		}
		intaketest.Must(t, s.Move(t.Context(), o.wang, f.ID, casework.Triage{To: "accepted"}))
	}
}

// TestRefusalAfter takes effect at once and waits for a look.
func TestRefusalAfter(t *testing.T) {
	o := open(t)
	s := o.under(casework.Refusals{Mode: casework.ReviewAfter})
	f, flood := o.tip(t), o.tip(t, held)
	intaketest.Must(t, s.Move(t.Context(), o.wang, f.ID, unclear))
	intaketest.Must(t, s.Move(t.Context(), o.wang, flood.ID, casework.Triage{To: "spam", Reason: "flood"}))
	waiting, err := s.ToReview(t.Context(), o.zhao)
	intaketest.Must(t, err)
	if len(waiting) != 1 || waiting[0].Tip != f.ID || o.row(t, f.ID).State != intake.StateDeclined {
		t.Fatalf("%d wait", len(waiting))
	}
	intaketest.Must(t, s.Confirm(t.Context(), o.zhao, f.ID))
	if row := o.row(t, f.ID); row.State != intake.StateDeclined {
		t.Errorf("confirmed it is %s", row.State)
	}
	want := []string{"wang state received>declined unclear", "zhao review.confirm declined unclear"}
	if d := cmp.Diff(want, o.acts(t, f.ID)); d != "" {
		t.Error(d)
	}
}

// TestRefusalSample draws some and not all.
func TestRefusalSample(t *testing.T) {
	o := open(t)
	for one, want := range map[int][2]int{1: {12, 12}, 3: {1, 11}} { // one in three: none, or all of twelve, is one in a hundred
		s := o.under(casework.Refusals{Mode: casework.ReviewSample, OneIn: one})
		before, err := s.ToReview(t.Context(), o.zhao)
		intaketest.Must(t, err)
		for range 12 {
			intaketest.Must(t, s.Move(t.Context(), o.wang, o.tip(t).ID, casework.Triage{To: "spam", Note: "x"}))
		}
		after, err := s.ToReview(t.Context(), o.zhao)
		intaketest.Must(t, err)
		if n := len(after) - len(before); n < want[0] || n > want[1] {
			t.Errorf("one in %d: %d of 12 are shown", one, n)
		}
	}
}

// TestDepartmentReturns: what a department gives back comes with its reason.
func TestDepartmentReturns(t *testing.T) {
	o := open(t)
	f := o.tip(t)
	intaketest.Must(t, o.Move(t.Context(), o.wang, f.ID, casework.Triage{To: "referred", Department: "housing"}))
	if err := o.Move(t.Context(), o.wang, f.ID, casework.Triage{To: "reviewing"}); !errors.Is(err, casework.ErrReason) {
		t.Errorf("without the department's reason: %v", err)
	}
	intaketest.Must(t, o.Move(t.Context(), o.wang, f.ID, casework.Triage{To: "reviewing", Note: canary + " not ours"}))
	v, err := o.Read(t.Context(), o.wang, f.ID)
	intaketest.Must(t, err)
	if v.Notes["reviewing"] != canary+" not ours" || v.Tip.DueOn == "" {
		t.Errorf("the reason isn't kept, or no clock runs: due %q", v.Tip.DueOn)
	}
}
