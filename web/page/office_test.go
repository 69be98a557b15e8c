package page

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlaces(t *testing.T) {
	name := func(s string) Text { return Text{"en": s} }
	places := Places{
		{"1", "", "county", name("C")}, {"11", "1", "township", name("T")}, {"111", "11", "village", name("V")},
		{"1111", "111", "group", name("G")}, {"112", "11", "village", name("W")}, {"12", "1", "township", name("U")},
		{"9", "9", "township", name("L")},
	}
	want := []PlaceGroup{
		{"C", []PlaceOption{{"1", "C*"}}},
		{"C · T", []PlaceOption{{"11", "T*"}, {"111", "V"}, {"1111", "V · G"}, {"112", "W"}}},
		{"C · U", []PlaceOption{{"12", "U*"}}},
	}
	got := places.Groups("en", "*")
	if diff := cmp.Diff(want, got[:len(got)-1]); diff != "" {
		t.Error(diff)
	}
	for code, want := range map[string]string{"1111": "C · T · V · G", "1": "C", "7": "7", "": ""} {
		if got := places.Path(code, "en"); got != want {
			t.Errorf("%s is shown as %q, want %q", code, got, want)
		}
	}
}

func TestTextFallsBack(t *testing.T) {
	text := Text{"zh-CN": "中", "en": "e"}
	for lang, want := range map[string]string{"zh-CN": "中", "en": "e", "ug": "中", "zh-TW": "中", "ar": "e", "fr": "e"} {
		if got := text.In(lang); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	if got := (Text{"zh-CN": "中"}).In("en"); got != "中" {
		t.Errorf("%q", got)
	}
}
