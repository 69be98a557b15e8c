package store

import (
	"embed"
	"io/fs"
	"strings"

	"tipline/intake/database"
)

// This file is all in which the two databases differ; the tables themselves stand
// in their migrations.

//go:embed migrations
var migrations embed.FS

// schema is what the store keeps in a database.
func schema() (database.Schema, error) {
	files, err := fs.Sub(migrations, "migrations")
	return database.Schema{Files: files, Table: "goose_db_version", Version: 24, Before: database.CopyBefore("", "goose_db_version")}, err
}

// dialect is the SQL that only one of the databases understands.
type dialect struct {
	// claim picks the events to claim.
	claim string
	// chain keeps every other writer from the audit chain until the transaction's
	// end; "" where there is no other.
	chain string
	// still keeps every other writer from what is sealed to desks' keys, and from their grants, until the transaction's end; "" as above.
	still string
	// sender keeps every other writer from beginning a tip of a sender until the transaction's end; "" as above.
	sender string
	// lock ends a query whose row is to stay as it is until the transaction's end;
	// "" where nobody else writes meanwhile.
	lock string
	// prepares says that statements are worth preparing here: the other driver
	// does it by itself.
	prepares bool
}

func dialectOf(d database.Dialect) dialect {
	if d == database.Postgres {
		return dialect{claim: claimPostgres, chain: `SELECT pg_advisory_xact_lock(7470)`, sender: `SELECT pg_advisory_xact_lock(7471, $1)`, lock: ` FOR UPDATE`,
			still: `LOCK TABLE grants, ` + strings.Join(sealedTables(), ", ") + ` IN SHARE ROW EXCLUSIVE MODE`}
	}
	return dialect{claim: claimSQLite, prepares: true}
}

// A claim holds between $3, now, and $5, the farthest that one made now could
// reach.
const (
	// claimSQLite: one writer at a time needs no row locks.
	claimSQLite = `UPDATE outbox SET claimed_by = $1, claimed_until = $2 WHERE seq IN (
		SELECT seq FROM outbox o WHERE (o.claimed_until <= $3 OR o.claimed_until > $5) AND o.relayed_as = '' AND NOT EXISTS (
			SELECT 1 FROM outbox e WHERE e.tip = o.tip AND e.seq < o.seq AND e.claimed_by <> $1 AND e.claimed_until > $3 AND e.claimed_until <= $5)
		ORDER BY seq LIMIT $4)
		RETURNING seq, body`
	// claimPostgres passes over what somebody else is claiming at this moment. It
	// can't see that claim, so the first event of a tip that the claimer doesn't
	// hold stands for all of them: who has its row has the tip.
	claimPostgres = `WITH heads AS (
			SELECT tip FROM outbox o WHERE (o.claimed_until <= $3 OR o.claimed_until > $5) AND o.relayed_as = '' AND NOT EXISTS (
				SELECT 1 FROM outbox e WHERE e.tip = o.tip AND e.seq < o.seq AND e.relayed_as = '' AND e.claimed_by <> $1)
			ORDER BY seq LIMIT $4 FOR UPDATE SKIP LOCKED)
		UPDATE outbox SET claimed_by = $1, claimed_until = $2 WHERE seq IN (
			SELECT seq FROM outbox o WHERE o.tip IN (SELECT tip FROM heads) AND (o.claimed_until <= $3 OR o.claimed_until > $5) AND o.relayed_as = '' ORDER BY seq LIMIT $4)
		RETURNING seq, body`
)
