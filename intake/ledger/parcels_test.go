package ledger

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/servertest"
)

func parcel(number string, change ...func(*Parcel)) Parcel {
	p := Parcel{Desk: "main", Batch: "2023", Number: number, Place: "411422207201", Lat: "34.4401", Lon: "115.0702", Datum: "cgcs2000", Area: "3.25", Category: "housing_on_farmland",
		Source: "satellite", DueOn: "2024-08-01", EvidenceDue: "2024-05-31", Sealed: []byte("sealed"), ImportedOn: "2026-11-24"}
	for _, c := range change {
		c(&p)
	}
	return p
}

// TestParcels: a batch that comes again adds nothing, a corrected one corrects and
// leaves what the ledger has come to; filters and order are the same in both
// databases.
func TestParcels(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { parcels(t, open(t)) })
	t.Run("PostgreSQL", func(t *testing.T) {
		url, err := servertest.StartPostgres(t).Database()
		if err != nil {
			t.Fatal(err)
		}
		parcels(t, openAt(t, url))
	})
}

func parcels(t *testing.T, l *Ledger) {
	same := func(a, b Parcel) (bool, error) { return bytes.Equal(a.Sealed, b.Sealed), nil }
	in := func(want Imported, list ...Parcel) {
		t.Helper()
		if got, err := l.ImportParcels(t.Context(), list, same); err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
	list := []Parcel{parcel("TB-2"), parcel("TB-1", func(p *Parcel) { p.Place, p.DueOn = "411422207202", "" }), parcel("TB-1", func(p *Parcel) { p.Batch = "2024" })}
	in(Imported{New: 3}, list...)
	in(Imported{Same: 3}, list...)
	if err := l.MoveParcel(t.Context(), "main", "2023", "TB-2", intake.LedgerConcluded, "2026-11-25"); err != nil {
		t.Fatal(err)
	}
	in(Imported{Changed: 2, Same: 1}, parcel("TB-2", func(p *Parcel) { p.Area = "4" }), list[1], parcel("TB-1", func(p *Parcel) { p.Batch, p.Sealed = "2024", []byte("other") }))
	if err := l.MoveParcel(t.Context(), "main", "2023", "TB-9", intake.LedgerConcluded, ""); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("a parcel that isn't there moved: %v", err)
	}
	for name, c := range map[string]struct {
		f    ParcelFilter
		want []string
	}{
		"all":     {ParcelFilter{}, []string{"2023 TB-1", "2024 TB-1", "2023 TB-2"}},
		"open":    {ParcelFilter{Open: true}, []string{"2023 TB-1", "2024 TB-1"}},
		"place":   {ParcelFilter{Place: "411422207"}, []string{"2023 TB-1", "2024 TB-1", "2023 TB-2"}},
		"village": {ParcelFilter{Place: "411422207202"}, []string{"2023 TB-1"}},
		"number":  {ParcelFilter{Number: "TB-1"}, []string{"2023 TB-1", "2024 TB-1"}},
		"due":     {ParcelFilter{DueBy: "2024-08-01", Open: true}, []string{"2024 TB-1"}},
		"page":    {ParcelFilter{After: "TB-1", Limit: 5}, []string{"2023 TB-2"}},
		"elses":   {ParcelFilter{Desk: "county"}, nil},
	} {
		if c.f.Desk == "" {
			c.f.Desk = "main"
		}
		var got []string
		for p, err := range l.Parcels(context.Background(), c.f) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, p.Batch+" "+p.Number)
			if p.Number == "TB-2" && (p.State != "concluded" || p.ClosedOn != "2026-11-25" || p.Area != "4" || p.Version != 3) {
				t.Errorf("TB-2 is %+v", p)
			}
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}
