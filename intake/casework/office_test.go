package casework_test

import (
	"regexp"
	"testing"

	"filippo.io/age"

	"tipline/crypto/keyring"
	"tipline/intake"
	"tipline/intake/blob"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

const canary = "CANARY"

// blobs hands containers out as casework's own interface.
type blobs struct{ *blob.Dir }

func (b blobs) Open(tip, compartment string) (casework.Blob, error) {
	return b.Dir.Open(tip, compartment)
}

// office has two handlers, wang and zhao, and two custodians, li and sun.
type office struct {
	*intaketest.Office
	*casework.Service
	door                *intake.Service
	wang, zhao, li, sun casework.Actor
}

func open(t *testing.T) *office {
	t.Helper()
	o := &office{Office: intaketest.Open(t)}
	o.door = o.Door()
	o.Service = casework.New(casework.Deps{Store: o.Office.Store, Blobs: blobs{o.Office.Blobs}, Keys: o.Office, Events: o.Office.Events(), Deadlines: intaketest.Deadlines{}, Codes: codes{},
		Submit: o.door.Submit, Loc: intaketest.Loc(), Now: o.Clock.Now})
	handler := map[string]*age.HybridIdentity{intake.DeskKey("main"): o.Desk, intake.LedgerKey("main"): o.Ledger}
	o.wang, o.zhao = o.member(t, "wang", casework.RoleHandler, handler), o.member(t, "zhao", casework.RoleHandler, handler)
	custodian := map[string]*age.HybridIdentity{"custodian": o.Custodian}
	o.li, o.sun = o.member(t, "li", casework.RoleCustodian, custodian), o.member(t, "sun", casework.RoleCustodian, custodian)
	return o
}

// member is a stored member with an unlocked session.
func (o *office) member(t *testing.T, name, role string, keys map[string]*age.HybridIdentity) casework.Actor {
	t.Helper()
	key, ring := intaketest.Identity(t), keyring.NewRing()
	for role, secret := range keys {
		ring.Add(role, 1, secret)
	}
	intaketest.Must(t, o.Office.Store.AddMember(t.Context(), intake.Member{Name: name, Roles: []string{role},
		Key: keyring.MemberKey{Recipient: key.Recipient().String(), Locked: []byte("locked")}}, nil, intake.Audit{At: o.Clock.Now(), Member: name, Act: "member.add"}))
	return casework.Actor{Name: name, Roles: []string{role}, Desk: "main", Ring: ring, Key: key}
}

// tip files a report with an identity.
func (o *office) tip(t testing.TB, change ...func(*intake.Report)) intake.Filed {
	t.Helper()
	r := &intake.Report{Channel: intake.Web, Category: "ok-house", Place: "411422207201", Words: intake.Words{Text: canary + " words"},
		Identity: intake.Identity{Name: canary + " name", Phone: "13800138000"}}
	for _, c := range change {
		c(r)
	}
	f, err := o.door.Submit(t.Context(), r)
	intaketest.Must(t, err)
	return f
}

// under is the same service with a rule for refusals.
func (o *office) under(r casework.Refusals) *casework.Service {
	d := o.Service.Deps
	d.Refusals = r
	return casework.New(d)
}

// put sets a tip's row as if it had got there.
func (o *office) put(t testing.TB, tip string, state intake.State, lane intake.Lane) {
	t.Helper()
	if _, err := o.Office.Store.Database().Write.Exec(`UPDATE tips SET state = $2, lane = $3 WHERE id = $1`, tip, state, lane); err != nil {
		t.Fatal(err)
	}
}

func (o *office) row(t testing.TB, tip string) intake.Tip {
	t.Helper()
	row, err := o.Office.Store.Tip(t.Context(), tip)
	intaketest.Must(t, err)
	return row
}

// acts are the audit rows about a tip, as "member act detail".
func (o *office) acts(t testing.TB, tip string) (out []string) {
	t.Helper()
	rows, err := o.Office.Store.AuditRows(t.Context(), 0, 10_000)
	intaketest.Must(t, err)
	for _, r := range rows {
		if r.Tip == tip {
			out = append(out, r.Member+" "+r.Act+" "+r.Detail)
		}
	}
	return out
}

// events are what waits for the queue, oldest first, and then no more.
func (o *office) events(t testing.TB) []intake.Event {
	t.Helper()
	events, err := o.Office.Store.ClaimEvents(t.Context(), "test", 1000, 0)
	intaketest.Must(t, err)
	for _, e := range events {
		intaketest.Must(t, o.Office.Store.FinishEvents(t.Context(), "test", e.ID))
	}
	return events
}

func held(r *intake.Report)   { r.Hold = true }
func nobody(r *intake.Report) { r.Identity = intake.Identity{} }

// codes are an office's that has every code, as long as it is one.
type codes struct{}

func (codes) Reason(c string) bool          { return regexp.MustCompile(`^[a-z0-9_-]{1,64}$`).MatchString(c) }
func (c codes) Department(code string) bool { return c.Reason(code) }
func (codes) Route(intake.Facts) string     { return "agriculture" }
