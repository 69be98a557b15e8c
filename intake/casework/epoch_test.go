package casework_test

import (
	"errors"
	"testing"

	"tipline/crypto/keyring"
	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

// rotated are an office's keys at a later version.
type rotated struct {
	intake.Keys
	version int
}

func (r rotated) DeskKeys(desk string) (intake.DeskKeys, error) {
	k, err := r.Keys.DeskKeys(desk)
	k.Version = r.version
	return k, err
}

// TestDestroyEpoch: a version goes by two, once nothing is sealed to it, and every copy
// of its secret with it.
func TestDestroyEpoch(t *testing.T) {
	o, _ := keeping(t)
	qian := o.member(t, "qian", casework.RoleSupervisor, nil)
	tip := o.tip(t).ID
	now := o.row(t, tip).KeyVersion
	if _, err := o.DestroyEpoch(t.Context(), o.wang, now); !errors.Is(err, casework.ErrCurrentKey) {
		t.Errorf("the current one: %v", err)
	}
	d := o.Service.Deps
	d.Keys = rotated{d.Keys, now + 1}
	o.Service = casework.New(d)
	if _, err := o.DestroyEpoch(t.Context(), o.wang, now); !errors.Is(err, casework.ErrKeyHolds) {
		t.Errorf("while a tip is sealed to it: %v", err)
	}
	intaketest.Must(t, o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateSpam, Reason: "test"}))
	_, err := o.Read(t.Context(), o.wang, tip)
	intaketest.Must(t, err)
	o.events(t)
	o.Clock.Add(30 * day)
	intaketest.Must(t, o.AskDestruction(t.Context(), o.wang, tip, "law"))
	k, err := o.Keeping(t.Context(), qian)
	intaketest.Must(t, err)
	intaketest.Must(t, o.ApproveDestruction(t.Context(), qian, k.Asked[0].ID))

	grant := func(holder string, version int) keyring.Grant {
		return keyring.Grant{Role: intake.DeskKey("main"), Version: version, Holder: holder, Sealed: []byte("secret")}
	}
	for _, holder := range []string{"wang", "recovery"} {
		for _, version := range []int{now, now + 1} {
			g := grant(holder, version)
			_, err := o.Office.Store.Database().Write.Exec(`INSERT INTO grants (holder, role, version, sealed) VALUES ($1, $2, $3, $4)`, g.Holder, g.Role, g.Version, g.Sealed)
			intaketest.Must(t, err)
		}
	}
	if _, err := o.DestroyEpoch(t.Context(), o.li, now); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a custodian: %v", err)
	}
	if n, err := o.DestroyEpoch(t.Context(), o.wang, now); n != 0 || err != nil {
		t.Errorf("asked: %d, %v", n, err)
	}
	if _, err := o.DestroyEpoch(t.Context(), o.wang, now); !errors.Is(err, casework.ErrOwnDestruction) {
		t.Errorf("one alone: %v", err)
	}
	if n, err := o.DestroyEpoch(t.Context(), qian, now); n != 2 || err != nil {
		t.Errorf("%d copies went, %v", n, err)
	}
	if _, err := o.DestroyEpoch(t.Context(), qian, now); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("again: %v", err)
	}
	left, err := o.Office.Store.Grants(t.Context(), "wang")
	intaketest.Must(t, err)
	for _, g := range left {
		if g.Role == intake.DeskKey("main") && g.Version == now {
			t.Error("a copy is there")
		}
	}
}
