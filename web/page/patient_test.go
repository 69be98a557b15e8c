package page

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// deadlines records what a connection is told.
type deadlines struct {
	*httptest.ResponseRecorder
	read, write []time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error  { d.read = append(d.read, t); return nil }
func (d *deadlines) SetWriteDeadline(t time.Time) error { d.write = append(d.write, t); return nil }

func TestBodyMustMove(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	p := &patientBody{ReadCloser: io.NopCloser(iotest.OneByteReader(strings.NewReader(strings.Repeat("x", minProgress+10)))),
		rc: http.NewResponseController(w), now: func() time.Time { return now }}
	p.allow()
	first := w.read[0]
	one := make([]byte, 1)
	for range minProgress - 1 {
		now = now.Add(time.Millisecond)
		p.Read(one)
	}
	if len(w.read) != 1 || !first.Equal(time.Date(2026, 3, 1, 12, 1, 0, 0, time.UTC)) {
		t.Fatalf("a trickle below the minimum moved the deadline: %v", w.read)
	}
	p.Read(one)
	if len(w.read) != 2 || !w.read[1].Equal(now.Add(window)) {
		t.Fatalf("progress didn't begin a new window: %v", w.read)
	}
	if _, err := io.ReadAll(p); err != nil {
		t.Fatal(err)
	}
	if last := w.read[len(w.read)-1]; !last.IsZero() {
		t.Errorf("the read deadline stays after the body's end: %v", last)
	}
	if last := w.write[len(w.write)-1]; !last.Equal(now.Add(answerTime)) {
		t.Errorf("the answer has until %v, want %v", last, now.Add(answerTime))
	}
}
