package casework

import (
	"context"

	"tipline/intake"
)

// Store is what casework reads and writes. Act writes everything of one act in
// one transaction: the state, the event, the message and the audit row.
type Store interface {
	Tip(ctx context.Context, id string) (intake.Tip, error) // intake.ErrNotFound
	List(ctx context.Context, f intake.Filter) (intake.Page, error)
	Counts(ctx context.Context, desk string) (Counts, error)
	History(ctx context.Context, tip string) ([]intake.Change, error)
	Messages(ctx context.Context, tip string) ([]intake.Message, error)
	Reporter(ctx context.Context, tip string) (recipient string, err error)
	Part(ctx context.Context, tip, compartment, name string) ([]byte, error)
	Containers(ctx context.Context, tip string) ([]intake.Container, error)
	Act(ctx context.Context, a intake.Act) error // intake.ErrConflict

	Member(ctx context.Context, name string) (intake.Member, error)

	triageStore
	viewStore
	clockStore
	lookStore
	retentionStore
	sendStore
	transferStore
	inletStore

	Custody(ctx context.Context, id string) (intake.Custody, error)
	// Custodies are a desk's requests to see an identity in the order they were made: about one
	// tip, or any (""), in one of the states, or any (none given).
	Custodies(ctx context.Context, desk, tip string, states ...intake.CustodyState) ([]intake.Custody, error)
	// Waiting is how many requests and handovers, and answers to be sent, wait for a desk's custodians.
	Waiting(ctx context.Context, desk string) (requests, answers int, err error)

	SaveDraft(ctx context.Context, member string, sealed []byte) error // replaces the member's draft
	Draft(ctx context.Context, member string) ([]byte, error)          // intake.ErrNotFound
	DropDraft(ctx context.Context, member string) error
}

// triageStore is what merging, reviewing and the desk's own notes need.
type triageStore interface {
	MergeOf(ctx context.Context, tip string) (intake.Merge, error) // intake.ErrNotFound
	MergedInto(ctx context.Context, tip string, limit int) ([]intake.Tip, error)
	Named(ctx context.Context, desk, prefix string, limit int) ([]intake.Tip, error)
	Nearby(ctx context.Context, t intake.Tip, days, limit int) ([]intake.Tip, error)
	SameSender(ctx context.Context, t intake.Tip, today intake.Date, limit int) ([]intake.Tip, error)

	Reviews(ctx context.Context, desk string, limit int) ([]intake.Review, error)
	Review(ctx context.Context, tip string) (intake.Review, error) // intake.ErrNotFound
	Awaiting(ctx context.Context, tips []intake.Tip) (map[string]intake.ReviewKind, error)
	InsideNotes(ctx context.Context, tip string) ([]intake.Part, error)
}

// clockStore is what pauses and extensions need.
type clockStore interface {
	Pauses(ctx context.Context, tip string) ([]intake.Pause, error) // the oldest first
	// ToGoOn are pauses that go on no longer on today: the reporter wrote, or the wait is over.
	ToGoOn(ctx context.Context, today intake.Date, limit int) ([]intake.Pause, error)
	Extension(ctx context.Context, id string) (intake.Extension, error) // intake.ErrNotFound
	// Extensions are a desk's in the order they were asked for: of one tip, or any
	// (""), in one state, or any ("").
	Extensions(ctx context.Context, desk, tip string, state intake.ExtensionState, limit int) ([]intake.Extension, error)
	// Running are tips whose date runs in a lane, from a day on, behind a place.
	Running(ctx context.Context, desk string, lane intake.Lane, from intake.Date, after string, limit int) ([]intake.Tip, error)
	// LastDue is the last of a desk's dates that run, "" without one.
	LastDue(ctx context.Context, desk string) (intake.Date, error)
}

// lookStore is what looking back needs.
type lookStore interface {
	Look(ctx context.Context, id string) (intake.Look, error) // intake.ErrNotFound
	Looks(ctx context.Context, desk string, over bool, limit int) ([]intake.Look, error)
	LooksOf(ctx context.Context, tip string) ([]intake.Look, error)
	LooksToAsk(ctx context.Context, today intake.Date, limit int) ([]intake.Look, error)
	Watched(ctx context.Context, tips []intake.Tip) (map[string]bool, error)
	OfParcel(ctx context.Context, desk string, tag []byte, limit int) ([]intake.Numbered, error)
	OfNumber(ctx context.Context, desk, number string, limit int) ([]intake.Numbered, error)
}

