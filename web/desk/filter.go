package desk

import (
	"net/url"
	"slices"

	"tipline/intake"
)

// readFilter is what a query of the inbox asks for. What it doesn't know asks for
// nothing.
func readFilter(q url.Values) intake.Filter {
	f := intake.Filter{State: intake.State(q.Get("state")), Category: q.Get("category"), Place: q.Get("place"), Channel: intake.Channel(q.Get("channel")),
		Source: q.Get("source"), Due: intake.DueFilter(q.Get("due")), Lane: intake.Lane(q.Get("lane")), Urgent: q.Get("urgent") != "",
		RealName: q.Get("real_name") != "", Unread: q.Get("unread") != "", Cursor: q.Get("cursor"), Limit: pageSize}
	if f.Lane != intake.Held {
		f.Lane = intake.Normal
	}
	if f.Lane == intake.Held {
		f.Flood = q.Get("flood")
	}
	if !slices.Contains(intake.States(), f.State) {
		f.State = ""
	}
	f.Waiting = f.Lane == intake.Held && f.State == ""
	if !slices.Contains(intake.DueFilters(), f.Due) {
		f.Due = ""
	}
	return f
}

// queryOf is the query that asks for a filter, without the page.
func queryOf(f intake.Filter) url.Values {
	q := url.Values{}
	for key, value := range map[string]string{"state": string(f.State), "category": f.Category, "place": f.Place, "channel": string(f.Channel),
		"source": f.Source, "due": string(f.Due), "flood": f.Flood} {
		if value != "" {
			q.Set(key, value)
		}
	}
	for key, on := range map[string]bool{"urgent": f.Urgent, "real_name": f.RealName, "unread": f.Unread} {
		if on {
			q.Set(key, "1")
		}
	}
	if f.Lane == intake.Held {
		q.Set("lane", string(intake.Held))
	}
	return q
}
