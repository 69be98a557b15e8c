package intake_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"tipline/intake"
	"tipline/intake/intaketest"
)

// TestFileNamesAreClipped: all names of a tip are sealed in memory and stand in
// one row, so none may be as long as its sender likes.
func TestFileNamesAreClipped(t *testing.T) {
	o := intaketest.Open(t)
	r := web()
	r.Files = files(strings.Repeat("名", 1_000_000), "a", "b.txt", "b", "\xff\xfe"+strings.Repeat("x", 300), "c")
	f := submit(t, o, r)
	sealed := part(t, o, f.ID, intake.CompartmentOriginals, intake.PartNames)
	var names []string
	intaketest.Must(t, json.Unmarshal(twoLayers(t, o, sealed, intake.PartContext(f.ID, intake.CompartmentOriginals, intake.PartNames)), &names))
	if len(names) != 3 || names[0] != strings.Repeat("名", 255) || names[1] != "b.txt" || utf8.RuneCountInString(names[2]) != 255 {
		t.Errorf("%d names, the first of %d bytes", len(names), len(names[0]))
	}
}
