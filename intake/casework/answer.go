package casework

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"tipline/crypto/seal"
	"tipline/intake"
)

// Answer writes to the reporter: sealed to the desk and to the receipt's key. One
// that repeats what was reported is an [EchoError], unless its writer is sure.
func (s *Service) Answer(ctx context.Context, by Actor, tip, text string, sure bool) error {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return err
	}
	if t.Channel == intake.Office {
		return ErrNobody
	}
	if err := checkWords(text); err != nil {
		return err
	}
	if !sure {
		if err := s.echoes(ctx, by, t, text); err != nil {
			return err
		}
	}
	keys, err := s.Keys.DeskKeys(t.Desk)
	if err != nil {
		return err
	}
	act := intake.Act{Audit: s.row(by, "message", tip, "")}
	if err := s.letter(ctx, by, t, text, t.State, keys, &act); err != nil {
		return err
	}
	return s.Store.Act(ctx, act)
}

// checkWords refuses an answer, a letter or a note that is empty or too long.
func checkWords(text string) error {
	problem := intake.Problem{Field: "text"}
	switch {
	case strings.TrimSpace(text) == "":
		problem.Code = "required"
	case utf8.RuneCountInString(text) > intake.MaxMessage:
		problem.Code, problem.Param = "too_long", strconv.Itoa(intake.MaxMessage)
	default:
		return nil
	}
	return &intake.InvalidError{Problems: []intake.Problem{problem}}
}

// checkLetter holds a decision's letter to what an answer must be.
func (s *Service) checkLetter(ctx context.Context, by Actor, t intake.Tip, d Triage) error {
	if strings.TrimSpace(d.Letter) == "" {
		return nil
	}
	if t.Channel == intake.Office {
		return ErrNobody
	}
	if err := checkWords(d.Letter); err != nil || d.Sure {
		return err
	}
	return s.echoes(ctx, by, t, d.Letter)
}

// letter adds to an act a message of the desk's to a tip's reporter: under the
// receipt, and for a custodian to send when the reporter left a contact. state is
// where the tip stands with it.
func (s *Service) letter(ctx context.Context, by Actor, t intake.Tip, text string, state intake.State, keys intake.DeskKeys, act *intake.Act) error {
	recipient, err := s.Store.Reporter(ctx, t.ID)
	if err != nil {
		return err
	}
	reporter, err := seal.ParseRecipient(recipient)
	if err != nil {
		return err
	}
	id := intake.NewID()
	sealed, err := seal.Seal(intake.AnswerContext(t.ID, id), clean(text), keys.Desk, reporter)
	if err != nil {
		return err
	}
	act.Message = &intake.Message{ID: id, Tip: t.ID, From: intake.FromDesk, On: s.today(), Sealed: sealed, KeyVersion: keys.Version}
	act.Dispatch, err = s.outgoing(ctx, by, t, id, intake.Outgoing{Text: string(clean(text)), State: state, On: s.today()}, keys)
	return err
}

// clean is text as it is sealed.
func clean(text string) []byte {
	return []byte(strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD")))
}
