package spool

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tipline/intake"
)

var update = flag.Bool("update", false, "write the sample file in testdata anew")

// fill gives every field below v a value from t: nil, empty or some where the type
// has them. A new field of an acceptance is filled by itself.
func fill(t *rapid.T, v reflect.Value, at string) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, at), 0).UTC()))
		return
	case []byte:
		b := rapid.SampledFrom([][]byte{nil, {}, {0}, bytes.Repeat([]byte{0xff, 0}, 400)}).Draw(t, at)
		v.SetBytes(bytes.Clone(b))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(rapid.String().Draw(t, at))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, at))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, at))
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), at+"."+v.Type().Field(i).Name)
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, at) {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem(), at)
		}
	case reflect.Slice:
		n := rapid.IntRange(-1, 3).Draw(t, at)
		if n < 0 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i), fmt.Sprintf("%s[%d]", at, i))
		}
	default:
		t.Fatalf("%s has a kind this test doesn't know: %v", at, v.Kind())
	}
}

// Whatever an acceptance holds, its file gives it back: nil stays nil, and empty
// stays empty.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := new(intake.Acceptance)
		fill(t, reflect.ValueOf(a).Elem(), "")
		a.Tip.ID = fmt.Sprintf("%032x", rapid.Uint64().Draw(t, "id"))
		if a.Event != nil && len(a.Event.Data.Sealed) == 0 {
			a.Event.Data.Sealed = nil // the event's own JSON leaves it out
		}
		file, err := encode(a)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decode(file)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, a) {
			t.Fatal(cmp.Diff(a, got))
		}
	})
}

// set gives every field below v a value that isn't zero.
func set(t *testing.T, v reflect.Value) {
	t.Helper()
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Date(2026, 3, 1, 7, 4, 5, 0, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("s")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8:
		v.SetUint(7)
	case reflect.Struct:
		for i := range v.NumField() {
			set(t, v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		set(t, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			set(t, v.Index(i))
		}
	default:
		t.Fatalf("a field has a kind this test doesn't know: %v", v.Kind())
	}
}

func full(t *testing.T) *intake.Acceptance {
	t.Helper()
	a := new(intake.Acceptance)
	set(t, reflect.ValueOf(a).Elem())
	a.Tip.ID = strings.Repeat("ab", 16)
	return a
}

// A field that the file doesn't carry fails here, and what lies in the field must
// stay readable: a file written by this version opens in every later one. When an
// acceptance gets a new field, write the sample anew (-update) and keep the old one
// beside it, opening still.
func TestEveryFieldIsCarried(t *testing.T) {
	a := full(t)
	file, err := encode(a)
	if err != nil {
		t.Fatal(err)
	}
	sample := filepath.Join("testdata", "v1.tip")
	if *update {
		if err := os.WriteFile(sample, file, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	old, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"now": file, "sample": old} {
		got, err := decode(file)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(a, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// TestOlderFilesOpen: what lies in the field since before a field was added. The field is empty then.
func TestOlderFilesOpen(t *testing.T) {
	samples := map[string]func(*intake.Acceptance) bool{
		"v1-before-nonces.tip":        func(a *intake.Acceptance) bool { return a.NonceTag == nil },
		"v1-before-message-files.tip": func(a *intake.Acceptance) bool { return a.NonceTag != nil && a.Containers[0].File == "" },
		"v1-before-floods.tip":        func(a *intake.Acceptance) bool { return a.Containers[0].File != "" && a.Flood == "" },
		"v1-before-fetches.tip":       func(a *intake.Acceptance) bool { return a.Flood != "" && a.Fetches == nil },
		"v1-before-opening.tip":       func(a *intake.Acceptance) bool { return a.Tip.DestroyedOn != "" && !a.Opens },
		"v1-before-destruction.tip":   func(a *intake.Acceptance) bool { return a.Fetches != nil && a.Tip.DestroyedOn == "" },
	}
	there, err := filepath.Glob(filepath.Join("testdata", "v1-*.tip"))
	if err != nil || len(there) != len(samples) {
		t.Fatalf("%d samples: %v", len(there), err)
	}
	for name, empty := range samples {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if a, err := decode(file); err != nil || len(a.MessageTag) == 0 || !empty(a) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestInexactIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*intake.Acceptance){
		"not UTF-8": func(a *intake.Acceptance) { a.Tip.Department = "\xff" },
		"a clock":   func(a *intake.Acceptance) { a.Audit.At = time.Now() }, // with its monotonic reading
		"empty":     func(a *intake.Acceptance) { a.Event.Data.Sealed = []byte{} },
	} {
		a := full(t)
		spoil(a)
		if _, err := encode(a); !errors.Is(err, errInexact) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// No part of a file can be lost or changed unseen.
func TestDamageIsFound(t *testing.T) {
	file, err := encode(full(t))
	if err != nil {
		t.Fatal(err)
	}
	for n := range file {
		if _, err := decode(file[:n]); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut at %d: %v", n, err)
		}
		changed := bytes.Clone(file)
		changed[n] ^= 1
		if _, err := decode(changed); !errors.Is(err, ErrDamaged) {
			t.Fatalf("changed at %d: %v", n, err)
		}
	}
	if _, err := decode(append(bytes.Clone(file), '\n')); !errors.Is(err, ErrDamaged) {
		t.Errorf("a byte more: %v", err)
	}
}

// sum gives a body the first line it needs.
func sum(body string) []byte {
	return fmt.Appendf(nil, headerFormat+"%s", sha256.Sum256([]byte(body)), len(body), body)
}

// A whole file may still not be ours: another version's fields must not be lost.
func TestUnknownBody(t *testing.T) {
	id := `"Tip":{"ID":"` + strings.Repeat("ab", 16) + `"}`
	for body, ok := range map[string]bool{
		`{` + id + `}`: true, `{` + id + `,"Later":1}`: false, `{` + id + `}{}`: false, `{}`: false, `null`: false, `[]`: false,
		`{"Tip":{"ID":"../../../../etc/passwd"}}`: false, `{"Tip":{"ID":"` + strings.Repeat("AB", 16) + `"}}`: false,
	} {
		if _, err := decode(sum(body)); (err == nil) != ok || err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	sample, err := os.ReadFile(filepath.Join("testdata", "v1.tip"))
	if err != nil {
		f.Fatal(err)
	}
	_, body, _ := bytes.Cut(sample, []byte("\n"))
	f.Add(sample, body)
	f.Add([]byte("tipline-spool/1 "), []byte("null"))
	f.Fuzz(func(t *testing.T, file, body []byte) {
		for _, file := range [][]byte{file, sum(string(body))} {
			a, err := decode(file)
			if err != nil {
				if !errors.Is(err, ErrDamaged) {
					t.Fatal(err)
				}
				continue
			}
			again, err := encode(a)
			if errors.Is(err, errInexact) { // such as an empty text that our own writer never makes
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if b, err := decode(again); err != nil || !reflect.DeepEqual(a, b) {
				t.Fatalf("%v\n%s", err, cmp.Diff(a, b))
			}
		}
	})
}

func TestNames(t *testing.T) {
	tip := strings.Repeat("0f", 16)
	if n, got, ok := parseName(fileName(1<<63, tip)); n != 1<<63 || got != tip || !ok {
		t.Errorf("%d %s %v", n, got, ok)
	}
	for _, name := range []string{"", "1-" + tip + ".tip", fileName(1, tip) + "~", fileName(1, tip[:31]), "99999999999999999999-" + tip + ".tip", fileName(1, tip) + "\n"} {
		if _, _, ok := parseName(name); ok {
			t.Errorf("%q is taken for ours", name)
		}
	}
}
