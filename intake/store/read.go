package store

import (
	"context"
	"database/sql"
	"iter"

	"tipline/intake"
)

// Tip is a tip's row, or [intake.ErrNotFound].
func (s *Store) Tip(ctx context.Context, id string) (intake.Tip, error) {
	t, err := scanTip(s.read.QueryRowContext(ctx, `SELECT `+tipColumns+` FROM tips t WHERE t.id = $1`, id))
	return t, missing(err, intake.ErrNotFound)
}

// HasTip says whether there is a tip under id.
func (s *Store) HasTip(ctx context.Context, id string) (bool, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM tips WHERE id = $1`, id).Scan(&n)
	return n > 0, err
}

// HasFile says whether a tip's container stands in that file: what keeps it. A file is
// named by its compartment, or as the container says that took the compartment's place.
func (s *Store) HasFile(ctx context.Context, tip, file string) (bool, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM containers WHERE tip = $1 AND (file = $2 OR file = '' AND compartment = $2)`, tip, file).Scan(&n)
	return n > 0, err
}

// Thread is what a receipt's tag leads to, or [intake.ErrUnknownReceipt].
func (s *Store) Thread(ctx context.Context, receiptTag []byte) (intake.Thread, error) {
	var th intake.Thread
	err := s.db.Snapshot(ctx, func(q *sql.Tx) (err error) {
		row := q.QueryRowContext(ctx, `SELECT `+tipColumns+`, r.reporter, r.opened_on FROM receipts r JOIN tips t ON t.id = r.tip WHERE r.tag = $1`, receiptTag)
		if th.Tip, err = scanTip(row, &th.Reporter, &th.OpenedOn); err != nil {
			return missing(err, intake.ErrUnknownReceipt)
		}
		if th.History, err = history(ctx, q, th.Tip.ID); err != nil {
			return err
		}
		if th.Messages, err = messages(ctx, q, th.Tip.ID); err != nil {
			return err
		}
		err = q.QueryRowContext(ctx, `SELECT COUNT(*) FROM containers WHERE tip = $1 AND compartment LIKE 'originals.%'`, th.Tip.ID).Scan(&th.Additions)
		if err != nil {
			return err
		}
		if err := q.QueryRowContext(ctx, `SELECT COALESCE(MAX(p.wait_until), '') FROM pauses p WHERE p.tip = $1 AND p.until_on = '' AND NOT `+answered, th.Tip.ID).Scan(&th.Waits); err != nil {
			return err
		}
		return decided(ctx, q, &th)
	})
	if err != nil {
		return intake.Thread{}, err
	}
	return th, nil
}

// querier is a connection or a transaction that reads.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// History is a tip's states, oldest first.
func (s *Store) History(ctx context.Context, tip string) ([]intake.Change, error) {
	return history(ctx, s.read, tip)
}

func history(ctx context.Context, q querier, tip string) ([]intake.Change, error) {
	rows, err := q.QueryContext(ctx, `SELECT state, day FROM history WHERE tip = $1 ORDER BY n`, tip)
	return collect(rows, err, func(row scanner) (c intake.Change, err error) {
		return c, row.Scan(&c.State, &c.On)
	})
}

// Messages are a tip's messages, oldest first, sealed.
func (s *Store) Messages(ctx context.Context, tip string) ([]intake.Message, error) {
	return messages(ctx, s.read, tip)
}

const messageColumns = `id, tip, sender, day, sealed, key_version, files`

func scanMessage(row scanner) (m intake.Message, err error) {
	return m, row.Scan(&m.ID, &m.Tip, &m.From, &m.On, &m.Sealed, &m.KeyVersion, &m.Files)
}

func messages(ctx context.Context, q querier, tip string) ([]intake.Message, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+messageColumns+` FROM messages WHERE tip = $1 ORDER BY n`, tip)
	return collect(rows, err, scanMessage)
}

