package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"tipline/intake"
)

// Act writes everything of one member's act, and always its audit row, in one
// transaction. It is about the tip that the audit row names.
//
// A guard that fails is [intake.ErrConflict]: the tip isn't as Seen says, isn't in
// Move.From any more, isn't held any more, the request, the review or the answer to be sent is decided, the identity is withdrawn, or
// the tips can't be put together or taken apart any more. An unknown tip is
// [intake.ErrNotFound], an outcome that isn't newer [intake.ErrStale]. After an error nothing was written.
func (s *Store) Act(ctx context.Context, a intake.Act) error {
	err := s.group.write(ctx, false, func(t *tx) error { return t.act(a) })
	if err == nil {
		events := []*intake.Event{a.Event}
		if a.Transfer != nil {
			events = append(events, a.Transfer.Left)
		}
		s.rouse(events...)
	}
	return notDurable(err)
}

func (t *tx) act(a intake.Act) error {
	for _, step := range []func(intake.Act) error{t.pair, t.home, t.follow, t.seen, t.release, t.reviewed, t.move, t.merge, t.unmerge, t.review, t.opened, t.answer, t.dispatch, t.claimAnswer, t.sent, t.returned, t.carry, t.refetch,
		t.clock, t.extend, t.extended, t.look, t.looked, t.parcel, t.hold, t.lift, t.doom, t.doomed, t.again, t.destroyTip, t.transfer, t.handover, t.reseal, t.note, t.ask, t.decide} {
		if err := step(a); err != nil {
			return err
		}
	}
	if err := t.addEvent(a.Event); err != nil {
		return err
	}
	if a.Destroy != nil { // only now are they known
		a.Audit.Detail += " " + a.Destroy.Counts()
	}
	if err := t.audit(a.Audit); err != nil {
		return err
	}
	return t.arrived(a)
}

// home refuses what a member of another desk than the tip's does about it: it went
// there meanwhile, and what was sealed for it is sealed to the wrong key. A handover has
// its own guard, and so has what a desk keeps sealed of a tip that it left.
func (t *tx) home(a intake.Act) error {
	if a.Audit.Tip == "" || a.Audit.Desk == "" || a.Handover != nil || a.Reseal != nil {
		return nil
	}
	tip, err := t.standing(`SELECT `+standingColumns+` FROM tips WHERE id = $1`+t.dialect.lock, a.Audit.Tip)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // the step that needs the tip says so
	}
	if err == nil && tip.desk != a.Audit.Desk {
		err = fmt.Errorf("tip %s: %w", a.Audit.Tip, intake.ErrConflict)
	}
	return err
}

// seen holds the tip against what the member saw of it.
func (t *tx) seen(a intake.Act) error {
	s := a.Seen
	if s == nil {
		return nil
	}
	_, err := t.standing(`SELECT `+standingColumns+` FROM tips WHERE id = $1 AND state = $2 AND lane = $3
		AND (SELECT COUNT(*) FROM history WHERE tip = $1) = $4`+t.dialect.lock, a.Audit.Tip, s.State, s.Lane, s.Changes)
	if err != nil {
		return t.guard(err, a.Audit.Tip)
	}
	return nil
}

// release lets a held tip into the normal lane.
func (t *tx) release(a intake.Act) error {
	if !a.Release {
		return nil
	}
	now, err := t.standing(`UPDATE tips SET lane = $2 WHERE id = $1 AND lane = $3 RETURNING `+standingColumns, a.Audit.Tip, intake.Normal, intake.Held)
	if err != nil {
		return t.guard(err, a.Audit.Tip)
	}
	was := now
	was.lane = intake.Held
	t.recount(was, now)
	return nil
}

