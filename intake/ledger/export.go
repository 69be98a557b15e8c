package ledger

import (
	"iter"
	"strconv"

	"tipline/intake"
)

// Labels word a ledger in one language. The pack and the messages belong to the
// caller.
type Labels struct {
	Title   string
	Head    string                         // of the audit chain, hex: what was printed with it can't be taken out unseen later; "" without one
	Heading func(column string) string     // of a column's key
	Code    func(kind, code string) string // kind: channel, source, category, department, disposition, state
	Place   func(code string) (township, village, group string)
}

// Opener opens a row's sealed summary; nil leaves the sealed columns empty.
type Opener func(r Row) (intake.Summary, error)

// column is one column of the working ledger, in the usual set and order of the
// townships' sheets. Those without a value are kept by hand.
type column struct {
	key   string
	width float64 // in characters
	value func(l line) string
}

// line is a row with what was opened of it.
type line struct {
	n int
	Row
	intake.Summary
	labels                   Labels
	township, village, group string
}

func columnsOf() []column {
	none := func(line) string { return "" }
	return []column{
		{"no", 6, func(l line) string { return strconv.Itoa(l.n) }},
		{"tip", 34, func(l line) string { return l.Tip }},
		{"source", 12, func(l line) string { return l.labels.Code("source", l.Source) }},
		{"channel", 10, func(l line) string { return l.labels.Code("channel", string(l.Channel)) }},
		{"received_on", 12, func(l line) string { return string(l.ReceivedOn) }},
		{"township", 12, func(l line) string { return l.township }},
		{"village", 12, func(l line) string { return l.village }},
		{"group", 8, func(l line) string { return l.group }},
		{"place", 15, func(l line) string { return l.Row.Place }},
		{"parcel", 16, func(l line) string { return l.Parcel }},
		{"coordinates", 20, func(l line) string { return l.Location }},
		{"subject", 18, func(l line) string { return l.Subject }},
		{"occupied_since", 12, none},
		{"category", 16, func(l line) string { return l.labels.Code("category", l.Category) }},
		{"area_total", 10, none},
		{"area_arable", 10, none},
		{"area_basic", 14, none},
		{"approval", 12, none},
		{"description", 40, func(l line) string { return l.Summary.Summary }},
		{"measure", 20, none},
		{"leader", 10, none},
		{"responsible", 10, none},
		{"due_on", 12, func(l line) string { return string(l.DueOn) }},
		{"progress", 12, func(l line) string { return l.labels.Code("state", l.State) }},
		{"closed_on", 12, none},
		{"look_back", 10, none},
		{"remarks", 16, none},
		{"disposition", 12, func(l line) string { return l.labels.Code("disposition", l.Disposition) }},
		{"department", 14, func(l line) string { return l.labels.Code("department", l.Department) }},
		{"number", 14, func(l line) string { return l.Number }},
	}
}

// headed are the columns of a format that has no other place for the audit chain's head.
func headed() []column {
	return append(columnsOf(), column{"audit_head", 0, func(l line) string { return l.labels.Head }})
}

// Columns are the keys of the columns, for whoever words the headings.
func Columns() []string {
	var keys []string
	for _, c := range headed() {
		keys = append(keys, c.key)
	}
	return keys
}

// lines opens the rows one by one.
func lines(rows iter.Seq2[Row, error], labels Labels, open Opener) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		n := 0
		for r, err := range rows {
			n++
			l := line{n: n, Row: r, labels: labels}
			if err == nil {
				l.Summary, err = openRow(r, open)
			}
			if labels.Place != nil {
				l.township, l.village, l.group = labels.Place(r.Place)
			}
			if !yield(l, err) || err != nil {
				return
			}
		}
	}
}

func openRow(r Row, open Opener) (intake.Summary, error) {
	if open == nil || len(r.Sealed) == 0 {
		return intake.Summary{}, nil
	}
	return open(r)
}
