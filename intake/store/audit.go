package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"strconv"
	"time"

	"tipline/intake"
)

// AuditHash is the hash that chains an audit row to the one before: the hex
// SHA-256 of its Seq, At (RFC 3339 in UTC), Member, Act, Desk, Tip, Detail and
// Prev, each behind its length as 8 bytes, big-endian.
func AuditHash(a intake.Audit) string {
	h := sha256.New()
	for _, f := range []string{strconv.FormatInt(a.Seq, 10), a.At.UTC().Format(time.RFC3339), a.Member, a.Act, a.Desk, a.Tip, a.Detail, a.Prev} {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(f)))
		h.Write(n[:])
		h.Write([]byte(f))
	}
	return hex.EncodeToString(h.Sum(nil))
}

const auditColumns = `seq, at, member, act, desk, tip, detail, prev, hash`

// audit appends a row to the chain.
func (t *tx) audit(a intake.Audit) error {
	if t.dialect.chain != "" {
		if _, err := t.exec(t.dialect.chain); err != nil {
			return err
		}
	}
	head, err := scanAudit(t.row(`SELECT ` + auditColumns + ` FROM audit ORDER BY seq DESC LIMIT 1`))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	a.At = a.At.UTC().Truncate(time.Second)
	a.Seq, a.Prev = head.Seq+1, head.Hash
	a.Hash = AuditHash(a)
	_, err = t.exec(`INSERT INTO audit (`+auditColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		a.Seq, a.At.Unix(), a.Member, a.Act, a.Desk, a.Tip, a.Detail, a.Prev, a.Hash)
	return err
}

func scanAudit(row scanner) (a intake.Audit, err error) {
	var at int64
	if err := row.Scan(&a.Seq, &at, &a.Member, &a.Act, &a.Desk, &a.Tip, &a.Detail, &a.Prev, &a.Hash); err != nil {
		return intake.Audit{}, err
	}
	a.At = time.Unix(at, 0).UTC()
	return a, nil
}

// AppendAudit adds one row to the chain and returns after the commit.
func (s *Store) AppendAudit(ctx context.Context, a intake.Audit) error {
	return notDurable(s.group.write(ctx, false, func(t *tx) error { return t.audit(a) }))
}

// AuditRows are at most limit rows of the chain behind the row after, in order.
func (s *Store) AuditRows(ctx context.Context, after int64, limit int) ([]intake.Audit, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+auditColumns+` FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2`, after, limit)
	return collect(rows, err, scanAudit)
}

// AuditHead is the chain's last row; the zero Audit when there is none yet.
func (s *Store) AuditHead(ctx context.Context) (intake.Audit, error) {
	a, err := scanAudit(s.read.QueryRowContext(ctx, `SELECT `+auditColumns+` FROM audit ORDER BY seq DESC LIMIT 1`))
	if errors.Is(err, sql.ErrNoRows) {
		return intake.Audit{}, nil
	}
	return a, err
}

// AuditCount is how many rows of the chain are about a desk.
func (s *Store) AuditCount(ctx context.Context, desk string) (n int, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM audit WHERE desk = $1`, desk).Scan(&n)
	return n, err
}

// AuditPage are at most n rows about a desk, the newest first: those before the row
// with that hash, or the newest with "". Hashes tell no one how many rows another desk
// has, as numbers would. An unknown one is [intake.ErrNotFound].
func (s *Store) AuditPage(ctx context.Context, desk, before string, n int) ([]intake.Audit, error) {
	seq := int64(math.MaxInt64)
	if before != "" {
		err := s.read.QueryRowContext(ctx, `SELECT seq FROM audit WHERE desk = $1 AND hash = $2`, desk, before).Scan(&seq)
		if err != nil {
			return nil, missing(err, intake.ErrNotFound)
		}
	}
	rows, err := s.read.QueryContext(ctx, `SELECT `+auditColumns+` FROM audit WHERE desk = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`, desk, seq, n)
	return collect(rows, err, scanAudit)
}
