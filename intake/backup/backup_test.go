package backup_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/backup"
	"tipline/intake/blob"
	"tipline/intake/database"
	"tipline/intake/ledger"
	"tipline/intake/store"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func key(t testing.TB) *age.HybridIdentity {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	must(t, err)
	return id
}

// house is a store with its ledger and its files.
type house struct {
	dir    string
	store  *store.Store
	ledger *ledger.Ledger
	blobs  *blob.Dir
}

// build makes a house; the ledger has a database of its own when apart.
func build(t testing.TB, apart bool) *house {
	t.Helper()
	h := &house{dir: t.TempDir()}
	var err error
	h.store, err = store.Open(t.Context(), store.Options{Path: filepath.Join(h.dir, "tips.db")})
	must(t, err)
	t.Cleanup(func() { h.store.Close() })
	db := h.store.Database()
	if apart {
		db, err = database.Open(t.Context(), database.Options{Path: filepath.Join(h.dir, "ledger.db")})
		must(t, err)
		t.Cleanup(func() { db.Close() })
	}
	h.ledger, err = ledger.Open(t.Context(), db)
	must(t, err)
	h.blobs, err = blob.Open(filepath.Join(h.dir, "blobs"), blob.Options{})
	must(t, err)
	t.Cleanup(func() { h.blobs.Close() })
	return h
}

// accept stores a tip; large is the size of its file, 0 for none.
func (h *house) accept(t testing.TB, lane intake.Lane, large int64) string {
	t.Helper()
	id := intake.NewID()
	a := &intake.Acceptance{
		Tip: intake.Tip{ID: id, KeyVersion: 1, State: intake.StateReceived, Unread: true,
			Facts: intake.Facts{Desk: "main", Channel: intake.Web, Source: intake.SourcePublic, Conduct: []string{"a<b", "夜间施工"}, Lane: lane, ReceivedOn: "2026-03-01"}},
		Parts:      []intake.Part{{Compartment: intake.CompartmentReport, Name: intake.PartName, Sealed: []byte{0, 0xff, '"', '\n'}}},
		ReceiptTag: []byte("tag " + id), Reporter: "age1pq1x", MessageTag: []byte("message " + id), SenderTag: []byte("sender " + id)}
	if lane == intake.Normal {
		e := intake.Events{Loc: time.UTC, Now: a2026}.New(intake.EventReceived, a.Tip, intake.Decision{})
		a.Event = &e
	}
	if large > 0 {
		w, err := h.blobs.Create(id, intake.CompartmentOriginals)
		must(t, err)
		_, err = io.CopyN(w, zeros{}, large)
		must(t, err)
		_, err = w.Commit()
		must(t, err)
		a.Containers = []intake.Container{{Compartment: intake.CompartmentOriginals, Streams: []intake.Stream{{Name: "1", Length: large}}},
			{Compartment: intake.CompartmentClean, Inline: []byte("small")}}
	}
	_, err := h.store.Accept(t.Context(), a)
	must(t, err)
	return id
}

// ask leaves a request open, and another one with an opened identity.
func (h *house) ask(t testing.TB, tip string) {
	t.Helper()
	for _, approve := range []bool{false, true} {
		c := &intake.Custody{ID: intake.NewID(), Tip: tip, Desk: "main", Asker: "li", AskedOn: "2026-03-02", Reason: []byte("why"), KeyVersion: 1,
			Inner: []byte("inner-layer"), State: intake.CustodyAsked}
		row := intake.Audit{At: a2026(), Member: "li", Act: "identity.ask", Tip: tip}
		must(t, h.store.Act(t.Context(), intake.Act{Audit: row, Ask: c}))
		if approve {
			d := *c
			d.State, d.Decider, d.DecidedOn, d.Inner, d.View, d.ViewUntil = intake.CustodyApproved, "wang", "2026-03-02", nil, []byte("opened-view"), a2026().AddDate(1, 0, 0)
			must(t, h.store.Act(t.Context(), intake.Act{Audit: row, Decide: &d}))
		}
	}
	must(t, h.store.SaveDraft(t.Context(), "li", []byte("draft")))
}

