package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"

	"tipline/crypto/seal"
	"tipline/intake"
)

// ReviewMode is when a refusal meets its second reviewer.
type ReviewMode string

// The modes. The zero value shows refusals to nobody.
const (
	ReviewBefore ReviewMode = "before" // a refusal takes effect when another member confirmed it
	ReviewAfter  ReviewMode = "after"  // it takes effect at once, and another member looks
	ReviewSample ReviewMode = "sample" // as after, for one refusal in so many
)

// Refusals is the office's rule for a second reviewer of refusals: declined and
// spam, in the normal lane.
type Refusals struct {
	Mode ReviewMode
	// OneIn is how many refusals a sample takes one of, on average. It is drawn by lot:
	// whoever could foresee it would know what nobody looks at.
	OneIn int
}

// shows says whether this refusal is shown to a reviewer after it took effect.
func (r Refusals) shows() bool {
	switch r.Mode {
	case ReviewAfter:
		return true
	case ReviewSample:
		return rand.IntN(max(1, r.OneIn)) == 0 // ChaCha8, seeded by the system
	default:
		return false
	}
}

// refusal says whether moving t to a state is one. A held tip's isn't: the ledger
// doesn't know it, and nothing of it was taken up.
func refusal(t intake.Tip, to intake.State) bool {
	return t.Lane == intake.Normal && (to == intake.StateDeclined || to == intake.StateSpam)
}

// proposed is what takes effect with a refusal, as it stands sealed.
type proposed struct {
	Note   string `json:"note,omitempty"`
	Letter string `json:"letter,omitempty"`
}

// ask is the question to a second reviewer.
func (s *Service) ask(by Actor, t intake.Tip, d Triage, kind intake.ReviewKind) (*intake.Review, error) {
	keys, err := s.Keys.DeskKeys(t.Desk)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(proposed{Note: strings.TrimSpace(d.Note), Letter: strings.TrimSpace(d.Letter)})
	if err != nil {
		return nil, err
	}
	r := &intake.Review{ID: intake.NewID(), Tip: t.ID, Desk: t.Desk, Kind: kind, Asker: by.Name, AskedOn: s.today(), To: d.To, Reason: d.Reason, KeyVersion: keys.Version}
	r.Sealed, err = seal.Seal(reviewContext(t.ID, r.ID), text, keys.Desk)
	return r, err
}

// propose leaves a refusal to another member. The tip is under review meanwhile, and
// its clock runs on.
func (s *Service) propose(ctx context.Context, by Actor, t intake.Tip, d Triage) error {
	if _, err := s.Store.Review(ctx, t.ID); !errors.Is(err, intake.ErrNotFound) {
		if err == nil {
			err = ErrWaits
		}
		return err
	}
	act := intake.Act{Audit: s.row(by, "review.ask", t.ID, decision(t.State, d))}
	var err error
	if t.State != intake.StateReviewing {
		if act, err = s.moving(ctx, by, act.Audit, t, Triage{To: intake.StateReviewing}); err != nil {
			return err
		}
		act.Audit.Detail = decision(t.State, d)
	} else if act.Seen, err = s.seen(ctx, t); err != nil {
		return err
	}
	if act.Review, err = s.ask(by, t, d, intake.ReviewBefore); err != nil {
		return err
	}
	return s.Store.Act(ctx, act)
}

// Refusal is a refusal that waits for a second reviewer, opened.
type Refusal struct {
	intake.Review
	Row          intake.Tip
	Note, Letter string
}

// String keeps a refusal's words out of logs and error texts.
func (Refusal) String() string { return "[refusal]" }

// LogValue keeps a refusal's words out of structured logs.
func (Refusal) LogValue() slog.Value { return slog.StringValue("[refusal]") }

// maxRefusals is how many refusals one screen shows.
const maxRefusals = 100

