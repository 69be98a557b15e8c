package casework_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

// keeping is the office with a year for what is concluded and a month for spam.
func keeping(t *testing.T) (o *office, forgotten *[]string) {
	o, forgotten = open(t), &[]string{}
	d := o.Service.Deps
	d.Retention = casework.Retention{Days: map[intake.State]int{intake.StateConcluded: 365, intake.StateSpam: 30}, Backups: 35}
	d.Forget = func(_ context.Context, tip string) error { *forgotten = append(*forgotten, tip); return nil }
	o.Service = casework.New(d)
	return o, forgotten
}

// sealedOf are the sealed bytes of a tip as they stand in rows, and its files.
func (o *office) sealedOf(t *testing.T, tip string) (rows [][]byte, files []string) {
	t.Helper()
	db := o.Office.Store.Database().Read
	for _, query := range []string{`SELECT sealed FROM parts WHERE tip = $1`, `SELECT sealed FROM messages WHERE tip = $1`, `SELECT inline FROM containers WHERE tip = $1 AND inline IS NOT NULL`,
		`SELECT tag FROM receipts WHERE tip = $1`} {
		found, err := db.QueryContext(t.Context(), query, tip)
		intaketest.Must(t, err)
		for found.Next() {
			var b []byte
			intaketest.Must(t, found.Scan(&b))
			rows = append(rows, b)
		}
		intaketest.Must(t, found.Close())
	}
	intaketest.Must(t, filepath.WalkDir(filepath.Join(o.Dir, "blobs"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.Contains(path, tip) {
			files = append(files, path)
		}
		return err
	}))
	return rows, files
}

// TestDestruction: asked for by one at the end of its time, approved by another, and then
// nothing that was sealed stands in the database's files, the log among them.
func TestDestruction(t *testing.T) {
	o, forgotten := keeping(t)
	qian := o.member(t, "qian", casework.RoleSupervisor, nil)
	photo := func(r *intake.Report) {
		r.Files = func(yield func(intake.File, error) bool) {
			yield(intake.File{Name: "photo.jpg", Body: bytes.NewReader(slices.Repeat([]byte("photo "), 40_000))}, nil)
		}
	}
	tip := o.tip(t, photo, func(r *intake.Report) { r.Words.Parcel = "31" }).ID
	kept := o.tip(t, photo).ID
	intaketest.Must(t, o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateAccepted, Department: "land", Note: canary + " note"}))
	intaketest.Must(t, o.Answer(t.Context(), o.wang, tip, "谢谢您。", false))
	intaketest.Must(t, o.Note(t.Context(), o.wang, tip, canary+" inside"))
	o.says(t, tip, canary+" more")
	if err := o.AskDestruction(t.Context(), o.wang, tip, "period_over"); !errors.Is(err, casework.ErrPeriod) {
		t.Errorf("while it is worked on: %v", err)
	}
	for i, state := range []intake.LedgerState{intake.LedgerNumbered, intake.LedgerConcluded} {
		intaketest.Must(t, o.Outcome(t.Context(), o.said(tip, i+1, state)))
	}
	o.events(t)
	o.Clock.Add(364 * day)
	if err := o.AskDestruction(t.Context(), o.wang, tip, "period_over"); !errors.Is(err, casework.ErrPeriod) {
		t.Errorf("a day early: %v", err)
	}
	o.Clock.Add(day)
	k, err := o.Keeping(t.Context(), qian)
	intaketest.Must(t, err)
	if len(k.Overage) != 1 || k.Overage[0].ID != tip {
		t.Errorf("%+v", k.Overage)
	}
	if err := o.AskDestruction(t.Context(), o.wang, tip, "bored"); !errors.Is(err, intake.ErrInvalid) {
		t.Errorf("no code: %v", err)
	}
	if err := o.AskDestruction(t.Context(), qian, tip, "law"); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a supervisor asked: %v", err)
	}
	intaketest.Must(t, o.AskDestruction(t.Context(), o.wang, tip, "period_over"))
	k, err = o.Keeping(t.Context(), qian)
	intaketest.Must(t, err)
	id := k.Asked[0].ID
	if err := o.ApproveDestruction(t.Context(), o.wang, id); !errors.Is(err, casework.ErrOwnDestruction) {
		t.Errorf("one alone: %v", err)
	}
	if err := o.ApproveDestruction(t.Context(), o.li, id); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a custodian: %v", err)
	}
	if err := o.HoldBack(t.Context(), qian, tip, " "); !errors.Is(err, casework.ErrReason) {
		t.Errorf("held without a reason: %v", err)
	}
	intaketest.Must(t, o.HoldBack(t.Context(), qian, tip, canary+" audit"))
	if err := o.ApproveDestruction(t.Context(), qian, id); !errors.Is(err, casework.ErrOnHold) {
		t.Errorf("held: %v", err)
	}
	rows, files := o.sealedOf(t, tip)
	if len(rows) < 8 || len(files) < 2 || len(*forgotten) != 0 {
		t.Fatalf("%d rows, %d files, forgotten %v", len(rows), len(files), *forgotten)
	}
	v, err := o.Read(t.Context(), o.zhao, tip)
	intaketest.Must(t, err)
	if v.Doom == nil || v.Holds[0].Words != canary+" audit" || v.KeptUntil == "" {
		t.Errorf("%+v", v.Holds)
	}
	intaketest.Must(t, o.Lift(t.Context(), qian, tip, v.Holds[0].ID))
	intaketest.Must(t, o.ApproveDestruction(t.Context(), qian, id))
	intaketest.Must(t, o.Destroy(t.Context()))

	if _, err := o.Read(t.Context(), o.wang, tip); !errors.Is(err, casework.ErrDestroyed) {
		t.Errorf("read after it: %v", err)
	}
	c, err := o.Certificate(t.Context(), qian, tip)
	intaketest.Must(t, err)
	if c.Asker != "wang" || c.Decider != "qian" || c.DoneOn != "2027-11-24" || c.BackupsEnd != "2027-12-29" || c.Files < 2 || c.Messages != 2 || c.Texts < 4 || !slices.Equal(*forgotten, []string{tip}) {
		t.Errorf("%+v, forgotten %v", c, *forgotten)
	}
	if got := strings.Join(o.acts(t, tip), "\n"); !strings.Contains(got, "wang destroy.ask concluded period_over") || !strings.Contains(got, "qian destroy.approve") || !strings.Contains(got, "retention destroy.done concluded "+id) {
		t.Error(got)
	}
	scrubbed, err := o.Office.Store.Scrub(t.Context(), "2027-11-24", false)
	intaketest.Must(t, err)
	if !scrubbed {
		t.Error("the files weren't written anew")
	}
	for _, f := range files {
		if _, err := os.Stat(f); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is there: %v", f, err)
		}
	}
	o.grep(t, rows, 0)
	others, files := o.sealedOf(t, kept)
	o.grep(t, others, len(others))
	if len(files) < 2 {
		t.Error("another tip's files went as well")
	}
}

