package book

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"strings"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/ledger"
)

// Taken are the cells with a conflict that somebody decided to take from the sheet,
// by their names.
type Taken map[string]bool

// Take makes the changes in one transaction: all of them, but for rows that can't be
// taken when skip is set, and cells in conflict that weren't decided for the sheet. It
// returns how many rows changed.
func (s *Service) Take(ctx context.Context, by casework.Actor, c *Changes, taken Taken, skip bool) (int, error) {
	if err := handler(by); err != nil {
		return 0, err
	}
	if len(c.Missing) > 0 {
		return 0, ErrColumns
	}
	if !skip && c.Bad() > 0 {
		return 0, ErrRows
	}
	var edits []ledger.Edit
	var changedRows []ChangedRow
	for _, r := range c.Rows {
		if r.bad() {
			continue
		}
		e, changed, err := s.edit(by, r, taken)
		if err != nil {
			return 0, err
		}
		if changed {
			edits = append(edits, e)
			changedRows = append(changedRows, r)
		}
	}
	if len(edits) == 0 {
		return 0, nil
	}
	if err := s.note(ctx, by, "ledger.upload", "", "rows "+strconv.Itoa(len(edits))); err != nil {
		return 0, err
	}
	for i, e := range edits {
		if err := s.note(ctx, by, "ledger.edit", e.Tip, e.Columns); err != nil {
			return 0, err
		}
		if c.CloseParcels {
			if err := s.closeParcels(ctx, by, changedRows[i], &edits[i], c.why); err != nil {
				return 0, err
			}
		}
	}
	if err := s.Ledger.Edit(ctx, by.Name, edits, s.Events); err != nil {
		return 0, errors.Join(err, s.note(ctx, by, "ledger.upload.failed", "", "rows "+strconv.Itoa(len(edits))))
	}
	return len(edits), nil
}

// edit is what a row's changes write.
func (s *Service) edit(by casework.Actor, r ChangedRow, taken Taken) (e ledger.Edit, changed bool, err error) {
	e = ledger.Edit{Tip: r.Tip, Desk: by.Desk, Version: r.row.Version, Work: r.row.Work, ClosedOn: r.row.ClosedOn}
	work, words := maps.Clone(r.opened.Work), false
	if work == nil {
		work = ledger.Work{}
	}
	var keys []string
	var cells []Cell
	for _, c := range r.Cells {
		if c.Conflict && !taken[r.Name(c)] {
			continue
		}
		keys, cells = append(keys, c.Column), append(cells, c)
		switch {
		case c.Column == "closed_on":
			e.ClosedOn = intake.Date(c.clear)
		case !tells(c.Column):
			work[c.Column], words = c.To, true
		}
	}
	e.Columns = strings.Join(keys, " ")
	if o, told := r.outcome(by.Desk, cells); told {
		e.Outcome = &o
	}
	if words {
		e.Work, err = s.sealWork(by.Desk, r.Tip, work)
	}
	return e, len(keys) > 0, err
}
