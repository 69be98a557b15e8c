package casework

import (
	"context"
	"errors"
	"strconv"

	"filippo.io/age"

	"tipline/crypto/seal"
	"tipline/intake"
)

// ledgerMember is who the audit chain names when the ledger moves a tip.
const ledgerMember = "ledger"

// outcomeTries is how often an outcome is tried again when a member changes the
// tip at the same moment.
const outcomeTries = 5

// Outcomes follows what the ledger says, in the order it came. It may come twice
// and in any order.
func (s *Service) Outcomes(ctx context.Context, events []intake.OutcomeEvent) error {
	for _, e := range events {
		if err := s.Outcome(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// Outcome follows one word of the ledger: the tip's state where it may move there,
// its date when it is put off, the note, and always an audit row. What the desk
// knows already, or something newer than, changes nothing; a tip that isn't ours
// neither.
func (s *Service) Outcome(ctx context.Context, e intake.OutcomeEvent) (err error) {
	for range outcomeTries {
		err = s.hear(ctx, e)
		if !errors.Is(err, intake.ErrConflict) {
			break
		}
	}
	if errors.Is(err, intake.ErrStale) || errors.Is(err, intake.ErrNotFound) {
		return nil
	}
	return err
}

func (s *Service) hear(ctx context.Context, e intake.OutcomeEvent) error {
	t, err := s.Store.Tip(ctx, e.Data.Tip)
	if err != nil {
		return err
	}
	if e.Data.Desk != "" && e.Data.Desk != t.Desk {
		return intake.ErrNotFound
	}
	keys, err := s.Keys.DeskKeys(t.Desk)
	if err != nil {
		return err
	}
	sequence, _ := strconv.Atoi(e.Sequence) // without one it is 0
	by := Actor{Name: ledgerMember, Desk: t.Desk}
	act := intake.Act{Audit: s.row(by, "outcome", t.ID, string(e.Data.State)),
		Outcome: &intake.OutcomeMark{Event: e.ID, Sequence: sequence, Number: e.Data.Number, DueOn: putOff(t, e.Data), Note: e.Data.Sealed, KeyVersion: keys.Version}}
	if act.Seen, err = s.seen(ctx, t); err != nil {
		return err
	}
	if to := e.Data.State.Tip(); ledgerMay(t.State, to) && t.Lane == intake.Normal {
		due := s.dueOn(t, to)
		if due != "" && act.Outcome.DueOn != "" {
			due = act.Outcome.DueOn
		}
		act.Audit = s.row(by, "state", t.ID, string(t.State)+">"+string(to))
		act.Move = &intake.Move{From: t.State, To: to, On: s.today(), DueOn: due}
	}
	return s.Store.Act(ctx, act)
}

// putOff is the tip's new date, "" when the ledger doesn't put the one that runs
// off.
func putOff(t intake.Tip, d intake.OutcomeData) intake.Date {
	if t.State.Due() != "conclusion" || d.DueOn <= t.DueOn {
		return ""
	}
	return d.DueOn
}

// ledgerMay says whether the ledger may move a tip from one state to another: on
// its own way (in the ledger, being checked, concluded), where it may leave states
// out that it never told of. What the desk hasn't accepted, or takes up anew, is
// the desk's alone.
func ledgerMay(from, to intake.State) bool {
	for _, next := range from.Next() {
		switch next {
		case intake.StateInLedger, intake.StateVerifying, intake.StateConcluded:
			if next == to || ledgerMay(next, to) {
				return true
			}
		}
	}
	return false
}

// LedgerNote is the newest note of the ledger on a tip, "" without one or when it
// wasn't sealed to this desk.
func (s *Service) LedgerNote(ctx context.Context, by Actor, tip string) (string, error) {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return "", err
	}
	sealed, err := s.Store.Part(ctx, t.ID, intake.CompartmentNotes, intake.NoteOfLedger)
	if errors.Is(err, intake.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	text, err := seal.OpenBytes(sealed, ledgerNoteContext(t.ID), by.Ring.Identities(intake.DeskKey(t.Desk))...)
	if err != nil {
		return "", nil // it came from outside: a note that doesn't open keeps nobody from the tip
	}
	return string(text), nil
}

// SealLedgerNote seals a note of the ledger's to a tip's desk, which opens it by
// [Service.LedgerNote], and to the ledger itself.
func SealLedgerNote(tip, text string, desk, ledger *age.HybridRecipient) ([]byte, error) {
	return seal.Seal(ledgerNoteContext(tip), []byte(text), desk, ledger)
}

func ledgerNoteContext(tip string) seal.Context {
	return intake.PartContext(tip, intake.CompartmentNotes, intake.NoteOfLedger)
}
