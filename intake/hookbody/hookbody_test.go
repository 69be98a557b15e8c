package hookbody_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tipline/intake/hookbody"
)

// TestRoom: bodies share the room that they take, give it back, and end when they are too large or too slow.
func TestRoom(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	room := hookbody.NewRoom(100, 60, time.Minute, func() time.Time { return now })
	read := func(body io.Reader) (string, func(), error) {
		text, done, err := room.Read(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", body))
		return string(text), done, err
	}
	of := func(n int) io.Reader { return strings.NewReader(strings.Repeat("x", n)) }
	text, done, err := read(of(60))
	if err != nil || len(text) != 60 {
		t.Fatalf("%q, %v", text, err)
	}
	_, full, err := read(of(50))
	if !errors.Is(err, hookbody.ErrFull) {
		t.Errorf("beside it: %v", err)
	}
	full()
	full() // once is enough
	if _, small, err := read(of(40)); err != nil {
		t.Errorf("what fits beside it: %v", err)
	} else {
		small()
	}
	done()
	_, large, err := read(of(61))
	if _, ok := errors.AsType[*http.MaxBytesError](err); !ok {
		t.Errorf("one too large: %v", err)
	}
	large()
	_, slow, err := read(io.MultiReader(of(1), reads(func(p []byte) (int, error) { now = now.Add(time.Hour); return copy(p, "x"), nil })))
	if !errors.Is(err, hookbody.ErrSlow) {
		t.Errorf("a slow one: %v", err)
	}
	slow()
	if _, all, err := read(of(60)); err != nil {
		t.Errorf("once all is given back: %v", err)
	} else {
		all()
	}
}

type reads func(p []byte) (int, error)

func (r reads) Read(p []byte) (int, error) { return r(p) }
