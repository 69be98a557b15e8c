package ledger

import (
	"context"
	"iter"
	"maps"

	"tipline/intake"
)

// Report is the outcome of a reconciliation: received = in ledger + held +
// waiting, tip by tip. It balances when every list is empty.
type Report struct {
	Received, InLedger, Held, Waiting int

	Missing []string // in the normal lane, not waiting, and not in the ledger
	Early   []string // held, and in the ledger all the same
	Unknown []string // in the ledger, and no tip of ours, or of ours no more
}

// Balanced says whether every tip is where it must be.
func (r Report) Balanced() bool { return len(r.Missing)+len(r.Early)+len(r.Unknown) == 0 }

// Queued are the tips with an event on its way that is no longer in the outbox,
// as in a Redis Stream.
type Queued func(ctx context.Context) (map[string]bool, error)

// Reconcile holds every tip of a desk against its ledger. Standings come ordered by tip,
// queued are the queues between outbox and ledger. All may be at work meanwhile:
// the ledger is read as of before the standings, so that none of its tips is
// unknown for being new, and what is missing is looked for once more where it
// must have gone.
func (l *Ledger) Reconcile(ctx context.Context, desk string, standings iter.Seq2[intake.Standing, error], queued ...Queued) (Report, error) {
	var t tally
	err := l.reconcile(ctx, desk, &t, standings, queued)
	return t.Report, err
}

// tally is a report in the making.
type tally struct {
	Report
	gone []string // at another desk, and in the ledger a moment ago
}

func (l *Ledger) reconcile(ctx context.Context, desk string, r *tally, standings iter.Seq2[intake.Standing, error], queued []Queued) error {
	next, stop := iter.Pull2(l.tips(ctx, desk))
	defer stop()
	row, err, more := next()
	advance := func() { row, err, more = next() }
	for s, serr := range standings {
		if serr != nil {
			return serr
		}
		for more && err == nil && row < s.Tip {
			r.Unknown = append(r.Unknown, row)
			advance()
		}
		if err != nil {
			return err
		}
		found := more && row == s.Tip
		if found {
			advance()
		}
		r.count(s, found)
	}
	for more && err == nil {
		r.Unknown = append(r.Unknown, row)
		advance()
	}
	if err != nil {
		return err
	}
	return l.lookAgain(ctx, desk, r, queued)
}

// lookAgain follows what is missing along its way: first the queues, then the
// ledger.
func (l *Ledger) lookAgain(ctx context.Context, desk string, r *tally, queued []Queued) error {
	if len(r.Missing)+len(r.gone) == 0 {
		return nil
	}
	onTheWay := map[string]bool{}
	for _, q := range queued {
		tips, err := q(ctx)
		if err != nil {
			return err
		}
		maps.Copy(onTheWay, tips)
	}
	missing := r.Missing
	r.Missing = nil
	for _, tip := range missing {
		there, err := l.has(ctx, desk, tip)
		switch {
		case err != nil:
			return err
		case there:
			r.InLedger++
		case onTheWay[tip]:
			r.Waiting++
		default:
			r.Missing = append(r.Missing, tip)
		}
	}
	for _, tip := range r.gone {
		there, err := l.has(ctx, desk, tip)
		if err != nil {
			return err
		}
		if there && !onTheWay[tip] {
			r.Unknown = append(r.Unknown, tip)
		}
	}
	return nil
}

// has says whether a tip stands in a desk's ledger.
func (l *Ledger) has(ctx context.Context, desk, tip string) (there bool, err error) {
	return there, l.read.QueryRowContext(ctx, `SELECT CASE WHEN EXISTS (SELECT 1 FROM ledger_rows WHERE desk = $1 AND tip = $2 AND gone = 0) THEN 1 ELSE 0 END`, desk, tip).Scan(&there)
}

// count counts a tip where it stands. One that went to another desk counts nowhere,
// and the ledger lets go of it.
func (r *tally) count(s intake.Standing, found bool) {
	if s.Gone {
		if found && !s.Waiting {
			r.gone = append(r.gone, s.Tip)
		}
		return
	}
	r.Received++
	switch {
	case s.Lane == intake.Held && found:
		r.Early = append(r.Early, s.Tip)
	case s.Lane == intake.Held:
		r.Held++
	case found:
		r.InLedger++
	case s.Waiting:
		r.Waiting++
	default:
		r.Missing = append(r.Missing, s.Tip)
	}
}

// tips are the tips of a desk's ledger in order.
func (l *Ledger) tips(ctx context.Context, desk string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		rows, err := l.read.QueryContext(ctx, `SELECT tip FROM ledger_rows WHERE desk = $1 AND gone = 0 ORDER BY tip`, desk)
		if err != nil {
			yield("", err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			var tip string
			if err := rows.Scan(&tip); !yield(tip, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield("", err)
		}
	}
}
