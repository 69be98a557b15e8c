package casework

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"tipline/crypto/seal"
	"tipline/intake"
)

// RoleSupervisor (督办人) opens nothing: it sees what is late, and decides about dates.
const RoleSupervisor = "supervisor"

// The ways a later date is refused.
var (
	ErrNoExtension  = errors.New("this date can't be put off")
	ErrOwnExtension = errors.New("nobody grants their own later date: another member must")
)

// ExtensionReasons are the codes that say why a date is put off. They stand in clear,
// for who decides about dates reads no report.
func ExtensionReasons() []string {
	return []string{"complex", "evidence", "season", "elsewhere", "procedure"}
}

// Later is a request for a later date.
type Later struct {
	To     intake.Date
	Reason string // one of [ExtensionReasons]
	Note   string // the reason in words, sealed to the desk
	Letter string // what the reporter is told once it is granted
	Sure   bool   // the letter goes even if it repeats the report
}

// String keeps a request's words out of logs and error texts.
func (Later) String() string { return "[extension]" }

// LogValue keeps a request's words out of structured logs.
func (Later) LogValue() slog.Value { return slog.StringValue("[extension]") }

// Extending is the rule by which a tip's date may be put off, and whether it may be
// now.
func (s *Service) Extending(t intake.Tip) (rule intake.Extending, may bool) {
	if t.State.Due() != "conclusion" || t.DueOn == "" || t.Lane != intake.Normal {
		return intake.Extending{}, false
	}
	rule = s.Deadlines.Extending(t.Desk, t.ReceivedOn, t.AcceptedOn)
	return rule, rule.Role != "" && (rule.Latest == "" || t.DueOn < rule.Latest)
}

// AskExtension asks for a later date (延期). It takes effect when another member grants
// it, and then its letter stands under the receipt and, where the reporter left a
// contact, waits for a custodian who sends it.
func (s *Service) AskExtension(ctx context.Context, by Actor, tip string, l Later) error {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return err
	}
	rule, may := s.Extending(t)
	if !may {
		return ErrNoExtension
	}
	if t.Channel == intake.Office {
		l.Letter = "" // there is nobody to be told
	}
	if err := l.check(t, rule); err != nil {
		return err
	}
	if err := s.checkLetter(ctx, by, t, Triage{Letter: l.Letter, Sure: l.Sure}); err != nil {
		return err
	}
	e := &intake.Extension{ID: intake.NewID(), Tip: t.ID, Desk: t.Desk, Asker: by.Name, AskedOn: s.today(), From: t.DueOn, To: l.To, Reason: l.Reason}
	act := intake.Act{Audit: s.row(by, "extension.ask", t.ID, string(e.From)+">"+string(e.To)+" "+e.Reason), Extend: e}
	if err := s.sealExtension(ctx, by, t, l, &act); err != nil {
		return err
	}
	if act.Seen, err = s.seen(ctx, t); err != nil {
		return err
	}
	return s.Store.Act(ctx, act)
}

// check wants a day behind the one that runs and not behind the rule's, a code and
// both texts.
func (l Later) check(t intake.Tip, rule intake.Extending) error {
	_, err := time.Parse(time.DateOnly, string(l.To))
	problem := func(field, code, param string) error {
		return &intake.InvalidError{Problems: []intake.Problem{{Field: field, Code: code, Param: param}}}
	}
	switch {
	case err != nil:
		return problem("until", "format", "")
	case l.To <= t.DueOn:
		return problem("until", "too_early", string(t.DueOn))
	case rule.Latest != "" && l.To > rule.Latest:
		return problem("until", "too_late", string(rule.Latest))
	case !slices.Contains(ExtensionReasons(), l.Reason):
		return problem("reason", "unknown", "")
	case len(clean(l.Note)) == 0:
		return ErrReason
	}
	if err := checkWords(l.Note); err != nil || t.Channel == intake.Office {
		return err
	}
	return checkWords(l.Letter)
}

// sealExtension seals what is asked for. The letter is made now, by who can read the
// report, and kept back until the date is granted: so is the answer that goes out.
func (s *Service) sealExtension(ctx context.Context, by Actor, t intake.Tip, l Later, act *intake.Act) error {
	keys, err := s.Keys.DeskKeys(t.Desk)
	if err != nil {
		return err
	}
	e := act.Extend
	e.KeyVersion = keys.Version
	if e.Note, err = seal.Seal(extensionContext(t.ID, e.ID), clean(l.Note), keys.Desk); err != nil {
		return err
	}
	if t.Channel == intake.Office {
		return nil
	}
	if err := s.letter(ctx, by, t, l.Letter, t.State, keys, act); err != nil {
		return err
	}
	e.LetterID, e.Letter, act.Message = act.Message.ID, act.Message.Sealed, nil
	if act.Dispatch != nil {
		act.Dispatch.State = intake.DispatchPending
	}
	return nil
}

