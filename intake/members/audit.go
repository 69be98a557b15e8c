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
// returns the number of rows and the head's hash. With head given, the chain
// must hold a row with that hash: a chain cut before it is refused.
func (s *Service) VerifyAudit(ctx context.Context, hash func(intake.Audit) string, head string) (rows int64, last string, err error) {
	seen := head == ""
	after := int64(math.MinInt64) // a row before the first is one too many
	for {
		page, err := s.Store.AuditRows(ctx, after, auditPage)
		if err != nil {
			return rows, last, err
		}
		for _, a := range page {
			if a.Seq != rows+1 || a.Prev != last || a.Hash != hash(a) {
				return rows, last, fmt.Errorf("%w at row %d", ErrChain, rows+1)
			}
			rows, after, last = a.Seq, a.Seq, a.Hash
			seen = seen || a.Hash == head
		}
		if len(page) < auditPage {
			break
		}
	}
	if !seen {
		return rows, last, fmt.Errorf("%w: it no longer holds the given head", ErrChain)
	}
	return rows, last, nil
}
