package store

import (
	"context"
	"time"

	"tipline/intake"
)

// expireBatch is how many rows one transaction removes, so that reports needn't
// wait for a long one.
const expireBatch = 500

// custodyDays is how long a request for an identity waits for a custodian.
const custodyDays = 14

// Expire removes what may be kept no longer: the tags of providers' messages
// after 14 days, nonces after 400, those of senders and of floods within 72 hours, the opened identities whose
// time is over, and requests for one that nobody decided for 14 days, with the
// layer that stood open for them, and answers that no custodian sent
// for 30 days, the addresses of files that nobody could fetch for 14, and the counts of an inlet's days after 92. It says how many rows went.
func (s *Store) Expire(ctx context.Context, now time.Time) (removed int, err error) {
	today := intake.DateOf(now, s.loc)
	for _, round := range []struct {
		day   intake.Date
		query string
	}{
		{today, `DELETE FROM message_tags WHERE tag IN (SELECT tag FROM message_tags WHERE until < $1 LIMIT $2)`},
		{today, `DELETE FROM sender_tags WHERE tag IN (SELECT tag FROM sender_tags WHERE until <= $1 LIMIT $2) AND until <= $1`},
		{today, `DELETE FROM floods WHERE tip IN (SELECT tip FROM floods WHERE until <= $1 LIMIT $2)`},
		{later(today, -custodyDays), `UPDATE custody SET state = 'closed', inner_layer = NULL, raw = NULL
			WHERE id IN (SELECT id FROM custody WHERE state = 'asked' AND for_desk = '' AND asked_on <= $1 LIMIT $2)`},
		{later(today, -dispatchDays), `UPDATE dispatches SET state = 'stopped', result = 'lapsed', inner_layer = NULL, answer = NULL
			WHERE id IN (SELECT id FROM dispatches WHERE state IN ('pending', 'waiting', 'failed', 'unclear') AND asked_on <= $1 LIMIT $2)`},
		{later(today, -messageDays), `UPDATE fetches SET state = 'lapsed', sealed = NULL WHERE id IN (SELECT id FROM fetches WHERE state <> 'lapsed' AND day <= $1 LIMIT $2)`},
		{later(today, -inletDays), `DELETE FROM inlet_days WHERE (inlet, outcome, day) IN (SELECT inlet, outcome, day FROM inlet_days WHERE day < $1 LIMIT $2)`},
	} {
		n, err := s.sweep(ctx, round.query, round.day)
		removed += n
		if err != nil {
			return removed, notDurable(err)
		}
	}
	n, err := s.CloseViews(ctx, now)
	return removed + n, err
}

// sweep repeats a limited removal until nothing is left.
func (s *Store) sweep(ctx context.Context, query string, day intake.Date) (removed int, err error) {
	for {
		var n int64
		err := s.group.write(ctx, true, func(t *tx) (err error) {
			n, err = t.exec(query, day, expireBatch)
			return err
		})
		removed += int(n)
		if err != nil || n == 0 {
			return removed, err
		}
	}
}