func (h *house) source(t testing.TB) backup.Source {
	t.Helper()
	s := backup.Source{Program: "test", Day: "2026-03-02", Blobs: h.blobs.Open, Keys: map[string][]byte{"receipt.pepper": []byte("pepper\n")}}
	s.Tips, s.Ledger = databases(t, h.store.Database(), h.ledger.Database())
	return s
}

func databases(t testing.TB, tips, own *database.DB) (a, b backup.Database) {
	t.Helper()
	a, b = backup.Database{DB: tips, Tables: store.Tables()}, backup.Database{DB: own, Tables: ledger.Tables()}
	var err error
	a.Schema, err = store.Schema()
	must(t, err)
	b.Schema, err = ledger.Schema()
	must(t, err)
	return a, b
}

// empty is a place to restore into; its keys come into the map.
func empty(t testing.TB) (backup.Target, string, map[string]string) {
	t.Helper()
	dir, keys := t.TempDir(), map[string]string{}
	db, err := database.Open(t.Context(), database.Options{Path: filepath.Join(dir, "tips.db")})
	must(t, err)
	t.Cleanup(func() { db.Close() })
	blobs, err := blob.Open(filepath.Join(dir, "blobs"), blob.Options{})
	must(t, err)
	t.Cleanup(func() { blobs.Close() })
	target := backup.Target{Blobs: blobs.Create, Key: func(name string, content []byte) error { keys[name] = string(content); return nil }}
	target.Tips, target.Ledger = databases(t, db, db)
	return target, dir, keys
}

func write(t testing.TB, s backup.Source, to *age.HybridIdentity) ([]byte, backup.Manifest) {
	t.Helper()
	var b bytes.Buffer
	m, err := backup.Write(t.Context(), &b, s, to.Recipient())
	must(t, err)
	return b.Bytes(), m
}

func read(ctx context.Context, file []byte, t backup.Target, with *age.HybridIdentity) (backup.Manifest, error) {
	return backup.Read(ctx, bytes.NewReader(file), int64(len(file)), t, with)
}

// rows are a table's, as text.
func rows(t testing.TB, db *database.DB, query string) (out []string) {
	t.Helper()
	r, err := db.Read.QueryContext(t.Context(), query)
	must(t, err)
	defer r.Close()
	for r.Next() {
		var s string
		must(t, r.Scan(&s))
		out = append(out, s)
	}
	must(t, r.Err())
	return out
}

// Everything comes back as it was, but for what no backup holds.
func TestRoundTrip(t *testing.T) {
	h, id := build(t, false), key(t)
	first := h.accept(t, intake.Normal, 200_000)
	h.accept(t, intake.Held, 0)
	h.ask(t, first)
	file, m := write(t, h.source(t), id)
	if m.Views != 1 || m.Files != 1 || m.Bytes != 200_000 || m.Audit.Seq != 3 || m.Rows["tips/tips"] != 2 {
		t.Fatalf("%+v", m)
	}
	target, dir, keys := empty(t)
	got, err := read(t.Context(), file, target, id)
	must(t, err)
	if d := cmp.Diff(m, got); d != "" {
		t.Fatal(d)
	}
	if d := cmp.Diff(map[string]string{"receipt.pepper": "pepper\n"}, keys); d != "" {
		t.Fatal(d)
	}
	for _, query := range []string{`SELECT id || conduct || lane FROM tips ORDER BY id`, `SELECT hex(sealed) || tip FROM parts ORDER BY tip`, `SELECT hex(body) || seq FROM outbox`,
		`SELECT coalesce(hex(inline), 'file') FROM containers ORDER BY 1`, `SELECT hash FROM audit ORDER BY seq`, `SELECT hex(tag) FROM receipts ORDER BY 1`, `SELECT lane || n FROM counters ORDER BY 1`,
		`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name`} {
		if d := cmp.Diff(rows(t, h.store.Database(), query), rows(t, target.Tips.DB, query)); d != "" {
			t.Errorf("%s\n%s", query, d)
		}
	}
	if d := cmp.Diff([]string{"closed", "closed"}, rows(t, target.Tips.DB, `SELECT state || coalesce(inner_layer, '') || coalesce(view, '') FROM custody`)); d != "" {
		t.Error(d)
	}
	for _, table := range store.Short() {
		if n := rows(t, target.Tips.DB, `SELECT COUNT(*) FROM `+table); n[0] != "0" {
			t.Errorf("%s has %s rows", table, n[0])
		}
	}
	info, err := os.Stat(filepath.Join(dir, "blobs", first[:2], first+".originals"))
	if err != nil || info.Size() != 200_000 {
		t.Error(info, err)
	}
	if _, err := read(t.Context(), file, target, id); !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("into a full database: %v", err)
	}
	for _, secret := range []string{"opened-view", "inner-layer", "夜间施工", "pepper", first} {
		if bytes.Contains(file, []byte(secret)) {
			t.Errorf("the file holds %q in clear", secret)
		}
	}
}

