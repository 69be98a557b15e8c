package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"tipline/crypto/seal"
	"tipline/intake"
)

// InsideNote is one of the desk's own notes on a tip. Who wrote it and when is
// sealed with it. A reporter never sees one.
type InsideNote struct {
	By   string      `json:"by"`
	On   intake.Date `json:"on"`
	Text string      `json:"text"`
}

// String keeps a note out of logs and error texts.
func (InsideNote) String() string { return "[note]" }

// LogValue keeps a note out of structured logs.
func (InsideNote) LogValue() slog.Value { return slog.StringValue("[note]") }

// Note adds one of the desk's own notes to a tip.
func (s *Service) Note(ctx context.Context, by Actor, tip, text string) error {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return err
	}
	if err := checkWords(text); err != nil {
		return err
	}
	note, err := s.inside(by, t, text)
	if err != nil {
		return err
	}
	return s.Store.Act(ctx, intake.Act{Audit: s.row(by, "note", tip, ""), Note: note})
}

// inside seals a note to the desk.
func (s *Service) inside(by Actor, t intake.Tip, text string) (*intake.InsideNote, error) {
	keys, err := s.Keys.DeskKeys(t.Desk)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(InsideNote{By: by.Name, On: s.today(), Text: string(clean(text))})
	if err != nil {
		return nil, err
	}
	name := intake.NoteInside + intake.NewID()
	sealed, err := seal.Seal(intake.PartContext(t.ID, intake.CompartmentNotes, name), plain, keys.Desk)
	return &intake.InsideNote{Part: intake.Part{Compartment: intake.CompartmentNotes, Name: name, Sealed: sealed}, KeyVersion: keys.Version}, err
}

// insides are the desk's own notes on a tip, oldest first.
func (s *Service) insides(ctx context.Context, by Actor, t intake.Tip) ([]InsideNote, error) {
	stored, err := s.Store.InsideNotes(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	var out []InsideNote
	for _, p := range stored {
		text, err := seal.OpenBytes(p.Sealed, intake.PartContext(t.ID, p.Compartment, p.Name), by.Ring.Identities(intake.DeskKey(t.Desk))...)
		if err != nil {
			return nil, fmt.Errorf("note of tip %s: %w", t.ID, err)
		}
		var n InsideNote
		if err := json.Unmarshal(text, &n); err != nil {
			return nil, fmt.Errorf("note of tip %s is not readable", t.ID)
		}
		out = append(out, n)
	}
	return out, nil
}
