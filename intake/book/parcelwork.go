package book

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/ledger"
)

// ParcelFilter is what is asked for of the parcels; the desk is the member's.
type ParcelFilter = ledger.ParcelFilter

// Parcel is a piece of land that came in a batch from above.
type Parcel = ledger.Parcel

// ParcelStates are the states a parcel may be put in.
func ParcelStates() []intake.LedgerState { return ledger.ParcelStates() }

// ParcelPage is a page of a desk's parcels (图斑), with where the next begins. It holds
// facts and no words, so that who sees what is late reads it too.
func (s *Service) ParcelPage(ctx context.Context, by casework.Actor, f ParcelFilter) ([]ledger.Parcel, string, error) {
	if !by.Is(casework.RoleHandler) && !by.Is(casework.RoleSupervisor) {
		return nil, "", casework.ErrForbidden
	}
	f.Desk = by.Desk
	return s.Ledger.ParcelPage(ctx, f)
}

// Batches are the batches that the desk's parcels came in.
func (s *Service) Batches(ctx context.Context, by casework.Actor) ([]string, error) {
	return s.Ledger.Batches(ctx, by.Desk)
}

// ClosedParcels are the desk's parcels of these numbers whose work is done (销号). A new tip
// about one may open it again, also when it came in a batch and no tip was about it before.
func (s *Service) ClosedParcels(ctx context.Context, by casework.Actor, numbers ...string) (out []ledger.Parcel, err error) {
	if err := handler(by); err != nil {
		return nil, err
	}
	var asked []string
	for _, number := range numbers {
		for _, n := range []string{strings.TrimSpace(number), plainNumber(number)} {
			if n == "" || slices.Contains(asked, n) {
				continue
			}
			asked = append(asked, n)
			for p, err := range s.Ledger.Parcels(ctx, ledger.ParcelFilter{Desk: by.Desk, Number: n, State: string(intake.LedgerConcluded), Limit: maxReopened}) {
				if err != nil {
					return nil, err
				}
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// maxReopened is how many closed parcels of one number a tip's page offers.
const maxReopened = 5

// plainNumber is a number as batches write it, out of what people write around and in it:
// full-width forms, small letters, spaces, the word for it.
func plainNumber(text string) string {
	plain := strings.ToUpper(strings.Join(strings.Fields(norm.NFKC.String(text)), ""))
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(plain, "图斑"), "编号"), "号")
}

// ParcelSheet is all there is of a parcel: who answers for it, what became of it, and the
// tips about it.
type ParcelSheet struct {
	ledger.Parcel
	Charge ledger.Charge
	Steps  []ParcelStep // the newest first
	Tips   []intake.Numbered
}

// String keeps a parcel's words out of logs and error texts.
func (ParcelSheet) String() string { return "[parcel]" }

// LogValue keeps a parcel's words out of structured logs.
func (ParcelSheet) LogValue() slog.Value { return slog.StringValue("[parcel]") }

// ParcelStep is one step of a parcel with its reason, opened.
type ParcelStep struct {
	ledger.ParcelMove
	Why string
}

// Done says whether the tips about a parcel that is open are all closed: it may be, too.
func (p ParcelSheet) Done() bool {
	return len(p.Tips) > 0 && p.State != string(intake.LedgerConcluded) && !slices.ContainsFunc(p.Tips, open)
}

// open says whether a tip keeps its parcel open.
func open(t intake.Numbered) bool {
	return !t.State.Closed() && !slices.Contains([]intake.State{intake.StateDeclined, intake.StateReferred, intake.StateMerged, intake.StateSpam, intake.StateWithdrawn}, t.State)
}

// ParcelSheet opens a parcel. The look is on record.
func (s *Service) ParcelSheet(ctx context.Context, by casework.Actor, batch, number string) (*ParcelSheet, error) {
	if err := handler(by); err != nil {
		return nil, err
	}
	p, err := s.Ledger.Parcel(ctx, by.Desk, batch, number)
	if err != nil {
		return nil, err
	}
	out := &ParcelSheet{Parcel: p}
	if out.Charge, err = s.Charge(by, p); err != nil {
		return nil, err
	}
	moves, err := s.Ledger.ParcelMoves(ctx, by.Desk, batch, number)
	if err != nil {
		return nil, err
	}
	for _, m := range moves {
		why, err := opened(by, stepContext(m), m.Reason)
		if err != nil {
			return nil, err
		}
		out.Steps = append(out.Steps, ParcelStep{m, string(why)})
	}
	if out.Tips, err = s.OfParcel(ctx, by, number); err != nil {
		return nil, err
	}
	return out, s.note(ctx, by, "parcel.read", "", number)
}

// ParcelChange is what a member says of a parcel.
type ParcelChange struct {
	Version    int // of the parcel that was looked at
	State      intake.LedgerState
	ClosedOn   intake.Date // "" with a closing: today
	EvidenceOn intake.Date // "" leaves what is noted
	Reason     string      // sealed
}

// String keeps a change's words out of logs and error texts.
func (ParcelChange) String() string { return "[change]" }

// LogValue keeps a change's words out of structured logs.
func (ParcelChange) LogValue() slog.Value { return slog.StringValue("[change]") }

// MoveParcel puts a parcel in a state, with a reason.
func (s *Service) MoveParcel(ctx context.Context, by casework.Actor, batch, number string, c ParcelChange) error {
	if err := handler(by); err != nil {
		return err
	}
	p, err := s.Ledger.Parcel(ctx, by.Desk, batch, number)
	if err != nil {
		return err
	}
	if c.Version == 0 {
		c.Version = p.Version
	}
	m, err := s.parcelMove(by, p, c)
	if err != nil {
		return err
	}
	if err := s.note(ctx, by, "parcel.move", "", p.State+">"+string(m.State)+" "+number); err != nil {
		return err
	}
	return s.Ledger.MoveParcel(ctx, m)
}

func (s *Service) parcelMove(by casework.Actor, p ledger.Parcel, c ParcelChange) (m ledger.ParcelMove, err error) {
	if err := s.checkParcel(p, c); err != nil {
		return m, err
	}
	m = ledger.ParcelMove{Desk: p.Desk, Batch: p.Batch, Number: p.Number, Version: c.Version, State: c.State, EvidenceOn: p.EvidenceOn, Member: by.Name, On: s.today()}
	if c.EvidenceOn != "" {
		m.EvidenceOn = c.EvidenceOn
	}
	if c.State == intake.LedgerConcluded {
		m.ClosedOn = c.ClosedOn
		if m.ClosedOn == "" {
			m.ClosedOn = s.today()
		}
	}
	told := m
	told.Version++ // as the history has it
	m.Reason, err = s.sealed(p.Desk, stepContext(told), []byte(strings.TrimSpace(c.Reason)))
	return m, err
}

// longestReason is the longest reason, in characters.
const longestReason = 2000

func (s *Service) checkParcel(p ledger.Parcel, c ParcelChange) error {
	var problems []intake.Problem
	wrong := func(field, code, param string) {
		problems = append(problems, intake.Problem{Field: field, Code: code, Param: param})
	}
	if !slices.Contains(ledger.ParcelStates(), c.State) {
		wrong("state", "unknown", "")
	}
	if strings.TrimSpace(c.Reason) == "" {
		wrong("reason", "required", "")
	}
	if utf8.RuneCountInString(c.Reason) > longestReason {
		wrong("reason", "too_long", strconv.Itoa(longestReason))
	}
	for _, d := range []struct {
		field string
		on    intake.Date
	}{{"closed_on", c.ClosedOn}, {"evidence_on", c.EvidenceOn}} {
		switch day, ok := dateIn(string(d.on)); {
		case !ok || day != d.on:
			wrong(d.field, "format", "")
		case day > s.today():
			wrong(d.field, "future", "")
		}
	}
	if len(problems) > 0 {
		return &intake.InvalidError{Problems: problems}
	}
	return nil
}

func stepContext(m ledger.ParcelMove) seal.Context {
	return seal.Context{Tip: "parcel", Compartment: intake.CompartmentLedger, Part: tag(m.Batch, m.Number)[:32] + "." + strconv.Itoa(m.Version), Direction: intake.Inward}
}
