// Package hookbody reads the bodies of gateways' callbacks. Most gateways sign a body, so that it has to be
// here before anybody knows who sends it: what strangers send at once is bounded, by bytes and by time, and
// one who sends slowly takes no more room than what came, and makes way for who sends now.
package hookbody

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The ways a body isn't read. One that is too large is an [*http.MaxBytesError].
var (
	ErrFull = errors.New("more callbacks come at once than there is room for")
	ErrSlow = errors.New("the body took too long")
)

// Room is what the bodies of a channel share. It is safe for concurrent use.
type Room struct {
	most int64
	time time.Duration
	now  func() time.Time

	mu     sync.Mutex
	left   int64
	coming []*taking // those that aren't whole yet, the first to begin first
}

// NewRoom has room for all bytes at once, of which one body takes most. A body may take as long as it is
// given; that is looked at whenever something of it comes.
func NewRoom(all, most int64, long time.Duration, now func() time.Time) *Room {
	return &Room{most: most, time: long, now: now, left: max(all, most)}
}

// Read reads a body whole. When there is no more room, the one that began first and isn't whole yet makes way:
// a gateway's is there within seconds, and who begins many and ends none keeps nobody out. The caller calls
// done, also behind an error, when it needs the body no more.
func (r *Room) Read(w http.ResponseWriter, req *http.Request) (body []byte, done func(), err error) {
	b := &taking{from: http.MaxBytesReader(w, req.Body, r.most), room: r, until: r.now().Add(r.time), cut: func() {
		_ = http.NewResponseController(w).SetReadDeadline(time.Unix(1, 0)) // a recorder has none
	}}
	r.begin(b)
	body, err = io.ReadAll(b)
	r.end(b)
	return body, func() { r.give(b) }, err
}

func (r *Room) begin(b *taking) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.coming = append(r.coming, b)
}

func (r *Room) end(b *taking) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.coming = slices.DeleteFunc(r.coming, func(c *taking) bool { return c == b })
}

func (r *Room) give(b *taking) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left += b.took
	b.took = 0
}

// take counts what came of a body, and says whether the body may stay.
func (r *Room) take(b *taking, n int) (stays bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if b.gone {
		return false
	}
	b.took += int64(n)
	r.left -= int64(n)
	for r.left < 0 && !b.gone && len(r.coming) > 0 {
		r.leave(r.coming[0])
	}
	return !b.gone
}

// leave makes the room of a body that isn't whole free and ends its reading.
func (r *Room) leave(b *taking) {
	r.coming = r.coming[1:]
	r.left += b.took
	b.took, b.gone = 0, true
	b.cut()
}

// taking takes room for what comes of one body.
type taking struct {
	from  io.Reader
	room  *Room
	until time.Time
	cut   func() // wakes who waits for more of it

	// of the room
	took int64
	gone bool
}

func (b *taking) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	switch stays := b.room.take(b, n); {
	case !stays:
		return n, ErrFull
	case err != nil: // also its end: nothing more comes
		return n, err
	case b.room.now().After(b.until):
		return n, ErrSlow
	}
	return n, nil
}
