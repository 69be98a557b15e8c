package book

import (
	"context"
	"fmt"
	"io"

	"tipline/intake/casework"
	"tipline/intake/ledger"
)

// View is what is asked for of the ledger; the desk is the member's.
type View = ledger.View

// Order is what a view is sorted by.
type Order = ledger.Order

// Orders lists them.
func Orders() []Order { return ledger.Orders() }

// Line is a row of the ledger as a member reads it: its cells by column, opened.
type Line struct {
	ledger.Row
	Cells map[string]string
}

// String keeps a line's words out of logs and error texts.
func (Line) String() string { return "[line]" }

// Page is one page of the ledger with its sealed columns opened, and where the next
// begins. The look is on record.
func (s *Service) Page(ctx context.Context, by casework.Actor, v View, lang string) (lines []Line, next string, err error) {
	if err := handler(by); err != nil {
		return nil, "", err
	}
	v.Desk = by.Desk
	rows, next, err := s.Ledger.View(ctx, v)
	if err != nil {
		return nil, "", err
	}
	open, labels, sealed := Opener(by.Ring), s.Words.Labels(lang), 0
	for _, r := range rows {
		o, err := open(r)
		if err != nil {
			return nil, "", err
		}
		if len(r.Sealed)+len(r.Work) > 0 {
			sealed++
		}
		lines = append(lines, Line{r, ledger.Values(r, o, labels)})
	}
	if sealed > 0 {
		err = s.note(ctx, by, "ledger.read", "", fmt.Sprintf("rows %d", sealed))
	}
	return lines, next, err
}

// stamp is the mark of what a member takes away: who, when, and the head of the
// audit chain behind the row that says so.
func (s *Service) stamp(ctx context.Context, by casework.Actor, act, detail string) (mark, head string, err error) {
	if err := s.note(ctx, by, act, "", detail); err != nil {
		return "", "", err
	}
	at, err := s.Head(ctx)
	if err != nil {
		return "", "", err
	}
	return by.Name + " · " + s.Now().In(s.Loc).Format("2006-01-02 15:04") + " · " + at.Hash, at.Hash, nil
}

// Export writes a view of the ledger with its sealed columns opened, as xlsx or csv,
// whatever the view's limit. Who took it is on record and on every page.
func (s *Service) Export(ctx context.Context, by casework.Actor, v View, format, lang string, w io.Writer) error {
	if err := handler(by); err != nil {
		return err
	}
	v.Desk = by.Desk
	labels := s.Words.Labels(lang)
	var err error
	if labels.Mark, labels.Head, err = s.stamp(ctx, by, "ledger.export", format); err != nil {
		return err
	}
	rows := s.Ledger.Each(ctx, v)
	if v == (View{Desk: by.Desk}) {
		rows = s.Ledger.Rows(ctx, ledger.Filter{Desk: by.Desk})
	}
	if format == "csv" {
		return ledger.WriteCSV(w, rows, labels, Opener(by.Ring))
	}
	return ledger.WriteXLSX(w, rows, labels, Opener(by.Ring))
}
