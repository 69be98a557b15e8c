package desk

import (
	"time"

	"tipline/intake/members"
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

// made is what is shown once, for the one session that made it.
type made struct {
	secret
	kind string
}

// show keeps what was just made for the session, under one kind.
func (d *desk) show(s *members.Session, kind string, what secret) {
	d.once.put(s.ID, made{what, kind}, d.Now())
}

// shown is what was just made for the session, of one kind.
func (d *desk) shown(s *members.Session, kind string) (secret, bool) {
	one, ok := d.once.get(s.ID, d.Now())
	return one.secret, ok && one.kind == kind
}
