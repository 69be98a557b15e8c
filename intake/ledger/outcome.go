package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tipline/intake"
)

// The ways an outcome is refused.
var (
	ErrUnknown     = errors.New("the ledger has no such tip: is it held, or still on its way? See tipline queue")
	ErrNotOurs     = errors.New("the desk has decided otherwise about this tip (declined, referred, merged, spam or withdrawn): the desk must take it up again first")
	ErrNumberTaken = errors.New("another tip has this number")
	ErrOutcome     = errors.New("the outcome can't be taken")
)

// Outcome is a change of a row by those who keep the ledger.
type Outcome struct {
	Tip    string
	Desk   string // whose ledger the row stands in
	State  intake.LedgerState
	Number string      // "" keeps the one there is
	DueOn  intake.Date // "" keeps the one there is
	Sealed []byte      // a note to the desk, sealed
	// Granted says that a later date is granted at the tip, which the row's own then follows: none beyond that
	// is taken, and an extension without a date is about that one.
	Granted bool
}

// String keeps an outcome out of logs and error texts.
func (Outcome) String() string { return "[outcome]" }

// LogValue keeps an outcome out of structured logs.
func (Outcome) LogValue() slog.Value { return slog.StringValue("[outcome]") }

const longestNumber = 64 // characters

// Wrong are the rules that an outcome breaks on its row as that stands, by state, number
// and due_on. A command and a sheet that comes back ask here alike.
func (o Outcome) Wrong(r Row) (out []intake.Problem) {
	unclear := intake.NumberProblem(o.Number)
	for _, rule := range []struct {
		broken            bool
		field, code, most string
	}{
		{r.Disposition != "" && r.Disposition != string(intake.StateAccepted), "state", "not_ours", ""},
		{!slices.Contains(intake.LedgerStates(), o.State), "state", "state", ""},
		{utf8.RuneCountInString(o.Number) > longestNumber, "number", "too_long", strconv.Itoa(longestNumber)},
		{o.Number != strings.TrimSpace(o.Number) || strings.ContainsFunc(o.Number, func(r rune) bool { return !unicode.IsPrint(r) }), "number", "format", ""},
		{unclear != "", "number", unclear, ""},
		{o.State == intake.LedgerNumbered && o.Number == "" && r.Number == "", "number", "needs_number", ""},
		{o.State == intake.LedgerExtended && o.DueOn == "", "due_on", "needs_date", ""},
		{o.DueOn != "" && !dated(o.DueOn), "due_on", "format", ""},
		{o.Granted && r.DueOn != "" && o.DueOn > r.DueOn, "due_on", "needs_grant", ""},
		{dated(o.DueOn) && o.DueOn < r.DueOn, "due_on", "earlier", ""},
	} {
		if rule.broken {
			out = append(out, intake.Problem{Field: rule.field, Code: rule.code, Param: rule.most})
		}
	}
	return out
}

func dated(d intake.Date) bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return err == nil
}

// refused words the first of the broken rules, without what was entered.
func refused(broken []intake.Problem) error {
	if len(broken) == 0 {
		return nil
	}
	switch p := broken[0]; p.Code {
	case "not_ours":
		return ErrNotOurs
	case "state":
		return fmt.Errorf("%w: its state must be one of %s", ErrOutcome, stateNames())
	case intake.CodePersonal:
		return fmt.Errorf("%w: its number looks like somebody's telephone, identity number or mail address, and would stand in clear", ErrOutcome)
	case intake.CodeNoNumber:
		return fmt.Errorf("%w: its number holds neither a digit nor a Latin letter, as if it were a name", ErrOutcome)
	case "needs_number":
		return fmt.Errorf("%w: it needs the number", ErrOutcome)
	case "needs_date":
		return fmt.Errorf("%w: an extension needs its new date", ErrOutcome)
	case "needs_grant":
		return fmt.Errorf("%w: a later date is asked for at the tip (its page, or tipline tip extend) and granted by another member; the row follows by itself", ErrOutcome)
	case "earlier":
		return fmt.Errorf("%w: its date lies before the one that runs", ErrOutcome)
	default:
		if p.Field == "number" {
			return fmt.Errorf("%w: its number must be at most %d characters in one line", ErrOutcome, longestNumber)
		}
		return fmt.Errorf("%w: its date must look like 2026-11-24", ErrOutcome)
	}
}