// retentionStore is what keeping and destroying need.
type retentionStore interface {
	HeldUnder(ctx context.Context, desk string, version int) (map[string]int, error) // rows by table
	CountSealedTo(ctx context.Context, desk string, version int) (tips int, err error)
	SealedTo(ctx context.Context, desk string, version int, after string, limit int) (tips []string, err error)
	SealedUnder(ctx context.Context, tip, desk string, version int) (intake.Resealed, error)
	EpochAsker(ctx context.Context, role string, version int) (member string, err error) // intake.ErrNotFound
	AskEpoch(ctx context.Context, role string, version int, on intake.Date, a intake.Audit) error
	DestroyEpoch(ctx context.Context, desk string, version int, on intake.Date, a intake.Audit) (copies int, err error)
	Holds(ctx context.Context, tip string) ([]intake.Hold, error)
	HeldBack(ctx context.Context, desk string, limit int) ([]intake.Hold, error)
	Destruction(ctx context.Context, id string) (intake.Destruction, error) // by its id or its tip's; intake.ErrNotFound
	Destructions(ctx context.Context, desk string, limit int, states ...intake.DestructionState) ([]intake.Destruction, error)
	OldSpam(ctx context.Context, desk string, by intake.Date, member string, limit int) ([]intake.Destruction, error)
	AskBatch(ctx context.Context, all []intake.Destruction, a intake.Audit) error
	Batch(ctx context.Context, batch string) ([]intake.Destruction, error)
	DecideBatch(ctx context.Context, decided intake.Destruction, a intake.Audit) error
	AuditPage(ctx context.Context, f intake.AuditFilter) ([]intake.Audit, error) // newest first
	EventsWait(ctx context.Context, tip string) (bool, error)
	DestroyKeyAgain(ctx context.Context, k intake.GoneKey, a intake.Audit) error
	Overage(ctx context.Context, desk string, state intake.State, by intake.Date, limit int) ([]intake.Tip, error)
}

// Deadlines are the dates that each desk promises, and how they may move.
type Deadlines interface {
	intake.Deadlines
	// Conclusion is the last day to conclude what was taken up, "" without a promise.
	Conclusion(desk string, received, accepted intake.Date) intake.Date
	// Feedback is the last day to say what came of what was concluded, "" without a promise.
	Feedback(desk string, concluded intake.Date) intake.Date
	// Waits is the last day on which the clock stands still for a question asked on
	// that day, "" when it runs on.
	Waits(desk string, asked intake.Date) intake.Date
	// Unsent is the last day such that what was taken up on it should be with who deals
	// with it before today, "" without such a promise.
	Unsent(desk string, today intake.Date) intake.Date
	// Extending is the rule for putting the conclusion off.
	Extending(desk string, received, accepted intake.Date) intake.Extending
	// Sure says whether the notice of holidays for day's year is known; without it a date may
	// move yet.
	Sure(day intake.Date) bool
}

// sendStore is what answers on their way out and reporters' wishes need.
type sendStore interface {
	Dispatch(ctx context.Context, id string) (intake.Dispatch, error) // intake.ErrNotFound
	// Dispatches are a desk's in the order they were written: of one tip, or any
	// (""), in one of the states, or any (none given), at most limit.
	Dispatches(ctx context.Context, desk, tip string, limit int, states ...intake.DispatchState) ([]intake.Dispatch, error)
	Wishes(ctx context.Context, tip string) ([]intake.Wish, error)
	OpenWishes(ctx context.Context, limit int) ([]intake.Wish, error)
}

// transferStore is what moving a tip to another desk needs.
type transferStore interface {
	AllParts(ctx context.Context, tip string) ([]intake.StoredPart, error)
	// Handovers are the open ones that a desk's custodians are asked for, or those of a
	// tip, whosever they are.
	Handovers(ctx context.Context, desk, tip string) ([]intake.Custody, error)
	Transfers(ctx context.Context, tip string) ([]intake.Transferred, error) // oldest first
}

// Courier carries answers to phones and mailboxes.
type Courier interface {
	// Carries says whether anything is set up that carries an answer there.
	Carries(by intake.Channel) bool
	// Carry hands an answer over. Its errors are [*intake.SendError].
	Carry(ctx context.Context, by intake.Channel, to string, m intake.Outgoing) error
}

// viewStore keeps what the inbox counts and what members saved of it.
type viewStore interface {
	Floods(ctx context.Context, desk string) ([]intake.Flood, error)
	Overdue(ctx context.Context, desk string, today intake.Date, bound int) (int, error)
	DueCounts(ctx context.Context, desk string, today, unsentBy intake.Date, bound int) (map[intake.DueFilter]int, error)
	SaveView(ctx context.Context, member string, v intake.SavedView) error // intake.ErrConflict: too many
	Views(ctx context.Context, member string) ([]intake.SavedView, error)
	DropView(ctx context.Context, member, id string) error
}

// Counts are a desk's kept counts; they are never counted by scanning.
type Counts = intake.Counts

// Blobs makes, opens and removes the containers that stand in files.
type Blobs interface {
	intake.Blobs
	Open(tip, compartment string) (Blob, error)
	Remove(tip, compartment string) error // none is no error
}

// Blob is one open container.
type Blob = intake.Blob
