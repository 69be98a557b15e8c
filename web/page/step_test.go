package page_test

import (
	"testing"

	"tipline/web/page"
)

func TestPlaceStep(t *testing.T) {
	name := func(s string) page.Text { return page.Text{"en": s} }
	places := page.Places{{Code: "1", Level: "county", Name: name("County")}, {Code: "11", Parent: "1", Level: "township", Name: name("Town")},
		{Code: "111", Parent: "11", Level: "village", Name: name("Village")}, {Code: "1111", Parent: "111", Level: "group", Name: name("Group")}}
	for at, want := range map[string]page.PlaceStep{
		"":        {Options: []page.PlaceOption{{Code: "1", Label: "County"}}},
		"nonsuch": {Options: []page.PlaceOption{{Code: "1", Label: "County"}}},
		"11":      {At: "11", Up: "1", Path: "County · Town", Options: []page.PlaceOption{{Code: "11", Label: "Town (all)"}, {Code: "111", Label: "Village"}}},
		"1111":    {At: "111", Up: "11", Path: "County · Town · Village", Options: []page.PlaceOption{{Code: "111", Label: "Village (all)"}, {Code: "1111", Label: "Group"}}},
	} {
		got := places.Step(at, "en", " (all)")
		if got.At != want.At || got.Up != want.Up || got.Path != want.Path || len(got.Options) != len(want.Options) {
			t.Fatalf("%q: %+v, want %+v", at, got, want)
		}
		for i := range got.Options {
			if got.Options[i] != want.Options[i] {
				t.Errorf("%q: %+v, want %+v", at, got.Options[i], want.Options[i])
			}
		}
	}
}
