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

// KnownBy are the tags of which one that is there already makes a second delivery.
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
