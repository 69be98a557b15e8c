package limit

import (
	"encoding/hex"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"tipline/crypto/pseudonym"
	"tipline/intake"
)

// mostBuckets bounds the memory of a flood from many origins (about 20 MB). The
// bucket that was idle longest is dropped first: one that floods stays, and one
// that was idle long enough had its allowance back anyway. Who owns more origins
// than this is met by the global limit.
const mostBuckets = 50_000

// local counts in this process.
type local struct {
	mu      sync.Mutex
	buckets *lru.Cache[string, *bucket]
}

type bucket struct{ soft, hard *rate.Limiter }

func newLocal() *local {
	cache, err := lru.New[string, *bucket](mostBuckets)
	if err != nil {
		panic(err) // only a size below one
	}
	return &local{buckets: cache}
}

func (l *local) count(s scope, tag string, now time.Time) intake.Verdict {
	b := l.bucket(s, tag)
	r := b.hard.ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return intake.Verdict{RetryAfter: wait}
	}
	return intake.Verdict{Hold: !b.soft.AllowN(now, 1)}
}

func (l *local) bucket(s scope, tag string) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.buckets.Get(tag)
	if !ok {
		b = &bucket{soft: s.limiter(s.soft), hard: s.limiter(s.hard)}
		l.buckets.Add(tag, b)
	}
	return b
}

// limiter lets n in at once and n a period after that.
func (s scope) limiter(n int) *rate.Limiter {
	return rate.NewLimiter(rate.Every(s.period/time.Duration(n)), n)
}

// tag is what stands for a value in keys: nothing leads back without the salt.
func tag(salt pseudonym.Key, s scope, value string) string {
	return s.name + ":" + hex.EncodeToString(salt.Tag("limit "+s.name, value))
}
