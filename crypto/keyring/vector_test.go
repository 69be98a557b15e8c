package keyring

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tipline/crypto/seal"
)

var update = flag.Bool("update", false, "write the vectors in testdata anew")

// vector is testdata/vector.json: one role, one member, and the grant between them, as a database
// holds them. Whatever a later version writes, it must read this.
type vector struct {
	Member      string
	Passphrase  string
	MemberKey   MemberKey
	RoleKey     RoleKey
	Fingerprint string
	Grant       Grant
	Secret      string // of the role
}

func TestVector(t *testing.T) {
	path := filepath.Join("testdata", "vector.json")
	if *update {
		writeVector(t, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var v vector
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	id, err := NewVault(1).Unlock(t.Context(), v.Member, v.MemberKey, v.Passphrase)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := v.Grant.Open(id, v.RoleKey)
	if err != nil {
		t.Fatal(err)
	}
	if got := secret.String(); got != v.Secret {
		t.Errorf("the grant holds %s, want %s", got, v.Secret)
	}
	if got := v.RoleKey.Fingerprint(); got != v.Fingerprint {
		t.Errorf("the fingerprint is %s, want %s", got, v.Fingerprint)
	}
	pins, err := ParsePins(strings.NewReader("custodian 3 " + v.Fingerprint))
	if err != nil {
		t.Fatal(err)
	}
	if err := pins.Check([]RoleKey{v.RoleKey}); err != nil {
		t.Error(err)
	}
}

func writeVector(t *testing.T, path string) {
	t.Helper()
	v := vector{Member: "王芳", Passphrase: "correct horse battery staple", RoleKey: RoleKey{Role: "custodian", Version: 3}}
	secret, err := seal.IdentityFromSeed([32]byte{3})
	if err != nil {
		t.Fatal(err)
	}
	v.Secret, v.RoleKey.Recipient = secret.String(), secret.Recipient().String()
	v.Fingerprint = v.RoleKey.Fingerprint()
	member, err := seal.IdentityFromSeed([32]byte{4})
	if err != nil {
		t.Fatal(err)
	}
	if v.MemberKey, err = NewVault(1).Lock(t.Context(), v.Member, member, v.Passphrase); err != nil {
		t.Fatal(err)
	}
	if v.Grant, err = NewGrant(v.RoleKey.Role, v.RoleKey.Version, secret, v.Member, member.Recipient()); err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(v, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