// grep wants so many of the rows to be found in the database's file and its log.
func (o *office) grep(t *testing.T, rows [][]byte, want int) {
	t.Helper()
	var all []byte
	for _, name := range []string{"tips.db", "tips.db-wal"} {
		b, err := os.ReadFile(filepath.Join(o.Dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	found := 0
	for _, r := range rows {
		piece := r[min(400, len(r)/2):] // a page of the file holds so much of it in one piece
		if bytes.Contains(all, piece[:min(len(piece), 64)]) {
			found++
		}
	}
	if found != want {
		t.Errorf("%d of %d sealed texts stand in the database's files, not %d", found, len(rows), want)
	}
}

// TestRefusedDestruction keeps the tip, and it may be asked for again.
func TestRefusedDestruction(t *testing.T) {
	o, _ := keeping(t)
	tip := o.tip(t).ID
	intaketest.Must(t, o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateSpam, Reason: "test"}))
	o.events(t)
	o.Clock.Add(30 * day)
	for range 2 {
		intaketest.Must(t, o.AskDestruction(t.Context(), o.wang, tip, "law"))
		if err := o.AskDestruction(t.Context(), o.zhao, tip, "law"); !errors.Is(err, intake.ErrConflict) {
			t.Errorf("asked twice: %v", err)
		}
		k, err := o.Keeping(t.Context(), o.zhao)
		intaketest.Must(t, err)
		stranger := o.zhao
		stranger.Desk = "other"
		for name, decide := range map[string]func(context.Context, casework.Actor, string) error{"approved": o.ApproveDestruction, "refused": o.RefuseDestruction} {
			if err := decide(t.Context(), stranger, k.Asked[0].ID); !errors.Is(err, intake.ErrNotFound) {
				t.Errorf("%s by another desk: %v", name, err)
			}
		}
		intaketest.Must(t, o.RefuseDestruction(t.Context(), o.zhao, k.Asked[0].ID))
	}
	_, err := o.Read(t.Context(), o.wang, tip)
	intaketest.Must(t, err)
	if _, err := o.Certificate(t.Context(), o.wang, tip); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("a certificate of nothing: %v", err)
	}
	intaketest.Must(t, o.AskDestruction(t.Context(), o.wang, tip, "law"))
	intaketest.Must(t, o.Move(t.Context(), o.zhao, tip, casework.Triage{To: intake.StateReviewing}))
	k, err := o.Keeping(t.Context(), o.zhao)
	intaketest.Must(t, err)
	if err := o.ApproveDestruction(t.Context(), o.zhao, k.Asked[0].ID); !errors.Is(err, casework.ErrPeriod) {
		t.Errorf("taken up anew, and approved: %v", err)
	}
}

