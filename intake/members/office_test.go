package members_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"filippo.io/age"

	"tipline/crypto/keyring"
	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/members"
	"tipline/intake/store"
)

// The first members' passphrases.
const (
	wangs = "wang has seven quiet lamps"
	lis   = "li keeps a green umbrella"
)

// office is a set-up office with wang, a handler, and li, a custodian.
type office struct {
	*members.Service
	store    *store.Store
	clock    *intaketest.Clock
	recovery *age.HybridIdentity // of the custodian role
	pins     keyring.Pins
}

// setUp is made once a run.
type setUp struct {
	database []byte
	recovery *age.HybridIdentity
	pins     keyring.Pins
	err      error
}

var first = sync.OnceValue(func() (s setUp) {
	dir, err := os.MkdirTemp("", "members")
	if err != nil {
		return setUp{err: err}
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "tips.db")
	st, err := store.Open(context.Background(), store.Options{Path: path})
	if err != nil {
		return setUp{err: err}
	}
	if s.recovery, s.err = age.GenerateHybridIdentity(); s.err != nil {
		return s
	}
	s.pins, s.err = service(st, intaketest.NewClock()).Setup(context.Background(), []members.NewMember{
		{Name: "wang", Roles: []string{members.Handler}, Passphrase: wangs}, {Name: "li", Roles: []string{members.Custodian}, Passphrase: lis, MustChange: true}},
		[]members.Recovery{{Role: members.Custodian, Recipient: s.recovery.Recipient()}})
	if err := st.Close(); err != nil {
		return setUp{err: err}
	}
	if s.err == nil {
		s.database, s.err = os.ReadFile(path)
	}
	return s
})

func service(st *store.Store, clock *intaketest.Clock) *members.Service {
	return serviceWith(st, clock, keyring.NewCheapVault(2))
}

func serviceWith(st *store.Store, clock *intaketest.Clock, vault *keyring.Vault) *members.Service {
	return members.New(members.Deps{Store: st, Vault: vault, Desks: intake.Desks{intaketest.Desk}, Loc: intaketest.Loc(), Now: clock.Now})
}

func open(t *testing.T) *office {
	t.Helper()
	f := first()
	intaketest.Must(t, f.err)
	path := filepath.Join(t.TempDir(), "tips.db")
	intaketest.Must(t, os.WriteFile(path, f.database, 0o600))
	o := &office{clock: intaketest.NewClock(), recovery: f.recovery, pins: f.pins}
	o.store = empty(t, path)
	o.Service = service(o.store, o.clock)
	return o
}

func empty(t *testing.T, path string) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), store.Options{Path: path, Loc: intaketest.Loc()})
	intaketest.Must(t, err)
	t.Cleanup(func() { intaketest.Must(t, st.Close()) })
	return st
}

// unlock opens a member, who must be there.
func (o *office) unlock(t *testing.T, name, passphrase string) *members.Unlocked {
	t.Helper()
	u, err := o.Open(t.Context(), name, passphrase, "")
	intaketest.Must(t, err)
	return u
}

// acts are the audit chain's acts in order, without the unlocking that tests do.
func (o *office) acts(t *testing.T) (acts []string) {
	t.Helper()
	rows, err := o.store.AuditRows(t.Context(), 0, 1000)
	intaketest.Must(t, err)
	for _, r := range rows {
		if r.Act != "login.here" {
			acts = append(acts, r.Member+" "+r.Act)
		}
	}
	return acts
}
