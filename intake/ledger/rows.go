package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"

	"tipline/intake"
)

// Row is one line of the ledger.
type Row struct {
	Tip         string
	Desk        string
	Channel     intake.Channel
	Source      string
	Category    string
	Conduct     []string
	Place       string
	Urgent      bool
	RealName    bool
	ReceivedOn  intake.Date
	Files       int
	Commitment  string
	Disposition string // "" until triage ended
	Department  string
	Reason      string
	DueOn       intake.Date
	MergedInto  string
	Sealed      []byte // an [intake.Summary], sealed to the ledger's key; nil without one
	State       string // the ledger's own
	Number      string // the ledger's own, "" until it gave one
}

// Filter narrows the rows; empty fields don't. Both days are included.
type Filter struct {
	Desk         string
	Since, Until intake.Date
	Limit        int  // 0: all
	Newest       bool // newest day first
}

const columns = `tip, desk, channel, source, category, conduct, place, urgent, real_name, received_on, files, commitment,
	disposition, department, reason, due_on, merged_into, sealed, state, number`

// Rows yields the rows day by day, without those of tips that went to another desk. They are read as they are asked for.
func (l *Ledger) Rows(ctx context.Context, f Filter) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		rows, err := l.query(ctx, f)
		if err != nil {
			yield(Row{}, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			r, err := scan(rows)
			if !yield(r, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Row{}, err)
		}
	}
}

func (l *Ledger) query(ctx context.Context, f Filter) (*sql.Rows, error) {
	until, order, limit := f.Until, "received_on, tip", f.Limit
	if until == "" {
		until = "9999-12-31"
	}
	if f.Newest {
		order = "received_on DESC, tip DESC"
	}
	if limit <= 0 {
		limit = 1 << 30
	}
	return l.read.QueryContext(ctx, `SELECT `+columns+` FROM ledger_rows WHERE received_on >= $1 AND received_on <= $2 AND ($3 = '' OR desk = $3) AND gone = 0
		ORDER BY `+order+` LIMIT $4`, f.Since, until, f.Desk, limit)
}

func scan(rows *sql.Rows) (r Row, err error) {
	var conduct string
	err = rows.Scan(&r.Tip, &r.Desk, &r.Channel, &r.Source, &r.Category, &conduct, &r.Place, &r.Urgent, &r.RealName, &r.ReceivedOn, &r.Files,
		&r.Commitment, &r.Disposition, &r.Department, &r.Reason, &r.DueOn, &r.MergedInto, &r.Sealed, &r.State, &r.Number)
	if err == nil {
		err = json.Unmarshal([]byte(conduct), &r.Conduct)
	}
	return r, err
}
