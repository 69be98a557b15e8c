package book

import (
	"context"
	"errors"
	"strconv"
	"unicode/utf8"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/ledger"
)

// longestCell is the longest text a cell of the ledger may hold, in characters.
const longestCell = 4000

// judge says what is wrong with a changed cell.
func (s *Service) judge(c *Cell) {
	wrong := func(code string) {
		p := intake.Problem{Field: c.Column, Code: code}
		if code == "too_long" {
			p.Param = strconv.Itoa(longestCell)
		}
		c.Problems = append(c.Problems, p)
	}
	switch c.Column {
	case "due_on", "closed_on":
		d, ok := dateIn(c.To)
		c.clear = string(d)
		if _, serial := serialIn(c.To); serial {
			c.To = c.clear // what somebody can look over
		}
		switch {
		case !ok:
			wrong("format")
		case c.Column == "due_on" && d == "":
			wrong("required")
		case c.Column == "closed_on" && d > s.today():
			wrong("future")
		}
	case "progress":
		code, ok := s.Words.Code("state", c.To)
		if c.clear = code; !ok {
			wrong("state")
		}
	case "area_total", "area_arable", "area_basic":
		if _, ok := areaIn(c.To); !ok {
			wrong("format")
		}
	case "parcel":
		if code := intake.NumberProblem(c.To); code != "" {
			wrong(code)
		}
	case "number":
		if c.clear = c.To; c.To == "" {
			wrong("required")
		}
	}
	if utf8.RuneCountInString(c.To) > longestCell {
		wrong("too_long")
	}
}

// tells says whether the desk is told of a change of a column.
func tells(column string) bool {
	return column == "number" || column == "progress" || column == "due_on"
}

// judgeNumber refuses a number that another row has.
func (s *Service) judgeNumber(ctx context.Context, by casework.Actor, c *Cell, tip string) error {
	if c.Column != "number" || c.To == "" {
		return nil
	}
	other, err := s.Ledger.Row(ctx, by.Desk, c.To)
	if errors.Is(err, intake.ErrNotFound) {
		return nil
	}
	if err == nil && other.Tip != tip {
		c.Problems = append(c.Problems, intake.Problem{Field: c.Column, Code: "taken"})
	}
	return err
}

// judgeLater refuses a later date that nobody granted (延期): it is asked for on the
// tip's page, with its reason, and another member decides. What was granted may be
// written as it is.
func (s *Service) judgeLater(ctx context.Context, by casework.Actor, r *ChangedRow) error {
	var asked []*Cell
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.Column == "due_on" && r.row.DueOn != "" && c.clear > string(r.row.DueOn) || c.Column == "progress" && c.clear == string(intake.LedgerExtended) {
			asked = append(asked, c)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	until, asks, err := s.PutOff(ctx, by, r.Tip)
	if errors.Is(err, intake.ErrNotFound) || errors.Is(err, casework.ErrDestroyed) {
		until, asks, err = "", true, nil // nobody can ask for it any more
	}
	if err != nil || !asks {
		return err
	}
	r.granted = until
	for _, c := range asked {
		if until == "" || c.Column == "due_on" && c.clear > string(until) {
			c.Problems = append(c.Problems, intake.Problem{Field: c.Column, Code: "needs_grant"})
		}
	}
	return nil
}

// outcome is what the desk is told of some cells of a row, and whether it is told at all.
func (r ChangedRow) outcome(desk string, cells []Cell) (o ledger.Outcome, told bool) {
	o = ledger.Outcome{Tip: r.Tip, Desk: desk, State: intake.LedgerState(r.row.State)}
	for _, c := range cells {
		told = told || tells(c.Column)
		switch {
		case c.clear == "":
		case c.Column == "due_on":
			o.DueOn = intake.Date(c.clear)
		case c.Column == "progress":
			o.State = intake.LedgerState(c.clear)
		case c.Column == "number":
			o.Number = c.clear
		}
	}
	if o.State == intake.LedgerPending && o.Number != "" {
		o.State = intake.LedgerNumbered // it has got its number
	}
	if o.State == intake.LedgerExtended && o.DueOn == "" && r.granted != "" {
		o.DueOn = max(r.granted, r.row.DueOn)
	}
	return o, told
}

// rules holds the row's cells to the ledger's own.
func (r *ChangedRow) rules(desk string) {
	o, told := r.outcome(desk, r.Cells)
	if !told {
		return
	}
	for _, p := range o.Wrong(r.row) {
		for i := range r.Cells {
			if c := &r.Cells[i]; len(c.Problems) == 0 && breaks(p, c.Column) {
				c.Problems = append(c.Problems, p)
			}
		}
	}
}

// breaks says whether a rule is broken by a cell of a column.
func breaks(p intake.Problem, column string) bool {
	switch p.Code {
	case "not_ours":
		return tells(column)
	case "needs_date", "needs_number":
		return column == "progress"
	default:
		return column == p.Field
	}
}
