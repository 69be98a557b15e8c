package intake

import (
	"time"

	"tipline/crypto/keyring"
)

// Tip is a tip's row: facts and bookkeeping, nothing that needs sealing.
type Tip struct {
	ID string
	Facts
	State      State
	KeyVersion int // version of the desk's role key the report is sealed to
	Commitment string
	Unread     bool // no member has opened it since the reporter last wrote
	Department string
	DueOn      Date // "" when no clock runs, or it stands still
	AcceptedOn Date // when it was taken up last, "" for never
	// DestroyedOn is when the destruction of everything but this row was approved, "" for
	// a tip that is kept.
	DestroyedOn Date
	// DoNotContact says that the reporter's number asked not to be written to:
	// neither acknowledgements nor answers go there.
	DoNotContact bool
}

// The compartments of a tip: DESIGN's table says who opens which.
const (
	CompartmentReport    = "report"
	CompartmentClean     = "clean"
	CompartmentIdentity  = "identity"
	CompartmentOriginals = "originals"
	CompartmentAnswers   = "answers"
	CompartmentFollowUps = "followups"
	CompartmentLedger    = "ledger"
	CompartmentNotes     = "notes" // a request's or a change's reason in words
)

// Directions of the context line.
const (
	Inward  = "in"
	Outward = "out"
)

// Part is one small sealed text of a tip.
type Part struct {
	Compartment, Name string
	Sealed            []byte
}

// Container is one sealed container: several age streams one after another. It
// stands in a file, or inline in its row when it is small.
type Container struct {
	Compartment string // clean or originals, and "." and the batch for files that were added later
	File        string // its file's name where it isn't the compartment's, which it took the place of
	Inline      []byte // nil: the file of this tip and compartment
	Streams     []Stream
}

// Stream is one age file inside a container.
type Stream struct {
	Name           string
	Offset, Length int64
}

// Acceptance is everything one transaction stores of a new tip.
type Acceptance struct {
	Tip        Tip
	Parts      []Part
	Containers []Container
	ReceiptTag []byte   // unique: a second one is a duplicate
	Reporter   string   // the receipt key's age recipient
	MessageTag []byte   // provider's message, unique while it lives; nil without one
	PartTags   [][]byte // further messages of a provider that this one was put together from
	Waited     []byte   // the group of waiting parts that the tip is made of and that goes with it; nil without one
	NonceTag   []byte   // what stood in for a signature over the message; unique, nil without one
	SenderTag  []byte   // same sender within 72 hours; nil without one
	Opens      bool     // where a tip of the sender is there that takes further texts up, nothing is stored: [ErrConflict]
	Fetches    []Fetch  // files that wait at a provider
	Flood      string   // the flood that a held tip came with; "" without one
	Event      *Event   // nil for a held tip
	Audit      *Audit   // for a keyed-in tip
}

// KnownBy are the tags of which one that is there already makes a a second delivery.
func (a *Acceptance) KnownBy() [][]byte {
	var out [][]byte
	for _, tag := range append([][]byte{a.MessageTag, a.NonceTag}, a.PartTags...) {
		if len(tag) > 0 {
			out = append(out, tag)
		}
	}
	return out
}

// Accepted says what became of an acceptance.
type Accepted struct {
	ID         string
	ReceivedOn Date
	State      State
	Duplicate  bool // the tip was there already; nothing new was stored
	// DoNotContact says that the sender asked not to be written to.
	DoNotContact bool
}

// Change is one line of a tip's history.
type Change struct {
	State State
	On    Date
}

// Message is one text between the desk and a reporter, as stored.
type Message struct {
	ID     string
	Tip    string
	From   string // "desk" or "reporter"
	On     Date
	Sealed []byte
	Files  int // that came with it, empty ones not counted

	KeyVersion int // of the desk's role key it is sealed to; 0 is the tip's
	// Desk is whose key that is, as long as the message isn't stored. A tip that went to
	// another desk meanwhile takes it no more. "" says that it doesn't matter.
	Desk string
}

// Who wrote a message.
const (
	FromDesk     = "desk"
	FromReporter = "reporter"
)

// Thread is what a receipt leads to.
type Thread struct {
	Tip      Tip
	Reporter string // recipient of the receipt key
	History  []Change
	Messages []Message
	Wishes   []Wish
	Identity bool // something about the reporter is kept
	// Dispatches are the tip's, oldest first, with no more than state and day.
	Dispatches []Dispatch
	OpenedOn   Date // when the receipt was last opened, "" for never
	// Waits is the last day on which the clock stands still for the reporter's answer, ""
	// when it runs or they have written.
	Waits Date
	// Additions is how often files were added to the tip.
	Additions int
}

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

