package members

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"tipline/crypto/keyring"
)

// Wrong passphrases a name may cost: ten at once, then one every half minute. It
// slows guessing and never locks a member out for good.
const (
	triesAtOnce = 10
	tryEvery    = 30 * time.Second
	mostNames   = 1000
)

// tries limits guesses by name, so that a stranger can't guess from many places.
type tries struct {
	mu     sync.Mutex
	byName map[string]*rate.Limiter
}

func newTries() *tries { return &tries{byName: map[string]*rate.Limiter{}} }

func (t *tries) allow(name string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	l, ok := t.byName[name]
	if !ok {
		if len(t.byName) >= mostNames {
			t.prune(now)
		}
		l = rate.NewLimiter(rate.Every(tryEvery), triesAtOnce)
		t.byName[name] = l
	}
	return l.AllowN(now, 1)
}

// prune forgets half of the names, those first that have most left: whoever fills
// the table with invented names forgets them, and not the one that is guessed at.
func (t *tries) prune(now time.Time) {
	names := slices.SortedFunc(maps.Keys(t.byName), func(a, b string) int {
		return cmp.Compare(t.byName[b].TokensAt(now), t.byName[a].TokensAt(now))
	})
	for _, name := range names[:len(names)/2] {
		delete(t.byName, name)
	}
}

func (t *tries) forget(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.byName, name)
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
