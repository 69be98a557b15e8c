package book

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

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
}

// ChangedRow is a row with cells that were changed.
type ChangedRow struct {
	Line     int
	Tip      string // "" when the ledger has no such row
	Number   string
	Cells    []Cell
	Problems []intake.Problem

	row    ledger.Row
	opened ledger.Opened
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
	out := &Changes{}
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
	return out, nil
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
		s.judge(&cell, out.row)
		if err := s.judgeNumber(ctx, by, &cell, out.Tip); err != nil {
			return out, err
		}
		out.Cells = append(out.Cells, cell)
	}
	out.needs()
	return out, nil
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
		if c.clear = c.To; c.To == "" {
			wrong("required")
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
		}
	}
	if len(edits) == 0 {
		return 0, nil
	}
	if err := s.note(ctx, by, "ledger.upload", "", "rows "+strconv.Itoa(len(edits))); err != nil {
		return 0, err
	}
	for _, e := range edits {
		if err := s.note(ctx, by, "ledger.edit", e.Tip, e.Columns); err != nil {
			return 0, err
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
	o := ledger.Outcome{Tip: r.Tip, Desk: by.Desk, State: intake.LedgerState(r.row.State)}
	work, words, told := maps.Clone(r.opened.Work), false, false
	if work == nil {
		work = ledger.Work{}
	}
	var keys []string
	for _, c := range r.Cells {
		if c.Conflict && !taken[r.Name(c)] {
			continue
		}
		keys = append(keys, c.Column)
		told = told || tells(c.Column)
		switch c.Column {
		case "due_on":
			o.DueOn = intake.Date(c.clear)
		case "progress":
			o.State = intake.LedgerState(c.clear)
		case "number":
			o.Number = c.clear
		case "closed_on":
			e.ClosedOn = intake.Date(c.clear)
		default:
			work[c.Column], words = c.To, true
		}
	}
	if o.State == intake.LedgerPending && o.Number != "" {
		o.State = intake.LedgerNumbered // it has got its number
	}
	if e.Columns = strings.Join(keys, " "); told {
		e.Outcome = &o
	}
	if words {
		e.Work, err = s.sealWork(by.Desk, r.Tip, work)
	}
	return e, len(keys) > 0, err
}
