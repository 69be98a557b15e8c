package book

import "slices"

// Count is one cell of a table.
type Count struct {
	Code   string
	N      int
	Hidden bool // too small to be published, or it would tell one that is
}

// small is below what a cell may say (小于 3 不公布).
const small = 3

// Suppress hides the cells of a table that say less than three, and as many more as it
// takes that nobody can work them out from the total: at least two are hidden, and
// together they hold two more than their number, so that each may be one or three. It
// says whether the total itself may be told.
func Suppress(cells []Count) (out []Count, total bool) {
	out = slices.Clone(cells)
	hidden, sum, all := 0, 0, 0
	for i := range out {
		all += out[i].N
		if out[i].N > 0 && out[i].N < small {
			out[i].Hidden = true
			hidden, sum = hidden+1, sum+out[i].N
		}
	}
	for hidden > 0 && (hidden < 2 || sum < hidden+2) {
		next := smallest(out)
		if next < 0 {
			return out, false
		}
		out[next].Hidden = true
		hidden, sum = hidden+1, sum+out[next].N
	}
	return out, all == 0 || all >= small
}

// smallest is the smallest cell that is shown and holds something, -1 without one.
func smallest(cells []Count) int {
	at := -1
	for i, c := range cells {
		if !c.Hidden && c.N > 0 && (at < 0 || c.N < cells[at].N) {
			at = i
		}
	}
	return at
}
