package members

import (
	"context"
	"errors"
	"fmt"
	"math"

	"tipline/intake"
)

// ErrChain says that the audit chain was changed, cut or reordered.
var ErrChain = errors.New("the audit chain is broken")

// auditPage is how many rows are read at a time.
const auditPage = 500

// VerifyAudit walks the whole chain with hash, which makes a row's hash. It
// returns the number of rows that hold and the last one's hash; what doesn't is an
// [ErrChain] that names the row. With head given, the chain must hold a row with that
// hash: one that was cut before it, or written anew, is refused.
func (s *Service) VerifyAudit(ctx context.Context, hash func(intake.Audit) string, head string) (rows int64, last string, err error) {
	seen := head == ""
	after := int64(math.MinInt64) // a row before the first is one too many
	for {
		page, err := s.Store.AuditRows(ctx, after, auditPage)
		if err != nil {
			return rows, last, err
		}
		for _, a := range page {
			if err := follows(a, rows, last, hash(a)); err != nil {
				return rows, last, err
			}
			rows, after, last = a.Seq, a.Seq, a.Hash
			seen = seen || a.Hash == head
		}
		if len(page) < auditPage {
			break
		}
	}
	if !seen {
		return rows, last, fmt.Errorf("%w: it no longer holds the given head: it ends at row %d, so rows were cut off its end, or it was written anew", ErrChain, rows)
	}
	return rows, last, nil
}

// follows says what is wrong with a row behind n that hold, whose last hash is last.
func follows(a intake.Audit, n int64, last, hash string) error {
	switch {
	case a.Seq > n+1:
		return fmt.Errorf("%w: row %d is missing", ErrChain, n+1)
	case a.Seq < n+1:
		return fmt.Errorf("%w: row %d stands before the first", ErrChain, a.Seq)
	case a.Hash != hash:
		return fmt.Errorf("%w: row %d was changed, or put in another row's place", ErrChain, a.Seq)
	case a.Prev != last:
		return fmt.Errorf("%w: row %d was written after another row than the one before it: that one was changed, or rows were taken out or put in there", ErrChain, a.Seq)
	}
	return nil
}

// AuditKinds are the kinds of acts that the record can be narrowed to, in the order in
// which they are offered.
func AuditKinds() []string {
	return []string{"look", "decide", "write", "identity", "export", "login", "staff"}
}

// ActsOf are the acts of a kind, as [intake.AuditFilter] takes them.
func ActsOf(kind string) []string {
	return map[string][]string{
		"look":     {"read", "map", "file", "identity.view", "ledger.read", "parcel.read"},
		"decide":   {"state", "release", "retell", "merge", "unmerge", "review", "outcome", "transfer", "extension", "clock", "look", "hold", "destroy"},
		"write":    {"keyin", "message", "note", "media", "import", "ledger.upload", "ledger.edit", "parcel.move"},
		"identity": {"identity", "dispatch"},
		"export":   {"ledger.export", "report", "tip.export", "keys.export"},
		"login":    {"login", "logout", "passphrase", "factor", "session"},
		"staff":    {"member", "keys"},
	}[kind]
}

// AuditPage is one page of the record, newest first.
type AuditPage struct {
	Rows []intake.Audit
	Next string // the row before which the next page begins, "" on the last
}

// Audit is a page of the record by a filter: who did what to which tip, and no words.
func (s *Service) Audit(ctx context.Context, f intake.AuditFilter) (p AuditPage, err error) {
	limit := f.Limit
	f.Limit++
	if p.Rows, err = s.Store.AuditPage(ctx, f); err != nil {
		return p, err
	}
	if len(p.Rows) > limit {
		p.Rows = p.Rows[:limit]
		p.Next = p.Rows[limit-1].Hash
	}
	return p, nil
}
