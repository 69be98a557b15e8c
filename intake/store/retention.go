package store

import (
	"context"
	"fmt"
	"strings"

	"tipline/intake"
)

// hold keeps a tip from being destroyed. One whose destruction is approved can't be held
// any more.
func (t *tx) hold(a intake.Act) error {
	h := a.Hold
	if h == nil {
		return nil
	}
	n, err := t.exec(`INSERT INTO holds (`+holdColumns+`) SELECT $1, $2, $3, $4, $5, $6, CAST($7 AS BIGINT), '', ''
		WHERE EXISTS (SELECT 1 FROM tips WHERE id = $2 AND destroyed_on = '')`, h.ID, h.Tip, h.Desk, h.By, h.On, h.Note, h.KeyVersion)
	if err == nil && n == 0 {
		err = fmt.Errorf("tip %s is destroyed: %w", h.Tip, intake.ErrConflict)
	}
	return err
}

// lift ends a hold of a tip: one's own, or another's by who has no hand in a destruction
// that is asked for.
func (t *tx) lift(a intake.Act) error {
	h := a.Lift
	if h == nil {
		return nil
	}
	n, err := t.exec(`UPDATE holds SET lifted_by = $2, lifted_on = $3 WHERE id = $1 AND tip = $4 AND lifted_on = ''
		AND (by_member = $2 OR NOT EXISTS (SELECT 1 FROM destructions WHERE tip = $4 AND state = 'asked' AND asker = $2))`, h.ID, h.LiftedBy, h.LiftedOn, h.Tip)
	if err == nil && n == 0 {
		err = fmt.Errorf("the hold of tip %s is lifted, or not this member's to lift: %w", h.Tip, intake.ErrConflict)
	}
	return err
}

// uninvolved holds for a tip of which a member lifted no other's hold. Both are parameters,
// by their numbers.
func uninvolved(tip, member string) string {
	return `NOT EXISTS (SELECT 1 FROM holds WHERE tip = ` + tip + ` AND lifted_by = ` + member + ` AND by_member <> ` + member + `)`
}

// doom asks for a tip's destruction; a tip has one such request at a time.
func (t *tx) doom(a intake.Act) error {
	d := a.Doom
	if d == nil {
		return nil
	}
	n, err := t.exec(`INSERT INTO destructions (id, tip, desk, state, disposition, since, reason, asker, asked_on, decider, decided_on, done_on, backups_end, scrubbed_on,
		texts, messages, files, batch) SELECT $1, $2, $3, 'asked', $4, $5, $6, $7, $8, '', '', '', '', '', 0, 0, 0, $9
		WHERE NOT EXISTS (SELECT 1 FROM destructions WHERE tip = $2 AND state <> 'refused')
		AND `+uninvolved("$2", "$7"), d.ID, d.Tip, d.Desk, d.Disposition, d.Since, d.Reason, d.Asker, d.AskedOn, d.Batch)
	if err == nil && n == 0 {
		err = fmt.Errorf("the destruction of tip %s is asked for already, or not this member's to ask for: %w", d.Tip, intake.ErrConflict)
	}
	return err
}

// doomed decides such a request. It is approved only for a tip that stands as it stood
// and that nothing holds, by who lifted no other's hold; from then on nothing about it
// changes.
func (t *tx) doomed(a intake.Act) error {
	d := a.Doomed
	if d == nil {
		return nil
	}
	n, err := t.exec(`UPDATE destructions SET state = $2, decider = $3, decided_on = $4 WHERE id = $1 AND state = 'asked'`, d.ID, d.State, d.Decider, d.DecidedOn)
	if err == nil && n > 0 && d.State == intake.DestructionApproved {
		n, err = t.exec(`UPDATE tips SET destroyed_on = $2 WHERE id = $1 AND state = $3 AND destroyed_on = ''
			AND (SELECT MAX(day) FROM history WHERE tip = $1) = $4 AND `+uninvolved("$1", "$5")+` AND `+nothingOpen, d.Tip, d.DecidedOn, d.Disposition, d.Since, d.Decider)
	}
	return orConflictOf(n, err, d.Tip)
}

// nothingOpen holds for tips that nobody holds and about which nothing waits: a word of
// the reporter's that nobody read, a tip merged into it, the one it is merged into.
const nothingOpen = `unread = 0 AND ` + nothingWaits

