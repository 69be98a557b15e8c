package spool

import (
	"errors"

	"tipline/intake"
)

// The spool's own failures. What keeps a tip from the spool comes joined to the
// store's error, which wraps [intake.ErrNotDurable].
var (
	// ErrFull: what waits has reached the cap.
	ErrFull = errors.New("the spool is full: bring the database back, or raise spool.max_bytes")
	// ErrInUse: another process has this folder open.
	ErrInUse = errors.New("the spool's folder belongs to another process: give each its own")
	// ErrClosed: the spool takes nothing any more.
	ErrClosed = errors.New("the spool is closed")
	// ErrDamaged: a file isn't what was written.
	ErrDamaged = errors.New("damaged file")
	// ErrChannel: a channel whose reporters wait for the answer themselves.
	ErrChannel = errors.New("only channels behind a gateway may use the spool")
	// ErrCap: no room to keep anything in.
	ErrCap = errors.New("the spool needs a cap above zero")

	// errInexact is a fault of this program, met before anybody is answered.
	errInexact = errors.New("the acceptance doesn't come back from its file as it was")
)

// refusal says whether the store's err is an answer that stays the same however
// often it is asked.
func refusal(err error) bool {
	if errors.Is(err, intake.ErrNotDurable) {
		return false
	}
	for _, e := range []error{intake.ErrInvalid, intake.ErrConflict, intake.ErrNotFound, intake.ErrUnknownReceipt, intake.ErrTooLarge} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
