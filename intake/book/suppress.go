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

// Suppress hides the cells of a table that say less than three, and with them all that
// hold the smallest number above: it goes by numbers alone, so that of the hidden cells any
// may be one of the small ones or of the others, also for who knows the total, this rule
// and all that stands. It says whether the total itself may be told: not when there is
// nothing to hide small cells among.
func Suppress(cells []Count) (out []Count, total bool) {
	out = slices.Clone(cells)
	some, next := false, 0
	for _, c := range out {
		some = some || c.N > 0 && c.N < small
		if c.N >= small && (next == 0 || c.N < next) {
			next = c.N
		}
	}
	if !some {
		return out, true
	}
	for i, c := range out {
		out[i].Hidden = c.N > 0 && (c.N < small || c.N == next)
	}
	return out, next > 0
}
