package store

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"tipline/intake"
)

const dispatchColumns = `id, tip, desk, message, asker, asked_on, inner_layer, answer, state, channel, result, decider, day, tries`

func scanDispatch(row scanner) (d intake.Dispatch, err error) {
	return d, row.Scan(&d.ID, &d.Tip, &d.Desk, &d.Message, &d.Asker, &d.AskedOn, &d.Inner, &d.Text, &d.State, &d.Channel, &d.Result, &d.Decider, &d.On, &d.Tries)
}

// dispatch keeps an answer for a custodian to send, unless the reporter has decided
// otherwise meanwhile.
func (t *tx) dispatch(a intake.Act) error {
	d := a.Dispatch
	if d == nil {
		return nil
	}
	if err := t.willing(d.Tip); err != nil {
		return err
	}
	var desk string
	var reply intake.Reply
	var silent bool
	if err := t.row(`SELECT desk, reply, do_not_contact FROM tips WHERE id = $1`, d.Tip).Scan(&desk, &reply, &silent); err != nil || reply != intake.ReplyContact || silent {
		return err // who wants to hear nothing any more finds the answer under the receipt
	}
	if open, err := t.next(`SELECT COUNT(*) FROM custody WHERE tip = $1 AND `+openHandover, d.Tip); err != nil || open > 0 != (d.Keeper != "") {
		return cmp.Or(err, fmt.Errorf("tip %s: %w", d.Tip, intake.ErrConflict)) // whose custodians it is sealed to changed
	}
	_, err := t.exec(`INSERT INTO dispatches (id, tip, desk, message, asker, asked_on, inner_layer, answer, state, channel, result, decider, day, tries, claimed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', '', $6, 0, 0)`,
		d.ID, d.Tip, desk, d.Message, d.Asker, d.AskedOn, d.Inner, d.Text, cmp.Or(d.State, intake.DispatchWaiting))
	return err
}

// pending lets the answer that pends on a letter wait for a custodian once the letter
// is granted. One that isn't, or whose reporter wants to hear nothing any more, ends.
func (t *tx) pending(letter string, granted bool, on intake.Date) error {
	if granted {
		if _, err := t.exec(`UPDATE dispatches SET state = $2, asked_on = $3, day = $3 WHERE message = $1 AND state = $4
			AND EXISTS (SELECT 1 FROM tips t WHERE t.id = dispatches.tip AND t.reply = $5 AND t.do_not_contact = 0)`,
			letter, intake.DispatchWaiting, on, intake.DispatchPending, intake.ReplyContact); err != nil {
			return err
		}
	}
	_, err := t.exec(`UPDATE dispatches SET state = $2, result = $3, day = $4, inner_layer = NULL, answer = NULL WHERE message = $1 AND state = $5`,
		letter, intake.DispatchStopped, intake.ResultStopped, on, intake.DispatchPending)
	return err
}

// claimAnswer begins to send. The reporter's wish is asked here as well, in the same
// transaction.
func (t *tx) claimAnswer(a intake.Act) error {
	c := a.Claim
	if c == nil {
		return nil
	}
	again := intake.DispatchFailed
	if c.Again {
		again = intake.DispatchUnclear
	}
	n, err := t.exec(`UPDATE dispatches SET state = $2, decider = $3, day = $4, claimed = $5, tries = tries + 1
		WHERE id = $1 AND state IN ($6, $7, $8) AND EXISTS (SELECT 1 FROM tips t WHERE t.id = dispatches.tip AND t.reply = $9 AND t.do_not_contact = 0)`,
		c.ID, intake.DispatchSending, c.Member, c.On, c.At, intake.DispatchWaiting, intake.DispatchFailed, again, intake.ReplyContact)
	if err == nil && n == 0 {
		return fmt.Errorf("answer %s isn't there to be sent any more: %w", c.ID, intake.ErrConflict)
	}
	return err
}

