package store

import (
	"context"
	"fmt"
	"strings"

	"tipline/intake"
)

// openHandover picks the handovers that wait for a custodian.
const openHandover = `state = 'asked' AND for_desk <> ''`

// transfer moves a tip to another desk. Its row moves last but one, so that what is
// added behind it, a note or the handover, is the new desk's.
func (t *tx) transfer(a intake.Act) error {
	m, tip := a.Transfer, a.Audit.Tip
	if m == nil {
		return nil
	}
	for _, step := range []func(string, *intake.Transfer) error{t.whole, t.resealed, t.settled, t.leaves} {
		if err := step(tip, m); err != nil {
			return err
		}
	}
	if m.Handover != nil {
		if err := t.addHandover(*m.Handover); err != nil {
			return err
		}
	}
	for _, e := range []*intake.Event{m.Left, m.Received} {
		if err := t.addEvent(e); err != nil {
			return err
		}
	}
	return nil
}

// arrived notes in the other desk's record what an act brought there.
func (t *tx) arrived(a intake.Act) error {
	switch {
	case a.Transfer != nil:
		return t.audit(a.Transfer.Arrived)
	case a.Handover != nil:
		return t.audit(a.Handover.Arrived)
	default:
		return nil
	}
}

// whole holds the transfer against the tip's rows: nothing came and nothing went since
// they were read, no other tip hangs on this one and no answer waits to be sent.
func (t *tx) whole(tip string, m *intake.Transfer) error {
	for _, c := range []struct {
		query string
		want  int
	}{
		{`SELECT COUNT(*) FROM parts WHERE tip = $1`, len(m.Parts)},
		{`SELECT COUNT(*) FROM messages WHERE tip = $1`, len(m.Messages)},
		{`SELECT COUNT(*) FROM containers WHERE tip = $1`, len(m.Containers)},
		{`SELECT COUNT(*) FROM holds WHERE tip = $1 AND lifted_on = '' AND desk = (SELECT desk FROM tips WHERE id = $1)`, len(m.Holds)},
		{`SELECT COUNT(*) FROM merges WHERE tip = $1 OR into_tip = $1`, 0},
		{`SELECT COUNT(*) FROM dispatches WHERE tip = $1 AND state IN ('waiting', 'sending', 'failed', 'unclear')`, 0},
	} {
		if n, err := t.next(c.query, tip); err != nil || n != c.want {
			return orConflict(err, tip)
		}
	}
	return nil
}

// orConflict is err, or that a tip was changed meanwhile.
func orConflict(err error, tip string) error {
	if err == nil {
		err = fmt.Errorf("tip %s: %w", tip, intake.ErrConflict)
	}
	return err
}

// resealed puts everything that is sealed to the new desk in the place of what it was.
func (t *tx) resealed(tip string, m *intake.Transfer) error {
	if err := t.resealedParts(tip, m.To, m.KeyVersion, m.Parts); err != nil {
		return err
	}
	for _, s := range m.Messages {
		n, err := t.exec(`UPDATE messages SET desk = $3, key_version = $4, sealed = $5 WHERE tip = $1 AND id = $2`, tip, s.ID, m.To, m.KeyVersion, s.Sealed)
		if err != nil || n != 1 {
			return orConflict(err, tip)
		}
	}
	for _, h := range m.Holds {
		n, err := t.exec(`UPDATE holds SET desk = $3, key_version = $4, note = $5 WHERE tip = $1 AND id = $2 AND lifted_on = ''`, tip, h.ID, m.To, m.KeyVersion, h.Note)
		if err != nil || n != 1 {
			return orConflict(err, tip)
		}
	}
	return t.resealedContainers(tip, m.To, m.KeyVersion, m.Containers)
}

func (t *tx) resealedParts(tip, desk string, version int, parts []intake.StoredPart) error {
	for _, p := range parts {
		n, err := t.exec(`UPDATE parts SET desk = $5, key_version = $6, sealed = $7 WHERE tip = $1 AND compartment = $2 AND name = $3 AND n = $4`,
			tip, p.Compartment, p.Name, p.N, desk, version, p.Sealed)
		if err != nil || n != 1 {
			return orConflict(err, tip)
		}
	}
	return nil
}

func (t *tx) resealedContainers(tip, desk string, version int, containers []intake.Container) error {
	for _, c := range containers {
		n, err := t.exec(`UPDATE containers SET desk = $3, key_version = $4, inline = $5, file = $6 WHERE tip = $1 AND compartment = $2`,
			tip, c.Compartment, desk, version, c.Inline, c.File)
		if err != nil || n != 1 {
			return orConflict(err, tip)
		}
		if err := t.restream(tip, c); err != nil {
			return err
		}
	}
	return nil
}

// restream notes where the streams of a container stand that was written anew.
func (t *tx) restream(tip string, c intake.Container) error {
	if _, err := t.exec(`DELETE FROM streams WHERE tip = $1 AND compartment = $2`, tip, c.Compartment); err != nil {
		return err
	}
	return t.addStreams(tip, c)
}