// TestLiftedByAnother: who lifts another's hold is a supervisor who has no hand in the
// destruction, neither before nor behind it.
func TestLiftedByAnother(t *testing.T) {
	o, _ := keeping(t)
	qian, sun := o.member(t, "qian", casework.RoleSupervisor, nil), o.member(t, "shi", casework.RoleSupervisor, nil)
	chief := o.wang // handles and oversees
	chief.Roles = []string{casework.RoleHandler, casework.RoleSupervisor}
	spam := func() string {
		tip := o.tip(t).ID
		intaketest.Must(t, o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateSpam, Reason: "test"}))
		_, err := o.Read(t.Context(), o.wang, tip)
		intaketest.Must(t, err)
		return tip
	}
	tip, other := spam(), spam()
	o.events(t)
	o.Clock.Add(30 * day)
	held := func(by casework.Actor, tip string) string {
		intaketest.Must(t, o.HoldBack(t.Context(), by, tip, "audit"))
		all, err := o.Office.Store.Holds(t.Context(), tip)
		intaketest.Must(t, err)
		return all[slices.IndexFunc(all, func(h intake.Hold) bool { return h.LiftedOn == "" })].ID
	}
	hold := held(o.zhao, tip)
	if err := o.Lift(t.Context(), o.wang, tip, hold); !errors.Is(err, casework.ErrOthersHold) {
		t.Errorf("a handler lifted another's hold: %v", err)
	}
	if err := o.Lift(t.Context(), qian, other, hold); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("a hold of another tip: %v", err)
	}
	intaketest.Must(t, o.AskDestruction(t.Context(), chief, tip, "law"))
	if err := o.Lift(t.Context(), chief, tip, hold); !errors.Is(err, casework.ErrOthersHold) {
		t.Errorf("the asker lifted another's hold: %v", err)
	}
	intaketest.Must(t, o.Lift(t.Context(), qian, tip, hold))
	k, err := o.Keeping(t.Context(), qian)
	intaketest.Must(t, err)
	if err := o.ApproveDestruction(t.Context(), qian, k.Asked[0].ID); !errors.Is(err, casework.ErrLifted) {
		t.Errorf("who lifted the hold approved: %v", err)
	}
	intaketest.Must(t, o.ApproveDestruction(t.Context(), sun, k.Asked[0].ID))
	intaketest.Must(t, o.Lift(t.Context(), chief, other, held(o.zhao, other)))
	if err := o.AskDestruction(t.Context(), chief, other, "law"); !errors.Is(err, casework.ErrLifted) {
		t.Errorf("who lifted the hold asked: %v", err)
	}
	intaketest.Must(t, o.Lift(t.Context(), o.zhao, other, held(o.zhao, other))) // one's own
	intaketest.Must(t, o.AskDestruction(t.Context(), o.zhao, other, "law"))
}

// TestUnreadIsKept: what a reporter added to a closed tip holds its destruction back until
// somebody read it.
func TestUnreadIsKept(t *testing.T) {
	o, _ := keeping(t)
	tip := o.tip(t).ID
	intaketest.Must(t, o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateSpam, Reason: "test"}))
	_, err := o.Read(t.Context(), o.wang, tip)
	intaketest.Must(t, err)
	o.says(t, tip, canary+" more")
	o.events(t)
	o.Clock.Add(30 * day)
	intaketest.Must(t, o.AskDestruction(t.Context(), o.wang, tip, "law"))
	k, err := o.Keeping(t.Context(), o.zhao)
	intaketest.Must(t, err)
	if err := o.ApproveDestruction(t.Context(), o.zhao, k.Asked[0].ID); !errors.Is(err, casework.ErrOnHold) {
		t.Errorf("unread: %v", err)
	}
	_, err = o.Read(t.Context(), o.zhao, tip)
	intaketest.Must(t, err)
	intaketest.Must(t, o.ApproveDestruction(t.Context(), o.zhao, k.Asked[0].ID))
}

