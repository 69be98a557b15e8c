package book

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/ledger"
	"tipline/intake/sheet"
)

// Status is what an import would do with a row.
type Status string

// The statuses.
const (
	RowNew     Status = "new"
	RowChanged Status = "changed"
	RowSame    Status = "same"
	RowBad     Status = "bad"
)

// Options are what is said of a whole sheet, beside what its columns say.
type Options struct {
	Batch   string // which delivery this is; with a row's own number it is what the row is known by
	Source  string // of rows that name none
	Datum   string // of rows that name none
	Mapping Mapping
}

// longestBatch is the longest name of a batch, in characters.
const longestBatch = 60

// Plan is what an import would do, row by row. Nothing is stored for it.
type Plan struct {
	Kind    Kind
	Options Options
	Head    int // the row of the headings
	Columns []Column
	Missing []string // fields that no column gives
	Rows    []PlanRow
}

// PlanRow is one row of a sheet as it was read.
type PlanRow struct {
	Line     int    // as the office program counts
	Key      string // the row's own number
	Place    string // a code
	Category string
	Source   string
	Words    string // the beginning of what it says
	Status   Status
	Problems []intake.Problem

	report *intake.Report
	parcel ledger.Parcel
	charge ledger.Charge
	tag    string
}

// String keeps a row's words out of logs and error texts.
func (PlanRow) String() string { return "[row]" }

// Count is how many rows have a status.
func (p *Plan) Count(st Status) (n int) {
	for _, r := range p.Rows {
		if r.Status == st {
			n++
		}
	}
	return n
}

// Scattered says whether every row is of another batch: then the column is hardly one of
// batches, and what it holds would stand in clear.
func (p *Plan) Scattered() bool {
	seen := map[string]bool{}
	for _, r := range p.Rows {
		seen[r.parcel.Batch] = true
	}
	return len(p.Rows) > 1 && len(seen) == len(p.Rows)
}

// Ready says whether there is something to import and, with skip, rows that can't be
// taken are left out.
func (p *Plan) Ready(skip bool) error {
	switch {
	case len(p.Missing) > 0:
		return ErrColumns
	case !skip && p.Count(RowBad) > 0:
		return ErrRows
	default:
		return nil
	}
}

// Plan reads a sheet of clues or parcels and says what an import would do.
func (s *Service) Plan(ctx context.Context, by casework.Actor, k Kind, t sheet.Table, o Options) (*Plan, error) {
	if err := handler(by); err != nil {
		return nil, err
	}
	if k != Clues && k != Parcels {
		return nil, ErrKind
	}
	if o.Batch = strings.TrimSpace(o.Batch); utf8.RuneCountInString(o.Batch) > longestBatch {
		return nil, &intake.InvalidError{Problems: []intake.Problem{{Field: "batch", Code: "too_long", Param: "60"}}}
	}
	if o.Source != "" { // it stands in clear
		code, ok := s.Words.Code("source", o.Source)
		if !ok {
			return nil, &intake.InvalidError{Problems: []intake.Problem{{Field: "source", Code: "unknown"}}}
		}
		o.Source = code
	}
	p := &Plan{Kind: k, Options: o}
	p.Head, p.Columns = s.columns(k, t, o.Mapping)
	if p.Missing = missing(k, p.Columns); len(p.Missing) > 0 {
		return p, nil
	}
	there := known{service: s, by: by, batches: map[string]map[string]ledger.Parcel{}}
	seen := map[string]bool{}
	for line := p.Head + 1; line < len(t); line++ {
		if len(t[line]) == 0 {
			continue
		}
		c := cells{table: t, line: line, columns: p.Columns}
		var r PlanRow
		var err error
		if k == Parcels {
			r, err = s.planParcel(ctx, &there, c, o)
		} else {
			r, err = s.planClue(ctx, by, c, o)
		}
		if err != nil {
			return nil, err
		}
		r.settle(line+1, seen)
		p.Rows = append(p.Rows, r)
	}
	return p, nil
}

// settle gives a row its line; one that stands in the sheet twice, or has a problem,
// can't be taken.
func (r *PlanRow) settle(line int, seen map[string]bool) {
	r.Line = line
	if seen[r.tag] && r.Key != "" {
		r.wrong("number", "twice")
	}
	seen[r.tag] = true
	if len(r.Problems) > 0 {
		r.Status = RowBad
	}
}

func (r *PlanRow) wrong(field, code string) {
	r.Problems = append(r.Problems, intake.Problem{Field: field, Code: code})
}

func (r *PlanRow) long(field string, most int) {
	r.Problems = append(r.Problems, intake.Problem{Field: field, Code: "too_long", Param: strconv.Itoa(most)})
}

// cells are a row's cells by field.
type cells struct {
	table   sheet.Table
	line    int
	columns []Column
}

func (c cells) get(field string) string {
	for at, column := range c.columns {
		if column.Field == field {
			return c.table.Cell(c.line, at)
		}
	}
	return ""
}

// where reads a row's place, coordinates and datum.
func (s *Service) where(r *PlanRow, c cells, datum string) (lat, lon, in string) {
	var ok bool
	if text := c.get("place"); text != "" {
		if r.Place, ok = s.Words.Place(text); !ok {
			r.wrong("place", "unknown")
		}
	}
	if lat, lon, ok = pointIn(c.get("lat"), c.get("lon"), c.get("coordinates")); !ok {
		r.wrong("coordinates", "format")
	}
	if lat == "" {
		return "", "", ""
	}
	if text := c.get("datum"); text != "" {
		datum = text
	}
	if in, ok = datumIn(datum); !ok {
		r.wrong("datum", "unknown")
	}
	return lat, lon, in
}

// code reads a cell that holds a code or its label.
func (s *Service) code(r *PlanRow, c cells, kind, otherwise string) string {
	text := c.get(kind)
	if text == "" {
		return otherwise
	}
	code, ok := s.Words.Code(kind, text)
	if !ok {
		r.wrong(kind, "unknown")
	}
	return code
}

func (r *PlanRow) date(c cells, field string) intake.Date {
	d, ok := dateIn(c.get(field))
	if !ok {
		r.wrong(field, "format")
	}
	return d
}

// beginning is enough of a text to know it by.
func beginning(s string) string {
	r := []rune(s)
	if len(r) <= 40 {
		return s
	}
	return string(r[:40]) + "…"
}
