package casework_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

const day = 24 * time.Hour

// says lets the tip's reporter write.
func (o *office) says(t testing.TB, tip, text string) {
	t.Helper()
	m := intake.Message{ID: intake.NewID(), Tip: tip, From: intake.FromReporter, On: intake.DateOf(o.Clock.Now(), intaketest.Loc())}
	var err error
	m.Sealed, err = seal.Seal(intake.FollowUpContext(tip, m.ID), []byte(text), o.Desk.Recipient())
	intaketest.Must(t, err)
	_, err = o.Office.Store.AddFollowUp(t.Context(), intake.FollowUp{Message: m})
	intaketest.Must(t, err)
}

func (o *office) to(t testing.TB, tip string, to intake.State) {
	t.Helper()
	intaketest.Must(t, o.Move(t.Context(), o.wang, tip, casework.Triage{To: to}))
}

// TestClockStandsStill: a question stops the clock; an answer, or as long a wait as was
// promised, lets it go on, and so does the desk's own next step.
func TestClockStandsStill(t *testing.T) {
	o := open(t)
	answered, silent, moved := o.tip(t).ID, o.tip(t).ID, o.tip(t).ID
	before := o.row(t, answered).DueOn // seven days
	if before != "2026-12-01" {
		t.Fatalf("due on %s", before)
	}
	o.Clock.Add(2 * day)
	o.says(t, silent, "before the question")
	for _, tip := range []string{answered, silent, moved} {
		o.to(t, tip, intake.StateNeedsInfo)
		if due := o.row(t, tip).DueOn; due != "" {
			t.Errorf("the clock runs to %s", due)
		}
	}
	o.Clock.Add(3 * day)
	o.says(t, answered, "an answer")
	o.to(t, moved, intake.StateReviewing)
	o.Clock.Add(2 * day)
	intaketest.Must(t, o.GoOn(t.Context())) // two days late: the day of the answer counts
	for tip, want := range map[string]intake.Date{answered: "2026-12-04", moved: "2026-12-04", silent: ""} {
		if due := o.row(t, tip).DueOn; due != want {
			t.Errorf("due on %q, not %q", due, want)
		}
	}
	o.Clock.Add(5 * day) // the tenth day of the wait
	intaketest.Must(t, o.GoOn(t.Context()))
	if due := o.row(t, silent).DueOn; due != "" {
		t.Errorf("the wait is over early: %s", due)
	}
	o.Clock.Add(day)
	intaketest.Must(t, o.GoOn(t.Context()))
	intaketest.Must(t, o.GoOn(t.Context()))
	if due := o.row(t, silent).DueOn; due != "2026-12-11" {
		t.Errorf("after the wait it is due on %q", due)
	}
	if acts := o.acts(t, silent); !slices.Contains(acts, "clock clock.go waited") {
		t.Error(acts)
	}
	if acts := o.acts(t, answered); !slices.Contains(acts, "clock clock.go answered") {
		t.Error(acts)
	}
	v, err := o.Read(t.Context(), o.wang, answered)
	intaketest.Must(t, err)
	if len(v.Pauses) != 1 || v.Pauses[0].Until != "2026-11-29" {
		t.Errorf("%+v", v.Pauses)
	}
}

// TestPausesAddUp holds for any course of questions and answers: the date is seven days
// from receipt and a day more for each day the clock stood still.
func TestPausesAddUp(t *testing.T) {
	o := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		tip := o.tip(t).ID
		want := o.row(t, tip).DueOn
		received := o.row(t, tip).ReceivedOn
		spent, n := 0, rapid.IntRange(1, 3).Draw(rt, "questions")
		for range n {
			run, stand := rapid.IntRange(0, 2).Draw(rt, "runs"), rapid.IntRange(0, 14).Draw(rt, "stands")
			o.Clock.Add(time.Duration(run) * day)
			spent += run
			if spent >= 7 {
				break
			}
			o.to(t, tip, intake.StateNeedsInfo)
			o.Clock.Add(time.Duration(stand) * day)
			if rapid.Bool().Draw(rt, "writes") {
				o.says(t, tip, "an answer")
			}
			intaketest.Must(t, o.GoOn(t.Context()))
			o.to(t, tip, intake.StateReviewing)
			want = plus(want, min(stand, 10))
			spent += max(0, stand-10)
			if spent >= 7 {
				break
			}
		}
		if got := o.row(t, tip).DueOn; got != want {
			rt.Fatalf("received on %s: due on %s, not %s", received, got, want)
		}
	})
}

