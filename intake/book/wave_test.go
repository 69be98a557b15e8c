package book

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestWave: whatever comes in, is looked at and is closed, what is new on a sheet is of other origin for a half
// at least.
func TestWave(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var open []line
		last, elsewhere := map[string]bool{}, map[string]bool{} // parcels' numbers
		before, closed := map[string]bool{}, map[string]bool{}
		for n := range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch step := rapid.SampledFrom([]string{"reported", "other", "other", "looked at", "closed"}).Draw(t, "step"); step {
			case "reported", "other":
				number := fmt.Sprint("P-", rapid.IntRange(0, 30).Draw(t, "number"))
				if !closed[number] {
					open = append(open, line{Item: Item{Parcel: number}, id: fmt.Sprint(n), public: step == "reported"})
				}
			case "closed":
				if len(open) > 0 {
					over := open[rapid.IntRange(0, len(open)-1).Draw(t, "which")].Parcel
					closed[over] = true
					open = slices.DeleteFunc(open, func(l line) bool { return l.Parcel == over })
				}
			case "looked at":
				items, shown, added, waiting := wave(open, before)
				on := map[string]bool{}
				for _, i := range items {
					if on[i.Parcel] {
						t.Fatalf("%s stands there twice", i.Parcel)
					}
					on[i.Parcel] = true
				}
				left := map[string]bool{}
				for _, l := range open {
					switch {
					case l.public && !on[l.Parcel]:
						left[l.Parcel] = true
					case !on[l.Parcel]:
						t.Fatalf("%s is missing", l.Parcel)
					case !l.public:
						elsewhere[l.Parcel] = true
					}
				}
				news := 0
				for number := range on {
					if !last[number] {
						news++
					}
				}
				if news != added {
					t.Fatalf("%d are new, and %d are told", news, added)
				}
				if len(left) != waiting {
					t.Fatalf("%d wait, and %d are told", len(left), waiting)
				}
				for _, id := range shown {
					before[id] = true
				}
				compare(t, last, on, elsewhere)
				last = on
			}
		}
	})
}

// compare fails for a difference that tells of reports.
func compare(t *rapid.T, earlier, later, elsewhere map[string]bool) {
	var reported, other int
	for number := range later {
		switch {
		case earlier[number]:
		case elsewhere[number]:
			other++
		default:
			reported++
		}
	}
	if reported > other || reported > 0 && other < others {
		t.Fatalf("%d reports among %d others", reported, other)
	}
}
