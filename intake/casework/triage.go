package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tipline/crypto/seal"
	"tipline/intake"
)

// Triage is one decision about a tip.
type Triage struct {
	To         intake.State
	Reason     string // a code of the pack, for declined and spam
	Note       string // the reason in words, sealed
	Department string // for accepted and referred
	Summary    intake.Summary
	Letter     string // what the reporter is told with it, "" for nothing
	Sure       bool   // the letter goes even if it repeats the report
	// Watch looks after the reporter, who may be made to suffer for the report.
	Watch *Watch
}

// String keeps a decision's words out of logs and error texts.
func (Triage) String() string { return "[triage]" }

// LogValue keeps a decision's words out of structured logs.
func (Triage) LogValue() slog.Value { return slog.StringValue("[triage]") }

// SpamReasons are the codes that say why a tip is spam, so that it takes no words.
func SpamReasons() []string { return []string{"advertising", "meaningless", "test", "flood"} }

// Codes are the office's codes and rules, as decisions need them.
type Codes interface {
	Reason(code string) bool     // why a tip is not taken up
	Department(code string) bool // that deals with tips
	// Route is the department a tip belongs to by the office's rules, "" without one.
	Route(f intake.Facts) (department string)
}

// check refuses what isn't one of the office's codes where one stands in clear: in the
// event and in the audit chain, which nothing can be taken out of. A parcel's number goes
// on sheets that leave the office. What is sealed goes through the queue and into cells, so that it has its bounds.
func (s *Service) check(d Triage) error {
	var problems []intake.Problem
	if d.Reason != "" && !s.Codes.Reason(d.Reason) && !slices.Contains(SpamReasons(), d.Reason) {
		problems = append(problems, intake.Problem{Field: "reason", Code: "unknown"})
	}
	if d.Department != "" && !s.Codes.Department(d.Department) {
		problems = append(problems, intake.Problem{Field: "department", Code: "unknown"})
	}
	if code := intake.NumberProblem(d.Summary.Parcel); code != "" {
		problems = append(problems, intake.Problem{Field: "parcel", Code: code})
	}
	for _, f := range []struct {
		field, text string
		most        int // as of a report's own
	}{{"reason", d.Note, intake.MaxMessage}, {"summary", d.Summary.Summary, intake.MaxMessage}, {"subject", d.Summary.Subject, 1000}, {"address", d.Summary.Location, 500}, {"parcel", d.Summary.Parcel, 100}} {
		if utf8.RuneCountInString(f.text) > f.most {
			problems = append(problems, intake.Problem{Field: f.field, Code: "too_long", Param: strconv.Itoa(f.most)})
		}
	}
	if len(problems) > 0 {
		return &intake.InvalidError{Problems: problems}
	}
	return nil
}

// Department is who deals with a tip: whoever was named last, else whom the office's
// rules name.
func (s *Service) Department(t intake.Tip) string {
	if t.Department != "" {
		return t.Department
	}
	return s.Codes.Route(t.Facts)
}

// Move triages a tip: state, event, letter and audit row in one transaction. A
// refusal may wait for a second reviewer, or be shown to one; see [Refusals].
func (s *Service) Move(ctx context.Context, by Actor, tip string, d Triage) error {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return err
	}
	if err := s.may(t, d); err != nil {
		return err
	}
	if err := s.checkLetter(ctx, by, t, d); err != nil {
		return err
	}
	if refusal(t, d.To) && s.Refusals.Mode == ReviewBefore {
		return s.propose(ctx, by, t, d)
	}
	act, err := s.moving(ctx, by, s.row(by, "state", tip, ""), t, d)
	if err != nil {
		return err
	}
	if refusal(t, d.To) && s.Refusals.shows() {
		if act.Review, err = s.ask(by, t, d, intake.ReviewAfter); err != nil {
			return err
		}
	}
	return s.Store.Act(ctx, act)
}

// may refuses what can't be decided about a tip as it stands.
func (s *Service) may(t intake.Tip, d Triage) error {
	if !t.State.CanBecome(d.To) {
		return fmt.Errorf("%w: from %s to %s", ErrTransition, t.State, d.To)
	}
	if t.Lane == intake.Held && d.To != intake.StateReviewing && d.To != intake.StateSpam {
		return ErrHeld
	}
	if t.Channel == intake.Office && d.To == intake.StateNeedsInfo {
		return ErrNobody
	}
	returned := t.State == intake.StateReferred && d.To == intake.StateReviewing // 退回
	if (d.To.NeedsReason() || returned) && d.Reason == "" && strings.TrimSpace(d.Note) == "" {
		return ErrReason
	}
	return s.check(d)
}

