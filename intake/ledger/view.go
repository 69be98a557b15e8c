package ledger

import (
	"context"
	"encoding/base64"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"tipline/intake"
)

// Order is what a view of the ledger is sorted by.
type Order string

// The orders. By due date and by number only rows that have one are shown.
const (
	ByReceived Order = "" // newest day first
	ByDue      Order = "due"
	ByNumber   Order = "number"
	ByPlace    Order = "place"
	ByOldest   Order = "oldest" // oldest day first
)

// Orders lists those that somebody chooses.
func Orders() []Order { return []Order{ByReceived, ByDue, ByNumber, ByPlace} }

// View is one page of a desk's ledger; empty fields don't narrow it.
type View struct {
	Desk                                                           string
	State, Category, Source, Channel, Department, Disposition, Tip string // Tip is how it begins
	Number                                                         string
	Place                                                          string // this code and what lies below it
	DueFrom, DueTo                                                 intake.Date
	Since, Until                                                   intake.Date // received
	Open                                                           bool        // accepted, and not 销号 yet
	Order                                                          Order
	Cursor                                                         string
	Limit                                                          int // 0: all
}

// View is a page of rows, with where the next one begins, "" on the last. A cursor
// that is none is [intake.ErrInvalid].
func (l *Ledger) View(ctx context.Context, v View) (rows []Row, next string, err error) {
	q := query{where: []string{"gone = 0"}}
	q.equal("desk", v.Desk, true)
	for _, f := range []struct{ column, value string }{{"state", v.State}, {"category", v.Category}, {"source", v.Source}, {"channel", v.Channel},
		{"department", v.Department}, {"disposition", v.Disposition}, {"number", v.Number}} {
		q.equal(f.column, f.value, false)
	}
	if v.Source != "" && v.Source != intake.SourcePublic { // in the words of its index
		q.where = append(q.where, "source <> '"+intake.SourcePublic+"'")
	}
	q.place(v.Place)
	q.between("due_on", string(v.DueFrom), string(v.DueTo))
	q.between("received_on", string(v.Since), string(v.Until))
	if v.Tip != "" {
		q.between("tip", v.Tip, v.Tip+"~")
	}
	if v.Open { // in the words of its index
		q.where = append(q.where, "disposition = '"+string(intake.StateAccepted)+"' AND state <> '"+string(intake.LedgerConcluded)+"'")
	}
	column, down, cut := v.Order.column()
	if cut {
		q.where = append(q.where, column+" <> ''")
	}
	if err := q.after(v.Cursor, column, down); err != nil {
		return nil, "", err
	}
	limit := v.Limit
	if limit <= 0 {
		limit = 1<<30 - 1
	}
	text := `SELECT ` + columns + ` FROM ledger_rows WHERE ` + strings.Join(q.where, " AND ") + ` ORDER BY ` + column + down + `, tip` + down + ` LIMIT ` + strconv.Itoa(limit+1)
	found, err := l.read.QueryContext(ctx, text, q.args...)
	if err != nil {
		return nil, "", err
	}
	defer found.Close()
	for found.Next() {
		r, err := scan(found)
		if err != nil {
			return nil, "", err
		}
		if len(rows) == limit {
			last := rows[limit-1]
			return rows, cursorOf(last.at(v.Order), last.Tip), nil
		}
		rows = append(rows, r)
	}
	return rows, "", found.Err()
}

// Each yields all rows of a view, whatever its limit; they are read as they are asked
// for.
func (l *Ledger) Each(ctx context.Context, v View) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		v.Limit = pageRows
		for {
			rows, next, err := l.View(ctx, v)
			if err != nil {
				yield(Row{}, err)
				return
			}
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
			if v.Cursor = next; next == "" {
				return
			}
		}
	}
}

const pageRows = 500

// column is what an order sorts by, how, and whether rows without it are left out.
func (o Order) column() (name, direction string, cut bool) {
	switch o {
	case ByDue:
		return "due_on", "", true
	case ByNumber:
		return "number", "", true
	case ByPlace:
		return "place", "", false
	case ByOldest:
		return "received_on", "", false
	default:
		return "received_on", " DESC", false
	}
}

func (r Row) at(o Order) string {
	switch o {
	case ByDue:
		return string(r.DueOn)
	case ByNumber:
		return r.Number
	case ByPlace:
		return r.Place
	default:
		return string(r.ReceivedOn)
	}
}

// query gathers conditions and their arguments.
type query struct {
	where []string
	args  []any
}

func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

func (q *query) add(condition string, v any) {
	q.where = append(q.where, fmt.Sprintf(condition, q.arg(v)))
}

func (q *query) equal(column, value string, always bool) {
	if value != "" || always {
		q.add(column+" = %s", value)
	}
}

func (q *query) between(column, from, to string) {
	if from != "" {
		q.add(column+" >= %s", from)
	}
	if to != "" {
		q.add(column+" <= %s", to)
	}
	if to != "" && from == "" {
		q.where = append(q.where, column+" <> ''")
	}
}

// place asks for a township by what its index is made of.
func (q *query) place(code string) {
	switch n := len(code); {
	case code == "":
	case n == 9:
		q.add("substr(place, 1, 9) = %s", code)
	case n >= 12:
		q.add("place = %s", code[:12])
	default:
		q.add("substr(place, 1, "+strconv.Itoa(n)+") = %s", code)
	}
}

// after goes on behind a cursor.
func (q *query) after(cursor, column, down string) error {
	if cursor == "" {
		return nil
	}
	key, ok := readCursor(cursor, 2)
	if !ok {
		return noCursor()
	}
	than := ">"
	if down != "" {
		than = "<"
	}
	a, b := q.arg(key[0]), q.arg(key[1])
	q.where = append(q.where, "("+column+", tip) "+than+" ("+a+", "+b+")")
	return nil
}

func cursorOf(key ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(key, "\x00")))
}

// readCursor is the key of n parts that a cursor holds. Who asks may have made it up.
func readCursor(cursor string, n int) (key []string, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	key = strings.Split(string(text), "\x00")
	return key, err == nil && len(key) == n && utf8.Valid(text)
}

func noCursor() error {
	return &intake.InvalidError{Problems: []intake.Problem{{Field: "cursor", Code: "format"}}}
}
