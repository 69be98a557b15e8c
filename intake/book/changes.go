package book

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/ledger"
	"tipline/intake/sheet"
)

// Changes are what somebody changed in a sheet of the ledger, cell by cell. Nothing
// is stored for them.
type Changes struct {
	Columns []Column
	Missing []string // what would find the rows
	Rows    []ChangedRow
	Read    int  // rows of the sheet
	Checked bool // the sheet tells what it was written from
	// CloseParcels closes with the rows what [ChangedRow.Parcels] names.
	CloseParcels bool

	why string // that parcels are closed for
}

// ChangedRow is a row with cells that were changed.
type ChangedRow struct {
	Line     int
	Tip      string // "" when the ledger has no such row
	Number   string
	Cells    []Cell
	Problems []intake.Problem
	Parcels  []ledger.Parcel // that may be closed with the row

	row     ledger.Row
	parcel  string // the row's number of one, as the sheet says or else as it stands
	opened  ledger.Opened
	granted intake.Date // up to when its date was put off
}

// String keeps a row's words out of logs and error texts.
func (ChangedRow) String() string { return "[row]" }

// Cell is a cell that was changed.
type Cell struct {
	Column, From, To string // From is how it stands here now
	Conflict         bool   // it was changed here as well, after the sheet was written
	Problems         []intake.Problem

	clear string // To as it stands in a clear column: a code or a date
}

// String keeps a cell's words out of logs and error texts.
func (Cell) String() string { return "[cell]" }

// Name is what a cell is called in a form.
func (r ChangedRow) Name(c Cell) string { return r.Tip + ":" + c.Column }

// Bad is how many rows can't be taken, Conflicts how many cells were changed on both
// sides, Cells how many changed at all.
func (c *Changes) Bad() (n int) {
	for _, r := range c.Rows {
		if r.bad() {
			n++
		}
	}
	return n
}

func (r ChangedRow) bad() bool {
	return len(r.Problems) > 0 || slices.ContainsFunc(r.Cells, func(c Cell) bool { return len(c.Problems) > 0 })
}

// Conflicts is how many cells were changed on both sides.
func (c *Changes) Conflicts() (n int) {
	for _, r := range c.Rows {
		for _, cell := range r.Cells {
			if cell.Conflict {
				n++
			}
		}
	}
	return n
}

// Cells is how many cells changed.
func (c *Changes) Cells() (n int) {
	for _, r := range c.Rows {
		n += len(r.Cells)
	}
	return n
}

// Seen is a hash of all that the changes say: whoever takes them has seen just these.
func (c *Changes) Seen() string {
	var parts []string
	for _, r := range c.Rows {
		parts = append(parts, r.Tip, strconv.Itoa(r.row.Version))
		for _, cell := range r.Cells {
			parts = append(parts, cell.Column, cell.From, cell.To)
		}
		for _, p := range r.Parcels {
			parts = append(parts, p.Batch, p.Number, strconv.Itoa(p.Version))
		}
	}
	return tag(parts...)
}

// Compare reads a sheet of the ledger and says what was changed in it. With the
// column of checks it tells apart what the sheet's owner touched and what changed
// here meanwhile; without, every difference is a change.
func (s *Service) Compare(ctx context.Context, by casework.Actor, t sheet.Table, m Mapping, lang string) (*Changes, error) {
	if err := handler(by); err != nil {
		return nil, err
	}
	out := &Changes{why: s.Words.Text(lang, "book.parcel.with_row")}
	var head int
	head, out.Columns = s.columns(Ledger, t, m)
	finds := func(c Column) bool { return c.Field == "tip" || c.Field == "number" }
	if !slices.ContainsFunc(out.Columns, finds) {
		out.Missing = []string{"tip"}
		return out, nil
	}
	out.Checked = slices.ContainsFunc(out.Columns, func(c Column) bool { return c.Field == "check" })
	seen := map[string]bool{}
	for line := head + 1; line < len(t); line++ {
		if len(t[line]) == 0 {
			continue
		}
		out.Read++
		r, err := s.compare(ctx, by, cells{table: t, line: line, columns: out.Columns}, lang)
		if err != nil {
			return nil, err
		}
		r.Line = line + 1
		if r.Tip != "" && seen[r.Tip] {
			r.Problems = append(r.Problems, intake.Problem{Field: "tip", Code: "twice"})
		}
		seen[r.Tip] = true
		if len(r.Cells)+len(r.Problems) > 0 {
			out.Rows = append(out.Rows, r)
		}
	}
	return out, s.closing(ctx, by, out)
}

// find is the row that a line of a sheet is about.
func (s *Service) find(ctx context.Context, by casework.Actor, c cells) (ledger.Row, bool, error) {
	for _, field := range []string{"tip", "number"} {
		key := c.get(field)
		if key == "" {
			continue
		}
		r, err := s.Ledger.Row(ctx, by.Desk, key)
		if errors.Is(err, intake.ErrNotFound) {
			return r, false, nil
		}
		return r, err == nil, err
	}
	return ledger.Row{}, false, nil
}

func (s *Service) compare(ctx context.Context, by casework.Actor, c cells, lang string) (out ChangedRow, err error) {
	out.Number = c.get("number")
	var found bool
	if out.row, found, err = s.find(ctx, by, c); err != nil {
		return out, err
	}
	if !found {
		out.Problems = []intake.Problem{{Field: "tip", Code: "no_row"}}
		return out, nil
	}
	out.Tip = out.row.Tip
	touched := touchedCells(c, out.Tip)
	if len(touched) == 0 {
		return out, nil // nothing has to be opened
	}
	if out.opened, err = Opener(by.Ring)(out.row); err != nil {
		return out, err
	}
	now := ledger.Values(out.row, out.opened, s.Words.Labels(lang))
	for _, key := range ledger.Editable() {
		text, there := touched[key]
		if !there || s.same(key, now[key], text) {
			continue
		}
		cell := Cell{Column: key, From: now[key], To: text}
		if as, known := ledger.Untouched(c.get("check"), out.Tip, key, now[key]); known && !as {
			cell.Conflict = true
		}
		s.judge(&cell)
		if err := s.judgeNumber(ctx, by, &cell, out.Tip); err != nil {
			return out, err
		}
		out.Cells = append(out.Cells, cell)
	}
	if out.parcel = now["parcel"]; touched["parcel"] != "" {
		out.parcel = touched["parcel"]
	}
	if err := s.judgeLater(ctx, by, &out); err != nil {
		return out, err
	}
	out.rules(by.Desk)
	return out, nil
}

// touchedCells are the cells that aren't as the sheet's check says they were written.
func touchedCells(c cells, tip string) map[string]string {
	out := map[string]string{}
	for at, column := range c.columns {
		if !slices.Contains(ledger.Editable(), column.Field) {
			continue
		}
		text := ledger.Same(c.table.Cell(c.line, at))
		if as, known := ledger.Untouched(c.get("check"), tip, column.Field, text); !known || !as {
			out[column.Field] = text
		}
	}
	return out
}

// same says whether two texts of a column say the same: dates and states may be
// written in several ways.
func (s *Service) same(key, a, b string) bool {
	if ledger.Same(a) == ledger.Same(b) {
		return true
	}
	switch key {
	case "due_on", "closed_on":
		x, okX := dateIn(a)
		y, okY := dateIn(b)
		return okX && okY && x == y
	case "progress":
		x, okX := s.Words.Code("state", a)
		y, okY := s.Words.Code("state", b)
		return okX && okY && x == y
	default:
		return false
	}
}
