package backup

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"strings"
)

// longest is the longest line of a row, in bytes: containers up to 64 KiB and
// padded texts stand in rows.
const longest = 16 << 20

// table loads one file of rows.
func (r *reader) table(ctx context.Context, name string) error {
	part, rest, _ := strings.Cut(name, "/")
	table, _, _ := strings.Cut(rest, "/")
	if !r.load.knows(part, table) {
		return damaged("it has a table %s", table)
	}
	r.at.Part = table
	err := r.archive.read(name, func(c io.Reader) error {
		lines := bufio.NewScanner(c)
		lines.Buffer(make([]byte, 64<<10), longest)
		if !lines.Scan() {
			return damaged("%s is empty", name)
		}
		var columns []string
		if err := json.Unmarshal(lines.Bytes(), &columns); err != nil {
			return damaged("%s", name)
		}
		in, err := r.load.table(ctx, part, table, columns)
		if err != nil {
			return err
		}
		keep := r.keep(part + "/" + table)
		for lines.Scan() {
			row, err := parseRow(lines.Bytes(), len(columns))
			if err != nil {
				return damaged("%s: %v", name, err)
			}
			r.rows[part+"/"+table]++
			r.at.Rows++
			if keep != nil {
				if ok, err := keep(columns, row); err != nil {
					return err
				} else if !ok {
					continue
				}
			}
			if err := in.add(ctx, row); err != nil {
				return err
			}
		}
		if err := lines.Err(); err != nil {
			return err
		}
		return in.end(ctx)
	})
	r.Tell(r.at)
	return err
}
