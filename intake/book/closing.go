package book

import (
	"context"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/ledger"
)

// closing finds the parcels that the sheet's closed rows (销号) leave nothing to do about:
// open ones, whose other tips are closed already or in the same sheet.
func (s *Service) closing(ctx context.Context, by casework.Actor, c *Changes) error {
	ending := map[string]bool{}
	for _, r := range c.Rows {
		if r.closes() {
			ending[r.Tip] = true
		}
	}
	seen := map[string]bool{}
	for i := range c.Rows {
		r := &c.Rows[i]
		if !ending[r.Tip] || r.parcel == "" || seen[r.parcel] {
			continue
		}
		seen[r.parcel] = true
		tips, err := s.OfParcel(ctx, by, r.parcel)
		if err != nil {
			return err
		}
		if left(tips, ending) {
			continue
		}
		for p, err := range s.Ledger.Parcels(ctx, ledger.ParcelFilter{Desk: by.Desk, Number: r.parcel, Open: true}) {
			if err != nil {
				return err
			}
			r.Parcels = append(r.Parcels, p)
		}
	}
	return nil
}

// left says whether one of the tips keeps its parcel open, but for those that end.
func left(tips []intake.Numbered, ending map[string]bool) bool {
	for _, t := range tips {
		if open(t) && !ending[t.ID] {
			return true
		}
	}
	return false
}

func (r ChangedRow) closes() bool {
	if r.bad() {
		return false
	}
	for _, c := range r.Cells {
		if c.Column == "progress" && c.clear == string(intake.LedgerConcluded) {
			return true
		}
	}
	return false
}

// Closing is how many parcels may be closed with the sheet's rows.
func (c *Changes) Closing() (n int) {
	for _, r := range c.Rows {
		n += len(r.Parcels)
	}
	return n
}

// closeParcels are the moves that close a row's parcels, if the row is closed.
func (s *Service) closeParcels(ctx context.Context, by casework.Actor, r ChangedRow, e *ledger.Edit, why string) error {
	if e.Outcome == nil || e.Outcome.State != intake.LedgerConcluded {
		return nil
	}
	for _, p := range r.Parcels {
		m, err := s.parcelMove(by, p, ParcelChange{Version: p.Version, State: intake.LedgerConcluded, Reason: why})
		if err != nil {
			return err
		}
		if err := s.note(ctx, by, "parcel.move", r.Tip, p.State+">"+string(m.State)+" "+p.Number); err != nil {
			return err
		}
		e.Parcels = append(e.Parcels, m)
	}
	return nil
}