// moving is the act that decides about a tip: whose row, with everything sealed.
func (s *Service) moving(ctx context.Context, by Actor, row intake.Audit, t intake.Tip, d Triage) (act intake.Act, err error) {
	seen, err := s.seen(ctx, t)
	if err != nil {
		return act, err
	}
	keys, err := s.Keys.DeskKeys(t.Desk)
	if err != nil {
		return act, err
	}
	row.Detail = decision(t.State, d)
	due, clock, err := s.clock(ctx, t, d.To)
	if err != nil {
		return act, err
	}
	act = intake.Act{Audit: row, Seen: seen, Clock: clock,
		Move: &intake.Move{From: t.State, To: d.To, On: s.today(), Department: d.Department, DueOn: due, KeyVersion: keys.Version}}
	if note := strings.TrimSpace(d.Note); note != "" {
		if act.Move.Note, err = seal.Seal(noteContext(t.ID, d.To), []byte(note), keys.Desk); err != nil {
			return act, err
		}
	}
	if strings.TrimSpace(d.Letter) != "" {
		if err = s.letter(ctx, by, t, d.Letter, d.To, keys, &act); err != nil {
			return act, err
		}
	}
	if d.To == intake.StateAccepted {
		if act.Parcel, err = s.parcelOf(ctx, by, t, d.Summary.Parcel); err != nil {
			return act, err
		}
	}
	if d.Watch != nil {
		if act.Look, err = s.watch(ctx, by, t, *d.Watch, keys); err != nil {
			return act, err
		}
	}
	act.Event, err = s.dispositionEvent(t, d, seen.Changes, act.Move.DueOn, keys)
	return act, err
}

// decision is what the audit chain says of a decision: the two states and the
// reason's code.
func decision(from intake.State, d Triage) string {
	return strings.TrimSpace(string(from) + ">" + string(d.To) + " " + d.Reason)
}

// seen is the tip as it is decided about. The changes are counted after its row
// was read: one in between fails by the state, or doesn't matter.
func (s *Service) seen(ctx context.Context, t intake.Tip) (*intake.Seen, error) {
	history, err := s.Store.History(ctx, t.ID)
	return &intake.Seen{State: t.State, Lane: t.Lane, Changes: len(history)}, err
}

// dispositionEvent tells the ledger. Of a held tip it knows nothing yet.
func (s *Service) dispositionEvent(t intake.Tip, d Triage, change int, due intake.Date, keys intake.DeskKeys) (*intake.Event, error) {
	kind := intake.DispositionEvent(d.To)
	if kind == "" || t.Lane == intake.Held {
		return nil, nil
	}
	told := intake.Decision{Department: d.Department, Reason: d.Reason, DueOn: due, Change: change}
	if d.Summary != (intake.Summary{}) {
		text, err := json.Marshal(d.Summary)
		if err != nil {
			return nil, err
		}
		if told.Sealed, err = seal.Seal(LedgerContext(t.ID), text, keys.Ledger); err != nil {
			return nil, err
		}
	}
	e := s.Events.New(kind, t, told)
	return &e, nil
}

func noteContext(tip string, to intake.State) seal.Context {
	return intake.PartContext(tip, intake.CompartmentNotes, string(to))
}

// LedgerContext binds a handler's summary to its tip.
func LedgerContext(tip string) seal.Context {
	return seal.Context{Tip: tip, Compartment: intake.CompartmentLedger, Part: intake.PartName, Direction: intake.Outward}
}

// Release lets a held tip into the normal lane, and only now the ledger hears of it.
func (s *Service) Release(ctx context.Context, by Actor, tip string) error {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return err
	}
	if t.Lane != intake.Held {
		return fmt.Errorf("tip %s is in the normal lane already: %w", tip, intake.ErrConflict)
	}
	if t.State.Disposition() {
		return fmt.Errorf("%w: take it back to reviewing before you release it", ErrTransition)
	}
	seen, err := s.seen(ctx, t)
	if err != nil {
		return err
	}
	t.Lane = intake.Normal
	e := s.Events.New(intake.EventReceived, t, intake.Decision{})
	return s.Store.Act(ctx, intake.Act{Audit: s.row(by, "release", tip, ""), Seen: seen, Release: true, Event: &e})
}
