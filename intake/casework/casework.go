// Package casework is what members do with a tip: read, triage, answer, ask for
// an identity and open it, key in. The desk's pages and the command line both
// call it, so that no rule of the office lives in a handler.
//
// Every look and every act is an audit row, written in the same transaction as
// what it tells of.
package casework

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"filippo.io/age"

	"tipline/crypto/keyring"
	"tipline/intake"
)

// Roles a member may hold. Nobody holds handler and custodian at once.
const (
	RoleHandler   = "handler"   // 受理员
	RoleCustodian = "custodian" // 身份信息保管员
)

// The ways an act is refused.
var (
	ErrForbidden  = errors.New("this member's role may not do this")
	ErrTransition = errors.New("a report can't move there from its present state")
	ErrHeld       = errors.New("this report is held: release it first, or mark it as spam")
	ErrReason     = errors.New("a reason is needed")
	ErrOwnRequest = errors.New("nobody decides their own request: another custodian must")
	ErrNoIdentity = errors.New("this report holds no identity")
	ErrOwnRefusal = errors.New("nobody confirms their own refusal: another member must")
	ErrWaits      = errors.New("a refusal of this report waits for a second reviewer already")
	ErrMerge      = errors.New("these reports can't be put together")
	ErrEcho       = errors.New("the answer repeats what was reported")
	ErrNoContact  = errors.New("the reporter doesn't want to be contacted")
	ErrNobody     = errors.New("nobody reported this: there is no reporter to write to or to ask")
	ErrOthers     = errors.New("other reports are merged into this one: take them out first")
	ErrUnsent     = errors.New("an answer to this report's reporter waits to be sent: a custodian sends it or gives it back first")
	ErrKept       = errors.New("the identity is still with the custodians of the desk that this report came from: they hand it over first")
	ErrOwnAnswer  = errors.New("nobody sends their own answer: a custodian must")
	ErrNoView     = errors.New("there is no open view: ask for the identity first, and a custodian must approve")
)

// Actor is a member at work: who, and what their session has unlocked.
type Actor struct {
	Name  string
	Roles []string
	Desk  string
	Ring  *keyring.Ring
	Key   *age.HybridIdentity // the member's own
}

// Is says whether the actor holds role.
func (a Actor) Is(role string) bool { return slices.Contains(a.Roles, role) }

// String is the member's name and nothing unlocked: an age identity prints its
// secret.
func (a Actor) String() string { return a.Name }

// LogValue shows the member's name and nothing unlocked.
func (a Actor) LogValue() slog.Value { return slog.StringValue(a.Name) }

// Deps are what casework works with.
type Deps struct {
	Store     Store
	Blobs     Blobs
	Keys      intake.Keys
	Desks     intake.Desks
	Events    intake.Events
	Deadlines Deadlines
	// Before are the deadlines as they were before what is known now of the holidays of day's
	// year, none when nothing is; nil: no date is reckoned anew.
	Before func(day intake.Date) []Deadlines
	Codes  Codes
	Submit func(ctx context.Context, r *intake.Report) (intake.Filed, error)
	// Parse reads a raw message anew as its channel's adapter would now; none at all is one
	// that can't be read. AddReread adds what was read to its tip (see
	// [intake.Service.Reread]).
	Parse     func(channel intake.Channel, gateway string, raw io.Reader) ([]*intake.Report, error)
	AddReread func(ctx context.Context, tip intake.Tip, r *intake.Report, known intake.Identity, by intake.Audit) error
	Refusals  Refusals
	// Parcel is the keyed tag of a parcel's number in its plainest writing; nil: parcels
	// aren't compared.
	Parcel    func(number string) []byte
	Retention Retention
	// Forget takes a tip's words out of the working ledger; nil where it keeps none.
	Forget  func(ctx context.Context, tip string) error
	Courier Courier // nil: answers wait under the receipt alone
	Inlets  []intake.Inlet
	Loc     *time.Location
	Now     func() time.Time
}

// Service does casework.
type Service struct {
	Deps
	known *known
}

// New is casework over d.
func New(d Deps) *Service { return &Service{d, newKnown()} }

func (s *Service) today() intake.Date { return intake.DateOf(s.Now(), s.Loc) }

func (s *Service) row(by Actor, act, tip, detail string) intake.Audit {
	return intake.Audit{At: s.Now().UTC().Truncate(time.Second), Member: by.Name, Act: act, Desk: by.Desk, Tip: tip, Detail: detail}
}

// dayOf is the day that a row of the record tells. A certificate that is held against it takes its day from there:
// midnight may lie between two looks at the clock.
func (s *Service) dayOf(a intake.Audit) intake.Date { return intake.DateOf(a.At, s.Loc) }

// handler checks that by may work on tip and loads its row.
func (s *Service) handler(ctx context.Context, by Actor, tip string) (intake.Tip, error) {
	if !by.Is(RoleHandler) {
		return intake.Tip{}, ErrForbidden
	}
	t, err := s.Store.Tip(ctx, tip)
	if err != nil {
		return intake.Tip{}, err
	}
	if t.Desk != by.Desk {
		return intake.Tip{}, fmt.Errorf("tip %s: %w", tip, intake.ErrNotFound) // another desk's existence is hidden
	}
	if t.DestroyedOn != "" {
		return intake.Tip{}, ErrDestroyed
	}
	return t, nil
}

// Counts are the kept numbers of the actor's desk.
func (s *Service) Counts(ctx context.Context, by Actor) (Counts, error) {
	return s.Store.Counts(ctx, by.Desk)
}
