package intake_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/crypto/receipt"
	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/intaketest"
)

// answer writes to the reporter as the desk does.
func answer(t *testing.T, o *intaketest.Office, tip, text string) {
	t.Helper()
	recipient, err := o.Store.Reporter(t.Context(), tip)
	intaketest.Must(t, err)
	to, err := seal.ParseRecipient(recipient)
	intaketest.Must(t, err)
	id := intake.NewID()
	sealed, err := seal.Seal(intake.AnswerContext(tip, id), []byte(text), o.Desk.Recipient(), to)
	intaketest.Must(t, err)
	intaketest.Must(t, o.Store.Act(t.Context(), intake.Act{Audit: intake.Audit{Tip: tip}, Read: true,
		Message: &intake.Message{ID: id, Tip: tip, From: intake.FromDesk, On: "2026-11-25", Sealed: sealed}}))
}

func TestAConversation(t *testing.T) {
	o := intaketest.Open(t)
	door := o.Door()
	f, other := submit(t, o, web()), submit(t, o, web())
	answer(t, o, f.ID, "Which plot?")
	o.Clock.Add(24 * time.Hour)
	intaketest.Must(t, door.Say(t.Context(), f.Receipt, "  CANARY the northern \xff one "))
	c, err := door.Look(t.Context(), f.Receipt)
	intaketest.Must(t, err)
	want := intake.Conversation{Tip: f.ID, State: intake.StateReceived, ReceivedOn: "2026-11-24", History: []intake.Change{{State: intake.StateReceived, On: "2026-11-24"}},
		Due:      []intake.Due{{Kind: "acceptance", On: "2026-12-01"}},
		Messages: []intake.Spoken{{From: "desk", On: "2026-11-25", Text: "Which plot?"}, {From: "reporter", On: "2026-11-25"}},
		Reply:    intake.ReplyContact, Identity: intake.IdentityKept}
	if d := cmp.Diff(want, c); d != "" {
		t.Error(d)
	}
	if c, err := door.Look(t.Context(), other.Receipt); err != nil || len(c.Messages) != 0 {
		t.Errorf("%d messages under another receipt, %v", len(c.Messages), err)
	}
	checkFollowUp(t, o, f)
	nothingInClear(t, o.Dir)
}

// checkFollowUp: what a reporter wrote opens at the desk alone, and is news.
func checkFollowUp(t *testing.T, o *intaketest.Office, f intake.Filed) {
	t.Helper()
	stored, err := o.Store.Messages(t.Context(), f.ID)
	intaketest.Must(t, err)
	m := stored[1]
	text, err := seal.OpenBytes(m.Sealed, intake.FollowUpContext(f.ID, m.ID), o.Desk)
	if err != nil || string(text) != "CANARY the northern \uFFFD one" {
		t.Errorf("%q, %v", text, err)
	}
	reporter, err := o.Deps.Pepper.Identity(f.Receipt)
	intaketest.Must(t, err)
	if _, err := seal.OpenBytes(m.Sealed, intake.FollowUpContext(f.ID, m.ID), reporter); err == nil {
		t.Error("a stolen receipt opens what the reporter wrote")
	}
	if tip, err := o.Store.Tip(t.Context(), f.ID); err != nil || !tip.Unread {
		t.Error("a message is no news")
	}
}

func TestWhatAReporterMaySay(t *testing.T) {
	o := intaketest.Open(t)
	f := submit(t, o, web())
	for _, c := range []struct{ name, text, code string }{
		{"most", long(5000), ""}, {"too long", long(5001), "too_long"}, {"empty", "", "required"}, {"white space", " \n\u3000", "required"},
	} {
		err := o.Door().Say(t.Context(), f.Receipt, c.text)
		var invalid *intake.InvalidError
		if c.code == "" && err != nil || c.code != "" && (!errors.As(err, &invalid) || invalid.Problems[0].Field != "text" || invalid.Problems[0].Code != c.code) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestUnknownReceipts(t *testing.T) {
	o := intaketest.Open(t)
	submit(t, o, web())
	for _, code := range []receipt.Receipt{receipt.New(), {}} {
		if _, err := o.Door().Look(t.Context(), code); !errors.Is(err, intake.ErrUnknownReceipt) {
			t.Errorf("look: %v", err)
		}
		if err := o.Door().Say(t.Context(), code, "text"); !errors.Is(err, intake.ErrUnknownReceipt) {
			t.Errorf("say: %v", err)
		}
	}
}

func TestSayWithoutKeysIsNotDurable(t *testing.T) {
	for _, keys := range []intake.Keys{noKeys{}, emptyKeys{}} {
		o := intaketest.Open(t)
		f := submit(t, o, web())
		o.Deps.Keys = keys
		if err := o.Door().Say(t.Context(), f.Receipt, "text"); !errors.Is(err, intake.ErrNotDurable) {
			t.Errorf("%v", err)
		}
	}
}

func TestAnAnswerInAnotherPlaceFails(t *testing.T) {
	o := intaketest.Open(t)
	a, b := submit(t, o, web()), submit(t, o, web())
	answer(t, o, a.ID, "for a")
	if _, err := o.Store.Database().Write.Exec(`UPDATE messages SET tip = $1`, b.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Door().Look(t.Context(), b.Receipt); err == nil || strings.Contains(err.Error(), "for a") {
		t.Errorf("a swapped answer: %v", err)
	}
}
