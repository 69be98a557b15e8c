package book

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tipline/intake"
)

// TestSuppress: whoever knows the total and what is shown can't tell that a hidden
// cell is below three, and every cell below three is hidden.
func TestSuppress(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.SliceOfN(rapid.IntRange(0, 9), 0, 8).Draw(rt, "cells")
		var cells []Count
		total := 0
		for _, v := range n {
			cells, total = append(cells, Count{N: v}), total+v
		}
		out, told := Suppress(cells)
		hidden, left := 0, total
		for _, c := range out {
			if c.Hidden {
				hidden++
			} else {
				left -= c.N
				if c.N > 0 && c.N < small {
					rt.Fatalf("%d is shown", c.N)
				}
			}
		}
		if !told || hidden == 0 {
			return
		}
		// The largest that one may be while the others are at least one.
		if most := left - (hidden - 1); hidden < 2 || most < small {
			rt.Fatalf("%v: %d hidden of a total of %d can be worked out", n, hidden, left)
		}
	})
}

// TestSuppressed: cases by hand.
func TestSuppressed(t *testing.T) {
	for _, c := range []struct {
		n     []int
		want  string
		total bool
	}{
		{[]int{5, 7, 9}, "...", true}, {[]int{0, 5, 7}, "...", true}, {[]int{1, 5, 7}, "xx.", true}, {[]int{2, 2, 9}, "xxx", true}, {[]int{2, 2, 9, 9, 10}, "xxxx.", true}, {[]int{1, 1, 9}, "xxx", true},
		{[]int{1, 0, 0}, "x..", false}, {[]int{2, 0}, "x.", false}, {nil, "", true}, {[]int{1, 2, 3, 40}, "xxx.", true},
	} {
		var cells []Count
		for _, n := range c.n {
			cells = append(cells, Count{N: n})
		}
		out, total := Suppress(cells)
		got := ""
		for _, o := range out {
			got += map[bool]string{true: "x", false: "."}[o.Hidden]
		}
		if got != c.want || total != c.total {
			t.Errorf("%v: %s %v, want %s %v", c.n, got, total, c.want, c.total)
		}
	}
}

// TestBreakdowns: a total that one table can't stand beside is told nowhere, and where a
// hidden cell stands says nothing of how large it is.
func TestBreakdowns(t *testing.T) {
	var tallies []intake.Tally
	for _, place := range []string{"a", "b", "c"} { // each one, if the total of three were told
		tallies = append(tallies, intake.Tally{State: intake.StateReceived, Place: place, Category: "house", Channel: intake.Web, N: 1})
	}
	if _, told := breakdowns(tallies); told {
		t.Error("three villages of three tips are told")
	}
	if s := statesOf(tallies, false); !s[0].Hidden {
		t.Error("the states tell the total")
	}
	tallies = nil
	for place, n := range map[string]int{"a": 1, "b": 3, "c": 9} {
		tallies = append(tallies, intake.Tally{State: intake.StateReceived, Place: place, Category: "house", Channel: intake.Web, N: n})
	}
	tables, told := breakdowns(tallies)
	got := slices.Collect(func(yield func(string) bool) {
		for _, c := range tables[0] {
			if !yield(c.Code) {
				return
			}
		}
	})
	if want := []string{"c", "a", "b"}; !told || !slices.Equal(got, want) {
		t.Errorf("%v %v, want %v", got, told, want)
	}
}

// TestNothingHiddenCanBeWorkedOut: of all tables that are published alike, a hidden cell
// holds at least two numbers, and one of them is not below three: who knows the rule, the
// total and all that stands still doesn't know it.
func TestNothingHiddenCanBeWorkedOut(t *testing.T) {
	const most = 9
	for width := 1; width <= 4; width++ {
		alike := map[string][][]int{}
		each(width, most, func(n []int) {
			var cells []Count
			total := 0
			for _, v := range n {
				cells, total = append(cells, Count{N: v}), total+v
			}
			out, told := Suppress(cells)
			if told && total > 2*most { // larger cells would be alike as well
				return
			}
			seen := "untold"
			if told {
				seen = fmt.Sprint(total)
			}
			for _, c := range out {
				if c.Hidden {
					seen += " x"
				} else {
					seen += fmt.Sprint(" ", c.N)
				}
			}
			alike[seen] = append(alike[seen], n)
		})
		for seen, tables := range alike {
			for i, mark := range strings.Fields(seen)[1:] {
				values := map[int]bool{}
				large := 0
				for _, n := range tables {
					values[n[i]] = true
					large = max(large, n[i])
				}
				if mark == "x" && (len(values) < 2 || large < small) && !strings.HasPrefix(seen, "untold") {
					t.Errorf("%s: cell %d holds one of %v", seen, i, values)
				}
			}
		}
	}
}

// each yields all rows of a width whose cells go from none to most.
func each(width, most int, yield func([]int)) {
	row := make([]int, width)
	for {
		yield(slices.Clone(row))
		i := 0
		for ; i < width && row[i] == most; i++ {
			row[i] = 0
		}
		if i == width {
			return
		}
		row[i]++
	}
}
