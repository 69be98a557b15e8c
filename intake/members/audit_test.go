package members_test

import (
	"errors"
	"fmt"
	"testing"

	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/members"
	"tipline/intake/store"
)

// chain writes n more rows.
func chain(t *testing.T, o *office, n int) {
	t.Helper()
	for i := range n {
		intaketest.Must(t, o.store.AppendAudit(t.Context(), intake.Audit{At: o.clock.Now(), Member: "wang", Act: "read", Desk: "main", Tip: fmt.Sprint(i)}))
	}
}

func TestAnUntouchedChainHolds(t *testing.T) {
	o := open(t)
	rows, head, err := o.VerifyAudit(t.Context(), store.AuditHash, "")
	if err != nil || rows != 2 || head == "" {
		t.Fatalf("%d rows, %v", rows, err)
	}
	chain(t, o, 1003) // over two pages
	if n, last, err := o.VerifyAudit(t.Context(), store.AuditHash, head); err != nil || n != 1005 || last == head {
		t.Errorf("%d rows, %v", n, err)
	}
	if _, _, err := o.VerifyAudit(t.Context(), store.AuditHash, "deadbeef"); !errors.Is(err, members.ErrChain) {
		t.Errorf("a head that never was: %v", err)
	}
}

func TestAnEmptyChain(t *testing.T) {
	o := open(t)
	if _, err := o.store.Database().Write.Exec(`DELETE FROM audit`); err != nil {
		t.Fatal(err)
	}
	if n, _, err := o.VerifyAudit(t.Context(), store.AuditHash, ""); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestTamperingIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		sql []string
		row int64 // where it breaks, 0: only the head tells
	}{
		"member":                {[]string{`UPDATE audit SET member = 'li' WHERE seq = 5`}, 5},
		"act":                   {[]string{`UPDATE audit SET act = 'login' WHERE seq = 5`}, 5},
		"time":                  {[]string{`UPDATE audit SET at = at + 1 WHERE seq = 5`}, 5},
		"tip":                   {[]string{`UPDATE audit SET tip = 'x' WHERE seq = 5`}, 5},
		"desk":                  {[]string{`UPDATE audit SET desk = 'x' WHERE seq = 5`}, 5},
		"detail":                {[]string{`UPDATE audit SET detail = 'x' WHERE seq = 5`}, 5},
		"first row":             {[]string{`UPDATE audit SET member = 'li' WHERE seq = 1`}, 1},
		"hash":                  {[]string{`UPDATE audit SET hash = 'x' WHERE seq = 5`}, 5},
		"link":                  {[]string{`UPDATE audit SET prev = 'x' WHERE seq = 5`}, 5},
		"deleted":               {[]string{`DELETE FROM audit WHERE seq = 5`}, 5},
		"deleted and closed up": {[]string{`DELETE FROM audit WHERE seq = 5`, `UPDATE audit SET seq = -seq WHERE seq > 5`, `UPDATE audit SET seq = -seq - 1 WHERE seq < 0`}, 5},
		"first gone":            {[]string{`DELETE FROM audit WHERE seq = 1`}, 1},
		"reordered":             {[]string{`UPDATE audit SET seq = -5 WHERE seq = 5`, `UPDATE audit SET seq = 5 WHERE seq = 6`, `UPDATE audit SET seq = 6 WHERE seq = -5`}, 5},
		"inserted":              {[]string{`INSERT INTO audit SELECT 0, at, member, act, desk, tip, detail, prev, hash FROM audit WHERE seq = 1`}, 1},
		"cut":                   {[]string{`DELETE FROM audit WHERE seq > 6`}, 0},
		"all gone":              {[]string{`DELETE FROM audit`}, 0},
		"copied at end":         {[]string{`INSERT INTO audit SELECT seq + 1, at, member, act, desk, tip, detail, prev, hash FROM audit WHERE seq = 10`}, 11},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			chain(t, o, 8)
			_, head, err := o.VerifyAudit(t.Context(), store.AuditHash, "")
			intaketest.Must(t, err)
			for _, q := range c.sql {
				if _, err := o.store.Database().Write.Exec(q); err != nil {
					t.Fatal(err)
				}
			}
			n, _, err := o.VerifyAudit(t.Context(), store.AuditHash, head)
			if !errors.Is(err, members.ErrChain) || c.row > 0 && n != c.row-1 {
				t.Errorf("row %d: %v", n+1, err)
			}
		})
	}
}

// TestARewrittenChainIsFoundByItsHead: whoever can compute hashes can make a
// chain that holds in itself; a head kept elsewhere tells.
func TestARewrittenChainIsFoundByItsHead(t *testing.T) {
	o := open(t)
	chain(t, o, 3)
	_, head, err := o.VerifyAudit(t.Context(), store.AuditHash, "")
	intaketest.Must(t, err)
	if _, err := o.store.Database().Write.Exec(`DELETE FROM audit WHERE seq > 3`); err != nil {
		t.Fatal(err)
	}
	chain(t, o, 1)
	if n, _, err := o.VerifyAudit(t.Context(), store.AuditHash, ""); n != 4 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if _, _, err := o.VerifyAudit(t.Context(), store.AuditHash, head); !errors.Is(err, members.ErrChain) {
		t.Errorf("%v", err)
	}
}
