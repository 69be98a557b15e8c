package store

import "tipline/intake/database"

// Schema is what a store keeps in a database, for who copies all of it.
func Schema() (database.Schema, error) { return schema() }

// Tables are the tables a backup holds, each behind those that its rows refer to.
//
// A backup outlives what may be kept for a short time only. So an identity that
// somebody has asked for or opened isn't in it, neither the view nor the layer
// that stands open: the request is closed there, and an
// answer that waits to go out is stopped. Its events are held by
// nobody and in no stream: the ledger counts once those it has.
func Tables() []database.Table {
	return []database.Table{
		{Name: "role_keys"}, {Name: "members"}, {Name: "grants"}, {Name: "audit", Order: "seq"}, {Name: "counters"},
		{Name: "tips"}, {Name: "receipts"}, {Name: "parts"}, {Name: "containers"}, {Name: "streams"}, {Name: "history"}, {Name: "messages"},
		{Name: "outcomes", Since: 2}, {Name: "factors", Since: 3}, {Name: "factor_codes", Since: 3},
		{Name: "merges", Since: 4}, {Name: "reviews", Since: 4}, {Name: "views", Since: 4},
		{Name: "pauses", Since: 14}, {Name: "extensions", Since: 14}, {Name: "looks", Since: 16}, {Name: "parcel_tags", Since: 16}, {Name: "holds", Since: 18}, {Name: "destructions", Since: 18},
		{Name: "mailbox_marks", Since: 7}, {Name: "transfers", Since: 11},
		{Name: "wishes", Since: 10}, {Name: "alerted", Since: 10},
		{Name: "dispatches", Since: 10, Instead: map[string]string{"state": `CASE WHEN state IN ('pending', 'waiting', 'sending', 'failed', 'unclear') THEN 'stopped' ELSE state END`,
			"result": `CASE WHEN state IN ('pending', 'waiting', 'sending', 'failed', 'unclear') THEN 'lapsed' ELSE result END`, "inner_layer": `NULL`, "answer": `NULL`}},
		{Name: "outbox", Instead: map[string]string{"claimed_by": `''`, "claimed_until": `0`, "relayed_as": `''`}},
		{Name: "custody", Instead: map[string]string{"state": `CASE WHEN for_desk = '' AND state IN ('asked', 'approved') THEN 'closed' ELSE state END`,
			"inner_layer": `NULL`, "view": `NULL`, "view_until": `0`, "raw": `NULL`}},
		{Name: "epochs", Since: 19}, // the last: once it tells that a key is destroyed, nothing sealed to it is taken
	}
}

// Short are the tables no backup holds: drafts, the tags that are promised to be
// gone after hours or days, parts of texts, which wait for minutes, and what tells of
// the running program alone.
func Short() []string {
	return []string{"drafts", "message_tags", "sender_tags", "floods", "waiting", "channels", "leases", "fetches", "digests", "inlet_days", "inlet_last"}
}