// GrantExtension grants a later date: the date runs from now on, the ledger hears of
// it, and the reporter is told.
func (s *Service) GrantExtension(ctx context.Context, by Actor, id string) error {
	e, t, err := s.decidableExtension(ctx, by, id)
	if err != nil {
		return err
	}
	if t.State.Due() != "conclusion" {
		return ErrNoExtension
	}
	var letter *intake.Message
	if len(e.Letter) > 0 {
		letter = &intake.Message{ID: e.LetterID, Tip: t.ID, From: intake.FromDesk, On: s.today(), Sealed: e.Letter, KeyVersion: e.KeyVersion}
	}
	e.State = intake.ExtensionGranted
	event, err := s.laterEvent(ctx, t, e.To)
	if err != nil {
		return err
	}
	return s.Store.Act(ctx, intake.Act{Audit: s.row(by, "extension.grant", t.ID, string(e.From)+">"+string(e.To)+" "+e.Reason), Extended: &e, Message: letter, Event: event})
}

// laterEvent tells the ledger the date that runs from now on: the acceptance again, in
// its own place among the tip's changes. Of two in one place the later date stands.
func (s *Service) laterEvent(ctx context.Context, t intake.Tip, due intake.Date) (*intake.Event, error) {
	seen, err := s.seen(ctx, t)
	if err != nil {
		return nil, err
	}
	e := s.Events.New(intake.EventAccepted, t, intake.Decision{Department: t.Department, DueOn: due, Change: seen.Changes - 1})
	return &e, nil
}

// PutOff says whether a tip's later dates have to be granted, and up to when the last one
// was: "" for never.
func (s *Service) PutOff(ctx context.Context, by Actor, tip string) (until intake.Date, asks bool, err error) {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return "", false, err
	}
	granted, err := s.Store.Extensions(ctx, t.Desk, t.ID, intake.ExtensionGranted, maxExtensions)
	for _, e := range granted {
		until = max(until, e.To)
	}
	return until, s.Deadlines.Extending(t.Desk, t.ReceivedOn, t.AcceptedOn).Role != "", err
}

// RefuseExtension doesn't grant it, with a reason that the desk reads.
func (s *Service) RefuseExtension(ctx context.Context, by Actor, id, why string) error {
	e, t, err := s.decidableExtension(ctx, by, id)
	if err != nil {
		return err
	}
	note, err := s.because(t.ID, t.Desk, noteRefused+e.ID, why)
	if err != nil {
		return err
	}
	e.State = intake.ExtensionRefused
	return s.Store.Act(ctx, intake.Act{Audit: s.row(by, "extension.refuse", t.ID, string(e.From)+">"+string(e.To)), Extended: &e, Note: note})
}

// decidableExtension is a request that by may decide, marked as decided by them.
func (s *Service) decidableExtension(ctx context.Context, by Actor, id string) (e intake.Extension, t intake.Tip, err error) {
	if e, err = s.Store.Extension(ctx, id); err != nil {
		return e, t, err
	}
	if e.Desk != by.Desk {
		return e, t, fmt.Errorf("extension %s: %w", id, intake.ErrNotFound)
	}
	if t, err = s.Store.Tip(ctx, e.Tip); err != nil {
		return e, t, err
	}
	switch rule := s.Deadlines.Extending(t.Desk, t.ReceivedOn, t.AcceptedOn); {
	case !by.Is(rule.Role):
		return e, t, ErrForbidden
	case e.Asker == by.Name:
		return e, t, ErrOwnExtension
	case e.State != intake.ExtensionAsked:
		return e, t, fmt.Errorf("extension %s is decided: %w", id, intake.ErrConflict)
	}
	e.Decider, e.DecidedOn = by.Name, s.today()
	return e, t, nil
}

// Extension is a request for a later date with its words.
type Extension struct {
	intake.Extension
	Words, Because string
}

// String keeps a request's words out of logs and error texts.
func (Extension) String() string { return "[extension]" }

// LogValue keeps a request's words out of structured logs.
func (Extension) LogValue() slog.Value { return slog.StringValue("[extension]") }

// maxExtensions is how many requests one page shows.
const maxExtensions = 100

// extensions are a tip's, opened for a handler.
func (s *Service) extensions(ctx context.Context, by Actor, t intake.Tip) (out []Extension, err error) {
	rows, err := s.Store.Extensions(ctx, t.Desk, t.ID, "", maxExtensions)
	if err != nil {
		return nil, err
	}
	keys := by.Ring.Identities(intake.DeskKey(t.Desk))
	for _, e := range rows {
		text, err := seal.OpenBytes(e.Note, extensionContext(t.ID, e.ID), keys...)
		if err != nil {
			return nil, fmt.Errorf("extension %s: %w", e.ID, err)
		}
		x := Extension{Extension: e, Words: string(text)}
		if e.State == intake.ExtensionRefused {
			if x.Because, err = s.becauseOf(ctx, by, t, noteRefused+e.ID); err != nil {
				return nil, err
			}
		}
		out = append(out, x)
	}
	return out, nil
}

func extensionContext(tip, id string) seal.Context {
	return intake.PartContext(tip, intake.CompartmentNotes, "extension."+id)
}
