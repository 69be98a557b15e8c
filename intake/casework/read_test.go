package casework_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

func TestReading(t *testing.T) {
	o := open(t)
	f := o.tip(t)
	intaketest.Must(t, o.door.Say(t.Context(), f.Receipt, canary+" more"))
	intaketest.Must(t, o.Answer(t.Context(), o.wang, f.ID, " thank you \xff", false))
	v, err := o.Read(t.Context(), o.wang, f.ID)
	intaketest.Must(t, err)
	want := []intake.Spoken{{From: "reporter", On: "2026-11-24", Text: canary + " more"}, {From: "desk", On: "2026-11-24", Text: "thank you \uFFFD"}}
	if d := cmp.Diff(want, v.Messages, cmpopts.IgnoreFields(intake.Spoken{}, "ID")); d != "" || v.Messages[1].ID == "" {
		t.Error(d)
	}
	if v.Report.Text != canary+" words" || len(v.Differs) != 0 || !v.Identity || len(v.History) != 1 || !v.Tip.Unread {
		t.Errorf("differs %v, identity %v, %d changes", v.Differs, v.Identity, len(v.History))
	}
	if o.row(t, f.ID).Unread {
		t.Error("it is still unread")
	}
	if d := cmp.Diff([]string{"wang message ", "wang read "}, o.acts(t, f.ID)); d != "" {
		t.Error(d)
	}
	if v, err := o.Read(t.Context(), o.wang, o.tip(t, nobody).ID); err != nil || v.Identity {
		t.Errorf("identity of nobody: %v, %v", v.Identity, err)
	}
}

func TestAnAnswerOpensUnderItsReceipt(t *testing.T) {
	o := open(t)
	f, other := o.tip(t), o.tip(t)
	intaketest.Must(t, o.Answer(t.Context(), o.wang, f.ID, canary+" answer", false))
	c, err := o.door.Look(t.Context(), f.Receipt)
	if err != nil || len(c.Messages) != 1 || c.Messages[0].Text != canary+" answer" || c.Messages[0].From != intake.FromDesk {
		t.Errorf("%d messages, %v", len(c.Messages), err)
	}
	if c, err := o.door.Look(t.Context(), other.Receipt); err != nil || len(c.Messages) != 0 {
		t.Errorf("%d messages under another receipt, %v", len(c.Messages), err)
	}
	if err := o.Answer(t.Context(), o.wang, f.ID, " \n", false); !errors.Is(err, intake.ErrInvalid) {
		t.Errorf("an empty answer: %v", err)
	}
}

// TestATamperedRowShows changes each fact behind our back.
func TestATamperedRowShows(t *testing.T) {
	for column, c := range map[string]struct{ set, fact string }{
		"category": {`'ok-other'`, "category"}, "place": {`'411422208'`, "place"}, "urgent": {`1`, "urgent"}, "real_name": {`0`, "real_name"}, "channel": {`'sms'`, "channel"},
		"source": {`'ok-clue'`, "source"}, "reply": {`'none'`, "reply"}, "received_on": {`'2026-11-20'`, "received_on"}, "files": {`9`, "files"},
		"conduct": {`'["ok-a"]'`, "conduct"}, "lane": {`'held'`, ""}, "state": {`'reviewing'`, ""}, "due_on": {`'2027-01-01'`, ""},
	} {
		t.Run(column, func(t *testing.T) {
			o := open(t)
			f := o.tip(t)
			if _, err := o.Office.Store.Database().Write.Exec(`UPDATE tips SET `+column+` = `+c.set+` WHERE id = $1`, f.ID); err != nil {
				t.Fatal(err)
			}
			v, err := o.Read(t.Context(), o.wang, f.ID)
			if err != nil || strings.Join(v.Differs, " ") != c.fact {
				t.Errorf("%v, %v", v.Differs, err)
			}
		})
	}
}