// TestMergedIsKept: a merged tip is kept for as long as the one it is part of.
func TestMergedIsKept(t *testing.T) {
	o, _ := keeping(t)
	o.Service.Retention.Days[intake.StateMerged] = 30
	whole, part := o.tip(t).ID, o.tip(t).ID
	intaketest.Must(t, o.Merge(t.Context(), o.wang, part, whole))
	read := func(tip string) casework.View {
		v, err := o.Read(t.Context(), o.wang, tip)
		intaketest.Must(t, err)
		return v
	}
	refused := func(when string, until intake.Date) {
		t.Helper()
		if err := o.AskDestruction(t.Context(), o.wang, part, "law"); !errors.Is(err, casework.ErrPeriod) {
			t.Errorf("%s: %v", when, err)
		}
		if got := read(part).KeptUntil; got != until {
			t.Errorf("%s: kept until %q, not %q", when, got, until)
		}
		k, err := o.Keeping(t.Context(), o.zhao)
		intaketest.Must(t, err)
		if len(k.Overage) != 0 {
			t.Errorf("%s: listed as kept long enough", when)
		}
	}
	o.Clock.Add(40 * day)
	refused("while the whole is worked on", "")
	intaketest.Must(t, o.Move(t.Context(), o.wang, whole, casework.Triage{To: intake.StateSpam, Reason: "test"}))
	read(whole)
	o.events(t)
	refused("while the whole is to be kept", casework.PlusDays(intake.DateOf(o.Clock.Now(), intaketest.Loc()), 30))
	o.Clock.Add(30 * day)
	intaketest.Must(t, o.AskDestruction(t.Context(), o.wang, part, "law"))
	k, err := o.Keeping(t.Context(), o.zhao)
	intaketest.Must(t, err)
	intaketest.Must(t, o.Move(t.Context(), o.wang, whole, casework.Triage{To: intake.StateReviewing}))
	o.events(t)
	if err := o.ApproveDestruction(t.Context(), o.zhao, k.Asked[0].ID); !errors.Is(err, casework.ErrPeriod) {
		t.Errorf("approved while the whole is taken up anew: %v", err)
	}
	intaketest.Must(t, o.Move(t.Context(), o.wang, whole, casework.Triage{To: intake.StateSpam, Reason: "test"}))
	o.events(t)
	o.Clock.Add(30 * day)
	intaketest.Must(t, o.ApproveDestruction(t.Context(), o.zhao, k.Asked[0].ID))
}

// TestTransferOfHeld: a hold goes to the other desk with its words, whose supervisor lifts
// it, and a destruction that was asked for is at an end.
func TestTransferOfHeld(t *testing.T) {
	w := openTwo(t)
	d := w.Service.Deps
	d.Retention = casework.Retention{Days: map[intake.State]int{intake.StateSpam: 30}}
	w.Service = casework.New(d)
	he := w.member(t, "he", casework.RoleSupervisor, nil)
	he.Desk = "county"
	tip := w.tip(t).ID
	intaketest.Must(t, w.Move(t.Context(), w.wang, tip, casework.Triage{To: intake.StateSpam, Reason: "test"}))
	w.events(t)
	w.Clock.Add(30 * day)
	intaketest.Must(t, w.AskDestruction(t.Context(), w.wang, tip, "law"))
	intaketest.Must(t, w.HoldBack(t.Context(), w.zhao, tip, canary+" audit"))
	intaketest.Must(t, w.Move(t.Context(), w.wang, tip, casework.Triage{To: intake.StateReviewing}))
	intaketest.Must(t, w.Transfer(t.Context(), w.wang, tip, "county", "theirs"))
	v, err := w.Read(t.Context(), w.chen, tip)
	intaketest.Must(t, err)
	if len(v.Holds) != 1 || v.Holds[0].Words != canary+" audit" || v.Doom != nil {
		t.Fatalf("%d holds, a destruction %v", len(v.Holds), v.Doom)
	}
	there, err := w.Keeping(t.Context(), he)
	intaketest.Must(t, err)
	here, err := w.Keeping(t.Context(), w.zhao)
	intaketest.Must(t, err)
	if len(there.Holds) != 1 || len(here.Holds) != 0 || len(here.Asked) != 0 {
		t.Errorf("%d holds there, %d here, %d asked", len(there.Holds), len(here.Holds), len(here.Asked))
	}
	intaketest.Must(t, w.Lift(t.Context(), he, tip, there.Holds[0].ID))
}