// move changes the state, if it still is what the member saw. The department
// stays when the move names none.
func (t *tx) move(a intake.Act) error {
	m, tip := a.Move, a.Audit.Tip
	if m == nil {
		return nil
	}
	now, err := t.standing(`UPDATE tips SET state = $2, due_on = $3, department = CASE WHEN $4 = '' THEN department ELSE $4 END,
		accepted_on = CASE WHEN $6 = '' THEN accepted_on ELSE $6 END WHERE id = $1 AND state = $5 AND destroyed_on = '' RETURNING `+standingColumns,
		tip, m.To, m.DueOn, m.Department, m.From, acceptedOn(m))
	if err != nil {
		return t.guard(err, tip)
	}
	was := now
	was.state = m.From
	t.recount(was, now)
	n, err := t.next(`SELECT COALESCE(MAX(n), 0) + 1 FROM history WHERE tip = $1`, tip)
	if err != nil {
		return err
	}
	if err := t.addHistory(tip, n, m.To, m.On); err != nil || m.Note == nil {
		return err
	}
	return t.addPart(tip, n, now.desk, cmp.Or(m.KeyVersion, now.version), intake.Part{Compartment: intake.CompartmentNotes, Name: string(m.To), Sealed: m.Note})
}

// acceptedOn is the day a move takes a tip up, "" for one that doesn't.
func acceptedOn(m *intake.Move) intake.Date {
	if m.To != intake.StateAccepted {
		return ""
	}
	return m.On
}

// opened takes the tip's mark of news away; a second reader finds none.
func (t *tx) opened(a intake.Act) error {
	if !a.Read {
		return nil
	}
	_, err := t.setUnread(a.Audit.Tip, false)
	return err
}

func (t *tx) answer(a intake.Act) error {
	if a.Message == nil {
		return nil
	}
	return t.addMessage(*a.Message)
}

func (t *tx) addMessage(m intake.Message) error {
	tip, err := t.standing(`SELECT `+standingColumns+` FROM tips WHERE id = $1 AND destroyed_on = ''`+t.dialect.lock, m.Tip)
	if err != nil {
		return t.guard(err, m.Tip)
	}
	if m.Desk != "" && m.Desk != tip.desk {
		return fmt.Errorf("tip %s: %w", m.Tip, intake.ErrConflict)
	}
	n, err := t.next(`SELECT COALESCE(MAX(n), 0) + 1 FROM messages WHERE tip = $1`, m.Tip)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO messages (tip, n, id, sender, day, desk, key_version, sealed, files) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		m.Tip, n, m.ID, m.From, m.On, tip.desk, cmp.Or(m.KeyVersion, tip.version), m.Sealed, m.Files)
	return err
}

// next is the number of a tip's next row.
func (t *tx) next(query, tip string) (n int, err error) {
	return n, t.row(query, tip).Scan(&n)
}

// setUnread sets the mark of news and says whether it changed.
func (t *tx) setUnread(tip string, unread bool) (changed bool, err error) {
	now, err := t.standing(`UPDATE tips SET unread = $2 WHERE id = $1 AND unread <> $2 RETURNING `+standingColumns, tip, bit(unread))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	was := now
	was.unread = !unread
	t.recount(was, now)
	return true, nil
}

func (t *tx) addHistory(tip string, n int, state intake.State, day intake.Date) error {
	return t.put(`INSERT INTO history (tip, n, state, day) VALUES ($1, $2, $3, $4)`, tip, n, state, day)
}

const standingColumns = `desk, lane, state, unread, key_version`

// standing runs a change of one tip and reads what it counts as from then on.
func (t *tx) standing(query string, args ...any) (s standing, err error) {
	err = t.row(query, args...).Scan(&s.desk, &s.lane, &s.state, &s.unread, &s.version)
	return s, err
}

// guard tells why a guarded change found no row.
func (t *tx) guard(err error, tip string) error {
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var n int
	if err := t.row(`SELECT COUNT(*) FROM tips WHERE id = $1`, tip).Scan(&n); err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("tip %s: %w", tip, intake.ErrNotFound)
	}
	return fmt.Errorf("tip %s: %w", tip, intake.ErrConflict)
}
