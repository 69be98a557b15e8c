package intake_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/ledger"
)

const canary = "CANARY"

// web is a full report of the web form.
func web() *intake.Report {
	return &intake.Report{
		Channel: intake.Web, Lang: "zh-CN", Category: "ok-house", Conduct: []string{"ok-a", "ok-b"}, Place: "411422207201", Urgent: true, Reply: intake.ReplyContact,
		Words: intake.Words{Text: " CANARY 大棚里盖了房 ", Address: "CANARY address", Lat: "34.1", Lon: "115.2", Occurred: "CANARY last week",
			Subject: "CANARY subject", Parcel: "CANARY parcel"},
		Identity: intake.Identity{Name: "CANARY name", Phone: "CANARY phone", Email: "CANARY@example.org"},
		Origin:   "192.0.2.0/24", Sender: "CANARY sender", Flags: []string{"flag"},
	}
}

// files yields name and content in turn.
func files(pairs ...string) iter.Seq2[intake.File, error] {
	return func(yield func(intake.File, error) bool) {
		for p := range slices.Chunk(pairs, 2) {
			if !yield(intake.File{Name: p[0], Body: strings.NewReader(p[1])}, nil) {
				return
			}
		}
	}
}

// picture is a PNG with a comment in it that a clean copy mustn't have.
func picture(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	intaketest.Must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))))
	return b.String() + canary + " GPS"
}