// Custody is one request to open a tip's identity (身份信息开启).
type Custody struct {
	ID      string
	Tip     string
	Desk    string
	Asker   string
	AskedOn Date
	Reason  []byte // sealed to the desk and the custodians
	// KeyVersion is of the desk's role key the reason is sealed to; 0 is the tip's.
	KeyVersion int
	Inner      []byte // the identity with its outer layer removed, still sealed to the custodians
	State      CustodyState
	Decider    string
	DecidedOn  Date
	// Raw goes with a request about a message that couldn't be read: the head of its sealed
	// original (see [seal.Head]), and once approved the key of that one file, sealed to the
	// asker as View is. nil for every other request.
	Raw       []byte
	View      []byte    // re-sealed to the asker's member key
	ViewUntil time.Time // when View is deleted
	// ForDesk makes it a handover: the desk the tip went to, to whose custodians Desk's
	// custodians give what they hold of the reporter. "" is a request to see the identity.
	ForDesk string
}

// CustodyState is where a request stands.
type CustodyState string

// The states of a custody request.
const (
	CustodyAsked    CustodyState = "asked"
	CustodyApproved CustodyState = "approved"
	CustodyRefused  CustodyState = "refused"
	CustodyClosed   CustodyState = "closed" // the view ran out
	CustodyHanded   CustodyState = "handed" // the identity is with the custodians of the tip's own desk
)

// Member is a member of the desk, as stored.
type Member struct {
	Name       string
	Desk       string   // "" in rows that were there before desks were told apart: the first
	Roles      []string // handler, custodian, …
	Key        keyring.MemberKey
	MustChange bool // the passphrase was printed by somebody else
	Disabled   bool
	CreatedOn  Date
}

// Filter narrows the inbox. Empty fields don't.
type Filter struct {
	Desk     string
	State    State
	Category string
	Place    string // this code and everything below it
	Channel  Channel
	Source   string
	Lane     Lane
	Urgent   bool
	RealName bool
	Unread   bool
	Due      DueFilter
	Today    Date   // what Due counts from
	Unsent   Date   // [DueUnsent]: what was taken up on this day or before; "" is nothing
	Flood    string // the held tips of one flood
	Waiting  bool   // without what was judged to be spam
	Cursor   string // where the next page begins, opaque
	Limit    int
}

// Flood is a group of held tips that one origin or one sender sent.
type Flood struct {
	Group string
	Tips  int
}

// Page is one page of the inbox, newest day first.
type Page struct {
	Tips []Tip
	Next string // "" on the last page
	// Broken says that the page isn't full because so many tips were looked through for
	// it: Next looks further.
	Broken bool
}

// Standing is one tip for the reconciliation: where it must be found.
type Standing struct {
	Tip     string
	Desk    string
	Lane    Lane
	Waiting bool // an event by which it enters or leaves this ledger is still in the outbox
	Gone    bool // it went to another desk: this one's ledger lets go of it
}

// Counts are the kept numbers of a desk's tips.
type Counts struct {
	ByState map[State]int // normal lane only
	Unread  int           // normal lane only
	Held    int           // those that wait to be released or judged
	Spam    int           // the held ones that were judged: they stay in that lane
}

// Setup is what the first run writes, in one transaction.
type Setup struct {
	RoleKeys []keyring.RoleKey
	Grants   []keyring.Grant
	Members  []Member
	Audit    []Audit
}

// ChannelState is what is known of a channel that this office asks by itself, such
// as a mailbox that is polled.
type ChannelState struct {
	Channel  string    // its name in the configuration
	Provider string    // the protocol or provider
	WorkedAt time.Time // the hour in which it last worked; zero: never
	Cause    string    // a code for why it doesn't work now; "" when it does
	Since    time.Time // since when it doesn't, for that cause
	Failures int       // tries that failed one after another
	Left     int       // messages that were left where they are
}

// MailboxMark is one message of a polled mailbox that is done with and may still
// be there: keyed tags, which tell nothing without the key.
type MailboxMark struct {
	ID      []byte // of the server's number for it
	Content []byte // of its Message-ID and what it says; empty for one that was left alone
}
