package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tipline/configs"
	"tipline/intake"
	"tipline/intake/store"
)

// TestDigest: on a working morning the office hears once how many dates are over and
// near, and of nothing else; a failure is tried again, and a day off is quiet.
func TestDigest(t *testing.T) {
	t.Parallel()
	var told []string
	fails := true
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fails {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, _ := io.ReadAll(r.Body)
		told = append(told, string(body))
	}))
	defer hook.Close()
	pack, err := configs.LoadPack("farmland")
	if err != nil {
		t.Fatal(err)
	}
	loc := time.FixedZone("UTC+8", 8*60*60)
	now := time.Date(2026, 10, 8, 7, 59, 0, 0, loc) // the first working day after 国庆
	clock := func() time.Time { return now }
	st, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "tips.db"), Loc: loc, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	b := bell{&program{house: &house{office: &office{cfg: configs.Default(), pack: pack, desk: pack.Desks[0], loc: loc, now: clock}, store: st}}, pack.Desks[0].ID,
		configs.DeskAlerts{Webhook: configs.AlertWebhook{URL: hook.URL, Secret: "a-long-random-key"}}}
	for i, due := range []intake.Date{"2026-09-29", "2026-10-08", "2026-10-12", "2026-11-30"} {
		id := intake.NewID()
		_, err := st.Accept(t.Context(), &intake.Acceptance{Tip: intake.Tip{ID: id, State: intake.StateReceived, KeyVersion: 1, DueOn: due,
			Facts: intake.Facts{Desk: b.desk, Channel: intake.Web, Source: "public", Category: "other", Lane: intake.Normal, ReceivedOn: "2026-09-20"}},
			ReceiptTag: []byte{byte(i)}, Reporter: "age1pq1"})
		if err != nil {
			t.Fatal(err)
		}
	}
	tell := func(at time.Time, want int) {
		t.Helper()
		now = at
		if err := b.tellToday(t.Context()); (err != nil) != fails {
			t.Errorf("at %v: %v", at, err)
		}
		if len(told) != want {
			t.Errorf("at %v it was told %d times, not %d", at, len(told), want)
		}
	}
	fails = false
	tell(now, 0) // before eight
	tell(time.Date(2026, 10, 7, 9, 0, 0, 0, loc), 0)
	tell(time.Date(2026, 10, 4, 9, 0, 0, 0, loc), 0)
	fails = true
	tell(time.Date(2026, 10, 8, 8, 0, 0, 0, loc), 0)
	fails = false
	tell(time.Date(2026, 10, 8, 8, 5, 0, 0, loc), 1)
	tell(time.Date(2026, 10, 8, 16, 0, 0, 0, loc), 1)
	tell(time.Date(2026, 10, 10, 8, 0, 0, 0, loc), 2) // a Saturday that is worked
	for _, want := range []string{`"overdue":"1"`, `"today":"1"`, `"week":"2"`, `"unsent":"0"`, digestEvent} {
		if len(told) == 0 || !strings.Contains(told[0], want) {
			t.Errorf("told %v, which lacks %s", told, want)
		}
	}
}
