package casework_test

import (
	"errors"
	"testing"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

// TestSpamTogether: spam that nobody opened goes by two, under one certificate; what its
// reporter added to, or what is held meanwhile, stays.
func TestSpamTogether(t *testing.T) {
	o, forgotten := keeping(t)
	qian := o.member(t, "qian", casework.RoleSupervisor, nil)
	var spam []string
	for range 5 {
		tip := o.tip(t).ID
		intaketest.Must(t, o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateSpam, Reason: "test"}))
		spam = append(spam, tip)
	}
	concluded := o.tip(t).ID
	o.says(t, spam[3], canary+" more")
	o.events(t)
	if _, err := o.AskSpam(t.Context(), o.wang, "period_over"); !errors.Is(err, casework.ErrNoSpam) {
		t.Errorf("too early: %v", err)
	}
	o.Clock.Add(30 * day)
	if _, err := o.AskSpam(t.Context(), qian, "period_over"); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a supervisor asked: %v", err)
	}
	if _, err := o.AskSpam(t.Context(), o.wang, "bored"); !errors.Is(err, intake.ErrInvalid) {
		t.Errorf("no code: %v", err)
	}
	n, err := o.AskSpam(t.Context(), o.wang, "period_over")
	intaketest.Must(t, err)
	if n != 4 {
		t.Errorf("asked for %d", n)
	}
	k, err := o.Keeping(t.Context(), qian)
	intaketest.Must(t, err)
	if len(k.Asked) != 1 || k.Asked[0].Together != 4 || k.Spam != 0 {
		t.Fatalf("%+v", k.Asked)
	}
	id := k.Asked[0].ID
	if err := o.ApproveDestruction(t.Context(), o.wang, id); !errors.Is(err, casework.ErrOwnDestruction) {
		t.Errorf("one alone: %v", err)
	}
	if err := o.ApproveDestruction(t.Context(), o.li, id); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a custodian: %v", err)
	}
	stranger := qian
	stranger.Desk = "other"
	if err := o.ApproveDestruction(t.Context(), stranger, id); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("another desk: %v", err)
	}
	intaketest.Must(t, o.HoldBack(t.Context(), qian, spam[1], "an inquiry"))
	intaketest.Must(t, o.Move(t.Context(), o.wang, spam[2], casework.Triage{To: intake.StateReviewing}))
	o.events(t)
	intaketest.Must(t, o.ApproveDestruction(t.Context(), qian, id))
	if err := o.ApproveDestruction(t.Context(), qian, id); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("an old approval again: %v", err)
	}
	c, err := o.Certificate(t.Context(), qian, id)
	intaketest.Must(t, err)
	if len(c.Together) != 2 || c.Asker != "wang" || c.Decider != "qian" || c.Texts < 2 || c.DoneOn == "" || len(*forgotten) != 2 {
		t.Errorf("%+v, forgotten %v", c, *forgotten)
	}
	for i, gone := range []bool{true, false, false, false, true} {
		if o.row(t, spam[i]).DestroyedOn != "" != gone {
			t.Errorf("tip %d: destroyed %v", i, !gone)
		}
	}
	if o.row(t, concluded).DestroyedOn != "" {
		t.Error("no spam went with it")
	}
}
