package public

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
)

// newToken is a form's one-time token: 130 random bits. Nothing is stored for
// it; with the same content it leads to the same receipt.
func newToken() string { return rand.Text() }

// A message has no such memory in the store, so the tokens of the last ones that
// were kept are remembered here, as hashes: pressing twice, or reloading the
// page, adds a message once.
const (
	maxSaid = 4096
	saidFor = 30 * time.Minute
)

var errUnsaid = errors.New("the message was not kept")

type sayings struct {
	mu   sync.Mutex
	last *expirable.LRU[[sha256.Size]byte, *saying]
}

type saying struct {
	done chan struct{}
	err  error
}

func newSayings() *sayings {
	return &sayings{last: expirable.NewLRU[[sha256.Size]byte, *saying](maxSaid, nil, saidFor)}
}

// once runs say, unless it has run with this token and these words before: then
// it waits for that one's end and returns its result.
func (s *sayings) once(token, words string, say func() error) error {
	if token == "" {
		return say()
	}
	key := sha256.Sum256([]byte(token + "\x00" + words))
	s.mu.Lock()
	if first, ok := s.last.Get(key); ok {
		s.mu.Unlock()
		<-first.done
		return first.err
	}
	now := &saying{done: make(chan struct{})}
	s.last.Add(key, now)
	s.mu.Unlock()
	now.err = errUnsaid // stands if say panics
	defer func() {
		if now.err != nil {
			s.last.Remove(key)
		}
		close(now.done)
	}()
	now.err = say()
	return now.err
}
