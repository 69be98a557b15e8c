package desk

import (
	"strconv"

	"tipline/intake/book"
)

// The drawing's units: it is as wide as a phone, so that its words stay readable there.
const (
	chartWidth  = 420
	barRow      = 44 // a bar with its label above
	trendHeight = 150
)

// bar is one bar of a chart. A hidden one shows that there is something and not how
// much.
type bar struct {
	Label, Value  string
	X, Y, W, H    int
	TextX, TextY  int
	Hidden, Other bool // Other is of the second series
}

// chart is a drawing of bars, in units of its view box.
type chart struct {
	ID, Title, Desc string
	Width, Height   int
	Bars            []bar
	Ticks           []bar // labels below a trend
}

// lying is a chart of bars that lie below one another.
func lying(id, title, desc string, cells []book.Count, word, shown func(book.Count) string) chart {
	c := chart{ID: id, Title: title, Desc: desc, Width: chartWidth, Height: max(1, len(cells)) * barRow}
	most := 1
	for _, cell := range cells {
		if !cell.Hidden {
			most = max(most, cell.N)
		}
	}
	for i, cell := range cells {
		b := bar{Label: word(cell), Value: shown(cell), Y: i*barRow + 22, H: 14, W: 4, TextY: i*barRow + 16, Hidden: cell.Hidden}
		if !cell.Hidden {
			b.W = max(2, cell.N*(chartWidth-70)/most)
		}
		b.TextX = b.W + 8
		c.Bars = append(c.Bars, b)
	}
	return c
}

// rising is a chart of pairs of bars, month by month.
func rising(id, title, desc string, steps []book.Step, shown func(book.Count) string) chart {
	c := chart{ID: id, Title: title, Desc: desc, Width: chartWidth, Height: trendHeight + 24}
	most := 1
	for _, s := range steps {
		for _, cell := range []book.Count{s.Received, s.Concluded} {
			if !cell.Hidden {
				most = max(most, cell.N)
			}
		}
	}
	slot := chartWidth / max(1, len(steps))
	for i, s := range steps {
		for at, cell := range []book.Count{s.Received, s.Concluded} {
			h := 0
			switch {
			case cell.Hidden:
				h = 3
			case cell.N > 0:
				h = max(2, cell.N*(trendHeight-14)/most)
			}
			w := (slot - 6) / 2
			c.Bars = append(c.Bars, bar{Label: s.Month, Value: shown(cell), X: i*slot + 3 + at*w, Y: trendHeight - h, W: w - 1, H: h, Hidden: cell.Hidden, Other: at == 1})
		}
		month, _ := strconv.Atoi(s.Month[5:])
		c.Ticks = append(c.Ticks, bar{Label: strconv.Itoa(month), TextX: i*slot + slot/2, TextY: trendHeight + 18})
	}
	return c
}
