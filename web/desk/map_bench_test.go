package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/intaketest"
)

// BenchmarkMap is the map over 100,000 tips, of which the newest 600 name coordinates:
// looks of a session that opens them, and moves about. It says how long 99 of 100 looks
// take at most, and how large the page gets.
func BenchmarkMap(b *testing.B) {
	h := open(b)
	for i := range 600 {
		h.tip(func(r *intake.Report) {
			r.Place = fmt.Sprintf("4114222072%02d", 1+i%9)
			r.Words.Lat, r.Words.Lon, r.Words.Datum = fmt.Sprintf("%.5f", 34.40+float64(i%50)*0.0015), fmt.Sprintf("%.5f", 115+float64(i*7%60)*0.0015), "gcj02"
		})
	}
	_, err := h.store.Database().Write.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99400)
		INSERT INTO tips (id, desk, key_version, channel, source, category, conduct, place, town, village, urgent, lane, state, real_name, reply, received_on, files, commitment, unread, department, due_on)
		SELECT printf('old%032d', i), desk, key_version, channel, source, category, conduct, place, town, village, urgent, lane, state, real_name, reply,
		date('2024-01-01', '+' || (i % 700) || ' days'), files, commitment, 0, department, due_on FROM n, (SELECT * FROM tips LIMIT 1)`)
	intaketest.Must(b, err)
	var took []time.Duration
	largest := 0
	for b.Loop() {
		li := h.login("li")
		for _, path := range []string{"/map", "/map", "/map", "/map", "/map", "/map?at=34.43,115.05&z=15", "/map?category=ok-house&at=34.44,115.06&z=14", "/map?place=411422207203"} {
			began := time.Now()
			page := li.page(path)
			took = append(took, time.Since(began))
			largest = max(largest, len(page))
			if !strings.Contains(page, "data-zoom") {
				b.Fatal(path)
			}
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
	b.ReportMetric(float64(largest)/1000, "kB")
}
