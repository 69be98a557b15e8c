package casework

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"tipline/crypto/seal"
	"tipline/intake"
)

// KeyIn files what a handler took down: a call, a visit, a letter, a clue from
// elsewhere. The draft is dropped once the tip is durable; one that can't be is no
// failure, or the report would be keyed in again.
func (s *Service) KeyIn(ctx context.Context, by Actor, r *intake.Report) (intake.Filed, error) {
	if !by.Is(RoleHandler) {
		return intake.Filed{}, ErrForbidden
	}
	r.Desk = by.Desk
	filed, err := s.TakeDown(ctx, by.Name, r)
	if err != nil {
		return intake.Filed{}, err
	}
	_ = s.Store.DropDraft(ctx, by.Name)
	return filed, nil
}

// TakeDown is KeyIn for who sits at the machine that holds the data; the record names
// them as who. It goes through the same door as everything else. What comes from another
// source than the public needs no channel: no reporter brought it.
func (s *Service) TakeDown(ctx context.Context, who string, r *intake.Report) (intake.Filed, error) {
	if r.Channel == "" && r.Source != "" && r.Source != intake.SourcePublic {
		r.Channel = intake.Office
	}
	if !r.Channel.Keyed() {
		return intake.Filed{}, &intake.InvalidError{Problems: []intake.Problem{{Field: "channel", Code: "unknown"}}}
	}
	r.By = who
	return s.Submit(ctx, r)
}

// SaveDraft keeps what a handler is typing, sealed to that handler alone.
func (s *Service) SaveDraft(ctx context.Context, by Actor, fields map[string][]string) error {
	if !by.Is(RoleHandler) {
		return ErrForbidden
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	sealed, err := seal.Seal(draftContext(by.Name), text, by.Key.Recipient())
	if err != nil {
		return err
	}
	return s.Store.SaveDraft(ctx, by.Name, sealed)
}

// Draft is what the handler had been typing, or [intake.ErrNotFound]. One sealed
// to a key that the handler has replaced since opens no more, and is none.
func (s *Service) Draft(ctx context.Context, by Actor) (map[string][]string, error) {
	sealed, err := s.Store.Draft(ctx, by.Name)
	if err != nil {
		return nil, err
	}
	text, err := seal.OpenBytes(sealed, draftContext(by.Name), by.Key)
	if errors.Is(err, seal.ErrKey) {
		return nil, intake.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("draft: %w", err)
	}
	var fields map[string][]string
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fmt.Errorf("draft: %w", err)
	}
	return fields, nil
}

// draftContext takes a hash of the member's name, which may be in any script.
func draftContext(member string) seal.Context {
	sum := sha256.Sum256([]byte(member))
	return seal.Context{Tip: "draft", Compartment: intake.CompartmentNotes, Part: hex.EncodeToString(sum[:16]), Direction: intake.Inward}
}
