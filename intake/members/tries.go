package members

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"tipline/crypto/keyring"
	"tipline/crypto/pseudonym"
)

// What wrong tries may cost. They slow guessing and never lock a member out for
// good: a place that guesses at one name runs dry alone, a place that goes through
// the names does, and many places that guess at one name leave the place from which
// that member works as it is.
const (
	pairAtOnce, pairEvery       = 10, 30 * time.Second // of one name from one place
	originAtOnce, originEvery   = 40, 10 * time.Second // of all names from one place
	networkAtOnce, networkEvery = 400, time.Second     // of all names from one /48 of IPv6, which anybody can have
	nameAtOnce, nameEvery       = 60, 10 * time.Second // of one name from places it never came from
	mostGuests                  = 16                   // whose passphrases are tried or wait for it, from places their names never came from
	mostCounted                 = 1000                 // in each table
	knownFor                    = 30 * 24 * time.Hour  // a place from which a member came
)

// tries counts guesses. Places are kept as keyed tags, in memory alone.
type tries struct {
	key                             [32]byte
	mu                              sync.Mutex
	pairs, origins, networks, names *buckets
	guests                          int
	known                           map[string]time.Time // when a pair was last let in
}

func newTries() *tries {
	t := &tries{known: map[string]time.Time{}, pairs: newBuckets(pairAtOnce, pairEvery),
		origins: newBuckets(originAtOnce, originEvery), networks: newBuckets(networkAtOnce, networkEvery), names: newBuckets(nameAtOnce, nameEvery)}
	rand.Read(t.key[:]) // never fails (crypto/rand since Go 1.24)
	return t
}

func (t *tries) tag(name, origin string) string {
	h := hmac.New(sha256.New, t.key[:])
	h.Write([]byte(name + "\x00" + origin))
	return string(h.Sum(nil))
}

// allow says whether name may be tried from origin now. This machine itself, "", is
// no place that goes through names.
func (t *tries) allow(name, origin string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	pair := t.tag(name, origin)
	if origin == "" {
		return t.pairs.allow(pair, now)
	}
	if now.Sub(t.known[pair]) < knownFor {
		return t.pairs.allow(pair, now)
	}
	wide := pseudonym.Network(origin)
	return t.pairs.allow(pair, now) && t.origins.allow(t.tag("", origin), now) && (wide == "" || t.networks.allow(t.tag("", wide), now)) && t.names.allow(t.tag(name, ""), now)
}

// seat is a place in the line for the slow part of a try, which its holder leaves. Strangers have few: a
// crowd of them would keep who works here waiting for as long as it lasts.
func (t *tries) seat(name, origin string, now time.Time) (leave func(), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if origin == "" || now.Sub(t.known[t.tag(name, origin)]) < knownFor {
		return func() {}, true
	}
	if t.guests >= mostGuests {
		return nil, false
	}
	t.guests++
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.guests--
	}, true
}

// welcome forgets what was counted of a member who got in, and remembers the place.
func (t *tries) welcome(name, origin string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	pair := t.tag(name, origin)
	delete(t.pairs.by, pair)
	if len(t.known) >= mostCounted {
		maps.DeleteFunc(t.known, func(_ string, at time.Time) bool { return now.Sub(at) > knownFor/4 })
	}
	if origin != "" && len(t.known) < mostCounted {
		t.known[pair] = now
	}
}

// buckets are one limit for many.
type buckets struct {
	atOnce int
	every  time.Duration
	by     map[string]*rate.Limiter
}

func newBuckets(atOnce int, every time.Duration) *buckets {
	return &buckets{atOnce, every, map[string]*rate.Limiter{}}
}

func (b *buckets) allow(who string, now time.Time) bool {
	l, ok := b.by[who]
	if !ok {
		if len(b.by) >= mostCounted {
			b.prune(now)
		}
		l = rate.NewLimiter(rate.Every(b.every), b.atOnce)
		b.by[who] = l
	}
	return l.AllowN(now, 1)
}

// prune forgets half of them, those first that have most left: whoever fills the
// table with invented names forgets them, and not the one that is guessed at.
func (b *buckets) prune(now time.Time) {
	all := slices.SortedFunc(maps.Keys(b.by), func(x, y string) int {
		return cmp.Compare(b.by[y].TokensAt(now), b.by[x].TokensAt(now))
	})
	for _, who := range all[:len(all)/2] {
		delete(b.by, who)
	}
}

// decoy is a key that nobody holds. A name that isn't there is tried against it,
// so that the time of an answer doesn't tell which names exist.
type decoy struct {
	once sync.Once
	key  keyring.MemberKey
}

const decoyName = "decoy"

func (d *decoy) refuse(ctx context.Context, v *keyring.Vault, passphrase string) error {
	d.once.Do(func() { d.key, _, _ = v.NewMemberKey(context.WithoutCancel(ctx), decoyName, keyring.Passphrase()) })
	_, _ = v.Unlock(ctx, decoyName, d.key, passphrase)
	return ErrLogin
}
