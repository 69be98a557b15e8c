package ledger

import (
	"cmp"
	"io"
	"iter"

	"tipline/intake/sheet"
)

// WriteXLSX writes the ledger as a workbook ready to print, two pages side by side:
// on one, thirty columns could not be read.
func WriteXLSX(w io.Writer, rows iter.Seq2[Row, error], labels Labels, open Opener) error {
	s := sheet.Sheet{Name: "台账", Title: labels.Title, Mark: cmp.Or(labels.Mark, labels.Head), Fixed: 2, Wide: 2, Rows: cells(columnsOf(), rows, labels, open)}
	for _, c := range columnsOf() {
		s.Columns = append(s.Columns, sheet.Column{Heading: labels.Heading(c.key), Width: c.width})
	}
	return sheet.WriteXLSX(w, s)
}

// cells are the rows as text, column by column.
func cells(cols []column, rows iter.Seq2[Row, error], labels Labels, open Opener) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for l, err := range lines(rows, labels, open) {
			row := make([]string, len(cols))
			for i, c := range cols {
				if err == nil {
					row[i] = c.value(l)
				}
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}