// settled ends what only the desk that the tip leaves could go on with: identities that
// are asked for or open there, a later date or a destruction that is, its alerts and its
// ledger's last word. What was sent goes along.
func (t *tx) settled(tip string, m *intake.Transfer) error {
	for _, query := range []string{
		`UPDATE custody SET state = 'closed', inner_layer = NULL, view = NULL, raw = NULL WHERE tip = $1 AND state IN ('asked', 'approved')`,
		`DELETE FROM alerted WHERE tip = $1`,
		`DELETE FROM outcomes WHERE tip = $1`,
		`DELETE FROM floods WHERE tip = $1`,
	} {
		if _, err := t.exec(query, tip); err != nil {
			return err
		}
	}
	if _, err := t.exec(`UPDATE extensions SET state = $2, decided_on = $3, letter = NULL WHERE tip = $1 AND state = 'asked'`, tip, intake.ExtensionRefused, m.On); err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE dispatches SET state = $2, result = $3, day = $4, inner_layer = NULL, answer = NULL WHERE tip = $1 AND state = $5`,
		tip, intake.DispatchStopped, intake.ResultLapsed, m.On, intake.DispatchPending); err != nil {
		return err // it hung on the later date
	}
	if _, err := t.exec(`UPDATE destructions SET state = $2, decided_on = $3 WHERE tip = $1 AND state = 'asked'`, tip, intake.DestructionRefused, m.On); err != nil {
		return err
	}
	// appointments go along without their words, which only the desk they leave can open
	for _, query := range []string{
		`UPDATE looks SET desk = $2, note = NULL, letter = NULL WHERE tip = $1 AND result = ''`,
		`UPDATE parcel_tags SET desk = $2 WHERE tip = $1`,
		`UPDATE dispatches SET desk = $2 WHERE tip = $1`,
	} {
		if _, err := t.exec(query, tip, m.To); err != nil {
			return err
		}
	}
	return nil
}

// leaves moves the row, the counters and the reconciliations.
func (t *tx) leaves(tip string, m *intake.Transfer) error {
	was, err := t.standing(`SELECT `+standingColumns+` FROM tips WHERE id = $1 AND desk = $2`+t.dialect.lock, tip, m.From)
	if err != nil {
		return t.guard(err, tip)
	}
	now, err := t.standing(`UPDATE tips SET desk = $2, key_version = $3, commitment = $4, due_on = $5, department = '', accepted_on = '', unread = 1 WHERE id = $1
		RETURNING `+standingColumns, tip, m.To, m.KeyVersion, m.Commitment, m.DueOn)
	if err != nil {
		return err
	}
	t.recount(was, now)
	n, err := t.next(`SELECT COALESCE(MAX(n), 0) + 1 FROM transfers WHERE tip = $1`, tip)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO transfers (tip, n, from_desk, to_desk, day) VALUES ($1, $2, $3, $4, $5)`, tip, n, m.From, m.To, m.On)
	return err
}

// addHandover asks custodians to hand a reporter's identity over. No layer stands open
// for it: the outer one is sealed to them as well until then.
func (t *tx) addHandover(c intake.Custody) error {
	_, err := t.exec(`INSERT INTO custody (id, tip, desk, key_version, asker, asked_on, reason, inner_layer, state, decider, decided_on, view, view_until, for_desk)
		VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8, '', '', NULL, 0, $9)`,
		c.ID, c.Tip, c.Desk, c.KeyVersion, c.Asker, c.AskedOn, c.Reason, intake.CustodyAsked, c.ForDesk)
	return err
}

// handover gives a tip's desk what other custodians held for it.
func (t *tx) handover(a intake.Act) error {
	h, tip := a.Handover, a.Audit.Tip
	if h == nil {
		return nil
	}
	if err := t.willing(tip); err != nil {
		return err
	}
	now, err := t.standing(`SELECT `+standingColumns+` FROM tips WHERE id = $1 AND desk = $2`+t.dialect.lock, tip, h.To)
	if err != nil {
		return t.guard(err, tip)
	}
	n, err := t.exec(`UPDATE custody SET state = $3, decider = $4, decided_on = $5 WHERE id = $1 AND tip = $2 AND for_desk = $6 AND `+openHandover,
		h.ID, tip, intake.CustodyHanded, h.Decider, h.On, now.desk)
	if err != nil || n != 1 {
		return orConflict(err, tip)
	}
	if err := t.resealedParts(tip, h.To, h.KeyVersion, h.Parts); err != nil {
		return err
	}
	if err := t.resealedContainers(tip, h.To, h.KeyVersion, h.Containers); err != nil {
		return err
	}
	for _, d := range h.Dispatches {
		if _, err := t.exec(`UPDATE dispatches SET inner_layer = $2 WHERE id = $1 AND inner_layer IS NOT NULL`, d.ID, d.Inner); err != nil {
			return err
		}
	}
	return nil
}

// AllParts are all sealed texts of a tip, in the order of their keys.
func (s *Store) AllParts(ctx context.Context, tip string) ([]intake.StoredPart, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+partColumns+` FROM parts WHERE tip = $1 ORDER BY compartment, name, n`, tip)
	return collect(rows, err, scanPart)
}

const partColumns = `compartment, name, n, sealed`

func scanPart(row scanner) (p intake.StoredPart, err error) {
	return p, row.Scan(&p.Compartment, &p.Name, &p.N, &p.Sealed)
}

// Handovers are the open handovers that a desk's custodians are asked for, in the order
// they were made; those of one tip, whosever they are, with "" and the tip.
func (s *Store) Handovers(ctx context.Context, desk, tip string) ([]intake.Custody, error) {
	c := &conditions{terms: strings.Split(openHandover, " AND ")}
	c.equal("desk", desk)
	c.equal("tip", tip)
	rows, err := s.read.QueryContext(ctx, `SELECT `+custodyColumns+` FROM custody`+c.sql()+` ORDER BY seq`, c.args...)
	return collect(rows, err, scanCustody)
}

// Transfers are a tip's ways from one desk to another, oldest first.
func (s *Store) Transfers(ctx context.Context, tip string) ([]intake.Transferred, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT from_desk, to_desk, day FROM transfers WHERE tip = $1 ORDER BY n`, tip)
	return collect(rows, err, func(row scanner) (m intake.Transferred, err error) { return m, row.Scan(&m.From, &m.To, &m.On) })
}
