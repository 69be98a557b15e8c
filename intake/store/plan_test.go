package store

import (
	"strings"
	"testing"

	"tipline/intake"
)

// Every filter of the inbox has an index in the order of its pages, so that a page
// costs the same among a million tips.
func TestInboxNeverSorts(t *testing.T) {
	s := opened(t)
	next := cursor(intake.Filter{}, intake.Tip{ID: intake.NewID(), Facts: intake.Facts{ReceivedOn: "2026-03-01"}})
	for _, c := range leads() {
		c.filter.Desk, c.filter.Today = "d", "2026-03-01"
		for _, cursor := range []string{"", next} {
			c.filter.Cursor = cursor
			if plan := plan(t, s, c.filter, nil); !strings.Contains(plan, c.index+" ") || strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "SCAN") {
				t.Errorf("%+v: %s", c.filter, plan)
			}
		}
	}
}

// leads are the inbox's filters and the index that each is led to.
func leads() []lead {
	return []lead{
		{intake.Filter{}, "tips_day"},
		{intake.Filter{Lane: intake.Normal}, "tips_lane"},
		{intake.Filter{State: intake.StateReceived}, "tips_state"},
		{intake.Filter{State: intake.StateReceived, Lane: intake.Held}, "tips_standing"},
		{intake.Filter{Channel: intake.Web}, "tips_channel"},
		{intake.Filter{Category: "housing"}, "tips_category"},
		{intake.Filter{Place: "411422207"}, "tips_town"},
		{intake.Filter{Place: "411422207201"}, "tips_village"},
		{intake.Filter{Unread: true}, "tips_unread"},
		{intake.Filter{Lane: intake.Held, Category: "housing"}, "tips_lane"},
		{intake.Filter{Lane: intake.Held, Waiting: true}, "tips_lane"},
		{intake.Filter{Lane: intake.Normal, Category: "housing", Channel: intake.SMS}, "tips_category"},
		{intake.Filter{Lane: intake.Normal, State: intake.StateReviewing, Category: "housing", Place: "411422207201"}, "tips_standing"},
		{intake.Filter{Lane: intake.Normal, State: intake.StateConcluded, Place: "411422207201"}, "tips_village"},
		{intake.Filter{Lane: intake.Normal, Channel: intake.SMS}, "tips_channel"},
		{intake.Filter{Lane: intake.Normal, Place: "411422"}, "tips_lane"},
		{intake.Filter{Unread: true, Lane: intake.Normal, State: intake.StateReviewing, Channel: intake.SMS, Category: "housing", Place: "411422207201"}, "tips_unread"},
		{intake.Filter{Lane: intake.Normal, Due: intake.DueOverdue}, "tips_due"},
		{intake.Filter{Lane: intake.Held, Due: intake.DueToday}, "tips_due"},
		{intake.Filter{Lane: intake.Normal, Due: intake.DueWeek, State: intake.StateReviewing, Unread: true, Urgent: true, Source: "satellite", Place: "411422207201"}, "tips_due"},
		{intake.Filter{Lane: intake.Normal, Due: intake.DueNone}, "tips_undue"},
		{intake.Filter{Lane: intake.Normal, Due: intake.DueUnsent, Unsent: "2026-03-05", Category: "dumping"}, "tips_unsent"},
		{intake.Filter{Lane: intake.Normal, Urgent: true, RealName: true, State: intake.StateReceived}, "tips_urgent"},
		{intake.Filter{Lane: intake.Normal, RealName: true}, "tips_real_name"},
		{intake.Filter{Lane: intake.Normal, Source: "satellite", Category: "housing"}, "tips_source"},
		{intake.Filter{Lane: intake.Normal, Source: "public"}, "tips_lane"},
		{intake.Filter{Unread: true, Urgent: true, Due: intake.DueNone}, "tips_unread"},
	}
}

// lead is a filter and the index that finds its pages.
type lead struct {
	filter intake.Filter
	index  string
}

// What stands beside a tip is found from the tip, never by walking through all tips.
func TestBesideATipNothingIsWalked(t *testing.T) {
	s := opened(t)
	granted, of := extensionsOf("d", "tip", intake.ExtensionGranted, 1)
	for _, c := range []struct {
		query string
		args  []any
		want  []string
	}{
		{sameSender, []any{"tip", "2026-03-01", "d", 50}, []string{"SEARCH a USING INDEX sender_tags_tip (tip=?)", "SEARCH b USING PRIMARY KEY (tag=?)", "SEARCH t USING PRIMARY KEY (id=?)"}},
		{mergedInto, []any{"tip", 50}, []string{"SEARCH m USING COVERING INDEX merges_into (into_tip=?)", "SEARCH t USING PRIMARY KEY (id=?)"}},
		{nearby, []any{"d", "411422207201", "2026-03-01", "2026-03-08", "tip", 50}, []string{"SEARCH t USING INDEX tips_village (desk=? AND village=? AND received_on>? AND received_on<?)"}},
		{named, []any{"abcd", "abcdg", "d", 2}, []string{"SEARCH t USING PRIMARY KEY (id>? AND id<?)"}},
		{`SELECT COUNT(*) FROM tips t WHERE ` + sealedTo(), []any{"d", 1}, []string{"SEARCH s USING INDEX custody_tip (tip=?)", "SEARCH s USING INDEX extensions_tip (tip=?)", "SEARCH s USING INDEX looks_tip (tip=?)", "SEARCH s USING INDEX holds_tip (tip=?)"}},
		{granted, of, []string{"SEARCH extensions USING INDEX extensions_tip (tip=?)"}},
	} {
		got := explained(t, s, c.query, c.args...)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: there is no %s", got, want)
			}
		}
	}
}

// A page that may look no further than some tip ends there by its index.
func TestAWalkEndsByItsIndex(t *testing.T) {
	s := opened(t)
	for _, c := range leads() {
		c.filter.Desk, c.filter.Today = "d", "2026-03-01"
		got := plan(t, s, c.filter, &place{"2026-02-01", "id"})
		if !strings.Contains(got, c.index+" ") || strings.Contains(got, "TEMP B-TREE") || !strings.Contains(got, "received_on>") && !strings.Contains(got, "due_on<") && !strings.Contains(got, "accepted_on<") && !strings.Contains(got, "received_on,id)>") {
			t.Errorf("%+v: %s", c.filter, got)
		}
	}
}

func plan(t *testing.T, s *Store, f intake.Filter, end *place) string {
	t.Helper()
	query, args, err := listQuery(f, end, 51)
	if err != nil {
		t.Fatal(err)
	}
	return explained(t, s, query, args...)
}

func explained(t *testing.T, s *Store, query string, args ...any) string {
	t.Helper()
	rows, err := s.read.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+query, args...)
	out, err := collect(rows, err, func(row scanner) (detail string, err error) {
		var id, parent, unused int
		return detail, row.Scan(&id, &parent, &unused, &detail)
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, "; ")
}
