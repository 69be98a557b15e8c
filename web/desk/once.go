package desk

import (
	"sync"
	"time"
)

// onceTime is how long what is shown once can be looked at, to write it down or print
// it.
const onceTime = 5 * time.Minute

// secret is what was just made up for somebody: printed codes, or a passphrase.
type secret struct {
	For   string // the member it is for
	Lines []string
}

// String keeps it out of logs.
func (secret) String() string { return "[secret]" }

// once holds what is shown once, for the one session that made it and in memory alone.
type once struct {
	mu        sync.Mutex
	bySession map[string]kept
}

type kept struct {
	secret
	kind string
	at   time.Time
}

func (o *once) put(session, kind string, s secret, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bySession == nil {
		o.bySession = map[string]kept{}
	}
	for id, k := range o.bySession {
		if now.Sub(k.at) > onceTime {
			delete(o.bySession, id)
		}
	}
	o.bySession[session] = kept{s, kind, now}
}

func (o *once) get(session, kind string, now time.Time) (secret, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	k, ok := o.bySession[session]
	return k.secret, ok && k.kind == kind && now.Sub(k.at) <= onceTime
}

func (o *once) forget(session string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.bySession, session)
}
