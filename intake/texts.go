package intake

import "context"

// Piece is a text's place in a longer one that came in pieces. The zero Piece is a
// whole text.
type Piece struct {
	Ref        string // the same for all parts of one sender's text
	Number, Of int    // from 1
}

// Whole says whether there is nothing to wait for.
func (p Piece) Whole() bool { return p.Of < 2 || p.Number < 1 || p.Number > p.Of }

// Texts keeps what texts of one sender have to do with each other. Errors that
// aren't named wrap [ErrNotDurable].
type Texts interface {
	// Await keeps a part, durably. One that waits or was filed already is Known. One
	// whose place another message holds fails with [ErrConflict].
	Await(ctx context.Context, p WaitingPart) (known Accepted, err error)
	// Parts are the waiting parts of a group, by number.
	Parts(ctx context.Context, group []byte) ([]WaitingPart, error)
	// Groups are the groups that wait.
	Groups(ctx context.Context) ([][]byte, error)
	// Latest is the tip that another text of a sender belongs to: the first of
	// those within 72 hours that the desk still works on, or [ErrNotFound].
	Latest(ctx context.Context, senderTag []byte, today Date) (Tip, error)
	// Tip is a tip by its id, or [ErrNotFound].
	Tip(ctx context.Context, id string) (Tip, error)
	// Join adds a text to a tip, with all it is known by. A second delivery is a
	// duplicate. A tip that was closed meanwhile fails with [ErrConflict].
	Join(ctx context.Context, j Joining) (Accepted, error)
	// Stop marks every tip of a sender within 72 hours: nothing more may be sent
	// there. It says how many there are.
	Stop(ctx context.Context, senderTag []byte, today Date) (tips int, err error)
}

// WaitingPart is one part of a long text, sealed to intake itself.
type WaitingPart struct {
	Group      []byte // a keyed tag of sender, reference and number of parts
	Number, Of int
	Tag        []byte // the message's
	On         Date   // the day it came
	Sealed     []byte
}

// Joining is a further text of a tip's sender.
type Joining struct {
	Message Message
	Tags    [][]byte // by which the text is known again
	Nonce   []byte   // the one of Tags that is a nonce's; nil for none
	Waited  []byte   // the group of parts it was put together from; nil for none
}

// Conversing says whether a further text of a tip's sender is added to it. What is
// decided against, or over, begins anew, so that nothing is buried with it.
func (s State) Conversing() bool {
	switch s {
	case StateReceived, StateReviewing, StateNeedsInfo, StateAccepted, StateReferred, StateInLedger, StateVerifying, StateAnswered, StateObjection:
		return true
	default:
		return false
	}
}
