package intake_test

import (
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/intaketest"
)

// answering is a mail that answers a letter, with a file and its raw bytes.
func answering(tag, id, text string) *intake.Report {
	return &intake.Report{Channel: intake.Email, Gateway: "smtp", Sender: "a@example.org", Thread: tag, Raw: strings.NewReader("raw " + text),
		Decode: func(raw io.Reader, into *intake.Report) iter.Seq2[intake.File, error] {
			return func(yield func(intake.File, error) bool) {
				into.MessageID, into.Words.Text = id, text
				into.Identity.Sender, into.Flags = "a@example.org", []string{"signature"}
				yield(intake.File{Name: "a.txt", Body: strings.NewReader("file")}, nil)
			}
		}}
}

// TestReplyJoins: an answer to a letter about a tip is added to it, once, with its file
// and flags; one that is too late, forged or about a tip that is decided against is a
// report of its own.
func TestReplyJoins(t *testing.T) {
	o := intaketest.Open(t)
	door := o.Door()
	f, err := door.Submit(t.Context(), answering("", "<1@x>", "the first"))
	intaketest.Must(t, err)
	today := intake.DateOf(o.Clock.Now(), intaketest.Loc())
	tag := intake.ThreadTag(door.Waiting, f.ID, today)
	receipt := f.Receipt.Grouped()
	for _, duplicate := range []bool{false, true} {
		got, err := door.Submit(t.Context(), answering(tag, "<2@x>", "more\n> your receipt is "+receipt+" thank you"))
		intaketest.Must(t, err)
		if got.ID != f.ID || !got.Joined || got.Duplicate != duplicate {
			t.Fatalf("the answer came to %+v", got)
		}
	}
	messages, err := o.Store.Messages(t.Context(), f.ID)
	intaketest.Must(t, err)
	containers, err := o.Store.Containers(t.Context(), f.ID)
	intaketest.Must(t, err)
	if len(messages) != 1 || len(containers) != 4 {
		t.Fatalf("%d messages, %d containers", len(messages), len(containers))
	}
	text, err := seal.OpenBytes(messages[0].Sealed, intake.FollowUpContext(f.ID, messages[0].ID), o.Desk)
	intaketest.Must(t, err)
	if strings.Contains(string(text), receipt) || !strings.Contains(string(text), "[……] thank you") {
		t.Errorf("it says %q", text)
	}
	other := map[bool]string{true: "c", false: "b"}[tag[0] == 'b'] // any letter but the tag's own
	for what, bad := range map[string]string{"nonsense": "aaaa", "forged": other + tag[1:], "another key's": tag[:len(tag)-4] + "aaaa"} {
		got, err := door.Submit(t.Context(), answering(bad, "<"+what+">", what))
		intaketest.Must(t, err)
		if got.Joined || got.ID == f.ID {
			t.Errorf("%s: %+v", what, got)
		}
	}
	o.Clock.Add(16 * 24 * time.Hour)
	if got, err := door.Submit(t.Context(), answering(tag, "<late@x>", "late")); err != nil || got.Joined {
		t.Errorf("late: %v, %v", got.Joined, err)
	}
	tag = intake.ThreadTag(door.Waiting, f.ID, intake.DateOf(o.Clock.Now(), intaketest.Loc()))
	intaketest.Must(t, o.Store.Act(t.Context(), intake.Act{Audit: intake.Audit{At: o.Clock.Now(), Member: "li", Act: "state", Tip: f.ID},
		Move: &intake.Move{From: intake.StateReceived, To: intake.StateSpam, On: today}}))
	if got, err := door.Submit(t.Context(), answering(tag, "<3@x>", "anew")); err != nil || got.Joined || got.ID == f.ID {
		t.Errorf("decided against: %+v, %v", got.Joined, err)
	}
}
