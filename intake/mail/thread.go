package mail

import (
	"hash/maphash"
	"strings"
	"sync"
	"time"
)

// How often one address is answered: once a thread within the week that RFC 3834 §2
// recommends, and not much altogether. Two robots that answer one another end here,
// whatever their headers say.
const (
	threadSpan  = 7 * 24 * time.Hour
	addressSpan = 24 * time.Hour
	perAddress  = 10
	maxThreads  = 20_000
)

// threads knows which threads may have been acknowledged lately, by hashes that
// mean nothing outside this process and are gone with it: an answer to an
// acknowledgement joins its tip and has none whatever is forgotten.
type threads struct {
	seed maphash.Seed

	mu     sync.Mutex
	known  map[uint64]time.Time
	counts map[uint64]int // by address, since since
	since  time.Time
}

func newThreads() *threads {
	return &threads{seed: maphash.MakeSeed(), known: map[uint64]time.Time{}, counts: map[uint64]int{}}
}

// first says whether an address may be answered in the thread of a message, and
// remembers that it is. A thread is known by its oldest message.
func (t *threads) first(f *Facts, now time.Time) bool {
	to, root := strings.ToLower(f.ReturnPath), f.MessageID
	if len(f.References) > 0 {
		root = f.References[0]
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(now)
	address, thread := maphash.String(t.seed, to), maphash.String(t.seed, to+"\x00"+root)
	if _, known := t.known[thread]; known || t.counts[address] >= perAddress || len(t.known) >= maxThreads {
		return false
	}
	t.known[thread] = now
	t.counts[address]++
	return true
}

func (t *threads) forget(now time.Time) {
	if now.Sub(t.since) < addressSpan {
		return
	}
	t.since = now
	clear(t.counts)
	for k, at := range t.known {
		if now.Sub(at) >= threadSpan {
			delete(t.known, k)
		}
	}
}