func stateNames() string {
	var names []string
	for _, s := range intake.LedgerStates() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// Outcome changes a row and leaves the event that tells the desk, in one
// transaction. A tip the ledger doesn't know is [ErrUnknown], one the desk didn't
// accept [ErrNotOurs], a number of another tip [ErrNumberTaken], a rule that is broken
// ([Outcome.Wrong]) [ErrOutcome].
func (l *Ledger) Outcome(ctx context.Context, o Outcome, events intake.Events) error {
	tx, err := l.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after the commit
	if err := tell(ctx, tx, o, events); err != nil {
		return err
	}
	return tx.Commit()
}

// tell changes the row and leaves the event.
func tell(ctx context.Context, tx *sql.Tx, o Outcome, events intake.Events) error {
	r, err := scan(tx.QueryRowContext(ctx, `SELECT `+columns+` FROM ledger_rows WHERE desk = $1 AND tip = $2 AND gone = 0`, o.Desk, o.Tip))
	if errors.Is(err, sql.ErrNoRows) {
		return ErrUnknown // what isn't known may be anything: it isn't repeated
	}
	if err != nil {
		return err
	}
	if o.Granted && o.State == intake.LedgerExtended && o.DueOn == "" {
		o.DueOn = r.DueOn
	}
	if err := refused(o.Wrong(r)); err != nil {
		return fmt.Errorf("tip %s: %w", o.Tip, err)
	}
	data, sequence, err := change(ctx, tx, o, intake.DateOf(events.Now(), events.Loc))
	if err != nil {
		return err
	}
	e := events.Outcome(data, sequence)
	body, err := e.JSON()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO ledger_outcomes (id, tip, desk, body, claimed_by, claimed_until, relayed_as, told) VALUES ($1, $2, $3, $4, '', 0, '', 0)`,
		e.ID, data.Tip, data.Desk, body)
	return err
}

// change writes the row and returns how it stands then. One that is concluded
// without a day was closed today.
func change(ctx context.Context, tx *sql.Tx, o Outcome, today intake.Date) (d intake.OutcomeData, sequence int, err error) {
	d = intake.OutcomeData{Tip: o.Tip, Desk: o.Desk, State: o.State, Sealed: o.Sealed}
	if err := free(ctx, tx, o); err != nil {
		return d, 0, err
	}
	err = tx.QueryRowContext(ctx, `UPDATE ledger_rows SET state = $2, outcomes = outcomes + 1, number = CASE WHEN $3 = '' THEN number ELSE $3 END,
			due_on = CASE WHEN $4 = '' THEN due_on ELSE $4 END, put_off = CASE WHEN $4 = '' THEN put_off ELSE $4 END,
			told_on = CASE WHEN $4 = '' THEN told_on ELSE $6 END, version = version + 1,
			closed_on = CASE WHEN closed_on = '' AND $2 = '`+string(intake.LedgerConcluded)+`' THEN $6 ELSE closed_on END
		WHERE tip = $1 AND desk = $5 AND gone = 0 AND disposition IN ('', '`+string(intake.StateAccepted)+`') RETURNING number, put_off, outcomes`,
		o.Tip, o.State, o.Number, o.DueOn, o.Desk, today).Scan(&d.Number, &d.DueOn, &sequence)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("tip %s: %w", o.Tip, ErrNotOurs) // since it was read
	}
	return d, sequence, err
}

// free says whether nobody else's row of the same desk has the number.
func free(ctx context.Context, tx *sql.Tx, o Outcome) error {
	var taken int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM ledger_rows WHERE number = $1 AND number <> '' AND tip <> $2
		AND desk = $3`, o.Number, o.Tip, o.Desk).Scan(&taken)
	if err == nil && taken > 0 {
		return ErrNumberTaken
	}
	return err
}