func plus(d intake.Date, n int) intake.Date {
	t, _ := time.Parse(time.DateOnly, string(d))
	return intake.Date(t.AddDate(0, 0, n).Format(time.DateOnly))
}

// TestMidnightAtTheOffice: the day changes at midnight in Shanghai, wherever the machine is.
func TestMidnightAtTheOffice(t *testing.T) {
	o := open(t) // half past two at the office, still yesterday in UTC
	if got := o.row(t, o.tip(t).ID); got.ReceivedOn != "2026-11-24" || got.DueOn != "2026-12-01" {
		t.Errorf("received on %s, due on %s", got.ReceivedOn, got.DueOn)
	}
	o.Clock.Add(21*time.Hour + 29*time.Minute + 59*time.Second)
	if got := o.row(t, o.tip(t).ID); got.ReceivedOn != "2026-11-24" {
		t.Errorf("a second before midnight it is %s", got.ReceivedOn)
	}
	o.Clock.Add(time.Second)
	if got := o.row(t, o.tip(t).ID); got.ReceivedOn != "2026-11-25" || got.DueOn != "2026-12-02" {
		t.Errorf("at midnight: received on %s, due on %s", got.ReceivedOn, got.DueOn)
	}
}

// later is a request that holds.
func later(to intake.Date, change ...func(*casework.Later)) casework.Later {
	l := casework.Later{To: to, Reason: "season", Note: canary + " why", Letter: "我们需要更多时间。"}
	for _, c := range change {
		c(&l)
	}
	return l
}

