package backup

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

// together is how many rows one statement inserts, and heavy how many bytes.
const (
	together = 100
	heavy    = 1 << 20
)

// inserts fill one table.
type inserts struct {
	tx      *sql.Tx
	table   string
	columns []string
	args    []any
	rows    int
	bytes   int
}

func (in *inserts) add(ctx context.Context, row []any) error {
	in.args = append(in.args, row...)
	in.rows++
	for _, v := range row {
		if b, ok := v.([]byte); ok {
			in.bytes += len(b)
		}
	}
	if in.rows < together && in.bytes < heavy {
		return nil
	}
	return in.flush(ctx)
}

// flush inserts what has been added.
func (in *inserts) flush(ctx context.Context) error {
	if in.rows == 0 {
		return nil
	}
	var q strings.Builder
	fmt.Fprintf(&q, `INSERT INTO %s (%s) VALUES `, in.table, strings.Join(in.columns, ", "))
	for r := range in.rows {
		between(&q, r, "(")
		for c := range in.columns {
			between(&q, c, "$"+strconv.Itoa(r*len(in.columns)+c+1))
		}
		q.WriteString(")")
	}
	if _, err := in.tx.ExecContext(ctx, q.String(), in.args...); err != nil {
		return fmt.Errorf("table %s: %w", in.table, err)
	}
	in.args, in.rows, in.bytes = in.args[:0], 0, 0
	return nil
}

// between writes the i-th item of a list.
func between(q *strings.Builder, i int, item string) {
	if i > 0 {
		q.WriteString(", ")
	}
	q.WriteString(item)
}
