package casework_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/datum"
	"tipline/intake/intaketest"
)

// memory is a session's.
type memory struct{ sync.Map }

func (m *memory) Recall(key string) (any, bool) { return m.Load(key) }
func (m *memory) Remember(key string, v any)    { m.Store(key, v) }

// TestChart opens where tips lie, once a session and so many at a time, with a row of the
// record before it; what doesn't open lies nowhere, and another desk's isn't there.
func TestChart(t *testing.T) {
	o := open(t)
	lies := func(lat, lon, in string) func(*intake.Report) {
		return func(r *intake.Report) { r.Words.Lat, r.Words.Lon, r.Words.Datum = lat, lon, in }
	}
	here, bare := o.tip(t, lies("29.57908428837437", "114.2307519546763", datum.BD09)), o.tip(t)
	spoilt := o.tip(t, lies("34.4", "115", datum.WGS84))
	_, err := o.Office.Store.Database().Write.Exec(`UPDATE parts SET sealed = $2 WHERE tip = $1 AND compartment = 'report'`, spoilt.ID, []byte("not an age file"))
	intaketest.Must(t, err)
	m := &memory{}
	for range 2 {
		c, err := o.Chart(t.Context(), o.wang, intake.Filter{Lane: intake.Normal, Limit: 1}, "", m)
		intaketest.Must(t, err)
		if len(c.Tips) != 3 || len(c.At) != 1 || c.Unopened != 0 {
			t.Fatalf("%d tips, %d with a place, %d unopened", len(c.Tips), len(c.At), c.Unopened)
		}
		if d := datum.Metres(c.At[here.ID], datum.Point{Lat: 29.575429778924, Lon: 114.21892734521}); d > 1 {
			t.Errorf("the tip lies %v m off", d)
		}
		if s := fmt.Sprintf("%v %+v", c, c); strings.Contains(s, "29.5") {
			t.Errorf("printed: %s", s)
		}
	}
	if got := o.acts(t, ""); strings.Count(strings.Join(got, "\n"), "wang map 3") != 1 {
		t.Errorf("the record says %q", got)
	}
	if row := o.row(t, bare.ID); !row.Unread {
		t.Error("the map reads")
	}
	for range casework.ChartOpens + 4 {
		o.tip(t, nobody)
	}
	if c, err := o.Chart(t.Context(), o.wang, intake.Filter{Lane: intake.Normal}, "", m); err != nil || c.Unopened != 4 {
		t.Errorf("%d unopened, %v", c.Unopened, err)
	}
	if _, err := o.Chart(t.Context(), o.li, intake.Filter{}, "", m); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a custodian: %v", err)
	}
	c, err := o.Chart(t.Context(), o.wang, intake.Filter{Lane: intake.Normal, State: intake.StateAccepted}, here.ID, &memory{})
	if err != nil || len(c.Tips) != 1 || len(c.At) != 1 {
		t.Errorf("about one tip: %d tips, %d with a place, %v", len(c.Tips), len(c.At), err)
	}
	if _, err := o.Chart(t.Context(), o.wang, intake.Filter{}, "none", m); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("about a tip that isn't there: %v", err)
	}
}