func TestASwappedReportDoesntOpen(t *testing.T) {
	o := open(t)
	a, b := o.tip(t), o.tip(t, func(r *intake.Report) { r.Words.Text = "another" })
	if _, err := o.Office.Store.Database().Write.Exec(`UPDATE parts SET sealed = (SELECT sealed FROM parts WHERE tip = $1 AND compartment = 'report')
		WHERE tip = $2 AND compartment = 'report'`, a.ID, b.ID); err != nil {
		t.Fatal(err)
	}
	if v, err := o.Read(t.Context(), o.wang, b.ID); err == nil || v.Report.Text != "" || strings.Contains(err.Error(), canary) {
		t.Errorf("%v", err)
	}
}

// deaf is a store that writes no acts.
type deaf struct{ casework.Store }

func (deaf) Act(context.Context, intake.Act) error { return intake.ErrNotDurable }

func TestALookWithoutItsRowIsNone(t *testing.T) {
	o := open(t)
	f := o.tip(t, photo(t))
	intaketest.Must(t, o.Approve(t.Context(), o.li, o.ask(t, o.wang, f.ID)))
	deps := o.Service.Deps
	deps.Store = deaf{deps.Store}
	s := casework.New(deps)
	if v, err := s.Read(t.Context(), o.wang, f.ID); !errors.Is(err, intake.ErrNotDurable) || v.Report.Text != "" {
		t.Errorf("read: %v", err)
	}
	if id, _, err := s.OpenIdentity(t.Context(), o.wang, f.ID); !errors.Is(err, intake.ErrNotDurable) || !id.Empty() {
		t.Errorf("identity: %v", err)
	}
	if content, _, _, err := s.CleanFile(t.Context(), o.wang, f.ID, 1); !errors.Is(err, intake.ErrNotDurable) || content != nil {
		t.Errorf("file: %v", err)
	}
}

// photo adds a small picture, a large text and a file without a clean copy.
func photo(t testing.TB) func(*intake.Report) {
	var b bytes.Buffer
	intaketest.Must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))))
	return func(r *intake.Report) {
		r.Files = iter.Seq2[intake.File, error](func(yield func(intake.File, error) bool) {
			for _, body := range []string{b.String() + canary, strings.Repeat("many lines\n", 20_000), "\x00\x01\x02"} {
				if !yield(intake.File{Name: canary, Body: strings.NewReader(body)}, nil) {
					return
				}
			}
		})
	}
}

func TestCleanFiles(t *testing.T) {
	o := open(t)
	f := o.tip(t, photo(t))
	for n, want := range map[int]string{1: "image/png", 2: "text/plain"} {
		content, contentType, closer, err := o.CleanFile(t.Context(), o.wang, f.ID, n)
		intaketest.Must(t, err)
		text, err := io.ReadAll(content)
		if err != nil || contentType != want || len(text) == 0 || bytes.Contains(text, []byte(canary)) || n == 2 && string(text) != strings.Repeat("many lines\n", 20_000) {
			t.Errorf("file %d: %s, %d bytes, %v", n, contentType, len(text), err)
		}
		intaketest.Must(t, closer.Close())
	}
	for _, n := range []int{-1, 0, 3, 4} {
		if _, _, _, err := o.CleanFile(t.Context(), o.wang, f.ID, n); !errors.Is(err, intake.ErrNotFound) {
			t.Errorf("file %d: %v", n, err)
		}
	}
	if got := o.acts(t, f.ID); len(got) != 2 || !strings.HasPrefix(got[0], "wang file ") {
		t.Errorf("%q", got)
	}
	_, err := o.Office.Store.Database().Write.Exec(`UPDATE streams SET start = start + 1 WHERE tip = $1`, f.ID)
	intaketest.Must(t, err)
	if _, _, _, err := o.CleanFile(t.Context(), o.wang, f.ID, 2); err == nil {
		t.Error("a moved stream opened")
	}
}

