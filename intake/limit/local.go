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
// bucket that was idle longest is dropped first: one that floods is never that
// one, and one that was idle for its period had its allowance back anyway. To push
// its own bucket out a sender needs more than this many other origins between two
// of its tries, and who has those needs no trick: they meet the global limit,
// whose bucket every one of them refreshes.
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

func (l *local) count(s scope, tag string, now time.Time, held bool) intake.Verdict {
	b := l.bucket(s, tag)
	if !b.hard.AllowN(now, 1) {
		missing := 1 - b.hard.TokensAt(now)
		wait := time.Duration(missing * float64(s.period) / float64(s.hard))
		return intake.Verdict{RetryAfter: max(wait, leastRetry)}
	}
	return intake.Verdict{Hold: held || s.soft < s.hard && !b.soft.AllowN(now, 1)}
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
