package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"tipline/intake/database"
)

// together is how many rows one statement inserts where each is a round trip, and heavy how many bytes.
// SQLite takes one row: it looks each parameter up by its name, among all of a statement's.
const (
	together = 100
	heavy    = 1 << 20
)

// inserts fill one table.
type inserts struct {
	tx      *sql.Tx
	table   string
	columns []string
	most    int // rows of one statement
	args    []any
	rows    int
	bytes   int
	ready   *sql.Stmt // of most rows, once there was one
}

// insertsOf are those of a table in a database.
func insertsOf(tx *sql.Tx, d database.Dialect, table string, columns []string) *inserts {
	in := &inserts{tx: tx, table: table, columns: columns, most: together}
	if d == database.SQLite {
		in.most = 1
	}
	return in
}

func (in *inserts) add(ctx context.Context, row []any) error {
	in.args = append(in.args, row...)
	in.rows++
	for _, v := range row {
		if b, ok := v.([]byte); ok {
			in.bytes += len(b)
		}
	}
	if in.rows < in.most && in.bytes < heavy {
		return nil
	}
	return in.flush(ctx)
}

// flush inserts what has been added.
func (in *inserts) flush(ctx context.Context) (err error) {
	if in.rows == 0 {
		return nil
	}
	if in.rows < in.most {
		_, err = in.tx.ExecContext(ctx, in.statement(), in.args...)
	} else {
		if in.ready == nil {
			if in.ready, err = in.tx.PrepareContext(ctx, in.statement()); err != nil {
				return fmt.Errorf("table %s: %w", in.table, err)
			}
		}
		_, err = in.ready.ExecContext(ctx, in.args...)
	}
	if err != nil {
		return fmt.Errorf("table %s: %w", in.table, err)
	}
	in.args, in.rows, in.bytes = in.args[:0], 0, 0
	return nil
}

// end inserts what is left.
func (in *inserts) end(ctx context.Context) error {
	err := in.flush(ctx)
	if in.ready != nil {
		err = errors.Join(err, in.ready.Close())
	}
	return err
}

// statement inserts as many rows as were added.
func (in *inserts) statement() string {
	var q strings.Builder
	fmt.Fprintf(&q, `INSERT INTO %s (%s) VALUES `, in.table, strings.Join(in.columns, ", "))
	for r := range in.rows {
		between(&q, r, "(")
		for c := range in.columns {
			between(&q, c, "$"+strconv.Itoa(r*len(in.columns)+c+1))
		}
		q.WriteString(")")
	}
	return q.String()
}

// between writes the i-th item of a list.
func between(q *strings.Builder, i int, item string) {
	if i > 0 {
		q.WriteString(", ")
	}
	q.WriteString(item)
}
