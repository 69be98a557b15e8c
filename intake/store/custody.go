package store

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"tipline/intake"
)

const custodyColumns = `id, tip, desk, key_version, asker, asked_on, reason, inner_layer, state, decider, decided_on, view, view_until, for_desk, raw`

func (t *tx) ask(a intake.Act) error {
	c := a.Ask
	if c == nil {
		return nil
	}
	if err := t.willing(c.Tip); err != nil {
		return err
	}
	tip, err := t.standing(`SELECT `+standingColumns+` FROM tips WHERE id = $1`, c.Tip)
	if err != nil {
		return t.guard(err, c.Tip)
	}
	_, err = t.exec(`INSERT INTO custody (id, tip, desk, key_version, asker, asked_on, reason, inner_layer, state, decider, decided_on, view, view_until, raw)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', NULL, 0, $10)`,
		c.ID, c.Tip, tip.desk, cmp.Or(c.KeyVersion, tip.version), c.Asker, c.AskedOn, c.Reason, c.Inner, c.State, c.Raw)
	return err
}

// decide closes a request that is still open: nobody decides it twice.
func (t *tx) decide(a intake.Act) error {
	c := a.Decide
	if c == nil {
		return nil
	}
	n, err := t.exec(`UPDATE custody SET state = $2, decider = $3, decided_on = $4, inner_layer = $5, view = $6, view_until = $7, raw = $9
		WHERE id = $1 AND state = $8 AND for_desk = ''`, c.ID, c.State, c.Decider, c.DecidedOn, c.Inner, c.View, seconds(c.ViewUntil), intake.CustodyAsked, c.Raw)
	if err == nil && n == 0 {
		return fmt.Errorf("request %s is decided already: %w", c.ID, intake.ErrConflict)
	}
	return err
}

// seconds is a moment's column; 0 is none.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func scanCustody(row scanner) (c intake.Custody, err error) {
	var until int64
	if err := row.Scan(&c.ID, &c.Tip, &c.Desk, &c.KeyVersion, &c.Asker, &c.AskedOn, &c.Reason, &c.Inner, &c.State, &c.Decider, &c.DecidedOn, &c.View, &until, &c.ForDesk, &c.Raw); err != nil {
		return intake.Custody{}, err
	}
	c.ViewUntil = instant(until)
	return c, nil
}

// Custody is one request, or [intake.ErrNotFound].
func (s *Store) Custody(ctx context.Context, id string) (intake.Custody, error) {
	c, err := scanCustody(s.read.QueryRowContext(ctx, `SELECT `+custodyColumns+` FROM custody WHERE id = $1`, id))
	return c, missing(err, intake.ErrNotFound)
}

// Custodies are a desk's requests to see an identity in the order they were made: about one tip, or
// any (""), in one of the states, or any (none given).
func (s *Store) Custodies(ctx context.Context, desk, tip string, states ...intake.CustodyState) ([]intake.Custody, error) {
	c := &conditions{terms: []string{"for_desk = ''"}}
	c.equal("desk", desk)
	c.equal("tip", tip)
	if len(states) > 0 {
		c.terms = append(c.terms, "state IN ("+marks(c, states)+")")
	}
	rows, err := s.read.QueryContext(ctx, `SELECT `+custodyColumns+` FROM custody`+c.sql()+` ORDER BY seq`, c.args...)
	return collect(rows, err, scanCustody)
}

// Waiting is how many requests and handovers, and how many answers that hold something to send, wait
// for a desk's custodians. Each of their pages asks.
func (s *Store) Waiting(ctx context.Context, desk string) (requests, answers int, err error) {
	c := &conditions{}
	at, asked := c.arg(desk), c.arg(intake.CustodyAsked)
	err = s.read.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM custody WHERE desk = `+at+` AND state = `+asked+`),
		(SELECT COUNT(*) FROM dispatches WHERE desk = `+at+` AND state IN (`+marks(c, intake.OpenDispatches())+`) AND LENGTH(answer) > 0)`, c.args...).Scan(&requests, &answers)
	return requests, answers, err
}

// marks are the placeholders of values.
func marks[T any](c *conditions, values []T) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = c.arg(v)
	}
	return strings.Join(out, ", ")
}

// CloseViews deletes the opened identities whose time is over and says how many.
func (s *Store) CloseViews(ctx context.Context, now time.Time) (closed int, err error) {
	var open int
	err = s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM custody WHERE state = 'approved' AND view_until <= $1`, now.Unix()).Scan(&open)
	if err != nil || open == 0 {
		return 0, err
	}
	err = s.group.write(ctx, true, func(t *tx) error {
		n, err := t.exec(`UPDATE custody SET state = $2, view = NULL, raw = NULL WHERE state = 'approved' AND view_until <= $1`, now.Unix(), intake.CustodyClosed)
		closed = int(n)
		return err
	})
	return closed, notDurable(err)
}
