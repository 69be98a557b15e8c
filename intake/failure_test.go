package intake_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/intaketest"
)

var errDisk = errors.New("no space left")

// failing is a container that fails at one of its steps.
type failing struct {
	intake.Blobs
	step string
}

func (f failing) Create(tip, compartment string) (intake.BlobWriter, error) {
	if f.step == "create" || f.step == "create "+compartment {
		return nil, errDisk
	}
	w, err := f.Blobs.Create(tip, compartment)
	return &failingWriter{BlobWriter: w, step: f.step, left: 100_000}, err
}

type failingWriter struct {
	intake.BlobWriter
	step string
	left int
}

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.step == "header" || w.step == "write" && w.left < 0 {
		return 0, errDisk
	}
	return w.BlobWriter.Write(p)
}

func (w *failingWriter) Truncate(offset int64) error {
	if w.step == "truncate" {
		return errDisk
	}
	return w.BlobWriter.Truncate(offset)
}

func (w *failingWriter) Commit() ([]byte, error) {
	if w.step == "commit" {
		return nil, errDisk
	}
	return w.BlobWriter.Commit()
}

// failingStore commits nothing.
type failingStore struct{ intake.Store }

func (failingStore) Accept(context.Context, *intake.Acceptance) (intake.Accepted, error) {
	return intake.Accepted{}, errDisk
}

type noKeys struct{}

func (noKeys) DeskKeys(string) (intake.DeskKeys, error) { return intake.DeskKeys{}, errDisk }

// emptyKeys are nobody's, so that sealing itself fails.
type emptyKeys struct{}

func (emptyKeys) DeskKeys(string) (intake.DeskKeys, error) { return intake.DeskKeys{}, nil }

// large is a report whose containers stand in files.
func large(t testing.TB) *intake.Report {
	r := web()
	r.Files = files("a.txt", strings.Repeat("many lines\n", 20_000), "b.png", picture(t)[:40], "c.png", picture(t))
	return r
}

func TestOurFailuresAreNotDurable(t *testing.T) {
	for name, breaks := range map[string]func(*intake.Deps){
		"keys":         func(d *intake.Deps) { d.Keys = noKeys{} },
		"no recipient": func(d *intake.Deps) { d.Keys = emptyKeys{} },
		"store":        func(d *intake.Deps) { d.Store = failingStore{d.Store} },
		"create":       func(d *intake.Deps) { d.Blobs = failing{d.Blobs, "create"} },
		"create clean": func(d *intake.Deps) { d.Blobs = failing{d.Blobs, "create clean"} },
		"first byte":   func(d *intake.Deps) { d.Blobs = failing{d.Blobs, "header"} },
		"midway":       func(d *intake.Deps) { d.Blobs = failing{d.Blobs, "write"} },
		"commit":       func(d *intake.Deps) { d.Blobs = failing{d.Blobs, "commit"} },
		"cleaner": func(d *intake.Deps) {
			d.Clean = func(io.Reader, func(string) (io.Writer, error)) (intake.CleanCopy, error) {
				return intake.CleanCopy{}, errDisk
			}
		},
		"unclean remains": func(d *intake.Deps) { d.Blobs, d.Clean = failing{d.Blobs, "truncate"}, soiled },
	} {
		t.Run(name, func(t *testing.T) {
			o := intaketest.Open(t)
			breaks(&o.Deps)
			_, err := o.Door().Submit(t.Context(), large(t))
			if !errors.Is(err, intake.ErrNotDurable) || errors.Is(err, intake.ErrRead) {
				t.Errorf("%v", err)
			}
			nothingKept(t, o)
		})
	}
}

// soiled writes a copy and then says that it isn't clean.
func soiled(src io.Reader, open func(string) (io.Writer, error)) (intake.CleanCopy, error) {
	w, err := open("text/plain")
	if err == nil {
		_, err = io.Copy(w, src)
	}
	return intake.CleanCopy{Type: "text/plain", Reason: "damaged"}, err
}

// nothingKept looks for rows and files.
func nothingKept(t testing.TB, o *intaketest.Office) {
	t.Helper()
	for st, err := range o.Store.Standings(context.Background(), intaketest.Desk) {
		t.Errorf("tip %s is there (%v)", st.Tip, err)
	}
	if n := blobs(t, o); n != 0 {
		t.Errorf("%d containers stayed", n)
	}
}

// blobs counts the files of containers, finished or not.
func blobs(t testing.TB, o *intaketest.Office) (n int) {
	t.Helper()
	intaketest.Must(t, fs.WalkDir(os.DirFS(filepath.Join(o.Dir, "blobs")), ".", func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	}))
	return n
}

func TestADecoderCantHideOurFailure(t *testing.T) {
	o := intaketest.Open(t)
	o.Deps.Blobs = failing{o.Deps.Blobs, "create clean"}
	r := raw("mail", func(raw io.Reader, _ *intake.Report) iter.Seq2[intake.File, error] {
		return func(yield func(intake.File, error) bool) {
			body, _ := io.ReadAll(raw)
			yield(intake.File{Name: "a", Body: strings.NewReader(string(body))}, nil)
		}
	})
	if _, err := o.Door().Submit(t.Context(), r); !errors.Is(err, intake.ErrNotDurable) {
		t.Errorf("the lost copy was no failure: %v", err)
	}
	nothingKept(t, o)
}