func TestDraftsAndKeyingIn(t *testing.T) {
	o := open(t)
	fields := map[string][]string{"text": {canary + " typed"}, "conduct": {"a", "b"}}
	if _, err := o.Draft(t.Context(), o.wang); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("no draft: %v", err)
	}
	intaketest.Must(t, o.SaveDraft(t.Context(), o.wang, map[string][]string{"text": {"first"}}))
	intaketest.Must(t, o.SaveDraft(t.Context(), o.wang, fields))
	got, err := o.Draft(t.Context(), o.wang)
	if d := cmp.Diff(fields, got); d != "" || err != nil {
		t.Error(d, err)
	}
	if _, err := o.Draft(t.Context(), o.zhao); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("another's draft: %v", err)
	}
	for _, channel := range []intake.Channel{intake.Web, intake.Email, intake.SMS, "pigeon"} {
		if _, err := o.KeyIn(t.Context(), o.wang, &intake.Report{Channel: channel, Words: intake.Words{Text: "x"}}); !errors.Is(err, intake.ErrInvalid) {
			t.Errorf("%s: %v", channel, err)
		}
	}
	if _, err := o.KeyIn(t.Context(), o.wang, &intake.Report{Channel: intake.Phone, Words: intake.Words{Text: "x", Parcel: "13800138000"}}); !errors.Is(err, intake.ErrInvalid) {
		t.Errorf("a telephone number is keyed in for a parcel's: %v", err)
	}
	if _, err := o.KeyIn(t.Context(), o.wang, &intake.Report{Channel: intake.Phone}); !errors.Is(err, intake.ErrInvalid) {
		t.Errorf("no text: %v", err)
	}
	if _, err := o.Draft(t.Context(), o.wang); err != nil {
		t.Errorf("the draft went before the report was in: %v", err)
	}
	f, err := o.KeyIn(t.Context(), o.wang, &intake.Report{Channel: intake.Visit, Source: "ok-clue", Words: intake.Words{Text: canary}})
	intaketest.Must(t, err)
	if _, err := o.Draft(t.Context(), o.wang); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("the draft stayed: %v", err)
	}
	if d := cmp.Diff([]string{"wang keyin visit"}, o.acts(t, f.ID)); d != "" || f.Receipt.IsZero() {
		t.Error(d)
	}
}

// keeper is a store whose drafts can't be dropped.
type keeper struct{ casework.Store }

func (keeper) DropDraft(context.Context, string) error { return intake.ErrNotDurable }

func TestAFiledReportIsFiled(t *testing.T) {
	o := open(t)
	deps := o.Service.Deps
	deps.Store = keeper{deps.Store}
	f, err := casework.New(deps).KeyIn(t.Context(), o.wang, &intake.Report{Channel: intake.Phone, Words: intake.Words{Text: "x"}})
	if err != nil || f.ID == "" {
		t.Errorf("%v", err)
	}
}

// TestAnotherReportInATipsPlace: who writes the database can seal a report to the desk as intake does, facts and all,
// or bring an older one back. The row's commitment tells, and it is the one that the ledger was told.
func TestAnotherReportInATipsPlace(t *testing.T) {
	o := open(t)
	f := o.tip(t)
	v, err := o.Read(t.Context(), o.wang, f.ID)
	if err != nil || len(v.Differs) > 0 {
		t.Fatalf("as it was sealed: %v, %v", v.Differs, err)
	}
	v.Report.Text = "nothing happened here"
	text, err := json.Marshal(v.Report)
	intaketest.Must(t, err)
	forged, err := seal.Seal(intake.PartContext(f.ID, intake.CompartmentReport, intake.PartName), text, o.Desk.Recipient())
	intaketest.Must(t, err)
	_, err = o.Office.Store.Database().Write.ExecContext(t.Context(), `UPDATE parts SET sealed = $2 WHERE tip = $1 AND compartment = $3`, f.ID, forged, intake.CompartmentReport)
	intaketest.Must(t, err)
	if v, err = o.Read(t.Context(), o.wang, f.ID); err != nil || !slices.Equal(v.Differs, []string{"commitment"}) {
		t.Errorf("a forged report (%q): differs %v, %v", v.Report.Text, v.Differs, err)
	}
}