// TestExtension: asked for by one, granted by another, told under the receipt.
func TestExtension(t *testing.T) {
	o := open(t)
	sun := o.member(t, "qian", casework.RoleSupervisor, nil)
	fresh := o.tip(t).ID
	if err := o.AskExtension(t.Context(), o.wang, fresh, later("2026-12-30")); !errors.Is(err, casework.ErrNoExtension) {
		t.Errorf("before it is taken up: %v", err)
	}
	tip := o.accepted(t)
	due := o.row(t, tip).DueOn // 24 December
	for name, c := range map[string]struct {
		l    casework.Later
		want error
	}{
		"no day":        {later("soon"), intake.ErrInvalid},
		"not later":     {later(due), intake.ErrInvalid},
		"too late":      {later("2027-01-24"), intake.ErrInvalid},
		"no code":       {later("2027-01-10", func(l *casework.Later) { l.Reason = "张三" }), intake.ErrInvalid},
		"no reason":     {later("2027-01-10", func(l *casework.Later) { l.Note = " " }), casework.ErrReason},
		"nothing told":  {later("2027-01-10", func(l *casework.Later) { l.Letter = "" }), intake.ErrInvalid},
		"what was said": {later("2027-01-10", func(l *casework.Later) { l.Letter = "关于 13800138000" }), casework.ErrEcho},
	} {
		if err := o.AskExtension(t.Context(), o.wang, tip, c.l); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := o.AskExtension(t.Context(), sun, tip, later("2027-01-10")); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a supervisor asked: %v", err)
	}
	intaketest.Must(t, o.AskExtension(t.Context(), o.wang, tip, later("2027-01-10")))
	if err := o.AskExtension(t.Context(), o.zhao, tip, later("2027-01-11")); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("asked twice: %v", err)
	}
	r, err := o.Registers(t.Context(), sun)
	intaketest.Must(t, err)
	if len(r.Asked) != 1 || !r.Asked[0].May || r.Asked[0].Note != nil {
		t.Fatalf("%+v", r.Asked)
	}
	id := r.Asked[0].ID
	for by, want := range map[string]error{"wang": casework.ErrForbidden, "li": casework.ErrForbidden} {
		actor := map[string]casework.Actor{"wang": o.wang, "li": o.li}[by]
		if err := o.GrantExtension(t.Context(), actor, id); !errors.Is(err, want) {
			t.Errorf("%s granted: %v", by, err)
		}
	}
	both := o.wang
	both.Roles = append(slices.Clone(both.Roles), casework.RoleSupervisor)
	if err := o.GrantExtension(t.Context(), both, id); !errors.Is(err, casework.ErrOwnExtension) {
		t.Errorf("wang granted their own: %v", err)
	}
	intaketest.Must(t, o.GrantExtension(t.Context(), sun, id))
	if got := o.row(t, tip).DueOn; got != "2027-01-10" {
		t.Errorf("due on %s", got)
	}
	if err := o.RefuseExtension(t.Context(), sun, id, "no"); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("decided twice: %v", err)
	}
	v, err := o.Read(t.Context(), o.wang, tip)
	intaketest.Must(t, err)
	if len(v.Messages) != 1 || v.Messages[0].Text != "我们需要更多时间。" || v.Extensions[0].Words != canary+" why" || v.Extending == nil {
		t.Errorf("%v %v", v.Messages, v.Extensions)
	}
	if got := strings.Join(o.acts(t, tip), "\n"); !strings.Contains(got, "wang extension.ask 2026-12-24>2027-01-10 season") || !strings.Contains(got, "qian extension.grant 2026-12-24>2027-01-10 season") {
		t.Error(got)
	}
	o.Clock.Add(day)
	intaketest.Must(t, o.AskExtension(t.Context(), o.wang, tip, later("2027-01-20")))
	r, err = o.Registers(t.Context(), sun)
	intaketest.Must(t, err)
	if err := o.RefuseExtension(t.Context(), sun, r.Asked[0].ID, ""); !errors.Is(err, casework.ErrReason) {
		t.Errorf("refused without a reason: %v", err)
	}
	intaketest.Must(t, o.RefuseExtension(t.Context(), sun, r.Asked[0].ID, "已经延过一次"))
	v, err = o.Read(t.Context(), o.wang, tip)
	intaketest.Must(t, err)
	if len(v.Messages) != 1 || v.Extensions[1].Because != "已经延过一次" || o.row(t, tip).DueOn != "2027-01-10" {
		t.Errorf("%v %v", v.Messages, v.Extensions)
	}
	if !r.Unsure {
		t.Error("nobody says that 2027's holidays aren't known")
	}
}