const nothingWaits = `NOT EXISTS (SELECT 1 FROM holds WHERE tip = tips.id AND lifted_on = '')
	AND NOT EXISTS (SELECT 1 FROM custody WHERE tip = tips.id AND state IN ('asked', 'approved'))
	AND NOT EXISTS (SELECT 1 FROM dispatches WHERE tip = tips.id AND state IN ('waiting', 'sending', 'failed', 'unclear'))
	AND NOT EXISTS (SELECT 1 FROM reviews WHERE tip = tips.id)
	AND NOT EXISTS (SELECT 1 FROM looks WHERE tip = tips.id AND result = '')
	AND NOT EXISTS (SELECT 1 FROM outbox WHERE tip = tips.id)
	AND NOT EXISTS (SELECT 1 FROM merges m JOIN tips c ON c.id = m.tip WHERE m.into_tip = tips.id AND c.destroyed_on = '')
	AND NOT EXISTS (SELECT 1 FROM merges m JOIN tips c ON c.id = m.into_tip WHERE m.tip = tips.id AND c.destroyed_on = '' AND c.state NOT IN (` + finalStates + `))`

func orConflictOf(n int64, err error, tip string) error {
	if err == nil && n == 0 {
		return orConflict(nil, tip)
	}
	return err
}

// destroyedTables are those whose rows go with a tip, each before those it refers to. What
// isn't named stays: the tip's own row, thinned; its history; what members did.
func destroyedTables() []string {
	return []string{"parts", "streams", "containers", "messages", "message_tags", "sender_tags", "custody", "dispatches", "wishes", "pauses", "extensions",
		"looks", "parcel_tags", "outcomes", "reviews", "alerted", "floods", "fetches", "holds", "receipts"}
}

// destroyTip removes everything of a tip but its disposition, and counts it.
func (t *tx) destroyTip(a intake.Act) error {
	d := a.Destroy
	if d == nil {
		return nil
	}
	for table, counted := range map[string]*int{"parts": &d.Texts, "messages": &d.Messages, "containers": &d.Files} {
		n, err := t.next(`SELECT COUNT(*) FROM `+table+` WHERE tip = $1`, d.Tip)
		if err != nil {
			return err
		}
		*counted = n
	}
	n, err := t.exec(`UPDATE destructions SET state = 'done', done_on = $2, backups_end = $3, texts = $4, messages = $5, files = $6 WHERE id = $1 AND state = 'approved'`,
		d.ID, d.DoneOn, d.BackupsEnd, d.Texts, d.Messages, d.Files)
	if err := orConflictOf(n, err, d.Tip); err != nil {
		return err
	}
	if _, err := t.setUnread(d.Tip, false); err != nil {
		return err
	}
	for _, table := range destroyedTables() {
		if _, err := t.exec(`DELETE FROM `+table+` WHERE tip = $1`, d.Tip); err != nil {
			return err
		}
	}
	// which tip it was put to stays with the disposition; the village doesn't, which with
	// a day may single somebody out
	_, err = t.exec(`UPDATE tips SET conduct = '', place = SUBSTR(place, 1, $2), village = '', real_name = 0, reply = $3, commitment = '', due_on = '', urgent = 0,
		files = 0, do_not_contact = 0 WHERE id = $1`, d.Tip, townDigits, intake.ReplyNone)
	return err
}

const holdColumns = `id, tip, desk, by_member, day, note, key_version, lifted_by, lifted_on`

func scanHold(row scanner) (h intake.Hold, err error) {
	return h, row.Scan(&h.ID, &h.Tip, &h.Desk, &h.By, &h.On, &h.Note, &h.KeyVersion, &h.LiftedBy, &h.LiftedOn)
}

// Holds are a tip's holds, the oldest first.
func (s *Store) Holds(ctx context.Context, tip string) ([]intake.Hold, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+holdColumns+` FROM holds WHERE tip = $1 ORDER BY day, id`, tip)
	return collect(rows, err, scanHold)
}

// HeldBack are at most limit holds of a desk that hold.
func (s *Store) HeldBack(ctx context.Context, desk string, limit int) ([]intake.Hold, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+holdColumns+` FROM holds WHERE desk = $1 AND lifted_on = '' ORDER BY day, id LIMIT $2`, desk, limit)
	return collect(rows, err, scanHold)
}