// sent notes what became of a claim, if it still is the same one. What went out
// leaves nothing behind to send.
func (t *tx) sent(a intake.Act) error {
	d := a.Sent
	if d == nil {
		return nil
	}
	n, err := t.exec(`UPDATE dispatches SET state = $2, channel = $3, result = $4, day = $5,
		inner_layer = CASE WHEN $2 = $6 THEN NULL ELSE inner_layer END, answer = CASE WHEN $2 = $6 THEN NULL ELSE answer END
		WHERE id = $1 AND tries = $7 AND state IN ($8, $9)`,
		d.ID, d.State, d.Channel, d.Result, d.On, intake.DispatchSent, d.Tries, intake.DispatchSending, intake.DispatchUnclear)
	if err == nil && n == 0 {
		return fmt.Errorf("answer %s isn't the one that was sent: %w", d.ID, intake.ErrConflict)
	}
	return err
}

// returned ends a dispatch that nobody sends.
func (t *tx) returned(a intake.Act) error {
	d := a.Returned
	if d == nil {
		return nil
	}
	n, err := t.exec(`UPDATE dispatches SET state = $2, decider = $3, day = $4, inner_layer = NULL, answer = NULL WHERE id = $1 AND state IN ($5, $6, $7)`,
		d.ID, d.State, d.Decider, d.On, intake.DispatchWaiting, intake.DispatchFailed, intake.DispatchUnclear)
	if err == nil && n == 0 {
		return fmt.Errorf("answer %s is decided already: %w", d.ID, intake.ErrConflict)
	}
	return err
}

// Dispatch is one answer that is to go out, or [intake.ErrNotFound].
func (s *Store) Dispatch(ctx context.Context, id string) (intake.Dispatch, error) {
	d, err := scanDispatch(s.read.QueryRowContext(ctx, `SELECT `+dispatchColumns+` FROM dispatches WHERE id = $1`, id))
	return d, missing(err, intake.ErrNotFound)
}

// Dispatches are a desk's answers that were to go out, in the order in which they
// were written: of one tip, or any (""), in one of the states, or any (none given);
// at most limit.
func (s *Store) Dispatches(ctx context.Context, desk, tip string, limit int, states ...intake.DispatchState) ([]intake.Dispatch, error) {
	c := &conditions{}
	c.equal("desk", desk)
	c.equal("tip", tip)
	if len(states) > 0 {
		c.terms = append(c.terms, "state IN ("+marks(c, states)+")")
	}
	rows, err := s.read.QueryContext(ctx, `SELECT `+dispatchColumns+` FROM dispatches`+c.sql()+` ORDER BY seq LIMIT `+c.arg(limit), c.args...)
	return collect(rows, err, scanDispatch)
}

// unwanted picks the answers that wait for who has asked for silence.
const unwanted = `state IN ('pending', 'waiting', 'failed', 'unclear') AND EXISTS (SELECT 1 FROM tips t WHERE t.id = dispatches.tip AND t.do_not_contact = 1)`

// sendingTime is how long a claim may stand. A call has its own, shorter end: what
// stands longer belongs to a process that is gone.
const sendingTime = 10 * time.Minute

// dispatchDays is how long an answer waits for a custodian.
const dispatchDays = 30

// GiveUpSending marks what was being sent when its process ended: whether it went
// out nobody knows. It stops what waits for a number that has asked for silence since.
func (s *Store) GiveUpSending(ctx context.Context, now time.Time) (n int, err error) {
	before := now.Add(-sendingTime).Unix()
	var open int
	err = s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM dispatches WHERE state = $1 AND claimed <= $2 OR `+unwanted, intake.DispatchSending, before).Scan(&open)
	if err != nil || open == 0 {
		return 0, err
	}
	err = s.group.write(ctx, true, func(t *tx) error {
		given, err := t.exec(`UPDATE dispatches SET state = $1, result = $2 WHERE state = $3 AND claimed <= $4`,
			intake.DispatchUnclear, intake.ResultInterrupted, intake.DispatchSending, before)
		if n = int(given); err != nil {
			return err
		}
		_, err = t.exec(`UPDATE dispatches SET state = $1, result = $2, inner_layer = NULL, answer = NULL WHERE `+unwanted, intake.DispatchStopped, intake.ResultStopped)
		return err
	})
	return n, notDurable(err)
}
