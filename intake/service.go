package intake

import (
	"context"
	"log/slog"
	"time"

	"github.com/go-playground/validator/v10"

	"tipline/crypto/pseudonym"
	"tipline/crypto/receipt"
	"tipline/crypto/waiting"
)

// Deps are what the service works with. All of them are needed, save where it says
// what nil does.
type Deps struct {
	Store      Store
	Blobs      Blobs
	Limits     Limiter
	Vocabulary Vocabulary
	Router     Router
	Keys       Keys
	Clean      Cleaner
	Deadlines  Deadlines
	Pepper     receipt.Pepper
	Tags       pseudonym.Key
	Texts      Texts       // nil: every text is a tip of its own
	Waiting    waiting.Key // for Texts and Fetches
	Fetches    Fetches     // nil: files that wait at a provider are named and not fetched
	Events     Events
	Loc        *time.Location
	Now        func() time.Time
	MaxFiles   int
	MaxBytes   int64 // of one file, before sealing
}

// Service is the door: every report of every channel goes through Submit.
type Service struct {
	Deps
	rules *validator.Validate
	turns turns // of senders whose texts are one tip
}

// NewService is the door over d.
func NewService(d Deps) *Service { return &Service{Deps: d, rules: newRules()} }

// Filed is what a sender is told once the tip is durable.
type Filed struct {
	ID         string
	Desk       string          // "" for a duplicate
	Receipt    receipt.Receipt // zero for a gateway's redelivery
	ReceivedOn Date
	State      State
	Held       bool
	Duplicate  bool  // the same report had been filed before
	Joined     bool  // it was added to the tip of its sender's first text
	Waiting    bool  // it is a part of a text that isn't complete; there is no tip yet
	Asked      Asked // it was no report but a word that asks for something
	// DoNotContact says that nothing may be sent to whoever wrote it.
	DoNotContact bool
	Crowd        bool // there are so many reports that who doesn't wait is held
	Files        []SealedFile
}

// Asked is what a text of one word asked for.
type Asked string

// What can be asked for. Both are about the sender's tip within 72 hours.
const (
	AskedState Asked = "state" // where it stands; the zero State is no tip
	AskedStop  Asked = "stop"  // never to be written to again
)

// New says whether there is a tip now that wasn't there before.
func (f Filed) New() bool { return !f.Duplicate && !f.Joined && !f.Waiting && f.Asked == "" }

// String says that there is a tip, not which.
func (Filed) String() string { return "[filed]" }

// LogValue shows that there is a tip, not which, nor its receipt.
func (Filed) LogValue() slog.Value { return slog.StringValue("[filed]") }

// Submit takes one report: it validates, limits, routes, seals while the files
// stream by, and stores everything in one transaction. It returns only when the
// tip is durable or nothing of it was kept.
//
// Errors wrap [ErrInvalid], [ErrLimited], [ErrTooLarge], [ErrTooManyFiles],
// [ErrRead] or [ErrNotDurable].
func (s *Service) Submit(ctx context.Context, r *Report) (Filed, error) {
	if err := s.check(r); err != nil {
		return Filed{}, err
	}
	if r.Converse {
		done, err := s.turns.take(ctx, r.Sender)
		if err != nil {
			return Filed{}, notDurable(err)
		}
		defer done()
	}
	if filed, done, err := s.text(ctx, r); done || err != nil {
		return filed, err
	}
	verdict := s.limit(ctx, r)
	if verdict.RetryAfter > 0 {
		return Filed{}, &LimitedError{RetryAfter: verdict.RetryAfter}
	}
	d, err := s.open(r)
	if err != nil {
		return Filed{}, err
	}
	defer d.close()
	if err := d.takeFiles(r); err != nil {
		return Filed{}, err
	}
	code, err := s.receiptFor(r, d)
	if err != nil {
		return Filed{}, err
	}
	a, err := d.acceptance(r, code, r.Hold || verdict.Hold && !(verdict.Crowd && r.Worked))
	if err != nil {
		return Filed{}, notDurable(err)
	}
	if a.Tip.Lane == Held {
		a.Flood = verdict.Flood
	}
	accepted, joined, err := s.accept(ctx, r, a)
	d.stored(joined != nil || accepted.Duplicate, err)
	if err != nil {
		return Filed{}, notDurable(err)
	}
	if joined != nil {
		return *joined, nil
	}
	f := s.filed(r, code, a, accepted)
	f.Crowd, f.Files = verdict.Crowd, d.files
	return f, nil
}

// Check is what Submit would say to a report's fields; nothing is kept. Its error
// wraps [ErrInvalid].
func (s *Service) Check(r *Report) error { return s.check(r) }

func (s *Service) limit(ctx context.Context, r *Report) Verdict {
	if r.By != "" {
		return Verdict{} // a member at the desk is no flood
	}
	return s.Limits.Allow(ctx, Subject{Origin: r.Origin, Sender: r.Sender, Gateway: r.Gateway})
}

// receiptFor is random, or follows from the form's token and the content, so
// that the same submission sent twice finds its own receipt again.
func (s *Service) receiptFor(r *Report, d *draft) (receipt.Receipt, error) {
	if r.Token == "" {
		return receipt.New(), nil
	}
	code, err := s.Pepper.Derive(r.Token, d.content())
	if err != nil {
		return receipt.Receipt{}, &InvalidError{[]Problem{{Field: "token", Code: "token"}}}
	}
	return code, nil
}

func (s *Service) filed(r *Report, code receipt.Receipt, a *Acceptance, got Accepted) Filed {
	f := Filed{ID: got.ID, Receipt: code, ReceivedOn: got.ReceivedOn, State: got.State,
		Held: a.Tip.Lane == Held, Duplicate: got.Duplicate, DoNotContact: got.DoNotContact}
	if !got.Duplicate {
		f.Desk = a.Tip.Desk
	}
	if got.Duplicate && r.Token == "" {
		f.Receipt = receipt.Receipt{} // the first delivery's can't be told again
	}
	return f
}

// open routes the report and begins its tip.
func (s *Service) open(r *Report) (*draft, error) {
	desk, ok := s.Router.Route(r)
	if !ok {
		return nil, &InvalidError{[]Problem{{Field: "concerns", Code: "nowhere"}}}
	}
	if r.Concerns {
		r.flag("concerns")
	}
	keys, err := s.Keys.DeskKeys(desk)
	if err != nil {
		return nil, notDurable(err)
	}
	return newDraft(s, desk, keys, r), nil
}