const destructionColumns = `d.id, d.tip, d.desk, d.state, d.disposition, d.since, d.reason, d.asker, d.asked_on, d.decider, d.decided_on, d.done_on, d.backups_end,
	d.scrubbed_on, d.texts, d.messages, d.files, d.batch, t.key_version, t.channel, t.source, t.category, t.received_on`

func scanDestruction(row scanner) (d intake.Destruction, err error) {
	return d, row.Scan(&d.ID, &d.Tip, &d.Desk, &d.State, &d.Disposition, &d.Since, &d.Reason, &d.Asker, &d.AskedOn, &d.Decider, &d.DecidedOn, &d.DoneOn, &d.BackupsEnd,
		&d.ScrubbedOn, &d.Texts, &d.Messages, &d.Files, &d.Batch, &d.KeyVersion, &d.Channel, &d.Source, &d.Category, &d.ReceivedOn)
}

// Destruction is one by its id, or the newest of a tip by the tip's;
// [intake.ErrNotFound].
func (s *Store) Destruction(ctx context.Context, id string) (intake.Destruction, error) {
	d, err := scanDestruction(s.read.QueryRowContext(ctx, `SELECT `+destructionColumns+` FROM destructions d JOIN tips t ON t.id = d.tip WHERE d.id = $1
		UNION ALL SELECT `+destructionColumns+` FROM destructions d JOIN tips t ON t.id = d.tip WHERE d.tip = $1 AND d.state <> 'refused'`, id))
	return d, missing(err, intake.ErrNotFound)
}

// Destructions are at most limit of a desk's in some states, the newest first, of those
// under one certificate the first alone; a desk of "" is every desk's, with all of them.
func (s *Store) Destructions(ctx context.Context, desk string, limit int, states ...intake.DestructionState) ([]intake.Destruction, error) {
	c := &conditions{}
	c.equal("d.desk", desk)
	in := make([]string, len(states))
	for i, state := range states {
		in[i] = c.arg(state)
	}
	if desk != "" {
		c.terms = append(c.terms, `(d.batch = '' OR d.id = (SELECT MIN(b.id) FROM destructions b WHERE b.batch = d.batch AND b.state = d.state))`)
	}
	c.terms = append(c.terms, `d.state IN (`+strings.Join(in, ", ")+`)`)
	rows, err := s.read.QueryContext(ctx, `SELECT `+destructionColumns+` FROM destructions d JOIN tips t ON t.id = d.tip`+c.sql()+` ORDER BY d.asked_on DESC, d.id LIMIT `+c.arg(limit), c.args...)
	return collect(rows, err, scanDestruction)
}

// Overage are at most limit of a desk's tips in a state that they entered on a day or
// before, the oldest first, without those whose destruction is asked for or whose main
// tip is worked on still.
func (s *Store) Overage(ctx context.Context, desk string, state intake.State, by intake.Date, limit int) ([]intake.Tip, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+tipColumns+` FROM tips t WHERE t.desk = $1 AND t.state = $2 AND t.received_on <= $3 AND `+ended+`
		AND (SELECT MAX(h.day) FROM history h WHERE h.tip = t.id) <= $3 AND NOT EXISTS (SELECT 1 FROM destructions d WHERE d.tip = t.id AND d.state <> 'refused')
		AND NOT EXISTS (SELECT 1 FROM merges m JOIN tips c ON c.id = m.into_tip WHERE m.tip = t.id AND c.destroyed_on = '' AND c.state NOT IN (`+finalStates+`))
		ORDER BY t.received_on, t.id LIMIT $4`, desk, state, by, limit)
	return collect(rows, err, func(row scanner) (intake.Tip, error) { return scanTip(row) })
}

// ended are the tips at their end that aren't destroyed, as the index of those says it.
const ended = `t.destroyed_on = '' AND t.state IN (` + finalStates + `)`

const finalStates = `'declined', 'referred', 'merged', 'spam', 'withdrawn', 'concluded', 'answered'`

// HeldUnder counts what is still sealed to a version of a desk's role key, by table.
func (s *Store) HeldUnder(ctx context.Context, desk string, version int) (map[string]int, error) {
	out := map[string]int{}
	for _, table := range sealedTables() {
		var n int
		if err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+table+` WHERE desk = $1 AND key_version = $2`, desk, version).Scan(&n); err != nil {
			return nil, err
		}
		if n > 0 {
			out[table] = n
		}
	}
	return out, nil
}
