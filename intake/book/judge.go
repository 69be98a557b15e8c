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
func (s *Service) judge(c *Cell, r ledger.Row) {
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
		switch {
		case !ok:
			wrong("format")
		case c.Column == "due_on" && d == "":
			wrong("required")
		case c.Column == "due_on" && d < r.DueOn:
			wrong("earlier")
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
	case "number":
		switch c.clear = c.To; {
		case c.To == "":
			wrong("required")
		case !numberIn(c.To):
			wrong("no_number")
		}
	}
	if utf8.RuneCountInString(c.To) > longestCell {
		wrong("too_long")
	}
	if tells(c.Column) && r.Disposition != "" && r.Disposition != string(intake.StateAccepted) {
		wrong("not_ours")
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

// needs says what a new state can't be without: a number, or the date it is put off to.
func (r *ChangedRow) needs() {
	to := map[string]string{}
	for _, c := range r.Cells {
		to[c.Column] = c.clear
	}
	for i := range r.Cells {
		c := &r.Cells[i]
		switch {
		case c.Column == "progress" && c.clear == string(intake.LedgerExtended) && to["due_on"] == "":
			c.Problems = append(c.Problems, intake.Problem{Field: "due_on", Code: "needs_date"})
		case c.Column == "progress" && c.clear == string(intake.LedgerNumbered) && to["number"] == "" && r.row.Number == "":
			c.Problems = append(c.Problems, intake.Problem{Field: "number", Code: "needs_number"})
		}
	}
}
