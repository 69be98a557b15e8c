package members_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/database"
	"tipline/intake/intaketest"
	"tipline/intake/members"
	"tipline/intake/servertest"
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
	o.tamper(t, `DELETE FROM audit`)
	if n, _, err := o.VerifyAudit(t.Context(), store.AuditHash, ""); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestTamperingIsFound(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		tampering(t, open)
	})
	t.Run("postgres", func(t *testing.T) {
		server := servertest.StartPostgres(t)
		tampering(t, func(t *testing.T) *office {
			url, err := server.Database()
			intaketest.Must(t, err)
			o := &office{clock: intaketest.NewClock()}
			o.store, err = store.Open(t.Context(), store.Options{URL: url, Loc: intaketest.Loc()})
			intaketest.Must(t, err)
			t.Cleanup(func() { intaketest.Must(t, o.store.Close()) })
			o.Service = service(o.store, o.clock)
			chain(t, o, 2) // as many as a set-up writes
			return o
		})
	})
}

// tamper is what somebody does who owns the database: the triggers hold everybody else.
func (o *office) tamper(t *testing.T, sql ...string) {
	t.Helper()
	on := ""
	if o.store.Database().Dialect == database.Postgres {
		on = " ON audit"
	}
	for _, q := range append([]string{`DROP TRIGGER audit_end` + on, `DROP TRIGGER audit_change` + on, `DROP TRIGGER audit_removal` + on}, sql...) {
		if _, err := o.store.Database().Write.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
}

func tampering(t *testing.T, open func(t *testing.T) *office) {
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
		"turned round":          {[]string{`UPDATE audit SET seq = seq - 100 WHERE seq > 3`, `UPDATE audit SET seq = -seq - 83 WHERE seq < 0`}, 4},
		"copied at end":         {[]string{`INSERT INTO audit SELECT seq + 1, at, member, act, desk, tip, detail, prev, hash FROM audit WHERE seq = 10`}, 11},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			chain(t, o, 8)
			_, head, err := o.VerifyAudit(t.Context(), store.AuditHash, "")
			intaketest.Must(t, err)
			o.tamper(t, c.sql...)
			n, _, err := o.VerifyAudit(t.Context(), store.AuditHash, head)
			if !errors.Is(err, members.ErrChain) || c.row > 0 && n != c.row-1 {
				t.Errorf("row %d: %v", n+1, err)
			}
			if c.row == 0 && !strings.Contains(err.Error(), "given head") || c.row > 0 && !regexp.MustCompile(`row (0|`+fmt.Sprint(c.row)+`) `).MatchString(err.Error()) {
				t.Errorf("it says %v", err)
			}
		})
	}
}

// TestARowWithAHashOfItsOwnIsFound: who changes a row and computes its hash anew is found by the row behind it, without
// any head.
func TestARowWithAHashOfItsOwnIsFound(t *testing.T) {
	o := open(t)
	chain(t, o, 8)
	rows, err := o.store.AuditRows(t.Context(), 4, 1)
	intaketest.Must(t, err)
	rows[0].Member = "li"
	o.tamper(t, `UPDATE audit SET member = 'li', hash = '`+store.AuditHash(rows[0])+`' WHERE seq = 5`)
	if n, _, err := o.VerifyAudit(t.Context(), store.AuditHash, ""); !errors.Is(err, members.ErrChain) || n != 5 || !strings.Contains(err.Error(), "row 6 ") {
		t.Errorf("row %d: %v", n+1, err)
	}
}

// TestARewrittenChainIsFoundByItsHead: whoever can compute hashes can make a
// chain that holds in itself; a head kept elsewhere tells.
func TestARewrittenChainIsFoundByItsHead(t *testing.T) {
	o := open(t)
	chain(t, o, 3)
	_, head, err := o.VerifyAudit(t.Context(), store.AuditHash, "")
	intaketest.Must(t, err)
	o.tamper(t, `DELETE FROM audit WHERE seq > 3`)
	chain(t, o, 1)
	if n, _, err := o.VerifyAudit(t.Context(), store.AuditHash, ""); n != 4 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if _, _, err := o.VerifyAudit(t.Context(), store.AuditHash, head); !errors.Is(err, members.ErrChain) {
		t.Errorf("%v", err)
	}
}

// TestAnAuditorsLook narrows the record by each filter, and pages through it.
func TestAnAuditorsLook(t *testing.T) {
	o := open(t)
	add := func(member, act, desk, tip string) {
		t.Helper()
		intaketest.Must(t, o.store.AppendAudit(t.Context(), intake.Audit{At: o.clock.Now(), Member: member, Act: act, Desk: desk, Tip: tip}))
	}
	first := o.clock.Now()
	add("wang", "read", "main", "aabbcc01")
	add("wang", "state", "main", "aabbcc01")
	add("li", "login.failed", "main", "")
	add("li", "loginother", "main", "")
	o.clock.Add(48 * time.Hour)
	add("li", "identity.view", "main", "aabbcc02")
	add("sun", "read", "far", "dd0001")
	add("", "backup", "", "")
	day := func(at time.Time) intake.Date { return intake.DateOf(at, intaketest.Loc()) }
	for name, c := range map[string]struct {
		f    intake.AuditFilter
		want string
	}{
		"everything":        {intake.AuditFilter{}, "9 8 7 6 5 4 3 2 1"},
		"one desk's":        {intake.AuditFilter{Desk: "main"}, "9 7 6 5 4 3 2 1"},
		"a member's":        {intake.AuditFilter{Member: "wang", Desk: "main"}, "4 3 1"},
		"looks":             {intake.AuditFilter{Acts: members.ActsOf("look")}, "8 7 3"},
		"log-ins":           {intake.AuditFilter{Acts: members.ActsOf("login")}, "5"},
		"a tip":             {intake.AuditFilter{Tip: "aabbcc01"}, "4 3"},
		"a tip's beginning": {intake.AuditFilter{Tip: "aabbcc"}, "7 4 3"},
		"from a day":        {intake.AuditFilter{From: day(o.clock.Now())}, "9 8 7"},
		"until a day":       {intake.AuditFilter{To: day(first), Acts: []string{"read", "login"}}, "5 3"},
		"all at once":       {intake.AuditFilter{From: day(first), To: day(o.clock.Now()), Member: "li", Acts: members.ActsOf("identity"), Tip: "aabbcc02", Desk: "main"}, "7"},
		"nothing":           {intake.AuditFilter{Member: "nobody"}, ""},
	} {
		var got []string
		for {
			c.f.Limit = 2
			p, err := o.Audit(t.Context(), c.f)
			intaketest.Must(t, err)
			for _, r := range p.Rows {
				got = append(got, fmt.Sprint(r.Seq))
			}
			if c.f.Before = p.Next; p.Next == "" {
				break
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: rows %v, want %s", name, got, c.want)
		}
	}
}

// TestTheRecordIsAppendOnly: not even a mistake of ours changes a row.
func TestTheRecordIsAppendOnly(t *testing.T) {
	o := open(t)
	for _, q := range []string{`UPDATE audit SET member = 'x'`, `DELETE FROM audit WHERE seq = 1`, `DELETE FROM audit`,
		`INSERT OR REPLACE INTO audit SELECT seq, at, 'x', act, desk, tip, detail, prev, hash FROM audit WHERE seq = 1`,
		`INSERT INTO audit SELECT 0, at, member, act, desk, tip, detail, prev, hash FROM audit WHERE seq = 1`} {
		if _, err := o.store.Database().Write.Exec(q); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", q, err)
		}
	}
	if n, _, err := o.VerifyAudit(t.Context(), store.AuditHash, ""); n != 2 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
}