// submit files r and must succeed.
func submit(t testing.TB, o *intaketest.Office, r *intake.Report) intake.Filed {
	t.Helper()
	f, err := o.Door().Submit(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// part is one sealed text of a tip.
func part(t testing.TB, o *intaketest.Office, tip, compartment, name string) []byte {
	t.Helper()
	sealed, err := o.Store.Part(t.Context(), tip, compartment, name)
	if err != nil {
		t.Fatalf("%s/%s: %v", compartment, name, err)
	}
	return sealed
}

// report is a tip's opened report.
func report(t testing.TB, o *intaketest.Office, tip string) (r intake.SealedReport) {
	t.Helper()
	text, err := seal.OpenBytes(part(t, o, tip, intake.CompartmentReport, intake.PartName), intake.PartContext(tip, intake.CompartmentReport, intake.PartName), o.Desk)
	intaketest.Must(t, err)
	intaketest.Must(t, json.Unmarshal(text, &r))
	return r
}

// twoLayers opens what only the desk and a custodian can open together, and holds
// that neither can alone.
func twoLayers(t testing.TB, o *intaketest.Office, sealed []byte, c seal.Context) []byte {
	t.Helper()
	for _, id := range []*age.HybridIdentity{o.Desk, o.Custodian} {
		if _, err := seal.OpenBytes(sealed, c, id); err == nil {
			t.Fatal("one key alone opened both layers")
		}
	}
	if _, err := seal.OpenOuterBytes(sealed, c, o.Custodian); err == nil {
		t.Fatal("the outer layer opened for a custodian")
	}
	inner, err := seal.OpenOuterBytes(sealed, c, o.Desk)
	intaketest.Must(t, err)
	if _, err := seal.OpenBytes(inner, c, o.Desk); err == nil {
		t.Fatal("the inner layer opened for the desk")
	}
	text, err := seal.OpenBytes(inner, c, o.Custodian)
	intaketest.Must(t, err)
	return text
}

// stream is one sealed stream of a tip's container, in its row or its file.
func stream(t testing.TB, o *intaketest.Office, tip, compartment, name string) []byte {
	t.Helper()
	containers, err := o.Store.Containers(t.Context(), tip)
	intaketest.Must(t, err)
	for _, c := range containers {
		for _, s := range c.Streams {
			if c.Compartment != compartment || s.Name != name {
				continue
			}
			if c.Inline != nil {
				return c.Inline[s.Offset : s.Offset+s.Length]
			}
			b, err := o.Blobs.Open(tip, compartment)
			intaketest.Must(t, err)
			defer b.Close()
			out := make([]byte, s.Length)
			_, err = b.ReadAt(out, s.Offset)
			intaketest.Must(t, err)
			return out
		}
	}
	t.Fatalf("no stream %s/%s", compartment, name)
	return nil
}

func original(t testing.TB, o *intaketest.Office, tip, name string) string {
	t.Helper()
	return string(twoLayers(t, o, stream(t, o, tip, intake.CompartmentOriginals, name), intake.PartContext(tip, intake.CompartmentOriginals, name)))
}

func clean(t testing.TB, o *intaketest.Office, tip, name string) string {
	t.Helper()
	text, err := seal.OpenBytes(stream(t, o, tip, intake.CompartmentClean, name), intake.PartContext(tip, intake.CompartmentClean, name), o.Desk)
	intaketest.Must(t, err)
	return string(text)
}

// waiting are the events in the outbox.
func waiting(t testing.TB, o *intaketest.Office) []intake.Event {
	t.Helper()
	events, err := o.Store.ClaimEvents(t.Context(), intake.NewID(), 1000, time.Minute)
	intaketest.Must(t, err)
	return events
}

func TestSubmitKeepsEverythingAndShowsNothing(t *testing.T) {
	o := intaketest.Open(t)
	r, photo := web(), picture(t)
	note := canary + " a note, long enough to be one"
	r.Files = files("CANARY 照片.png", photo, "CANARY.txt", note, "CANARY.bin", "\x00\x01\x02"+canary)
	f := submit(t, o, r)
	if f.State != intake.StateReceived || f.ReceivedOn != "2026-11-24" || f.Held || f.Duplicate || f.Receipt.IsZero() {
		t.Errorf("%q %q held %v, duplicate %v", f.State, f.ReceivedOn, f.Held, f.Duplicate)
	}
	got := report(t, o, f.ID)
	want := web().Words
	want.Text, want.Datum = "CANARY 大棚里盖了房", "wgs84"
	if d := cmp.Diff(want, got.Words); d != "" {
		t.Error(d)
	}
	if got.ReceivedAt != "2026-11-24T02:30:00+08:00" || got.Lang != "zh-CN" || !slices.Equal(got.Flags, []string{"flag"}) {
		t.Errorf("%s %s %v", got.ReceivedAt, got.Lang, got.Flags)
	}
	wantFiles := []intake.SealedFile{{N: 1, Type: "image/png", Size: int64(len(photo)), Clean: true, Width: 8, Height: 8},
		{N: 2, Type: "text/plain", Size: int64(len(note)), Clean: true}, {N: 3, Type: "application/octet-stream", Size: 9, Reason: "type"}}
	if d := cmp.Diff(wantFiles, got.Files); d != "" {
		t.Error(d)
	}
	checkFacts(t, o, f.ID, got.Facts)
	checkIdentity(t, o, f.ID)
	for i, content := range []string{photo, note, "\x00\x01\x02" + canary} {
		if original(t, o, f.ID, []string{"1", "2", "3"}[i]) != content {
			t.Errorf("original %d differs", i+1)
		}
	}
	if c := clean(t, o, f.ID, "1"); strings.Contains(c, canary) || c == "" {
		t.Error("the clean copy isn't clean")
	}
	if clean(t, o, f.ID, "2") != note {
		t.Error("the clean note differs")
	}
	nothingInClear(t, o.Dir)
}

func checkFacts(t *testing.T, o *intaketest.Office, tip string, sealed intake.Facts) {
	t.Helper()
	row, err := o.Store.Tip(t.Context(), tip)
	intaketest.Must(t, err)
	if d := cmp.Diff(row.Facts, sealed); d != "" {
		t.Errorf("the sealed copy of the facts differs: %s", d)
	}
	want := intake.Facts{Desk: "main", Channel: intake.Web, Source: "public", Category: "ok-house", Conduct: []string{"ok-a", "ok-b"}, Place: "411422207201",
		Urgent: true, Lane: intake.Normal, RealName: true, Reply: intake.ReplyContact, ReceivedOn: "2026-11-24", Files: 3}
	if d := cmp.Diff(want, row.Facts); d != "" {
		t.Error(d)
	}
	sum := sha256.Sum256(part(t, o, tip, intake.CompartmentReport, intake.PartName))
	if row.Commitment != hex.EncodeToString(sum[:]) {
		t.Error("the commitment isn't the sealed report's hash")
	}
	if row.DueOn != "2026-12-01" || !row.Unread || row.KeyVersion != 1 {
		t.Errorf("due %s, unread %v, key %d", row.DueOn, row.Unread, row.KeyVersion)
	}
	events := waiting(t, o)
	if len(events) != 1 || events[0].Type != intake.EventReceived || events[0].Data.Commitment != row.Commitment || events[0].Time != "2026-11-24T00:00:00+08:00" {
		t.Errorf("%d events", len(events))
	}
}

func checkIdentity(t *testing.T, o *intaketest.Office, tip string) {
	t.Helper()
	c := intake.PartContext(tip, intake.CompartmentIdentity, intake.PartName)
	var id intake.Identity
	intaketest.Must(t, json.Unmarshal(twoLayers(t, o, part(t, o, tip, intake.CompartmentIdentity, intake.PartName), c), &id))
	if d := cmp.Diff(web().Identity, id); d != "" {
		t.Error(d)
	}
	c = intake.PartContext(tip, intake.CompartmentOriginals, intake.PartNames)
	var names []string
	intaketest.Must(t, json.Unmarshal(twoLayers(t, o, part(t, o, tip, intake.CompartmentOriginals, intake.PartNames), c), &names))
	if d := cmp.Diff([]string{"CANARY 照片.png", "CANARY.txt", "CANARY.bin"}, names); d != "" {
		t.Error(d)
	}
	sealed := part(t, o, tip, intake.CompartmentReport, intake.PartName)
	for _, id := range []*age.HybridIdentity{o.Custodian, o.Ledger} {
		if _, err := seal.OpenBytes(sealed, intake.PartContext(tip, intake.CompartmentReport, intake.PartName), id); err == nil {
			t.Error("the report opened without the desk's key")
		}
	}
	text, err := seal.OpenBytes(sealed, intake.PartContext(tip, intake.CompartmentReport, intake.PartName), o.Desk)
	intaketest.Must(t, err)
	for _, hidden := range []string{"照片", "CANARY.txt", "CANARY name", "CANARY phone", "CANARY@"} {
		if bytes.Contains(text, []byte(hidden)) {
			t.Errorf("the report holds %q", hidden)
		}
	}
}

// nothingInClear walks everything that was written.
func nothingInClear(t testing.TB, dir string) {
	t.Helper()
	seen := 0
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		seen++
		data, err := os.ReadFile(filepath.Join(dir, name))
		for _, clear := range []string{canary, "192.0.2", "大棚", "照片"} {
			if bytes.Contains(data, []byte(clear)) {
				t.Errorf("%s holds %q in clear", name, clear)
			}
		}
		return err
	})
	if err != nil || seen == 0 {
		t.Errorf("%d files, %v", seen, err)
	}
}

