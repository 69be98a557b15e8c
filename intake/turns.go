package intake

import (
	"context"
	"sync"
)

// turns lets the texts of one sender in one after the other, so that those that come at once are
// one tip without one of them being sealed for nothing. Two processes don't know of each other's:
// there the store lets only one begin a tip (Acceptance.Opens).
type turns struct {
	mu  sync.Mutex
	own map[string]*turn
}

// turn is one sender's. It goes when nobody waits for it.
type turn struct {
	free    chan struct{} // holds one while nobody has it
	waiting int
}

// take waits for a sender's turn; it is over with done. The error is ctx's.
func (t *turns) take(ctx context.Context, sender string) (done func(), err error) {
	t.mu.Lock()
	if t.own == nil {
		t.own = map[string]*turn{}
	}
	one := t.own[sender]
	if one == nil {
		one = &turn{free: make(chan struct{}, 1)}
		one.free <- struct{}{}
		t.own[sender] = one
	}
	one.waiting++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if one.waiting--; one.waiting == 0 {
			delete(t.own, sender)
		}
	}
	select {
	case <-one.free:
		return func() { one.free <- struct{}{}; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, context.Cause(ctx)
	}
}
