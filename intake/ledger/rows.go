package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"
	"log/slog"

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

	Work     []byte      // what the office keeps of the row in words ([Work]), sealed to the ledger's key
	ClosedOn intake.Date // 销号日期
	Version  int         // how often the office changed the row
}

// Work is what the office keeps of a row in its own words, by the column's key. What
// stands here goes before what triage told.
type Work map[string]string

// String keeps the words out of logs and error texts.
func (Work) String() string { return "[work]" }

// LogValue keeps the words out of structured logs.
func (Work) LogValue() slog.Value { return slog.StringValue("[work]") }

// Filter narrows the rows; empty fields don't. Both days are included.
type Filter struct {
	Desk         string
	Since, Until intake.Date
	Limit        int  // 0: all
	Newest       bool // newest day first
}

const columns = `tip, desk, channel, source, category, conduct, place, urgent, real_name, received_on, files, commitment,
	disposition, department, reason, due_on, merged_into, sealed, state, number, work, closed_on, version`

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

func scan(rows interface{ Scan(...any) error }) (r Row, err error) {
	var conduct string
	err = rows.Scan(&r.Tip, &r.Desk, &r.Channel, &r.Source, &r.Category, &conduct, &r.Place, &r.Urgent, &r.RealName, &r.ReceivedOn, &r.Files,
		&r.Commitment, &r.Disposition, &r.Department, &r.Reason, &r.DueOn, &r.MergedInto, &r.Sealed, &r.State, &r.Number, &r.Work, &r.ClosedOn, &r.Version)
	if err == nil {
		err = json.Unmarshal([]byte(conduct), &r.Conduct)
	}
	return r, err
}
