package page

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// A body may take as long as it needs, while it moves: a 4 MB photo takes eleven
// minutes at 50 kbit/s. Every window must bring at least minProgress bytes.
const (
	window      = time.Minute
	minProgress = 4 << 10
	answerTime  = 2 * time.Minute
)

// Patient gives every body a rolling deadline and every answer a time.
func Patient(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := &patientBody{ReadCloser: r.Body, rc: http.NewResponseController(w), now: time.Now}
		p.allow()
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = p
		} else {
			p.rest()
		}
		h.ServeHTTP(w, r)
	})
}

type patientBody struct {
	io.ReadCloser
	rc   *http.ResponseController
	now  func() time.Time
	left int // bytes until the next window begins
	done bool
}

// allow begins a window. Where the connection knows no deadlines (tests over a
// recorder), there are none.
func (p *patientBody) allow() {
	p.left = minProgress
	now := p.now()
	_ = p.rc.SetReadDeadline(now.Add(window))
	_ = p.rc.SetWriteDeadline(now.Add(window + answerTime))
}

// rest ends the watch: the server reads on by itself to notice a client that
// goes away, and a deadline would look like one.
func (p *patientBody) rest() {
	p.done = true
	_ = p.rc.SetReadDeadline(time.Time{})
	_ = p.rc.SetWriteDeadline(p.now().Add(answerTime))
}

func (p *patientBody) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	p.left -= n
	switch {
	case errors.Is(err, io.EOF) && !p.done:
		p.rest()
	case p.left <= 0 && !p.done:
		p.allow()
	}
	return n, err
}
