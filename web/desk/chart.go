package desk

import (
	"strconv"

	"tipline/intake/book"
)

// The drawing's units.
const (
	chartWidth  = 420
	trendHeight = 150
)

// bar is one bar of a chart. A hidden one shows that there is something and not how
// much.
type bar struct {
	X, Y, W, H    int
	Hidden, Other bool // Other is of the second series
}

// tick is a label below a trend.
type tick struct {
	Label string
	X, Y  int
}

// chart is a drawing of bars, in units of its view box.
type chart struct {
	Width, Height int
	Bars          []bar
	Ticks         []tick
}

// most is the largest of what is published, at least 1.
func most(cells ...book.Count) int {
	n := 1
	for _, c := range cells {
		if !c.Hidden {
			n = max(n, c.N)
		}
	}
	return n
}

// rising is a chart of pairs of bars, month by month.
func rising(steps []book.Step) chart {
	c := chart{Width: chartWidth, Height: trendHeight + 24}
	var cells []book.Count
	for _, s := range steps {
		cells = append(cells, s.Received, s.Concluded)
	}
	top, slot := most(cells...), chartWidth/max(1, len(steps))
	for i, s := range steps {
		for at, cell := range []book.Count{s.Received, s.Concluded} {
			h := 0
			switch {
			case cell.Hidden:
				h = 3
			case cell.N > 0:
				h = max(2, cell.N*(trendHeight-14)/top)
			}
			w := (slot - 6) / 2
			c.Bars = append(c.Bars, bar{X: i*slot + 3 + at*w, Y: trendHeight - h, W: w - 1, H: h, Hidden: cell.Hidden, Other: at == 1})
		}
		month, _ := strconv.Atoi(s.Month[5:])
		c.Ticks = append(c.Ticks, tick{strconv.Itoa(month), i*slot + slot/2, trendHeight + 19})
	}
	return c
}