// ToReview are the refusals of the desk that wait, the oldest first, at most a
// hundred: the reviewer's own among them, which somebody else decides.
func (s *Service) ToReview(ctx context.Context, by Actor) ([]Refusal, error) {
	if !by.Is(RoleHandler) {
		return nil, ErrForbidden
	}
	rows, err := s.Store.Reviews(ctx, by.Desk, maxRefusals)
	if err != nil {
		return nil, err
	}
	out := make([]Refusal, len(rows))
	for i, r := range rows {
		if out[i], err = s.opened(ctx, by, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) opened(ctx context.Context, by Actor, r intake.Review) (Refusal, error) {
	t, err := s.Store.Tip(ctx, r.Tip)
	if err != nil {
		return Refusal{}, err
	}
	text, err := seal.OpenBytes(r.Sealed, reviewContext(r.Tip, r.ID), by.Ring.Identities(intake.DeskKey(r.Desk))...)
	if err != nil {
		return Refusal{}, fmt.Errorf("review of tip %s: %w", r.Tip, err)
	}
	var p proposed
	if err := json.Unmarshal(text, &p); err != nil {
		return Refusal{}, fmt.Errorf("review of tip %s is not readable", r.Tip)
	}
	return Refusal{Review: r, Row: t, Note: p.Note, Letter: p.Letter}, nil
}

// Confirm agrees with another member's refusal: one that waited takes effect now,
// with its letter; one that has is looked at.
func (s *Service) Confirm(ctx context.Context, by Actor, tip string) error {
	r, err := s.decidableReview(ctx, by, tip)
	if err != nil {
		return err
	}
	row := s.row(by, "review.confirm", tip, decision(r.Row.State, Triage{To: r.To, Reason: r.Reason}))
	if r.Kind == intake.ReviewAfter {
		row.Detail = strings.TrimSpace(string(r.To) + " " + r.Reason)
		return s.Store.Act(ctx, intake.Act{Audit: row, Reviewed: r.ID})
	}
	act, err := s.moving(ctx, by, row, r.Row, Triage{To: r.To, Reason: r.Reason, Note: r.Note, Letter: r.Letter})
	if err != nil {
		return err
	}
	act.Reviewed = r.ID
	return s.Store.Act(ctx, act)
}

// Return doesn't agree: the tip is under review again, with the reason as one of
// the desk's own notes.
func (s *Service) Return(ctx context.Context, by Actor, tip, why string) error {
	r, err := s.decidableReview(ctx, by, tip)
	if err != nil {
		return err
	}
	if strings.TrimSpace(why) == "" {
		return ErrReason
	}
	if err := checkWords(why); err != nil {
		return err
	}
	row := s.row(by, "review.return", tip, "")
	act := intake.Act{Audit: row}
	if r.Kind == intake.ReviewAfter {
		if act, err = s.moving(ctx, by, row, r.Row, Triage{To: intake.StateReviewing}); err != nil {
			return err
		}
	}
	act.Audit.Detail = decision(r.To, Triage{To: intake.StateReviewing, Reason: r.Reason})
	act.Reviewed = r.ID
	if act.Note, err = s.inside(by, r.Row, why); err != nil {
		return err
	}
	return s.Store.Act(ctx, act)
}

// decidableReview is what waits about a tip, if by may decide it.
func (s *Service) decidableReview(ctx context.Context, by Actor, tip string) (Refusal, error) {
	if !by.Is(RoleHandler) {
		return Refusal{}, ErrForbidden
	}
	r, err := s.Store.Review(ctx, tip)
	switch {
	case errors.Is(err, intake.ErrNotFound), err == nil && r.Desk != by.Desk:
		return Refusal{}, fmt.Errorf("no refusal of tip %s waits here any more: %w", tip, intake.ErrConflict)
	case err != nil:
		return Refusal{}, err
	case r.Asker == by.Name:
		return Refusal{}, ErrOwnRefusal
	}
	return s.opened(ctx, by, r)
}

func reviewContext(tip, id string) seal.Context {
	return seal.Context{Tip: tip, Compartment: intake.CompartmentNotes, Part: "review." + id, Direction: intake.Inward}
}
