package casework_test

import (
	"fmt"
	"slices"
	"testing"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

// TestLooksGoOn: among many neighbours a look opens a few, and the next ones the rest, so
// that the one of the same parcel is found whichever it is.
func TestLooksGoOn(t *testing.T) {
	o := open(t)
	parcel := func(p string) func(*intake.Report) {
		return func(r *intake.Report) { r.Words.Parcel, r.Category = p, intake.CategoryUnknown }
	}
	tip, same := o.tip(t, parcel("图斑 31"), func(r *intake.Report) { r.Category = "ok-house" }).ID, o.tip(t, parcel("图斑31")).ID
	for i := range 40 {
		o.tip(t, parcel(fmt.Sprint("other ", i)))
	}
	for look := range 4 {
		v, err := o.Read(t.Context(), o.wang, tip)
		intaketest.Must(t, err)
		if slices.ContainsFunc(v.Similar, func(s casework.Similar) bool { return s.Tip.ID == same && s.Like[0] == casework.SameParcel }) {
			return
		}
		if len(v.Similar) != 0 {
			t.Errorf("look %d finds %d others", look, len(v.Similar))
		}
	}
	t.Error("the same parcel isn't found")
}
