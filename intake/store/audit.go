package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
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

// AuditPage are rows of the chain by a filter, newest first.
func (s *Store) AuditPage(ctx context.Context, f intake.AuditFilter) ([]intake.Audit, error) {
	c := s.auditConditions(f)
	query := `SELECT ` + auditColumns + ` FROM audit` + c.sql() + ` ORDER BY seq DESC LIMIT ` + c.arg(f.Limit)
	rows, err := s.read.QueryContext(ctx, query, c.args...)
	return collect(rows, err, scanAudit)
}

func (s *Store) auditConditions(f intake.AuditFilter) *conditions {
	c := &conditions{}
	for _, t := range []struct{ term, value string }{{"desk IN ('', %s)", f.Desk}, {"member = %s", f.Member}, {"tip >= %s", f.Tip}} {
		if t.value != "" {
			c.terms = append(c.terms, fmt.Sprintf(t.term, c.arg(t.value)))
		}
	}
	if f.Tip != "" {
		c.terms = append(c.terms, "tip < "+c.arg(f.Tip+"~")) // ids are hex
	}
	if f.Before != "" {
		row := "hash = " + c.arg(f.Before)
		if f.Desk != "" { // that a row of another desk's is there is hidden here
			row += " AND desk IN ('', " + c.arg(f.Desk) + ")"
		}
		c.terms = append(c.terms, "seq < (SELECT seq FROM audit WHERE "+row+")")
	}
	// A clock may be set back, so that times say which rows are meant and don't order them.
	if from, err := time.ParseInLocation(time.DateOnly, string(f.From), s.loc); err == nil {
		at := c.arg(from.Unix())
		c.terms = append(c.terms, "at >= "+at, "seq >= (SELECT COALESCE(MIN(seq), 0) FROM audit WHERE at >= "+at+")")
	}
	if to, err := time.ParseInLocation(time.DateOnly, string(f.To), s.loc); err == nil {
		at := c.arg(to.AddDate(0, 0, 1).Unix())
		c.terms = append(c.terms, "at < "+at, "seq <= (SELECT COALESCE(MAX(seq), 0) FROM audit WHERE at < "+at+")")
	}
	c.acts(f.Acts)
	return c
}

// acts takes acts by their codes, and those whose code goes on behind a dot.
func (c *conditions) acts(codes []string) {
	var terms []string
	for _, code := range codes {
		terms = append(terms, fmt.Sprintf("act = %s OR act > %s AND act < %s", c.arg(code), c.arg(code+"."), c.arg(code+"/"))) // a slash follows a dot
	}
	if len(terms) > 0 {
		c.terms = append(c.terms, "("+strings.Join(terms, " OR ")+")")
	}
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
