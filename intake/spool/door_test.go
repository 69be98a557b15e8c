package spool_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/blob"
	"tipline/intake/intaketest"
	"tipline/intake/spool"
)

const canary = "CANARY"

// spooled is a store behind a spool, as an office has it.
type spooled struct {
	intake.Store
	*spool.Spool
}

func (s spooled) Accept(ctx context.Context, a *intake.Acceptance) (intake.Accepted, error) {
	return s.Spool.Accept(ctx, a)
}

// behind is a real store whose database can be away.
type behind struct {
	intake.Store
	away atomic.Bool
}

func (b *behind) Accept(ctx context.Context, a *intake.Acceptance) (intake.Accepted, error) {
	if b.away.Load() {
		return intake.Accepted{}, errAway
	}
	return b.Store.Accept(ctx, a)
}

// sms is a text message whose every private field is a canary, with a file too
// large for a row.
func sms(message string) *intake.Report {
	return &intake.Report{Channel: intake.SMS, Category: "ok-house", Conduct: []string{"ok-a"}, Place: "411422207201", Reply: intake.ReplyContact,
		Words:    intake.Words{Text: canary + " 大棚里盖了房", Address: canary, Lat: canary, Lon: canary, Occurred: canary, Subject: canary, Parcel: canary},
		Identity: intake.Identity{Name: canary, Phone: canary, Email: canary, Sender: canary, Headers: []string{canary}, Notes: []string{canary}},
		Origin:   canary, Sender: canary, Gateway: canary, MessageID: message,
		Files: iter.Seq2[intake.File, error](func(yield func(intake.File, error) bool) {
			yield(intake.File{Name: canary + ".bin", Body: strings.NewReader(strings.Repeat(canary, 20_000))}, nil)
		})}
}

// Through the real door: the disk shows nothing but facts, the receipt in the
// sender's hands opens the tip once the database is back, and its files are there.
func TestThroughTheDoor(t *testing.T) {
	o := intaketest.Open(t)
	db := &behind{Store: o.Store}
	dir := filepath.Join(t.TempDir(), "spool")
	s, err := spool.Open(dir, spool.Options{Store: db, MaxBytes: 1 << 20, Loc: intaketest.Loc(), Now: o.Clock.Now})
	check(t, err)
	defer func() { check(t, s.Close()) }()
	o.Deps.Store = spooled{db, s}
	db.away.Store(true)
	filed, err := o.Door().Submit(t.Context(), sms("1"))
	check(t, err)
	again, err := o.Door().Submit(t.Context(), sms("1"))
	check(t, err)
	if !again.Duplicate || again.ID != filed.ID || filed.Duplicate || s.Stats().Files != 1 {
		t.Fatalf("second delivery: duplicate %v, %d files", again.Duplicate, s.Stats().Files)
	}
	noneInClear(t, dir, filed)
	o.Clock.Add(50 * time.Hour)
	collect(t, o, s)
	replayed(t, o, db, s, filed.ID)
	collect(t, o, s)
	spoken, err := o.Door().Look(t.Context(), filed.Receipt)
	check(t, err)
	if spoken.Tip != filed.ID || spoken.ReceivedOn != filed.ReceivedOn {
		t.Error("the receipt opens another tip")
	}
	b, err := o.Blobs.Open(filed.ID, intake.CompartmentOriginals)
	check(t, err)
	check(t, b.Close())
}

// TestSpooledTextStaysATip: what waited as a sender's first text is stored though another of theirs began a tip meanwhile.
func TestSpooledTextStaysATip(t *testing.T) {
	o := intaketest.Open(t)
	db := &behind{Store: o.Store}
	s, err := spool.Open(filepath.Join(t.TempDir(), "spool"), spool.Options{Store: db, MaxBytes: 1 << 20, Loc: intaketest.Loc(), Now: o.Clock.Now})
	check(t, err)
	defer func() { check(t, s.Close()) }()
	text := func(id string) *intake.Report {
		return &intake.Report{Channel: intake.SMS, Category: "unknown", Reply: intake.ReplyContact, Words: intake.Words{Text: "挖沙"}, Sender: "+8613800138000", Gateway: "city", MessageID: id, Converse: true}
	}
	other := o.Beside(t).Door()
	o.Deps.Store = spooled{db, s}
	db.away.Store(true)
	filed, err := o.Door().Submit(t.Context(), text("1"))
	check(t, err)
	if begun, err := other.Submit(t.Context(), text("2")); err != nil || !begun.New() {
		t.Fatalf("joined %t, %v", begun.Joined, err)
	}
	replayed(t, o, db, s, filed.ID)
	if late, err := other.Submit(t.Context(), text("3")); err != nil || !late.Joined {
		t.Errorf("a third text joined: %t, %v", late.Joined, err)
	}
}

// encodings are the ways s could stand in a file: as it is, in hex, and in base64
// wherever it begins.
func encodings(s string) []string {
	out := []string{s, hex.EncodeToString([]byte(s))}
	for lead := range 3 {
		coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", lead) + s))
		out = append(out, coded[(lead*8+5)/6:(lead+len(s))*8/6])
	}
	return out
}

// noneInClear searches names and contents of the spool's files.
func noneInClear(t *testing.T, dir string, filed intake.Filed) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	check(t, err)
	files := 0
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		files++
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		check(t, err)
		text := e.Name() + string(content)
		for _, secret := range append(encodings(canary), "大棚", filed.Receipt.Digits()) {
			if strings.Contains(text, secret) {
				t.Errorf("%q stands in clear", secret)
			}
		}
		if !strings.Contains(text, "ok-house") { // so that the search itself is known to work
			t.Error("the facts aren't there")
		}
		for _, clock := range []string{"02:30", "18:30"} {
			if strings.Contains(text, clock) {
				t.Error("a time of day stands in clear")
			}
		}
	}
	if files != 1 {
		t.Errorf("%d files", files)
	}
}

// collect removes orphans, as housekeeping does: not while a tip is in the spool alone.
func collect(t *testing.T, o *intaketest.Office, s *spool.Spool) {
	t.Helper()
	if st := s.Stats(); st.Files+st.Damaged+st.Refused > 0 {
		return
	}
	later, err := blob.Open(filepath.Join(o.Dir, "blobs"), blob.Options{Loc: intaketest.Loc(), Now: o.Clock.Now})
	check(t, err)
	defer later.Close()
	_, err = later.Collect(t.Context(), 24*time.Hour, func(tip, file string) (bool, error) { return o.Store.HasFile(t.Context(), tip, file) })
	check(t, err)
}

// replayed waits until the tip is in the store.
func replayed(t *testing.T, o *intaketest.Office, db *behind, s *spool.Spool, id string) {
	t.Helper()
	db.away.Store(false)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	for s.Stats().Files > 0 && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(time.Millisecond):
		}
	}
	cancel()
	check(t, <-done)
	if there, err := o.Store.HasTip(t.Context(), id); err != nil || !there {
		t.Fatalf("the tip isn't in the store: %v", err)
	}
}