func TestKeyedInIsNoFloodAndLeavesARow(t *testing.T) {
	o := intaketest.Open(t)
	o.Limits.Verdict = intake.Verdict{Hold: true, RetryAfter: time.Hour}
	r := web()
	r.Channel, r.By, r.Source = intake.Phone, "wang", "ok-clue"
	if f := submit(t, o, r); f.Held || len(o.Limits.Asked()) != 0 {
		t.Error("a member at the desk was limited")
	}
	rows, err := o.Store.AuditRows(t.Context(), 0, 10)
	if err != nil || len(rows) != 1 || rows[0].Act != "keyin" || rows[0].Member != "wang" || rows[0].Detail != "phone" {
		t.Errorf("%+v, %v", rows, err)
	}
}

// raw is a gateway's message with a decoder.
func raw(text string, decode func(io.Reader, *intake.Report) iter.Seq2[intake.File, error]) *intake.Report {
	return &intake.Report{Channel: intake.Email, Gateway: "mx", MessageID: intake.NewID(), Raw: strings.NewReader(text), Decode: decode}
}

func TestEveryRawByteIsKept(t *testing.T) {
	message := "From: CANARY\n\n" + strings.Repeat("CANARY mail\n", 9000)
	type seq = iter.Seq2[intake.File, error]
	for name, c := range map[string]struct {
		decode   func(io.Reader, *intake.Report) seq
		unparsed bool
		files    int
	}{
		"no decoder":    {},
		"yields none":   {decode: func(io.Reader, *intake.Report) seq { return nil }},
		"reads nothing": {decode: func(io.Reader, *intake.Report) seq { return func(func(intake.File, error) bool) {} }},
		"reads a little": {decode: func(raw io.Reader, into *intake.Report) seq {
			return func(func(intake.File, error) bool) { io.CopyN(io.Discard, raw, 7); into.Words.Text = " words " }
		}},
		"yields a file": {files: 1, decode: func(raw io.Reader, into *intake.Report) seq {
			return func(yield func(intake.File, error) bool) {
				yield(intake.File{Name: "a", Body: io.LimitReader(raw, 5000)}, nil)
			}
		}},
		"fails at once": {unparsed: true, decode: func(io.Reader, *intake.Report) seq { return fails }},
		"fails after all was read": {unparsed: true, files: 1, decode: func(raw io.Reader, into *intake.Report) seq {
			return func(yield func(intake.File, error) bool) {
				if yield(intake.File{Name: "a", Body: raw}, nil) {
					fails(yield)
				}
			}
		}},
		"a file breaks off": {unparsed: true, decode: func(raw io.Reader, into *intake.Report) seq {
			return func(yield func(intake.File, error) bool) {
				yield(intake.File{Name: "a", Body: io.MultiReader(io.LimitReader(raw, 70_000), broken{})}, nil)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o := intaketest.Open(t)
			f := submit(t, o, raw(message, c.decode))
			if original(t, o, f.ID, "raw") != message {
				t.Error("the raw message isn't whole")
			}
			got := report(t, o, f.ID)
			if slices.Contains(got.Flags, intake.FlagUnparsed) != c.unparsed || f.Held != c.unparsed || len(got.Files) != c.files {
				t.Errorf("flags %v, held %v, %d files", got.Flags, f.Held, len(got.Files))
			}
			if c.files > 0 && clean(t, o, f.ID, "1") == "" {
				t.Error("no clean copy")
			}
			nothingInClear(t, o.Dir)
		})
	}
}

func fails(yield func(intake.File, error) bool) { yield(intake.File{}, io.ErrNoProgress) }

// broken is a connection that breaks off.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestAFileBesideTheRawMessageHasItsOwnOriginal(t *testing.T) {
	o := intaketest.Open(t)
	r := raw(canary+" callback", nil)
	r.Channel, r.Files = intake.SMS, files("a", strings.Repeat("fetched ", 20_000))
	f := submit(t, o, r)
	if original(t, o, f.ID, "raw") != canary+" callback" || original(t, o, f.ID, "1") != strings.Repeat("fetched ", 20_000) {
		t.Error("the originals differ")
	}
}

func TestTheLedgerBalances(t *testing.T) {
	o := intaketest.Open(t)
	l, err := ledger.Open(t.Context(), o.Store.Database())
	intaketest.Must(t, err)
	submit(t, o, web())
	o.Limits.Verdict.Hold = true
	submit(t, o, web())
	got, err := l.Reconcile(t.Context(), intaketest.Desk, o.Store.Standings(t.Context(), intaketest.Desk))
	if err != nil || !got.Balanced() || got.Waiting != 1 || got.Held != 1 || got.Received != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}