// A byte that differs, wherever, and a cut, are refused, and nothing is committed.
func TestChanged(t *testing.T) {
	h, id := build(t, false), key(t)
	h.accept(t, intake.Normal, 70_000)
	file, _ := write(t, h.source(t), id)
	target, _, _ := empty(t)
	for at := 0; at < len(file); at += 1 + len(file)/97 {
		bad := bytes.Clone(file)
		bad[at] ^= 1
		if _, err := read(t.Context(), bad, target, id); err == nil {
			t.Fatalf("byte %d of %d was changed, and nobody saw it", at, len(file))
		}
	}
	for _, n := range []int{0, 1, len(file) / 2, len(file) - 1} {
		if _, err := read(t.Context(), file[:n], target, id); !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
	if _, err := read(t.Context(), file, target, key(t)); !errors.Is(err, seal.ErrKey) {
		t.Errorf("with another key: %v", err)
	}
	target.Head = "other"
	if _, err := read(t.Context(), file, target, id); !errors.Is(err, backup.ErrHead) {
		t.Errorf("with another head: %v", err)
	}
	target.Head = ""
	_, err := read(t.Context(), file, target, id)
	must(t, err) // nothing of all that was kept
}

// A file that is gone is named, and all else is kept.
func TestMissingFile(t *testing.T) {
	h, id := build(t, false), key(t)
	tip := h.accept(t, intake.Normal, 70_000)
	must(t, os.Remove(filepath.Join(h.dir, "blobs", tip[:2], tip+".originals")))
	file, m := write(t, h.source(t), id)
	if d := cmp.Diff([]string{tip + ".originals"}, m.Missing); d != "" {
		t.Fatal(d)
	}
	target, _, _ := empty(t)
	got, err := read(t.Context(), file, target, id)
	if err != nil || len(got.Missing) != 1 {
		t.Fatal(got, err)
	}
}

// A ledger apart is read later than the tips. What it knows of younger tips is left
// out; an event that was in the outbox then is counted once.
func TestLedgerApart(t *testing.T) {
	h, id := build(t, true), key(t)
	old, held := h.accept(t, intake.Normal, 70_000), h.accept(t, intake.Held, 0)
	s := h.source(t)
	open := s.Blobs
	s.Blobs = func(tip, compartment string) (intake.Blob, error) { // the tips' snapshot is taken
		h.accept(t, intake.Normal, 0)
		must(t, h.store.Act(t.Context(), intake.Act{Audit: intake.Audit{At: a2026(), Act: "release", Tip: held}, Release: true, Event: h.released(t, held)}))
		events, err := h.store.ClaimEvents(t.Context(), "me", 10, 1e9)
		must(t, err)
		must(t, h.ledger.Apply(t.Context(), events))
		for _, e := range events {
			must(t, h.store.FinishEvents(t.Context(), "me", e.ID))
		}
		return open(tip, compartment)
	}
	file, m := write(t, s, id)
	if m.Rows["tips/tips"] != 2 || m.Rows["tips/outbox"] != 1 || m.Rows["ledger/ledger_rows"] != 1 {
		t.Fatalf("%+v", m.Rows)
	}
	target, _, _ := empty(t)
	_, err := read(t.Context(), file, target, id)
	must(t, err)
	if d := cmp.Diff([]string{old}, rows(t, target.Ledger.DB, `SELECT tip FROM ledger_rows`)); d != "" {
		t.Fatal(d)
	}
}

func (h *house) released(t testing.TB, tip string) *intake.Event {
	t.Helper()
	row, err := h.store.Tip(t.Context(), tip)
	must(t, err)
	e := intake.Events{Loc: time.UTC, Now: a2026}.New(intake.EventReceived, row, intake.Decision{})
	return &e
}

// A backup of an older program restores at its schema and is brought up to date;
// one of a newer is refused.
func TestSchemas(t *testing.T) {
	h, id := build(t, false), key(t)
	h.accept(t, intake.Normal, 0)
	s := h.source(t)
	s.Tips.Schema.Version += 1
	file, _ := write(t, s, id)
	target, _, _ := empty(t)
	_, err := read(t.Context(), file, target, id)
	if !errors.Is(err, backup.ErrNewer) || !strings.Contains(err.Error(), "tipline test") {
		t.Fatalf("a newer backup: %v", err)
	}

	for v := int64(11); v < s.Tips.Schema.Version; v++ { // desks came with 11, and no installation on PostgreSQL is older
		db, err := database.Open(t.Context(), database.Options{Path: filepath.Join(t.TempDir(), "old.db")})
		must(t, err)
		defer db.Close()
		old := h.source(t)
		old.Tips, old.Ledger = databases(t, db, db)
		old.Tips.Schema.Version, old.Ledger.Schema.Version = v, min(v-10, old.Ledger.Schema.Version)
		for _, d := range []*backup.Database{&old.Tips, &old.Ledger} {
			d.Schema.Files = backup.UpTo(d.Schema.Files, d.Schema.Version)
			must(t, db.Migrate(t.Context(), d.Schema))
		}
		file, _ = write(t, old, id)
		target, _, _ = empty(t)
		if _, err = read(t.Context(), file, target, id); err != nil {
			t.Fatalf("schema %d: %v", v, err)
		}
		must(t, target.Tips.DB.Migrate(t.Context(), target.Tips.Schema))
		must(t, target.Tips.DB.Check(t.Context(), target.Tips.Schema))
	}
}

// Rows that are sealed to a version of a key that was destroyed are as legitimate as others in a backup: a backup of before
// was restored, and the register had the key destroyed again.
func TestBehindADestroyedKey(t *testing.T) {
	h, id := build(t, false), key(t)
	h.ask(t, h.accept(t, intake.Normal, 0))
	_, err := h.store.Database().Write.Exec(`INSERT INTO epochs (role, version, asker, asked_on, done_on) VALUES ('desk:main', 1, 'li', '2026-03-02', '2026-03-02')`)
	must(t, err)
	file, m := write(t, h.source(t), id)
	target, _, _ := empty(t)
	if _, err := read(t.Context(), file, target, id); err != nil || m.Rows["tips/custody"] != 2 {
		t.Fatal(m.Rows, err)
	}
}

// Memory doesn't grow with the files.
func TestMemory(t *testing.T) {
	const size = 64 << 20
	h, id := build(t, false), key(t)
	h.accept(t, intake.Normal, size)
	name := filepath.Join(t.TempDir(), "b.age")
	out, err := os.Create(name)
	must(t, err)
	defer out.Close()
	var peak uint64
	s := h.source(t)
	watch := func(n int) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapInuse)
	}
	watch(0)
	start := peak
	_, err = backup.Write(t.Context(), watched{out, watch}, s, id.Recipient())
	must(t, err)
	target, _, _ := empty(t)
	info, err := out.Stat()
	must(t, err)
	_, err = backup.Read(t.Context(), watchedAt{out, watch}, info.Size(), target, id)
	must(t, err)
	t.Logf("%d MB: heap from %d MB to at most %d MB", size>>20, start>>20, peak>>20)
	if peak > start+size/2 { // garbage included
		t.Errorf("heap grew by %d MB", (peak-start)>>20)
	}
}
