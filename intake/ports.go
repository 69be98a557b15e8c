package intake

import (
	"context"
	"io"
	"time"

	"filippo.io/age"
)

// Store keeps tips. Accept returns only after a durable commit; its errors wrap
// [ErrNotDurable], and [ErrInDoubt] where the tip may be kept all the same. The same
// acceptance given again is then found.
type Store interface {
	Accept(ctx context.Context, a *Acceptance) (Accepted, error)
	// Thread finds a tip by its receipt's tag, or returns [ErrUnknownReceipt].
	Thread(ctx context.Context, receiptTag []byte) (Thread, error)
	// Opened notes the day a receipt is opened.
	Opened(ctx context.Context, receiptTag []byte, on Date) error
	// AddFollowUp adds what the reporter wrote, with its files, and marks the tip
	// unread. A message that is there already is a duplicate: nothing was stored.
	AddFollowUp(ctx context.Context, f FollowUp) (duplicate bool, err error)
	// Wish notes what the reporter decided and marks the tip unread. The same wish
	// again changes nothing.
	Wish(ctx context.Context, w Wish) error
}

// Blobs makes the sealed containers of a tip.
type Blobs interface {
	Create(tip, compartment string) (BlobWriter, error)
}

// BlobWriter takes a container's bytes in order. Either Commit or Abort ends it;
// Abort after Commit removes what was committed.
type BlobWriter interface {
	io.Writer
	Offset() int64
	// Truncate forgets everything from offset on.
	Truncate(offset int64) error
	// Commit makes the bytes durable. A small container is handed back to be
	// kept in its row; a large one stands in its file then, and inline is nil.
	Commit() (inline []byte, err error)
	Abort() error
}

// Blob is one container that stands in its file, open for reading.
type Blob interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// Verdict is what the limits say of one submission.
type Verdict struct {
	Hold  bool // over a soft limit: take it, in the held lane
	Crowd bool // held for the number of everybody's reports alone
	// Flood tells apart what is held for the number of one origin's or one sender's
	// reports: four hex digits that mean nothing tomorrow. "" otherwise.
	Flood      string
	RetryAfter time.Duration // over a hard limit: refuse it, 0 otherwise
}

// Subject is whom limits count: each field under a keyed tag, "" isn't counted.
type Subject struct{ Origin, Sender, Gateway string }

// Limiter counts submissions. It never fails: when its backend is away it counts
// on its own.
type Limiter interface {
	Allow(ctx context.Context, s Subject) Verdict
}

// Vocabulary knows the office's codes.
type Vocabulary interface {
	Category(code string) bool
	Conduct(code string) bool
	Source(code string) bool
	Place(code string) bool
}

// Router picks the desk a report belongs to. ok is false when it concerns the desk
// it came to and no other one could take it.
type Router interface {
	Route(r *Report) (desk string, ok bool)
}

// DeskKeys are the recipients a desk's tips are sealed to.
type DeskKeys struct {
	Desk, Custodian, Ledger *age.HybridRecipient
	Version                 int // of the desk's role key
}

// Keys gives a desk's current recipients.
type Keys interface {
	DeskKeys(desk string) (DeskKeys, error)
}

// CleanCopy is what became of one file's clean copy.
type CleanCopy struct {
	Type   string // MIME type found from the bytes
	Clean  bool
	Reason string // code, when there is no clean copy
	Size   int64
	Width  int
	Height int
	// Removed are codes of what the copy no longer carries: place, time, device, person, notes.
	Removed []string
}

// Cleaner reads src to its end and writes a clean copy to what open returns, if
// it can make one. When Clean is false, what was written is to be thrown away.
type Cleaner func(src io.Reader, open func(contentType string) (io.Writer, error)) (CleanCopy, error)

// Deadlines are the dates that each desk promises.
type Deadlines interface {
	// Acceptance is the last day to tell whether a report is taken up: no day of a pause
	// counts, and while one goes on it is "".
	Acceptance(desk string, received Date, pauses ...Pause) Date
}
