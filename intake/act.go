package intake

import (
	"time"
)

// Audit is one look or act of a member. Prev and Hash chain it to the row before
// it; the store fills Seq, Prev and Hash in.
type Audit struct {
	Seq    int64
	At     time.Time // whole seconds, UTC
	Member string
	Act    string // a code: login, read, state, release, message, identity.ask, …
	Desk   string
	Tip    string // "" when the act isn't about a tip
	Detail string // codes only (from>to, reason code), never words
	Prev   string // hex SHA-256 of the row before
	Hash   string
}

// AuditFilter narrows the record; empty fields don't.
type AuditFilter struct {
	Desk     string // and rows of no desk
	Member   string
	Acts     []string // codes; each stands for those below it as well (login, login.failed)
	Tip      string   // an id, or how it begins
	From, To Date     // both days are included
	// Before is the hash of a row: only those before it, "" for the newest. A number would
	// tell how much another desk does.
	Before string
	Limit  int
}

// Act is what one act of a member writes, in one transaction, with its audit row.
type Act struct {
	Audit   Audit
	Seen    *Seen // nil: whatever became of the tip meanwhile
	Move    *Move
	Release bool // the tip leaves the held lane
	Read    bool // the tip is no longer unread
	Message *Message
	Ask     *Custody
	Decide  *Custody
	Event   *Event
	// Merge puts the tip to another one, Unmerge takes it away from there. The state
	// goes by Move.
	Merge, Unmerge *Merge
	// Note is one of the desk's own notes, sealed.
	Note *InsideNote
	// Review asks a second reviewer about a refusal; Reviewed is the id of the review
	// that the act ends. A move that names none ends the one that waits, if one does.
	Review   *Review
	Reviewed string
	// Dispatch is an answer that is to go out, Claim begins to send one, Sent is what
	// became of that. Returned ends one that nobody sends.
	Dispatch       *Dispatch
	Claim          *Claim
	Sent, Returned *Dispatch
	// Refetch is the id of a file's fetch that failed and is to be tried again.
	Refetch string
	// Clock is what becomes of the tip's clock.
	Clock *ClockMark
	// Look makes an appointment to look at the tip again, Looked is one that is over or,
	// without a result, whose reporter is asked. Parcel is the tag of the tip's parcel.
	Look, Looked *Look
	Parcel       []byte
	// Hold keeps the tip from being destroyed, Lift ends that. Doom asks for its
	// destruction, Doomed decides about it, Destroy carries it out: what it counts is filled in, and stands
	// at the end of the audit row. Again approves anew what a
	// restored backup brought back.
	Hold, Lift                   *Hold
	Doom, Doomed, Destroy, Again *Destruction
	// Extend asks for a later date, Extended is such a request decided.
	Extend, Extended *Extension
	// Carry carries a reporter's wish out.
	Carry *Wish
	// Transfer moves the tip to another desk, Handover gives that desk's custodians what
	// those of the desk it left hold.
	Transfer *Transfer
	Handover *Handover
	// Reseal seals anew what is sealed to an old version of the desk's key.
	Reseal *Resealed
	// Outcome is the ledger's word that the act follows, nil for a member's own
	// act. One that isn't newer than the last fails with [ErrStale].
	Outcome *OutcomeMark
}

// InsideNote is one note of the desk's own, as an act adds it.
type InsideNote struct {
	Part
	KeyVersion int // of the desk's role key it is sealed to
}

// OutcomeMark is the ledger's word that an act follows.
type OutcomeMark struct {
	Event string // its id
	// Sequence is its place among those of its tip, from 1. 0 is a ledger that
	// doesn't count: then only the last event is known again.
	Sequence   int
	Number     string // the ledger's, "" leaves it
	DueOn      Date   // the tip's date from now on, "" leaves it
	Note       []byte // sealed, nil without one
	KeyVersion int    // of the desk's role key the note is sealed to
}

// NoteOfLedger is the name of the part that holds the ledger's note.
const NoteOfLedger = "ledger"

// Seen is the tip as the member saw it. When it stands otherwise by now, the act
// fails with [ErrConflict] and nothing is written: what was decided, and what the
// ledger is told, would be about another tip than the one that is there.
type Seen struct {
	State   State
	Lane    Lane
	Changes int // lines of its history: it may have come back to the same state
}

// Move changes a tip's state. From guards it: if the tip isn't there any more,
// the act fails with [ErrConflict] and nothing is written.
type Move struct {
	From, To   State
	On         Date
	Department string
	DueOn      Date
	Note       []byte // sealed reason in words, nil without one
	KeyVersion int    // of the desk's role key the note is sealed to; 0 is the tip's
}
