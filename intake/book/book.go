package book

import (
	"context"
	"errors"
	"time"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/ledger"
)

// The ways an import or an upload is refused.
var (
	ErrColumns = errors.New("the sheet lacks a column that is needed: say which of its columns is which")
	ErrRows    = errors.New("some rows can't be taken: mend them in the sheet, or leave them out")
	// ErrNumber: another row has the number by now.
	ErrNumber = ledger.ErrNumberTaken
	ErrKind   = errors.New("only clues, parcels and the ledger can be brought in")
)

// Kind is what a sheet holds.
type Kind string

// The kinds of sheets.
const (
	Clues   Kind = "clues"
	Parcels Kind = "parcels"
	Ledger  Kind = "ledger"
)

// Words are the office's codes and how people write them.
type Words interface {
	// Code finds a code of a kind (category, source, channel, department, state) by
	// itself or by its label in any language.
	Code(kind, text string) (string, bool)
	// Place finds a place by its code, or by its name where no other has it.
	Place(text string) (string, bool)
	// Labels word the ledger in a language.
	Labels(lang string) ledger.Labels
	// Heading is a column's heading.
	Heading(lang, column string) string
	// Text is a message of the reports.
	Text(lang, id string, args ...any) string
	// Phases are the campaign's phases that fall into some days, worded.
	Phases(lang string, from, to intake.Date) []string
	Languages() []string
}

// Deps are what the book works with. All of them are needed.
type Deps struct {
	Ledger *ledger.Ledger
	// TakeDown files a clue through the one door; Check says what is wrong with it.
	TakeDown func(ctx context.Context, who string, r *intake.Report) (intake.Filed, error)
	Check    func(r *intake.Report) error
	// Mentions says whether what was reported holds one of some words; nobody sees it.
	Mentions func(ctx context.Context, by casework.Actor, tip string, words []string) (bool, error)
	// PutOff says whether a tip's later dates have to be granted, and up to when one was.
	PutOff func(ctx context.Context, by casework.Actor, tip string) (until intake.Date, asks bool, err error)
	// OfParcel are the desk's tips about the parcel of a number.
	OfParcel func(ctx context.Context, by casework.Actor, number string) ([]intake.Numbered, error)
	Log      StateLog
	// Acceptance and Conclusion are the last days the office promises, from the day of
	// receipt and from that of acceptance, behind the times in which the clock stood still.
	Acceptance, Conclusion func(desk string, from intake.Date, stood ...intake.Pause) intake.Date
	// Tag is a tag under a key of this machine, for what must be known again and not told.
	Tag    func(purpose, value string) []byte
	Cadres []string // titles of those who may be the accused in a village
	Keys   intake.Keys
	Words  Words
	// Record appends a row to the audit chain. It stands before what it tells of: the
	// ledger may be another database, and nothing may happen there unrecorded.
	Record func(ctx context.Context, a intake.Audit) error
	Head   func(ctx context.Context) (intake.Audit, error)
	Events intake.Events
	Loc    *time.Location
	Now    func() time.Time
}

// Service keeps the book.
type Service struct {
	Deps
	memory memory
}

// New is the book over d.
func New(d Deps) *Service { return &Service{Deps: d} }

func (s *Service) today() intake.Date { return intake.DateOf(s.Now(), s.Loc) }

// note records an act; detail holds codes and counts only.
func (s *Service) note(ctx context.Context, by casework.Actor, act, tip, detail string) error {
	return s.Record(ctx, intake.Audit{At: s.Now().UTC(), Member: by.Name, Act: act, Desk: by.Desk, Tip: tip, Detail: detail})
}

func handler(by casework.Actor) error {
	if !by.Is(casework.RoleHandler) {
		return casework.ErrForbidden
	}
	return nil
}
