package members

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"sync"
	"time"
)

// challengeTime is how long a passkey may take to answer.
const challengeTime = 5 * time.Minute

// A challenge is random bytes, the second at which it ends, and a tag over both.
const challengeRandom, challengeTag = 24, 16

// challenges are those that logins are answered with. Nothing is kept of one until it
// is answered behind a right passphrase, so that asking for many costs no memory; then
// it is remembered until it ends, so that it counts once.
type challenges struct {
	key   [32]byte // of this start
	mu    sync.Mutex
	spent map[string]time.Time // when they end
}

func newChallenges() *challenges {
	c := &challenges{spent: map[string]time.Time{}}
	rand.Read(c.key[:]) // never fails (crypto/rand since Go 1.24)
	return c
}

func (c *challenges) fresh(now time.Time) []byte {
	b := make([]byte, challengeRandom, challengeRandom+8+challengeTag)
	rand.Read(b)
	b = binary.BigEndian.AppendUint64(b, uint64(now.Add(challengeTime).Unix()))
	return append(b, c.tag(b)...)
}

func (c *challenges) tag(b []byte) []byte {
	h := hmac.New(sha256.New, c.key[:])
	h.Write(b)
	return h.Sum(nil)[:challengeTag]
}

// spend says whether a challenge is one of these, in time and answered for the first time.
func (c *challenges) spend(b []byte, now time.Time) bool {
	if len(b) != challengeRandom+8+challengeTag {
		return false
	}
	said, tag := b[:challengeRandom+8], b[challengeRandom+8:]
	ends := time.Unix(int64(binary.BigEndian.Uint64(said[challengeRandom:])), 0)
	if !hmac.Equal(tag, c.tag(said)) || now.After(ends) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.spent, func(_ string, ends time.Time) bool { return now.After(ends) })
	if _, again := c.spent[string(b)]; again {
		return false
	}
	c.spent[string(b)] = ends
	return true
}