// TestALaterDateIsToldWhereToo: who left a number is told of a later date by a custodian,
// once it is granted and not before; who isn't granted one hears nothing.
func TestALaterDateIsToldWhereToo(t *testing.T) {
	o, c := sending(t)
	qian := o.member(t, "qian", casework.RoleSupervisor, nil)
	ask := func(to intake.Date) (tip string, id string) {
		t.Helper()
		tip = o.tip(t, bySMS).ID
		intaketest.Must(t, o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateAccepted, Department: "natural_resources"}))
		intaketest.Must(t, o.AskExtension(t.Context(), o.wang, tip, later(to)))
		r, err := o.Registers(t.Context(), qian)
		intaketest.Must(t, err)
		return tip, r.Asked[len(r.Asked)-1].ID
	}
	waiting := func() int {
		t.Helper()
		list, err := o.ToSend(t.Context(), o.li)
		intaketest.Must(t, err)
		return len(list)
	}
	tip, id := ask("2027-01-10")
	if d := o.dispatches(t, tip); len(d) != 1 || d[0].State != intake.DispatchPending || waiting() != 0 {
		t.Fatalf("before it is granted: %v", d)
	}
	if err := o.Dispatch(t.Context(), o.li, o.dispatches(t, tip)[0].ID, true); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("it was sent before it was granted: %v", err)
	}
	intaketest.Must(t, o.GrantExtension(t.Context(), qian, id))
	if waiting() != 1 {
		t.Fatal("nothing waits for a custodian")
	}
	intaketest.Must(t, o.Dispatch(t.Context(), o.li, o.dispatches(t, tip)[0].ID, false))
	if len(c.got) != 1 || c.got[0].m.Text != "我们需要更多时间。" || c.got[0].to != "+8613800138000" {
		t.Errorf("%d were carried", len(c.got))
	}
	events := o.events(t)
	if e := events[len(events)-1]; e.Type != intake.EventAccepted || e.Data.DueOn != "2027-01-10" || e.Data.Department != "natural_resources" || e.Sequence != "00000001" {
		t.Errorf("the ledger hears %s until %s, %s", e.Type, e.Data.DueOn, e.Sequence)
	}

	tip, id = ask("2027-01-11")
	intaketest.Must(t, o.RefuseExtension(t.Context(), qian, id, "不必"))
	if d := o.dispatches(t, tip)[0]; d.State != intake.DispatchStopped || len(d.Inner)+len(d.Text) > 0 {
		t.Errorf("after the refusal it is %s", d.State)
	}
	tip, id = ask("2027-01-12")
	f, err := o.Office.Store.Tip(t.Context(), tip)
	intaketest.Must(t, err)
	intaketest.Must(t, o.Office.Store.Wish(t.Context(), intake.Wish{Tip: f.ID, Kind: intake.WishNoContact, On: "2026-11-24"}))
	intaketest.Must(t, o.GrantExtension(t.Context(), qian, id))
	if d := o.dispatches(t, tip)[0]; d.State != intake.DispatchStopped || waiting() != 0 {
		t.Errorf("who asked for silence: %s", d.State)
	}
}

// TestALaterDateOfWhatNobodyReported: there is nobody to be told, and it is put off all the
// same.
func TestALaterDateOfWhatNobodyReported(t *testing.T) {
	o := open(t)
	qian := o.member(t, "qian", casework.RoleSupervisor, nil)
	tip := o.accepted(t)
	_, err := o.Office.Store.Database().Write.ExecContext(t.Context(), `UPDATE tips SET channel = 'office' WHERE id = $1`, tip)
	intaketest.Must(t, err)
	intaketest.Must(t, o.AskExtension(t.Context(), o.wang, tip, later("2027-01-10")))
	r, err := o.Registers(t.Context(), qian)
	intaketest.Must(t, err)
	intaketest.Must(t, o.GrantExtension(t.Context(), qian, r.Asked[0].ID))
	messages, err := o.Office.Store.Messages(t.Context(), tip)
	if err != nil || len(messages) != 0 || o.row(t, tip).DueOn != "2027-01-10" {
		t.Errorf("%d messages, due on %s, %v", len(messages), o.row(t, tip).DueOn, err)
	}
}

// TestRegisters: what is late and what lies, without a word of a report.
func TestRegisters(t *testing.T) {
	o := open(t)
	lying := o.accepted(t)
	late := o.tip(t).ID
	if r, err := o.Registers(t.Context(), o.wang); err != nil || len(r.Overdue.Tips)+len(r.Unsent.Tips) != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	o.Clock.Add(8 * day)
	r, err := o.Registers(t.Context(), o.wang)
	intaketest.Must(t, err)
	if len(r.Overdue.Tips) != 1 || r.Overdue.Tips[0].ID != late || len(r.Unsent.Tips) != 1 || r.Unsent.Tips[0].ID != lying || r.Dues[intake.DueUnsent] != 1 {
		t.Errorf("%+v", r)
	}
	if _, err := o.Registers(t.Context(), o.li); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a custodian read them: %v", err)
	}
}
