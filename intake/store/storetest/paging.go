package storetest

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tipline/intake"
	"tipline/intake/store"
)

var (
	states     = []intake.State{"", intake.StateReceived, intake.StateReviewing, intake.StateSpam}
	lanes      = []intake.Lane{"", intake.Normal, intake.Held}
	channels   = []intake.Channel{"", intake.Web, intake.SMS, intake.Phone}
	categories = []string{"", "dumping", "housing"}
	places     = []string{"", "411422", "4114", "411422207", "41142220720", "411422207201", "411422207202", "411422207201003", "411423", "4114_2"}
)

// Whatever the filter and the page's size, paging meets each tip that fits once,
// in order.
func paging(t *testing.T, open Opener) { pagingOver(t, open, 0) }

// pagingInSteps is the same where a page may look through a few tips only.
func pagingInSteps(t *testing.T, open Opener) { pagingOver(t, open, 7) }

func pagingOver(t *testing.T, open Opener, walk int) {
	s := open(t, store.Options{Loc: beijing, Now: newClock().now, Walk: walk})
	stored := varied(t, s, 240)
	rapid.Check(t, func(t *rapid.T) {
		f := intake.Filter{Desk: rapid.SampledFrom([]string{"", desk, "other"}).Draw(t, "desk"), State: rapid.SampledFrom(states).Draw(t, "state"),
			Lane: rapid.SampledFrom(lanes).Draw(t, "lane"), Channel: rapid.SampledFrom(channels).Draw(t, "channel"),
			Category: rapid.SampledFrom(categories).Draw(t, "category"), Place: rapid.SampledFrom(places).Draw(t, "place"),
			Source: rapid.SampledFrom([]string{"", "public", "media"}).Draw(t, "source"), Urgent: rapid.Bool().Draw(t, "urgent"), RealName: rapid.Bool().Draw(t, "real name"),
			Due: rapid.SampledFrom([]intake.DueFilter{intake.DueOverdue, intake.DueToday, intake.DueWeek, intake.DueNone, "", "", ""}).Draw(t, "due"), Today: "2026-03-16",
			Unread: rapid.Bool().Draw(t, "unread"), Waiting: rapid.Bool().Draw(t, "waiting"), Limit: rapid.IntRange(1, 60).Draw(t, "limit")}
		var want []intake.Tip
		for _, p := range stored {
			if fits(p, f) {
				want = append(want, p)
			}
		}
		if f.Due.Dated() {
			slices.SortFunc(want, func(a, b intake.Tip) int { return cmp.Or(cmp.Compare(a.DueOn, b.DueOn), cmp.Compare(a.ID, b.ID)) })
		}
		equal(t, want, all(t.Context(), t, s, f))
	})
}

// floods are the groups of held tips of one origin, by size, until they leave the lane or their days are over.
func floods(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	var ids []string
	for i, group := range []string{"00aa", "00aa", "00bb", "00bb", "00bb", "00cc", ""} {
		a := tip(func(a *intake.Acceptance) {
			a.Flood, a.Event = group, nil
			a.Tip.Lane = intake.Held
			if i == 4 {
				a.Tip.Desk = "other"
			}
		})
		accepted(t, s, a)
		ids = append(ids, a.Tip.ID)
	}
	got, err := s.Floods(t.Context(), desk)
	check(t, err)
	equal(t, []intake.Flood{{Group: "00aa", Tips: 2}, {Group: "00bb", Tips: 2}}, got)
	page, err := s.List(t.Context(), intake.Filter{Desk: desk, Lane: intake.Held, Flood: "00aa"})
	check(t, err)
	var listed []string
	for _, p := range page.Tips {
		listed = append(listed, p.ID)
	}
	slices.Sort(listed)
	equal(t, slices.Sorted(slices.Values(ids[:2])), listed)
	_, err = s.Expire(t.Context(), time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC))
	check(t, err)
	got, err = s.Floods(t.Context(), desk)
	check(t, err)
	if len(got) > 0 {
		t.Errorf("after their days: %v", got)
	}
}

// varied stores n tips of every kind and returns them in the order of the inbox.
func varied(t *testing.T, s *store.Store, n int) []intake.Tip {
	var stored []intake.Tip
	for i := range n {
		a := tip(func(a *intake.Acceptance) {
			p := &a.Tip
			p.Desk = []string{desk, desk, desk, "other"}[i%4]
			p.State = states[1+i/2%3]
			p.Lane = lanes[1+i/5%2]
			p.Channel = channels[1+i/3%3]
			p.Category = categories[1+i/7%2]
			p.Place = places[i/11%(len(places)-1)]
			p.Unread = i%3 == 0
			p.Urgent, p.RealName = i%2 == 0, i%4 < 2
			p.Source = []string{"public", "media"}[i/13%2]
			p.DueOn = []intake.Date{"", "2026-03-02", "2026-03-15", "2026-03-16", "2026-03-23", "2026-03-24"}[i/2%6]
			p.ReceivedOn = intake.Date(fmt.Sprintf("2026-0%d-1%d", 1+i%2, i%5))
			if i%6 == 0 {
				p.Conduct = nil
			}
		})
		stored = append(stored, accepted(t, s, a).Tip)
	}
	slices.SortFunc(stored, func(a, b intake.Tip) int {
		return cmp.Or(cmp.Compare(b.ReceivedOn, a.ReceivedOn), cmp.Compare(b.ID, a.ID))
	})
	return stored
}

func fits(p intake.Tip, f intake.Filter) bool {
	return (f.Desk == "" || f.Desk == p.Desk) && (f.State == "" || f.State == p.State) && (f.Lane == "" || f.Lane == p.Lane) &&
		(f.Channel == "" || f.Channel == p.Channel) && (f.Category == "" || f.Category == p.Category) &&
		strings.HasPrefix(p.Place, f.Place) && (!f.Unread || p.Unread) && (!f.Urgent || p.Urgent) && (!f.RealName || p.RealName) && (!f.Waiting || p.State != intake.StateSpam) &&
		(f.Source == "" || f.Source == p.Source) && dueFits(p.DueOn, f.Due)
}

// dueFits is the filter by date, written out for 2026-03-16.
func dueFits(on intake.Date, f intake.DueFilter) bool {
	switch f {
	case intake.DueOverdue:
		return on == "2026-03-02" || on == "2026-03-15"
	case intake.DueToday:
		return on == "2026-03-16"
	case intake.DueWeek:
		return on == "2026-03-16" || on == "2026-03-23"
	case intake.DueNone:
		return on == ""
	default:
		return true
	}
}

func badCursor(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	for _, text := range []string{"?", "x", base64.RawURLEncoding.EncodeToString([]byte("2026-03-01")), base64.RawURLEncoding.EncodeToString([]byte("2026-99-01ab"))} {
		_, err := s.List(t.Context(), intake.Filter{Cursor: text})
		fails(t, store.ErrCursor, err)
		fails(t, intake.ErrInvalid, err)
	}
}
