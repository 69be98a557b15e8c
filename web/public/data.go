package public

import "tipline/intake"

// document is what the partial "sections" renders.
type document struct {
	frame
	Name string // begins the anchors
	Document
	Top bool // the document is the whole page: its sections stand right below the title
}

// Doc gives a document to the partial "sections", as a part of a page.
func (f frame) Doc(name string, d Document) document { return document{f, name, d, false} }

// Whole gives a document to the partial "sections", as all that is on a page.
func (f frame) Whole(name string, d Document) document { return document{f, name, d, true} }

// fieldReason is what the partial "reason" renders.
type fieldReason struct{ Field, Text string }

// line is what the partial "line" renders: a labelled line to type in.
type line struct {
	fieldReason
	Label, Optional, Hint, Mode, Value string
}

// Line is an optional field of one line. mode is the keyboard (inputmode); hint
// is a message id or "".
func (p formPage) Line(field, mode, hint string) line {
	l := line{fieldReason: p.Reason(field), Label: p.T("field." + field), Optional: p.T("report.optional"), Mode: mode, Value: p.Value(field)}
	if hint != "" {
		l.Hint = p.T(hint)
	}
	return l
}

// Datums are the map datums a coordinate may be in.
func (p formPage) Datums() []string { return []string{"wgs84", "cgcs2000", "gcj02", "bd09"} }

// Replies are the ways to hear from the office.
func (p formPage) Replies() []string {
	return []string{string(intake.ReplyReceipt), string(intake.ReplyContact), string(intake.ReplyNone)}
}

// Reason is a field's reason for the partial "reason".
func (f refusal) Reason(field string) fieldReason { return fieldReason{field, f.Err(field)} }
