package members_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tipline/crypto/keyring"
	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/members"
	"tipline/intake/store"
)

// meanwhile is a store where something happens between what a change of a member's key was made from and
// the change itself.
type meanwhile struct {
	*store.Store
	happens func() error // after the keys are read
	factor  func() error // after the second factor is
}

func (m *meanwhile) Factor(ctx context.Context, holder string) (intake.Factor, error) {
	f, err := m.Store.Factor(ctx, holder)
	if h := m.factor; h != nil {
		m.factor = nil
		if err := h(); err != nil {
			return f, err
		}
	}
	return f, err
}

func (m *meanwhile) RoleKeys(ctx context.Context) ([]keyring.RoleKey, error) {
	keys, err := m.Store.RoleKeys(ctx)
	if h := m.happens; h != nil && err == nil {
		m.happens = nil
		err = h()
	}
	return keys, err
}

// TestNothingTakenComesBack: a member whose new passphrase is being sealed keeps no key that is taken from them
// at that moment, and loses none that they are given.
func TestNothingTakenComesBack(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(o *office, boss *members.Unlocked) error
		version int
	}{
		"other roles": {func(o *office, boss *members.Unlocked) error {
			return o.SetRoles(t.Context(), boss, "wang", []string{members.Custodian})
		}, 0},
		"a new key": {func(o *office, boss *members.Unlocked) error {
			return o.Rekey(t.Context(), boss, "wang", zhaos)
		}, 0},
		"a new version": {func(o *office, _ *members.Unlocked) error {
			_, err := o.Rotate(t.Context(), o.unlock(t, "wang", wangs), members.Handler, nil)
			return err
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			o, boss := staffed(t)
			wang := o.unlock(t, "wang", wangs)
			st := &meanwhile{Store: o.store, happens: func() error { return c.happens(o, boss) }}
			d := o.Service.Deps
			d.Store = st
			if err := members.New(d).ChangePassphrase(t.Context(), wang, wangs, wangs+" at night"); !errors.Is(err, intake.ErrConflict) {
				t.Fatalf("the passphrase was changed: %v", err)
			}
			held, err := o.store.Grants(t.Context(), "wang")
			intaketest.Must(t, err)
			newest := 0
			for _, g := range held {
				newest = max(newest, g.Version)
			}
			if newest != c.version {
				t.Errorf("wang holds version %d, want %d", newest, c.version)
			}
		})
	}
}

// TestFactorForAnotherKey: a second factor that is begun while its member's key is replaced is refused: sealed to the old
// key it would keep them out.
func TestFactorForAnotherKey(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(o *office, boss *members.Unlocked) error
		now     string // the passphrase
	}{
		"another's hand": {func(o *office, boss *members.Unlocked) error { return o.Rekey(t.Context(), boss, "wang", zhaos) }, zhaos},
		"their own": {func(o *office, _ *members.Unlocked) error {
			return o.ChangePassphrase(t.Context(), o.unlock(t, "wang", wangs), wangs, zhaos)
		}, zhaos},
	} {
		t.Run(name, func(t *testing.T) {
			o, boss := staffed(t)
			wang, secrets := o.unlock(t, "wang", wangs), members.NewSecrets()
			d := o.Service.Deps
			d.Store = &meanwhile{Store: o.store, factor: func() error { return c.happens(o, boss) }}
			if _, err := members.New(d).Enrol(t.Context(), wang, secrets, app(t, secrets, o.clock.Now())); !errors.Is(err, intake.ErrConflict) {
				t.Errorf("enrolled: %v", err)
			}
			if err := o.login(t, "wang", c.now, ""); err != nil {
				t.Errorf("wang can't log in: %v", err)
			}
		})
	}
}

// TestFactorOfThisMoment: a new passphrase neither loses nor spoils a second factor that is begun, or changed, while it is sealed.
func TestFactorOfThisMoment(t *testing.T) {
	for name, first := range map[string]bool{"the first": true, "another": false} {
		t.Run(name, func(t *testing.T) {
			o, _ := staffed(t)
			wang, secrets := o.unlock(t, "wang", wangs), members.NewSecrets()
			enrol := func() error {
				secrets = members.NewSecrets()
				_, err := o.Enrol(t.Context(), wang, secrets, app(t, secrets, o.clock.Now()))
				return err
			}
			if !first {
				intaketest.Must(t, enrol())
			}
			d := o.Service.Deps
			d.Store = &meanwhile{Store: o.store, factor: enrol}
			if err := members.New(d).ChangePassphrase(t.Context(), wang, wangs, zhaos); !errors.Is(err, intake.ErrConflict) {
				t.Errorf("the passphrase was changed: %v", err)
			}
			o.clock.Add(time.Hour)
			if err := o.login(t, "wang", wangs, app(t, secrets, o.clock.Now())); err != nil {
				t.Errorf("wang can't log in: %v", err)
			}
		})
	}
}

// TestADestroyedKeyIsGrantedToNobody: who was logged in when a version of the desk's key was destroyed has its secret in
// memory still, and gives nobody a copy of it.
func TestADestroyedKeyIsGrantedToNobody(t *testing.T) {
	o, boss := staffed(t)
	first := o.unlock(t, "wang", wangs)
	_, err := o.Rotate(t.Context(), first, members.Handler, nil)
	intaketest.Must(t, err)
	wang := o.unlock(t, "wang", wangs) // holds both
	intaketest.Must(t, o.Add(t.Context(), boss, members.NewMember{Name: "waits", Roles: []string{members.Handler}, Passphrase: zhaos}))
	row := intake.Audit{At: o.clock.Now(), Member: "boss", Act: "keys.destroy"}
	intaketest.Must(t, o.store.AskEpoch(t.Context(), "desk:main", 1, "2026-11-24", row))
	if n, err := o.store.DestroyEpoch(t.Context(), intaketest.Desk, 1, "2026-11-24", row); err != nil || n == 0 {
		t.Fatalf("%d copies went: %v", n, err)
	}
	intaketest.Must(t, o.Add(t.Context(), wang, members.NewMember{Name: "fresh", Roles: []string{members.Handler}, Passphrase: zhaos}))
	intaketest.Must(t, o.Grant(t.Context(), wang, "waits", members.Handler, o.mark(t, "waits")))
	intaketest.Must(t, o.Rekey(t.Context(), wang, "fresh", zhaos+" at night"))
	held, err := o.store.Holders(t.Context())
	intaketest.Must(t, err)
	for _, g := range held {
		if g.Role == "desk:main" && g.Version == 1 {
			t.Errorf("%s holds the destroyed key", g.Holder)
		}
	}
	for name, passphrase := range map[string]string{"waits": zhaos, "fresh": zhaos + " at night"} {
		if u := o.unlock(t, name, passphrase); len(u.Ring.Identities("desk:main")) != 1 {
			t.Errorf("%s holds %d versions", name, len(u.Ring.Identities("desk:main")))
		}
	}
}
