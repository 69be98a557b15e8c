package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

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
	closing := ParcelMove{Desk: "main", Batch: "2023", Number: "TB-2", Version: 1, State: intake.LedgerConcluded, ClosedOn: "2026-11-25", EvidenceOn: "2026-11-20", Member: "li", On: "2026-11-25", Reason: []byte("why")}
	if err := l.MoveParcel(t.Context(), closing); err != nil {
		t.Fatal(err)
	}
	if err := l.MoveParcel(t.Context(), closing); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("moved as it was before: %v", err)
	}
	moves, err := l.ParcelMoves(t.Context(), "main", "2023", "TB-2")
	if len(moves) != 1 || moves[0].Version != 2 || moves[0].Member != "li" || string(moves[0].Reason) != "why" || err != nil {
		t.Errorf("%v %v", moves, err)
	}
	in(Imported{Changed: 2, Same: 1}, parcel("TB-2", func(p *Parcel) { p.Area = "4" }), list[1], parcel("TB-1", func(p *Parcel) { p.Batch, p.Sealed = "2024", []byte("other") }))
	if err := l.MoveParcel(t.Context(), ParcelMove{Desk: "main", Batch: "2023", Number: "TB-9"}); !errors.Is(err, intake.ErrNotFound) {
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
		"state":   {ParcelFilter{State: "concluded"}, []string{"2023 TB-2"}},
		"by day":  {ParcelFilter{EvidenceBy: "2024-05-31"}, []string{"2023 TB-1", "2024 TB-1"}},
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
			if p.Number == "TB-2" && (p.EvidenceOn != "2026-11-20" || p.State != "concluded" || p.ClosedOn != "2026-11-25" || p.Area != "4" || p.Version != 3) {
				t.Errorf("TB-2 is %+v", p)
			}
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	var walked []string
	for f := (ParcelFilter{Desk: "main", Limit: 1}); ; {
		page, next, err := l.ParcelPage(t.Context(), f)
		if err != nil || len(page) != 1 {
			t.Fatal(page, err)
		}
		walked = append(walked, page[0].Batch+" "+page[0].Number)
		if f.Cursor = next; next == "" {
			break
		}
	}
	if d := cmp.Diff([]string{"2023 TB-1", "2024 TB-1", "2023 TB-2"}, walked); d != "" {
		t.Error(d)
	}
	if _, _, err := l.ParcelPage(t.Context(), ParcelFilter{Desk: "main", Limit: 1, Cursor: "x"}); !errors.Is(err, intake.ErrInvalid) {
		t.Errorf("a cursor that is none: %v", err)
	}
	if got, err := l.Batches(t.Context(), "main"); err != nil || cmp.Diff([]string{"2024", "2023"}, got) != "" {
		t.Errorf("%v %v", got, err)
	}
	if p, err := l.Parcel(t.Context(), "main", "2023", "TB-2"); err != nil || p.EvidenceOn != "2026-11-20" {
		t.Errorf("%v %v", p.EvidenceOn, err)
	}
	if _, err := l.Parcel(t.Context(), "main", "2023", "TB-9"); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("one that isn't there: %v", err)
	}
}

// BenchmarkParcelPage reads pages of the list out of 100,000 parcels.
func BenchmarkParcelPage(b *testing.B) {
	l := onDisk(b)
	var all []Parcel
	for n := range 100_000 {
		all = append(all, parcel(fmt.Sprintf("TB-%06d", n), func(p *Parcel) {
			p.Batch, p.Place = fmt.Sprint("batch ", n%9), fmt.Sprintf("4114222072%02d", n%17)
			p.DueOn = intake.Date(time.Date(2026, 1, 1+n%700, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
			p.EvidenceDue = p.DueOn
		}))
	}
	if _, err := l.ImportParcels(b.Context(), all, nil); err != nil {
		b.Fatal(err)
	}
	for name, f := range map[string]ParcelFilter{"all": {}, "open": {Open: true}, "a batch": {Batch: "batch 3"}, "a village": {Place: "411422207205"}, "a state": {State: "verifying"},
		"due": {DueBy: "2026-12-27"}, "evidence in a village of a batch": {EvidenceBy: "2026-12-27", Place: "411422207205", Batch: "batch 3"}, "nothing": {Batch: "batch 3", State: "verifying", Category: "x"}} {
		f.Desk, f.Limit = "main", 50
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := l.ParcelPage(b.Context(), f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
