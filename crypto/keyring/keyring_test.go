package keyring

import (
	"errors"
	"strings"
	"testing"

	"tipline/crypto/seal"
)

func TestAGrantGivesTheRolesKey(t *testing.T) {
	k, secret, err := NewRoleKey("desk:main", 1)
	if err != nil {
		t.Fatal(err)
	}
	v := NewVault(1)
	const phrase = "four plain words here"
	mk, member, err := v.NewMemberKey(t.Context(), "王芳", phrase)
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGrant(k.Role, k.Version, secret, "王芳", member.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	unlocked, err := v.Unlock(t.Context(), "王芳", mk, phrase)
	if err != nil {
		t.Fatal(err)
	}
	got, err := g.Open(unlocked, k)
	if err != nil || got.String() != secret.String() {
		t.Errorf("the grant gave another key, %v", err)
	}
}

func TestAGrantIsBoundToRoleVersionAndHolder(t *testing.T) {
	k, secret, err := NewRoleKey("desk:main", 1)
	if err != nil {
		t.Fatal(err)
	}
	_, holder, err := NewRoleKey("custodian", 1)
	if err != nil {
		t.Fatal(err)
	}
	good, err := NewGrant(k.Role, k.Version, secret, "li", holder.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(*Grant, *RoleKey)
		want   error
	}{
		"as it is":        {func(*Grant, *RoleKey) {}, nil},
		"another holder":  {func(g *Grant, _ *RoleKey) { g.Holder = "wang" }, seal.ErrContext},
		"another version": {func(g *Grant, k *RoleKey) { g.Version, k.Version = 2, 2 }, seal.ErrContext},
		"another role":    {func(g *Grant, k *RoleKey) { g.Role, k.Role = "custodian", "custodian" }, seal.ErrContext},
		"no match":        {func(_ *Grant, k *RoleKey) { k.Version = 2 }, ErrSwapped},
		"another key":     {func(_ *Grant, k *RoleKey) { k.Recipient = holder.Recipient().String() }, ErrSwapped},
		"no role":         {func(g *Grant, _ *RoleKey) { g.Role = "desk" }, ErrRole},
		"cut":             {func(g *Grant, _ *RoleKey) { g.Sealed = g.Sealed[:len(g.Sealed)-1] }, seal.ErrSealed},
	} {
		g, key := good, k
		test.change(&g, &key)
		if _, err := g.Open(holder, key); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	wrong, err := NewGrant(k.Role, k.Version, holder, "li", holder.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wrong.Open(holder, k); !errors.Is(err, ErrSwapped) {
		t.Errorf("a grant that holds another secret: %v, want ErrSwapped", err)
	}
}

func TestRoles(t *testing.T) {
	for role, ok := range map[string]bool{
		"custodian": true, "desk:main": true, "ledger:a.b-c_9": true, "desk:": false, "desk": false, "Desk:main": false,
		"custodian:x": true, "custodian:": false, "custodianx": false, "desk:a b": false, "desk:a\n": false, "desk:" + strings.Repeat("a", 48): true, "desk:" + strings.Repeat("a", 49): false,
	} {
		if _, _, err := NewRoleKey(role, 1); (err == nil) != ok || err != nil && !errors.Is(err, ErrRole) {
			t.Errorf("%q: %v", role, err)
		}
	}
	for _, version := range []int{0, -1, maxVersion + 1} {
		if _, _, err := NewRoleKey("custodian", version); !errors.Is(err, ErrRole) {
			t.Errorf("version %d: %v, want ErrRole", version, err)
		}
	}
}
