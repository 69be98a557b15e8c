package casework

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tipline/crypto/seal"
	"tipline/intake"
)

// ErrNotClosed says that only what is done with is looked back at.
var ErrNotClosed = errors.New("the work on this report isn't done: there is nothing to look back at")

// WatchDays is after how many days a reporter who may suffer for their report is asked
// how they are, unless somebody says otherwise.
const WatchDays = 30

// Watch looks after a reporter: on a day they are asked under the receipt how they are.
type Watch struct {
	Due    intake.Date // "": [WatchDays] on
	Letter string      // what they are asked, "" for nothing
	Note   string
}

// Appointment is one to look at a tip again (回头看).
type Appointment struct {
	Kind   intake.LookKind
	Due    intake.Date
	From   string // the tip that gives the reason, or the first letters of its id
	Number string // the ledger's number that it contradicts
	Note   string // sealed to the desk
	Letter string // what the reporter is asked on the day, for [intake.LookRetaliation]
}

// String keeps an appointment's words out of logs and error texts.
func (Appointment) String() string { return "[look]" }

// LogValue keeps an appointment's words out of structured logs.
func (Appointment) LogValue() slog.Value { return slog.StringValue("[look]") }

// String keeps what a reporter is asked out of logs and error texts.
func (Watch) String() string { return "[watch]" }

// LogValue keeps what a reporter is asked out of structured logs.
func (Watch) LogValue() slog.Value { return slog.StringValue("[watch]") }

const maxNumber = 64 // characters of a ledger's number

// Appoint makes an appointment to look at a tip again. One that a new tip gives the
// reason for stands on both their pages.
func (s *Service) Appoint(ctx context.Context, by Actor, tip string, a Appointment) error {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return err
	}
	if a.Kind != intake.LookRetaliation && !t.State.Closed() {
		return ErrNotClosed
	}
	if a.From != "" {
		from, err := s.Find(ctx, by, a.From)
		if errors.Is(err, intake.ErrNotFound) || err == nil && from.ID == tip {
			return &intake.InvalidError{Problems: []intake.Problem{{Field: "from", Code: "unknown"}}}
		}
		if err != nil {
			return err
		}
		a.From = from.ID
	}
	if err := a.check(s.today()); err != nil {
		return err
	}
	keys, err := s.Keys.DeskKeys(t.Desk)
	if err != nil {
		return err
	}
	l, err := s.sealLook(ctx, by, t, a, keys)
	if err != nil {
		return err
	}
	row := s.row(by, "look.open", t.ID, strings.TrimSpace(string(a.Kind)+" "+string(a.Due)+" "+a.From))
	return s.Store.Act(ctx, intake.Act{Audit: row, Look: l})
}

