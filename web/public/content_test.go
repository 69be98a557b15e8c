package public

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlaceGroups(t *testing.T) {
	name := func(s string) Text { return Text{"en": s} }
	c := Content{Places: []Place{
		{"1", "", "county", name("C")}, {"11", "1", "township", name("T")}, {"111", "11", "village", name("V")},
		{"1111", "111", "group", name("G")}, {"112", "11", "village", name("W")}, {"12", "1", "township", name("U")},
		{"9", "9", "township", name("L")},
	}}
	want := []group{
		{"C", []option{{"1", "C*"}}},
		{"C · T", []option{{"11", "T*"}, {"111", "V"}, {"1111", "V · G"}, {"112", "W"}}},
		{"C · U", []option{{"12", "U*"}}},
	}
	got := c.placeGroups("en", "*")
	if diff := cmp.Diff(want, got[:len(got)-1]); diff != "" {
		t.Error(diff)
	}
}

func TestTicked(t *testing.T) {
	for v, want := range map[string]bool{"": false, "0": false, "false": false, "no": false, "off": false, "1": true, "on": true, "true": true, "是": true} {
		if ticked(v) != want {
			t.Errorf("%q is %v", v, !want)
		}
	}
}
