package main

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What is seeded has to hold together as what tipline wrote itself does: counts
// that agree with the tips, a ledger row for each that isn't held, a receipt and a
// history for all.
func TestSeededTipsHoldTogether(t *testing.T) {
	const size = 5000
	s := newSeeder(size, time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	counted, ledger, last := map[[2]string][2]int{}, map[any]bool{}, ""
	var tips, normal, parcels, looks int
	for s.n < size {
		rows := s.next(700)
		for _, r := range rows.tips {
			id, key := r[0].(string), [2]string{r[11].(string), r[12].(string)}
			if id <= last {
				t.Fatalf("%s follows %s", id, last)
			}
			last = id
			counted[key] = [2]int{counted[key][0] + 1, counted[key][1] + r[18].(int)}
			if tips++; key[0] == "normal" {
				normal++
			}
		}
		for _, r := range rows.ledger {
			ledger[r[0]] = true
			if !json.Valid([]byte(r[5].(string))) {
				t.Fatalf("the ledger can't read the conduct %q", r[5])
			}
		}
		if len(rows.receipts) != len(rows.tips) || len(rows.parts) != len(rows.tips) || len(rows.history) < len(rows.tips) || len(rows.events) != len(rows.ledger) {
			t.Fatal("a tip lacks some of its rows")
		}
		parcels, looks = parcels+len(rows.parcels), looks+len(rows.looks)
		for _, table := range rows.tables() {
			for _, r := range table.rows {
				if len(r) != len(table.columns) {
					t.Fatalf("%s: %d values for %d columns", table.table, len(r), len(table.columns))
				}
			}
		}
	}
	if tips != size || len(ledger) != normal {
		t.Errorf("%d tips, %d of them in the normal lane, %d in the ledger", tips, normal, len(ledger))
	}
	if parcels != size/tipsOfParcel || looks == 0 {
		t.Errorf("%d parcels and %d appointments", parcels, looks)
	}
	if d := cmp.Diff(counted, s.counters); d != "" {
		t.Error(d)
	}
}

func TestPercentileIsOfNearestRank(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for _, c := range []struct {
		of      []time.Duration
		percent int
		want    time.Duration
	}{{hundred, 50, 50}, {hundred, 99, 99}, {hundred[:1], 99, 1}, {hundred[:10], 99, 10}, {hundred[:3], 50, 2}} {
		if got := at(c.of, c.percent); got != c.want {
			t.Errorf("%d %% of %d: %d, want %d", c.percent, len(c.of), got, c.want)
		}
	}
}

func TestLargePhotoIsOnePicture(t *testing.T) {
	const size = 1 << 20
	p := largePhoto(size)
	if len(p) != size || !bytes.HasPrefix(p, []byte{0xFF, 0xD8}) || !bytes.HasSuffix(p, []byte{0xFF, 0xD9}) {
		t.Errorf("%d bytes from %x to %x", len(p), p[:2], p[len(p)-2:])
	}
}
