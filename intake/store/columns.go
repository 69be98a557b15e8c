package store

import (
	"database/sql"
	"encoding/json"

	"tipline/intake"
)

// How Go's values stand in columns that both databases have.

// A place's code begins with its town's and its village's: the levels by which
// the inbox is filtered (GB/T 2260 and the statistics bureau's 12 digits).
const (
	townDigits    = 9
	villageDigits = 12
)

func upTo(code string, n int) string { return code[:min(n, len(code))] }

// bit is a flag's column.
func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// list is a short list's column, "" when it is empty.
func list(v []string) (string, error) {
	if len(v) == 0 {
		return "", nil
	}
	text, err := json.Marshal(v)
	return string(text), err
}

func unlist(column string) (v []string, err error) {
	if column != "" {
		err = json.Unmarshal([]byte(column), &v)
	}
	return v, err
}

// scanner is a row of either kind.
type scanner interface{ Scan(dest ...any) error }

const tipColumns = `t.id, t.desk, t.key_version, t.channel, t.source, t.category, t.conduct, t.place, t.urgent, t.lane, t.state,
	t.real_name, t.reply, t.received_on, t.files, t.commitment, t.unread, t.department, t.due_on, t.do_not_contact, t.accepted_on, t.destroyed_on`

func scanTip(row scanner, more ...any) (intake.Tip, error) {
	var t intake.Tip
	var conduct string
	err := row.Scan(append([]any{&t.ID, &t.Desk, &t.KeyVersion, &t.Channel, &t.Source, &t.Category, &conduct, &t.Place, &t.Urgent, &t.Lane, &t.State,
		&t.RealName, &t.Reply, &t.ReceivedOn, &t.Files, &t.Commitment, &t.Unread, &t.Department, &t.DueOn, &t.DoNotContact, &t.AcceptedOn, &t.DestroyedOn}, more...)...)
	if err != nil {
		return intake.Tip{}, err
	}
	t.Conduct, err = unlist(conduct)
	return t, err
}

// collect reads every row with scan and closes them.
func collect[T any](rows *sql.Rows, err error, scan func(scanner) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
