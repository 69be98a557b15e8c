package ledger

import (
	"iter"
	"log/slog"
	"strconv"
	"strings"

	"tipline/intake"
)

// Labels word a ledger in one language. The pack and the messages belong to the
// caller.
type Labels struct {
	Title   string
	Mark    string                         // who took it, when, and what vouches for it; "" takes Head
	Head    string                         // of the audit chain, hex: what was printed with it can't be taken out unseen later; "" without one
	Heading func(column string) string     // of a column's key
	Code    func(kind, code string) string // kind: channel, source, category, department, disposition, state
	Place   func(code string) (township, village, group string)
}

// Opened is what a row's sealed texts say.
type Opened struct {
	intake.Summary
	Work Work
}

// String keeps the words out of logs and error texts.
func (Opened) String() string { return "[opened]" }

// LogValue keeps the words out of structured logs.
func (Opened) LogValue() slog.Value { return slog.StringValue("[opened]") }

// Opener opens a row's sealed texts; nil leaves the sealed columns empty.
type Opener func(r Row) (Opened, error)

// column is one column of the working ledger, in the usual set and order of the
// townships' sheets.
type column struct {
	key   string
	width float64 // in characters
	value func(l line) string
	edits bool // the office may change it in its sheet
}

// line is a row with what was opened of it.
type line struct {
	n int
	Row
	Opened
	labels                   Labels
	township, village, group string
}

// own is what the office keeps of a column, or else what triage told.
func own(key string, told func(l line) string) func(l line) string {
	return func(l line) string {
		if words, ok := l.Opened.Work[key]; ok {
			return words
		}
		return told(l)
	}
}

// whereOf tells a place in words from one in coordinates: triage has one field for both.
func whereOf(location string) (words, point string) {
	digits, other := 0, false
	for _, r := range location {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune(" ,，;；.+-−NSEWnsew东西南北经纬度分秒°′″'\"", r):
			other = true
		}
	}
	if other || digits < 6 || !strings.ContainsAny(location, ".°度") {
		return location, ""
	}
	return "", location
}

func columnsOf() []column {
	kept := func(key string, width float64) column {
		return column{key, width, own(key, func(line) string { return "" }), true}
	}
	return []column{
		{key: "no", width: 6, value: func(l line) string { return strconv.Itoa(l.n) }},
		{key: "tip", width: 34, value: func(l line) string { return l.Tip }},
		{key: "source", width: 12, value: func(l line) string { return l.labels.Code("source", l.Source) }},
		{key: "channel", width: 10, value: func(l line) string { return l.labels.Code("channel", string(l.Channel)) }},
		{key: "received_on", width: 12, value: func(l line) string { return string(l.ReceivedOn) }},
		{key: "township", width: 12, value: func(l line) string { return l.township }},
		{key: "village", width: 12, value: func(l line) string { return l.village }},
		{key: "group", width: 8, value: func(l line) string { return l.group }},
		{key: "place", width: 15, value: func(l line) string { return l.Row.Place }},
		{"parcel", 16, own("parcel", func(l line) string { return l.Parcel }), true},
		{"location", 20, own("location", func(l line) string { words, _ := whereOf(l.Location); return words }), true},
		{"coordinates", 20, own("coordinates", func(l line) string { _, point := whereOf(l.Location); return point }), true},
		{"subject", 18, own("subject", func(l line) string { return l.Subject }), true},
		kept("occupied_since", 12),
		{key: "category", width: 16, value: func(l line) string { return l.labels.Code("category", l.Category) }},
		kept("area_total", 10),
		kept("area_arable", 10),
		kept("area_basic", 14),
		kept("approval", 12),
		{"description", 40, own("description", func(l line) string { return l.Summary.Summary }), true},
		kept("measure", 20),
		kept("leader", 10),
		kept("responsible", 10),
		{"due_on", 12, func(l line) string { return string(l.DueOn) }, true},
		{"progress", 12, func(l line) string { return l.labels.Code("state", l.State) }, true},
		{"closed_on", 12, func(l line) string { return string(l.ClosedOn) }, true},
		kept("look_back", 10),
		kept("remarks", 16),
		{key: "disposition", width: 12, value: func(l line) string { return l.labels.Code("disposition", l.Disposition) }},
		{key: "department", width: 14, value: func(l line) string { return l.labels.Code("department", l.Department) }},
		{"number", 14, func(l line) string { return l.Number }, true},
		{key: "check", width: 12, value: check},
	}
}

// headed are the columns of a format that has no other place for the audit chain's head.
func headed() []column {
	return append(columnsOf(), column{key: "audit_head", value: func(l line) string { return l.labels.Head }})
}

// lines opens the rows one by one.
func lines(rows iter.Seq2[Row, error], labels Labels, open Opener) iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		n := 0
		for r, err := range rows {
			n++
			l := line{n: n, Row: r, labels: labels}
			if err == nil {
				l.Opened, err = openRow(r, open)
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

func openRow(r Row, open Opener) (Opened, error) {
	if open == nil || len(r.Sealed) == 0 && len(r.Work) == 0 {
		return Opened{}, nil
	}
	return open(r)
}
