package backup

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"

	"tipline/intake/database"
)

// rowsFile collects the rows of one table and writes them file by file.
type rowsFile struct {
	w       *writer
	table   string // with its database
	columns []string
	query   string
	text    bytes.Buffer
	n       int                                     // files so far
	change  func(columns []string, row []any) error // what a row goes through, nil for nothing
}

func (w *writer) begin(ctx context.Context, q *sql.Tx, part string, t database.Table) (*rowsFile, error) {
	f := &rowsFile{w: w, table: part + "/" + t.Name}
	w.m.Rows[f.table], w.at.Part = 0, t.Name
	var err error
	f.columns, f.query, err = columnsOf(ctx, q, t)
	return f, err
}

// copy adds the table's rows, or those keep keeps: it gets the first column's
// name and the row.
func (f *rowsFile) copy(ctx context.Context, q *sql.Tx, keep func(string, []any) (bool, error)) error {
	rows, err := q.QueryContext(ctx, f.query)
	if err != nil {
		return err
	}
	defer rows.Close()
	row, into := make([]any, len(f.columns)), make([]any, len(f.columns))
	for i := range row {
		into[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if keep != nil {
			if ok, err := keep(f.columns[0], row); err != nil {
				return err
			} else if !ok {
				continue
			}
		}
		if f.change != nil {
			if err := f.change(f.columns, row); err != nil {
				return err
			}
		}
		if err := f.add(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (f *rowsFile) add(row []any) error {
	if f.text.Len() == 0 {
		if err := line(&f.text, f.columns); err != nil {
			return err
		}
	}
	if err := appendRow(&f.text, row); err != nil {
		return err
	}
	f.w.m.Rows[f.table]++
	f.w.at.Rows++
	if f.text.Len() < chunk {
		return nil
	}
	return f.flush()
}

// flush writes the rows so far.
func (f *rowsFile) flush() error {
	if f.text.Len() == 0 {
		return nil
	}
	f.n++
	err := f.w.archive.file(fmt.Sprintf("%s/%06d.jsonl", f.table, f.n), int64(f.text.Len()), &f.text)
	f.text.Reset()
	f.w.Tell(f.w.at)
	return err
}
