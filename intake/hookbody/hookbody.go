// Package hookbody reads the bodies of gateways' callbacks. Most gateways sign a body, so that it has to be
// here before anybody knows who sends it: what strangers send at once is bounded, by bytes and by time, and
// one who sends slowly takes no more room than what came.
package hookbody

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// The ways a body isn't read. One that is too large is an [*http.MaxBytesError].
var (
	ErrFull = errors.New("more callbacks come at once than there is room for")
	ErrSlow = errors.New("the body took too long")
)

// Room is what the bodies of a channel share. It is safe for concurrent use.
type Room struct {
	left atomic.Int64
	most int64
	time time.Duration
	now  func() time.Time
}

// NewRoom has room for all bytes at once, of which one body takes most. A body may take as long as it is
// given; that is looked at whenever something of it comes.
func NewRoom(all, most int64, long time.Duration, now func() time.Time) *Room {
	r := &Room{most: most, time: long, now: now}
	r.left.Store(max(all, most))
	return r
}

// Read reads a body whole. The caller calls done, also behind an error, when it needs the body no more.
func (r *Room) Read(w http.ResponseWriter, req *http.Request) (body []byte, done func(), err error) {
	b := &taking{from: http.MaxBytesReader(w, req.Body, r.most), room: r, until: r.now().Add(r.time)}
	body, err = io.ReadAll(b)
	return body, func() { r.left.Add(b.took); b.took = 0 }, err
}

// taking takes room for what comes of one body.
type taking struct {
	from  io.Reader
	room  *Room
	until time.Time
	took  int64
}

func (b *taking) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	b.took += int64(n)
	switch left := b.room.left.Add(-int64(n)); {
	case err != nil: // also its end: nothing more comes
		return n, err
	case left < 0:
		return n, ErrFull
	case b.room.now().After(b.until):
		return n, ErrSlow
	}
	return n, nil
}
