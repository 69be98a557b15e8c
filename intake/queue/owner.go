package queue

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// ErrOthers says that another installation works with this Redis. Each would take the other's events to its own
// ledger, and count the other's visitors.
var ErrOthers = errors.New("works for another tipline: give each a number of its own at the end of the URL, as in /1, or a server. If that one is gone for good: redis-cli DEL tipline:owner") // the key is ownerKey

const ownerKey = "tipline:owner"

// Own marks a Redis as an installation's: mark is left there, and ours says whether one that was left is the same
// installation's. Its error wraps [ErrOthers]; a server that can't be asked is nobody's.
func Own(ctx context.Context, r redis.UniversalClient, mark []byte, ours func([]byte) bool) error {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	if r.SetNX(ctx, ownerKey, mark, 0).Err() != nil {
		return nil
	}
	if left, err := r.Get(ctx, ownerKey).Bytes(); err == nil && !ours(left) {
		return fmt.Errorf("the server at %s %w", where(r), ErrOthers)
	}
	return nil
}