func (a Appointment) check(today intake.Date) error {
	problem := intake.Problem{}
	_, err := time.Parse(time.DateOnly, string(a.Due))
	switch {
	case !slices.Contains(intake.LookKinds(), a.Kind):
		problem = intake.Problem{Field: "kind", Code: "unknown"}
	case err != nil:
		problem = intake.Problem{Field: "until", Code: "format"}
	case a.Due < today:
		problem = intake.Problem{Field: "until", Code: "past"}
	case utf8.RuneCountInString(a.Number) > maxNumber || strings.ContainsAny(a.Number, "\r\n\t"):
		problem = intake.Problem{Field: "number", Code: "format"}
	case intake.NumberProblem(a.Number) != "":
		problem = intake.Problem{Field: "number", Code: intake.NumberProblem(a.Number)}
	case a.Letter != "" && a.Kind != intake.LookRetaliation:
		problem = intake.Problem{Field: "letter", Code: "format"}
	default:
		for _, text := range []string{a.Note, a.Letter} {
			if len(clean(text)) > 0 {
				if err := checkWords(text); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return &intake.InvalidError{Problems: []intake.Problem{problem}}
}

func (s *Service) sealLook(ctx context.Context, by Actor, t intake.Tip, a Appointment, keys intake.DeskKeys) (l *intake.Look, err error) {
	l = &intake.Look{ID: intake.NewID(), Tip: t.ID, Desk: t.Desk, Kind: a.Kind, DueOn: a.Due, From: a.From, Number: strings.TrimSpace(a.Number), By: by.Name, On: s.today(), KeyVersion: keys.Version}
	if note := clean(a.Note); len(note) > 0 {
		if l.Note, err = seal.Seal(lookContext(t.ID, l.ID), note, keys.Desk); err != nil {
			return nil, err
		}
	}
	letter := clean(a.Letter)
	if len(letter) == 0 {
		return l, nil
	}
	if err := s.echoes(ctx, by, t, a.Letter); err != nil {
		return nil, err
	}
	recipient, err := s.Store.Reporter(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	reporter, err := seal.ParseRecipient(recipient)
	if err != nil {
		return nil, err
	}
	l.LetterID = intake.NewID()
	l.Letter, err = seal.Seal(intake.AnswerContext(t.ID, l.LetterID), letter, keys.Desk, reporter)
	return l, err
}

// watch is the appointment to ask a reporter how they are.
func (s *Service) watch(ctx context.Context, by Actor, t intake.Tip, w Watch, keys intake.DeskKeys) (*intake.Look, error) {
	if w.Due == "" {
		w.Due = PlusDays(s.today(), WatchDays)
	}
	a := Appointment{Kind: intake.LookRetaliation, Due: w.Due, Note: w.Note, Letter: w.Letter}
	if err := a.check(s.today()); err != nil {
		return nil, err
	}
	return s.sealLook(ctx, by, t, a, keys)
}

// Look is an appointment with its words and the tip it is about.
type Look struct {
	intake.Look
	Words string
	Row   intake.Tip
}

// String keeps an appointment's words out of logs and error texts.
func (Look) String() string { return "[look]" }

// LogValue keeps an appointment's words out of structured logs.
func (Look) LogValue() slog.Value { return slog.StringValue("[look]") }

// Done ends an appointment with what was found: a code of its kind and, where
// something was, words, which become one of the desk's own notes.
func (s *Service) Done(ctx context.Context, by Actor, id, result, note string) error {
	l, err := s.Store.Look(ctx, id)
	if err != nil {
		return err
	}
	t, err := s.handler(ctx, by, l.Tip)
	if err != nil {
		return err
	}
	if !slices.Contains(l.Kind.Results(), result) {
		return &intake.InvalidError{Problems: []intake.Problem{{Field: "result", Code: "unknown"}}}
	}
	l.Result, l.DoneBy, l.DoneOn = result, by.Name, s.today()
	act := intake.Act{Audit: s.row(by, "look.done", t.ID, string(l.Kind)+" "+result), Looked: &l}
	switch {
	case len(clean(note)) > 0:
		if err := checkWords(note); err != nil {
			return err
		}
		if act.Note, err = s.inside(by, t, note); err != nil {
			return err
		}
	case result != "kept" && result != "safe":
		return ErrReason
	}
	return s.Store.Act(ctx, act)
}

// lookBatch is how many reporters are asked in one round.
const lookBatch = 100

// AskThem asks the reporters whose day has come how they are, under their receipts.
func (s *Service) AskThem(ctx context.Context) error {
	due, err := s.Store.LooksToAsk(ctx, s.today(), lookBatch)
	for _, l := range due {
		l.AskedOn = s.today()
		letter := &intake.Message{ID: l.LetterID, Tip: l.Tip, From: intake.FromDesk, On: s.today(), Sealed: l.Letter, KeyVersion: l.KeyVersion}
		asked := s.Store.Act(ctx, intake.Act{Audit: s.row(Actor{Name: clockMember, Desk: l.Desk}, "look.ask", l.Tip, ""), Looked: &l, Message: letter})
		if !errors.Is(asked, intake.ErrConflict) { // another process did
			err = errors.Join(err, asked)
		}
	}
	return err
}

// looks are those about a tip, or that it gave the reason for, opened for a handler.
func (s *Service) looks(ctx context.Context, by Actor, t intake.Tip) (out []Look, err error) {
	rows, err := s.Store.LooksOf(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	keys := by.Ring.Identities(intake.DeskKey(t.Desk))
	for _, r := range rows {
		if r.Desk != t.Desk {
			continue // another desk's, of before the tip came here
		}
		l := Look{Look: r, Row: t}
		if r.Tip != t.ID {
			if l.Row, err = s.Store.Tip(ctx, r.Tip); err != nil {
				return nil, err
			}
		}
		if r.Note != nil {
			text, err := seal.OpenBytes(r.Note, lookContext(r.Tip, r.ID), keys...)
			if err != nil {
				return nil, fmt.Errorf("look %s: %w", r.ID, err)
			}
			l.Words = string(text)
		}
		out = append(out, l)
	}
	return out, nil
}

// maxLooks is how many appointments one page shows.
const maxLooks = 100

// Appointments are a desk's open ones by their day, and those that are over, the newest
// first: facts and no words.
func (s *Service) Appointments(ctx context.Context, by Actor) (open, over []Look, err error) {
	if !mayOversee(by) {
		return nil, nil, ErrForbidden
	}
	if open, err = s.appointments(ctx, by.Desk, false); err != nil {
		return nil, nil, err
	}
	over, err = s.appointments(ctx, by.Desk, true)
	return open, over, err
}

func (s *Service) appointments(ctx context.Context, desk string, over bool) (out []Look, err error) {
	rows, err := s.Store.Looks(ctx, desk, over, maxLooks)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		t, err := s.Store.Tip(ctx, r.Tip)
		if err != nil {
			return nil, err
		}
		r.Note, r.Letter = nil, nil
		out = append(out, Look{Look: r, Row: t})
	}
	return out, nil
}

func lookContext(tip, id string) seal.Context {
	return intake.PartContext(tip, intake.CompartmentNotes, "look."+id)
}