func TestAnUncleanCopyLeavesNoTrace(t *testing.T) {
	o := intaketest.Open(t)
	o.Deps.Clean = soiled
	r := web()
	r.Files = files("a", strings.Repeat("x", 300_000))
	f := submit(t, o, r)
	containers, err := o.Store.Containers(t.Context(), f.ID)
	if err != nil || len(containers) != 1 || containers[0].Compartment != intake.CompartmentOriginals || blobs(t, o) != 1 {
		t.Errorf("%d containers in %d files, %v", len(containers), blobs(t, o), err)
	}
	if got := report(t, o, f.ID).Files[0]; got.Clean || got.Reason != "damaged" {
		t.Errorf("%+v", got)
	}
}

func TestTheirFailures(t *testing.T) {
	cut := func(yield func(intake.File, error) bool) {
		yield(intake.File{Name: "a", Body: io.MultiReader(strings.NewReader(strings.Repeat("x", 200_000)), broken{})}, nil)
	}
	late := func(yield func(intake.File, error) bool) {
		yield(intake.File{}, &intake.InvalidError{Problems: []intake.Problem{{Field: "text", Code: "files_last"}}})
	}
	for name, c := range map[string]struct {
		change func(*intake.Report)
		want   error
	}{
		"broken file":    {func(r *intake.Report) { r.Files = cut }, intake.ErrRead},
		"broken list":    {func(r *intake.Report) { r.Files = fails }, intake.ErrRead},
		"field too late": {func(r *intake.Report) { r.Files = late }, intake.ErrInvalid},
		"too large":      {func(r *intake.Report) { r.Files = files("a", strings.Repeat("x", 1<<20+1)) }, intake.ErrTooLarge},
		"too many":       {func(r *intake.Report) { r.Files = files("a", "x", "b", "x", "c", "x", "d", "x") }, intake.ErrTooManyFiles},
		"broken mail": {func(r *intake.Report) {
			*r = *raw("", nil)
			r.Raw = io.MultiReader(strings.NewReader(strings.Repeat("x", 200_000)), broken{})
		}, intake.ErrRead},
		"mail too large": {func(r *intake.Report) { *r = *raw("", nil); r.Raw = tooLarge{} }, intake.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			o, r := intaketest.Open(t), web()
			c.change(r)
			if _, err := o.Door().Submit(t.Context(), r); !errors.Is(err, c.want) || errors.Is(err, intake.ErrNotDurable) {
				t.Errorf("%v", err)
			}
			nothingKept(t, o)
		})
	}
}

type tooLarge struct{}

func (tooLarge) Read([]byte) (int, error) { return 0, intake.ErrTooLarge }

func TestTheLargestFilesPass(t *testing.T) {
	o, r := intaketest.Open(t), web()
	r.Files = files("a", strings.Repeat("x", 1<<20), "b", "", "c", "x")
	if f := submit(t, o, r); len(original(t, o, f.ID, "1")) != 1<<20 || original(t, o, f.ID, "2") != "" {
		t.Error("the originals differ")
	}
}

func TestHardLimits(t *testing.T) {
	o, r := intaketest.Open(t), web()
	o.Limits.Verdict.RetryAfter = 90 * time.Second
	read := false
	r.Gateway, r.Files = "gw", func(func(intake.File, error) bool) { read = true }
	_, err := o.Door().Submit(t.Context(), r)
	var limited *intake.LimitedError
	if !errors.As(err, &limited) || limited.RetryAfter != 90*time.Second || !errors.Is(err, intake.ErrLimited) || strings.Contains(err.Error(), canary) {
		t.Errorf("%v", err)
	}
	if asked := o.Limits.Asked(); len(asked) != 1 || asked[0] != (intake.Subject{Origin: "192.0.2.0/24", Sender: "CANARY sender", Gateway: "gw"}) {
		t.Errorf("%d subjects", len(asked))
	}
	if read {
		t.Error("the files of a refused report were read")
	}
	nothingKept(t, o)
}

func TestACancelledSubmissionKeepsNothing(t *testing.T) {
	o := intaketest.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	r := large(t)
	given := r.Files
	r.Files = func(yield func(intake.File, error) bool) { given(yield); cancel() }
	if _, err := o.Door().Submit(ctx, r); !errors.Is(err, intake.ErrNotDurable) || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	nothingKept(t, o)
}

// TestMemoryIsFlat bounds what a large file allocates, all in all.
func TestMemoryIsFlat(t *testing.T) {
	o := intaketest.Open(t)
	o.Deps.MaxBytes = 64 << 20
	cost := func(size int64) uint64 {
		r := web()
		r.Files = func(yield func(intake.File, error) bool) {
			yield(intake.File{Name: "a", Body: io.LimitReader(lines{}, size)}, nil)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		submit(t, o, r)
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	cost(1 << 20) // statements are prepared, buffers made
	if small, big := cost(1<<20), cost(25<<20); big > small+4<<20 {
		t.Errorf("1 MB allocates %d KiB, 25 MB %d KiB", small>>10, big>>10)
	} else {
		t.Logf("1 MB allocates %d KiB, 25 MB %d KiB", small>>10, big>>10)
	}
}

// lines is an endless text.
type lines struct{}

func (lines) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "a line of text\n"[i%15]
	}
	return len(p), nil
}
