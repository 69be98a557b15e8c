package intake

import (
	"context"
	"fmt"
	"log/slog"
	"unicode/utf8"

	"tipline/crypto/receipt"
	"tipline/crypto/seal"
)

// MaxMessage is the longest message a reporter may add, in characters.
const MaxMessage = 5_000

// Conversation is what a receipt opens: state and answers, never the report.
type Conversation struct {
	Tip        string
	State      State
	ReceivedOn Date
	History    []Change
	Due        []Due
	Messages   []Spoken
	Reply      Reply  // how the reporter wants to hear from us by now
	Identity   string // none, kept or withdrawn
	Told       []Told // what went to the contact the reporter left, oldest first
	OpenedOn   Date   // when the receipt was opened before, "" for never
}

// DueAnswer is the kind of the day until which the desk waits for the reporter's own
// answer: until then its clock stands still.
const DueAnswer = "answer"

// Due is a promise with a date: kind is a code (acceptance, conclusion, feedback), or
// [DueAnswer].
type Due struct {
	Kind string
	On   Date
}

// Spoken is one message of a conversation. Text is the desk's only: what the
// reporter wrote, and the files they added, open at the desk alone; under the receipt
// stands how many files there are.
type Spoken struct {
	ID    string // for the desk alone
	From  string
	On    Date
	Text  string
	Sent  int // files that came with it
	Files []SealedFile
	Flags []string // of a mail that was added
	Found *Found   // by a later reading
}

// String keeps a message out of logs and error texts.
func (Spoken) String() string { return "[message]" }

// LogValue keeps a message out of structured logs.
func (Spoken) LogValue() slog.Value { return slog.StringValue("[message]") }

// Look opens the conversation under a receipt. An unknown one is
// [ErrUnknownReceipt].
func (s *Service) Look(ctx context.Context, code receipt.Receipt) (Conversation, error) {
	thread, err := s.thread(ctx, code)
	if err != nil {
		return Conversation{}, err
	}
	identity, err := s.Pepper.Identity(code)
	if err != nil {
		return Conversation{}, err
	}
	c := Conversation{Tip: thread.Tip.ID, State: thread.Tip.State, ReceivedOn: thread.Tip.ReceivedOn, History: thread.History, OpenedOn: thread.OpenedOn,
		Reply: thread.reply(), Identity: thread.identity(), Told: told(thread.Dispatches)}
	if kind := thread.Tip.State.Due(); kind != "" && thread.Tip.DueOn != "" {
		c.Due = []Due{{Kind: kind, On: thread.Tip.DueOn}}
	}
	today := DateOf(s.Now(), s.Loc)
	if thread.Waits >= today && thread.Tip.State.Due() == "acceptance" {
		c.Due = []Due{{Kind: DueAnswer, On: thread.Waits}}
	}
	for _, m := range thread.Messages {
		spoken := Spoken{From: m.From, On: m.On, Sent: m.Files}
		if m.From == FromDesk {
			text, err := seal.OpenBytes(m.Sealed, AnswerContext(m.Tip, m.ID), identity)
			if err != nil {
				return Conversation{}, fmt.Errorf("message %s: %w", m.ID, err)
			}
			spoken.Text = string(text)
		}
		c.Messages = append(c.Messages, spoken)
	}
	if today != c.OpenedOn {
		s.opened(ctx, code, today)
	}
	return c, nil
}

func checkMessage(text string) error {
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return &InvalidError{[]Problem{{Field: "text", Code: "required"}}}
	case n > MaxMessage:
		return &InvalidError{[]Problem{{Field: "text", Code: "too_long", Param: fmt.Sprint(MaxMessage), Over: n - MaxMessage}}}
	default:
		return nil
	}
}

// AnswerContext binds an answer of the desk to its tip and message.
func AnswerContext(tip, message string) seal.Context {
	return seal.Context{Tip: tip, Compartment: CompartmentAnswers, Part: message, Direction: Outward}
}

// FollowUpContext binds what a reporter adds to its tip and message.
func FollowUpContext(tip, message string) seal.Context {
	return seal.Context{Tip: tip, Compartment: CompartmentFollowUps, Part: message, Direction: Inward}
}

// PartContext binds a small text or a container's stream to its tip.
func PartContext(tip, compartment, name string) seal.Context {
	return seal.Context{Tip: tip, Compartment: compartment, Part: name, Direction: Inward}
}
