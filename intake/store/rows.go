package store

import (
	"hash/crc32"
	"strings"

	"tipline/intake"
)

// insertTip inserts a tip's row, unless its id is there.
func (t *tx) insertTip(p intake.Tip) (claimed bool, err error) {
	conduct, err := list(p.Conduct)
	if err != nil {
		return false, err
	}
	return t.claim(`INSERT INTO tips (id, desk, key_version, channel, source, category, conduct, place, town, village, urgent, lane, state,
		real_name, reply, received_on, files, commitment, unread, department, due_on)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) ON CONFLICT (id) DO NOTHING`,
		p.ID, p.Desk, p.KeyVersion, p.Channel, p.Source, p.Category, conduct, p.Place, upTo(p.Place, townDigits), upTo(p.Place, villageDigits),
		bit(p.Urgent), p.Lane, p.State, bit(p.RealName), p.Reply, p.ReceivedOn, p.Files, p.Commitment, bit(p.Unread), p.Department, p.DueOn)
}

func (t *tx) insertStanding(a *intake.Acceptance) error {
	p := a.Tip
	if err := t.addHistory(p.ID, 1, p.State, p.ReceivedOn); err != nil {
		return err
	}
	t.count(standing{p.Desk, p.Lane, p.State, p.Unread, p.KeyVersion}, 1)
	return nil
}

func (t *tx) insertParts(a *intake.Acceptance) error {
	for _, p := range a.Parts {
		if err := t.addPart(a.Tip.ID, 1, a.Tip.Desk, a.Tip.KeyVersion, p); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) addPart(tip string, n int, desk string, version int, p intake.Part) error {
	return t.put(`INSERT INTO parts (tip, compartment, name, n, desk, key_version, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		tip, p.Compartment, p.Name, n, desk, version, p.Sealed)
}

func (t *tx) insertContainers(a *intake.Acceptance) error {
	for _, c := range a.Containers {
		if err := t.put(`INSERT INTO containers (tip, compartment, desk, key_version, inline) VALUES ($1, $2, $3, $4, $5)`,
			a.Tip.ID, c.Compartment, a.Tip.Desk, a.Tip.KeyVersion, c.Inline); err != nil {
			return err
		}
		if err := t.addStreams(a.Tip.ID, c); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) addStreams(tip string, c intake.Container) error {
	for n, st := range c.Streams {
		if err := t.put(`INSERT INTO streams (tip, compartment, n, name, start, length) VALUES ($1, $2, $3, $4, $5, $6)`,
			tip, c.Compartment, n, st.Name, st.Offset, st.Length); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) insertSender(a *intake.Acceptance) error {
	if len(a.SenderTag) == 0 {
		return nil
	}
	until := later(a.Tip.ReceivedOn, senderDays)
	if !a.Opens {
		return t.put(`INSERT INTO sender_tags (tag, tip, until) VALUES ($1, $2, $3)`, a.SenderTag, a.Tip.ID, until)
	}
	if t.dialect.sender != "" {
		if err := t.put(t.dialect.sender, int32(crc32.ChecksumIEEE(a.SenderTag))); err != nil { // two senders of one sum wait for each other, no more
			return err
		}
	}
	claimed, err := t.claim(`INSERT INTO sender_tags (tag, tip, until) SELECT $1, $2, $3 WHERE NOT EXISTS (`+taking+`)`, a.SenderTag, a.Tip.ID, until, a.Tip.ReceivedOn)
	if err != nil || claimed {
		return err
	}
	return intake.ErrConflict
}

// taking finds the tips of a sender that take further texts up.
var taking = `SELECT 1 FROM sender_tags s JOIN tips t ON t.id = s.tip WHERE s.tag = $1 AND s.until > $4 AND t.state IN (` + conversing() + `)`

// conversing lists the states of such tips.
func conversing() string {
	var out []string
	for _, state := range intake.States() {
		if state.Conversing() {
			out = append(out, "'"+string(state)+"'")
		}
	}
	return strings.Join(out, ", ")
}

func (t *tx) acceptEvents(a *intake.Acceptance) error {
	if a.Audit != nil {
		if err := t.audit(*a.Audit); err != nil {
			return err
		}
	}
	return t.addEvent(a.Event)
}
