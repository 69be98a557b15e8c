package ledger

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"strconv"
	"strings"

	"tipline/intake"
)

// ParcelFilter narrows parcels; empty fields don't, but for the desk.
type ParcelFilter struct {
	Desk            string
	Place           string // this code and what lies below it
	Number, Batch   string
	Category, State string
	Open            bool        // not 销号 yet
	DueBy           intake.Date // open, and due on this day or before: the earliest first
	EvidenceBy      intake.Date // the same by the day of the evidence, while it isn't handed in
	Cursor          string
	Limit           int // 0: all
}

// Parcels yields a desk's parcels in the order of their numbers, or of the date that is
// asked for. They are read as they are asked for.
func (l *Ledger) Parcels(ctx context.Context, f ParcelFilter) iter.Seq2[Parcel, error] {
	return func(yield func(Parcel, error) bool) {
		q, err := f.query()
		if err != nil {
			yield(Parcel{}, err)
			return
		}
		rows, err := l.read.QueryContext(ctx, q.text, q.args...)
		if err != nil {
			yield(Parcel{}, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			p, err := scanParcel(rows)
			if !yield(p, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Parcel{}, err)
		}
	}
}

// ParcelPage is a page of parcels, with where the next one begins, "" on the last. A
// cursor that is none is [intake.ErrInvalid].
func (l *Ledger) ParcelPage(ctx context.Context, f ParcelFilter) (out []Parcel, next string, err error) {
	limit := f.Limit
	f.Limit++
	for p, err := range l.Parcels(ctx, f) {
		if err != nil {
			return nil, "", err
		}
		if len(out) == limit {
			last := out[limit-1]
			return out, cursorOf(last.at(f), last.Number, last.Batch), nil
		}
		out = append(out, p)
	}
	return out, "", nil
}

// date is the column of the date that is asked for, "" for none.
func (f ParcelFilter) date() string {
	switch {
	case f.EvidenceBy != "":
		return "evidence_due"
	case f.DueBy != "":
		return "due_on"
	default:
		return ""
	}
}

func (p Parcel) at(f ParcelFilter) string {
	switch f.date() {
	case "evidence_due":
		return string(p.EvidenceDue)
	case "due_on":
		return string(p.DueOn)
	default:
		return ""
	}
}

type parcelQuery struct {
	text string
	args []any
}

func (f ParcelFilter) query() (out parcelQuery, err error) {
	var q query
	q.equal("desk", f.Desk, true)
	for _, c := range []struct{ column, value string }{{"number", f.Number}, {"batch", f.Batch}, {"category", f.Category}, {"state", f.State}} {
		q.equal(c.column, c.value, false)
	}
	if f.Place != "" {
		q.between("place", f.Place, f.Place+"~")
	}
	if f.Open || f.date() != "" { // in the words of the indexes
		q.where = append(q.where, "state <> '"+string(intake.LedgerConcluded)+"'")
	}
	if f.DueBy != "" {
		q.between("due_on", "", string(f.DueBy))
	}
	if f.EvidenceBy != "" {
		q.where = append(q.where, "evidence_on = ''")
		q.between("evidence_due", "", string(f.EvidenceBy))
	}
	order := "number, batch"
	if d := f.date(); d != "" {
		order = d + ", number, batch"
	}
	if err := q.behind(f.Cursor, f.date()); err != nil {
		return out, err
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 1 << 30
	}
	return parcelQuery{`SELECT ` + parcelColumns + ` FROM ledger_parcels WHERE ` + strings.Join(q.where, " AND ") + ` ORDER BY ` + order + ` LIMIT ` + strconv.Itoa(limit), q.args}, nil
}

// behind goes on behind a parcel.
func (q *query) behind(cursor, date string) error {
	if cursor == "" {
		return nil
	}
	args, ok := readCursor(cursor, 3)
	if !ok {
		return noCursor()
	}
	columns := "number, batch"
	if date != "" {
		columns = date + ", " + columns
	} else {
		args = args[1:]
	}
	marks := make([]string, len(args))
	for i, a := range args {
		marks[i] = q.arg(a)
	}
	q.where = append(q.where, "("+columns+") > ("+strings.Join(marks, ", ")+")")
	return nil
}

// maxBatches is how many batches a desk is asked about at once.
const maxBatches = 200

// Batches are the batches that a desk's parcels came in, the last by name first. Each is
// found by one step through an index.
func (l *Ledger) Batches(ctx context.Context, desk string) (out []string, err error) {
	last := "\U0010ffff"
	for len(out) < maxBatches {
		err := l.read.QueryRowContext(ctx, `SELECT batch FROM ledger_parcels WHERE desk = $1 AND batch < $2 ORDER BY batch DESC LIMIT 1`, desk, last).Scan(&last)
		if errors.Is(err, sql.ErrNoRows) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, last)
	}
	return out, nil
}

// Parcel is one parcel; none is [intake.ErrNotFound].
func (l *Ledger) Parcel(ctx context.Context, desk, batch, number string) (Parcel, error) {
	p, err := scanParcel(l.read.QueryRowContext(ctx, `SELECT `+parcelColumns+` FROM ledger_parcels WHERE desk = $1 AND batch = $2 AND number = $3`, desk, batch, number))
	if errors.Is(err, sql.ErrNoRows) {
		err = intake.ErrNotFound
	}
	return p, err
}
