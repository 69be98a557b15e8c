package sheet

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"
	"time"
)

// grid gathers the cells of one sheet.
type grid struct {
	book  *workbook
	table Table
	size  int // bytes of the cells' texts
}

func (g *grid) read(d *xml.Decoder) error {
	return elements(d, func(row xml.StartElement) error {
		if row.Name.Local != "row" {
			return nil
		}
		at := len(g.table)
		if n, err := strconv.Atoi(attribute(row, "r")); err == nil {
			at = n - 1
		}
		if at >= MaxRows {
			return ErrTooLarge
		}
		for len(g.table) <= at {
			g.table = append(g.table, nil)
		}
		if at < 0 {
			return ErrFormat
		}
		cells, err := g.row(d)
		g.table[at] = cells
		return err
	})
}

// row reads cells up to the row's end.
func (g *grid) row(d *xml.Decoder) (cells []string, err error) {
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		if e, ok := token.(xml.EndElement); ok && e.Name.Local == "row" {
			return cells, nil
		}
		c, ok := token.(xml.StartElement)
		if !ok || c.Name.Local != "c" {
			continue
		}
		at := columnOf(attribute(c, "r"), len(cells))
		if at >= maxColumns {
			return nil, ErrTooLarge
		}
		text, err := g.cell(d, c)
		if err != nil {
			return nil, err
		}
		for len(cells) <= at {
			cells = append(cells, "")
		}
		cells[at] = text
		if g.size += len(text); g.size > maxOpened {
			return nil, ErrTooLarge
		}
	}
}

// columnOf is a reference's column (B7 is 1), next without one.
func columnOf(ref string, next int) int {
	n := 0
	for _, r := range strings.ToUpper(ref) {
		if r < 'A' || r > 'Z' {
			break
		}
		if n = n*26 + int(r-'A') + 1; n > maxColumns {
			return n
		}
	}
	if n == 0 {
		return next
	}
	return n - 1
}

// cell is what a cell shows: of a formula what it came to last.
func (g *grid) cell(d *xml.Decoder, c xml.StartElement) (string, error) {
	kind, of := attribute(c, "t"), "v"
	if kind == "inlineStr" {
		of = "t"
	}
	text, err := textOf(d, of)
	if err != nil {
		return "", err
	}
	switch kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 0 || n >= len(g.book.texts) {
			return "", nil
		}
		return g.book.texts[n], nil
	case "inlineStr", "str", "e", "d", "b":
		return plain(text), nil
	default:
		return plain(g.number(text, attribute(c, "s"))), nil
	}
}

// number is a number as it is shown: a date as 2006-01-02, else without the noise of
// its last binary digits.
func (g *grid) number(value, style string) string {
	f, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return value
	}
	if g.book.style(style) && f >= 1 && f < 2_958_466 { // the year 10000
		return dayOf(f, g.book.from04)
	}
	f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64) // what was formatted parses
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// dayOf is the day of a serial number, which Excel counts from 1900 with one leap day
// too many, or from 1904.
func dayOf(f float64, from04 bool) string {
	begin := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if from04 {
		begin = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return begin.AddDate(0, 0, int(f)).Format(time.DateOnly)
}
