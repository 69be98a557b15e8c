package main

import "fmt"

// statement is one row to be written, in SQL both databases know.
type statement struct {
	text string
	args []any
}

const insertPart = `INSERT INTO parts (tip, compartment, name, n, desk, key_version, sealed) VALUES ($1,$2,'1',1,'main',1,$3)`

// statements write one tip, all but its place in the counters.
func (r row) statements(day string) []statement {
	all := []statement{
		{`INSERT INTO tips (id, desk, key_version, channel, source, category, conduct, place, town, village, urgent, lane, state, real_name, reply,
			received_on, files, commitment, unread, department, due_on)
			VALUES ($1,'main',1,'web','public','housing_on_farmland','','411422207','411422207','',0,'normal','received',0,'receipt',$2,$3,$4,1,'',$2)`,
			[]any{r.id, day, r.files, r.commitment}},
		{`INSERT INTO receipts (tag, tip, reporter) VALUES ($1, $2, $3)`, []any{r.tag, r.id, r.reporter}},
		{`INSERT INTO history (tip, n, state, day) VALUES ($1, 1, 'received', $2)`, []any{r.id, day}},
		{insertPart, []any{r.id, "report", r.report}},
		{`INSERT INTO outbox (id, type, tip, desk, day, body, claimed_by, claimed_until) VALUES ($1,'tipline.tip.received.v1',$2,'main',$3,$4,'',0)`,
			[]any{randomHex(), r.id, day, r.event}},
	}
	if r.files == 0 {
		return all
	}
	all = append(all, statement{insertPart, []any{r.id, "originals", r.names}})
	for _, compartment := range []string{"originals", "clean"} {
		all = append(all, statement{`INSERT INTO containers (tip, compartment, desk, key_version) VALUES ($1,$2,'main',1)`, []any{r.id, compartment}})
		for n := range r.files {
			all = append(all, statement{`INSERT INTO streams (tip, compartment, n, name, start, length) VALUES ($1,$2,$3,$4,0,0)`,
				[]any{r.id, compartment, n + 1, fmt.Sprint(n + 1)}})
		}
	}
	return all
}

// batch are the statements of several tips, the counter last: its row is the one
// that all of them want.
func batch(rows []row) (all []statement) {
	day := today()
	for _, r := range rows {
		all = append(all, r.statements(day)...)
	}
	return append(all, statement{`INSERT INTO counters (desk, lane, state, n, unread) VALUES ('main','normal','received',$1,$1)
		ON CONFLICT (desk, lane, state) DO UPDATE SET n = counters.n + excluded.n, unread = counters.unread + excluded.unread`, []any{len(rows)}})
}
