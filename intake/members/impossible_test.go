package members_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tipline/crypto/keyring"
	"tipline/intake/members"
)

// TestAPassphraseThatCannotBe: it costs no derivation, so what else it costs would
// tell within a few tries whether there is such a member.
func TestAPassphraseThatCannotBe(t *testing.T) {
	o := open(t)
	known, err := o.store.Members(t.Context())
	if err != nil || len(known) == 0 {
		t.Fatal(err)
	}
	before := o.acts(t)
	for _, name := range []string{known[0].Name, "nobody"} {
		if _, err := o.Open(t.Context(), name, strings.Repeat("x", keyring.MaxPassphrase+1), ""); !errors.Is(err, members.ErrLogin) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := o.acts(t); !slices.Equal(before, after) {
		t.Errorf("a known name leaves a row: %v", after[len(before):])
	}
}

// TestNamesThatCannotBeShareTheirTries: tries are remembered by name, and a name as
// long as its sender likes is no name.
func TestNamesThatCannotBeShareTheirTries(t *testing.T) {
	o := open(t)
	for i := range 11 {
		_, err := o.Open(t.Context(), strings.Repeat("名", 100_000+i), strings.Repeat("x", keyring.MaxPassphrase+1), "")
		if want := map[bool]error{false: members.ErrLogin, true: members.ErrTooMany}[i == 10]; !errors.Is(err, want) {
			t.Errorf("try %d: %v, want %v", i+1, err, want)
		}
	}
	if _, err := o.Open(t.Context(), "nobody", strings.Repeat("x", keyring.MaxPassphrase+1), ""); !errors.Is(err, members.ErrLogin) {
		t.Errorf("a name that can be has tries of its own: %v", err)
	}
}