// Reporter is the age recipient of a tip's receipt, or [intake.ErrNotFound].
func (s *Store) Reporter(ctx context.Context, tip string) (recipient string, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT reporter FROM receipts WHERE tip = $1`, tip).Scan(&recipient)
	return recipient, missing(err, intake.ErrNotFound)
}

// Part is a tip's newest sealed text of this name, or [intake.ErrNotFound].
func (s *Store) Part(ctx context.Context, tip, compartment, name string) (sealed []byte, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT sealed FROM parts WHERE tip = $1 AND compartment = $2 AND name = $3 ORDER BY n DESC LIMIT 1`,
		tip, compartment, name).Scan(&sealed)
	return sealed, missing(err, intake.ErrNotFound)
}

// Containers are a tip's containers with their streams; none is no error.
func (s *Store) Containers(ctx context.Context, tip string) (out []intake.Container, err error) {
	err = s.db.Snapshot(ctx, func(q *sql.Tx) error {
		rows, err := q.QueryContext(ctx, `SELECT `+containerColumns+` FROM containers WHERE tip = $1 ORDER BY compartment`, tip)
		if out, err = collect(rows, err, scanContainer); err != nil {
			return err
		}
		return allStreams(ctx, q, tip, out)
	})
	return out, err
}

const containerColumns = `compartment, file, inline`

func scanContainer(row scanner) (c intake.Container, err error) {
	return c, row.Scan(&c.Compartment, &c.File, &c.Inline)
}

// allStreams adds the streams of a tip's containers.
func allStreams(ctx context.Context, q querier, tip string, all []intake.Container) (err error) {
	for i := range all {
		if all[i].Streams, err = streams(ctx, q, tip, all[i].Compartment); err != nil {
			return err
		}
	}
	return nil
}

func streams(ctx context.Context, q querier, tip, compartment string) ([]intake.Stream, error) {
	rows, err := q.QueryContext(ctx, `SELECT name, start, length FROM streams WHERE tip = $1 AND compartment = $2 ORDER BY n`, tip, compartment)
	return collect(rows, err, func(row scanner) (st intake.Stream, err error) {
		return st, row.Scan(&st.Name, &st.Offset, &st.Length)
	})
}

// standingsPage is how many tips the reconciliation reads at once, so that no
// snapshot stays open while its reader works.
const standingsPage = 1000

// Standings yields every tip of a desk in the order of its id, and where it stands:
// those that went to another desk too, which the ledger they left lets go of.
func (s *Store) Standings(ctx context.Context, desk string) iter.Seq2[intake.Standing, error] {
	return func(yield func(intake.Standing, error) bool) {
		for after := ""; ; {
			page, err := s.standings(ctx, desk, after)
			if err != nil {
				yield(intake.Standing{}, err)
				return
			}
			for _, st := range page {
				if !yield(st, nil) {
					return
				}
			}
			if len(page) < standingsPage {
				return
			}
			after = page[len(page)-1].Tip
		}
	}
}

func (s *Store) standings(ctx context.Context, desk, after string) ([]intake.Standing, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT t.id, t.lane, CASE WHEN t.desk = $1 THEN 0 ELSE 1 END,
		CASE WHEN EXISTS (SELECT 1 FROM outbox o WHERE o.tip = t.id AND o.desk = $1 AND o.type = CASE WHEN t.desk = $1 THEN $2 ELSE $3 END) THEN 1 ELSE 0 END
		FROM tips t WHERE t.id > $4 AND (t.desk = $1 OR EXISTS (SELECT 1 FROM transfers f WHERE f.tip = t.id AND f.from_desk = $1))
		ORDER BY t.id LIMIT $5`, desk, intake.EventReceived, intake.EventWithdrawn, after, standingsPage)
	return collect(rows, err, func(row scanner) (st intake.Standing, err error) {
		st.Desk = desk
		return st, row.Scan(&st.Tip, &st.Lane, &st.Gone, &st.Waiting)
	})
}
