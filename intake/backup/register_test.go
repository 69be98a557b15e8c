package backup_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tipline/crypto/waiting"
	"tipline/intake"
	"tipline/intake/backup"
)

// TestRegister: lines are added once, stay whoever adds, and only those that are whole and
// this installation's are read.
func TestRegister(t *testing.T) {
	box, err := waiting.NewKey([32]byte{1})
	must(t, err)
	other, err := waiting.NewKey([32]byte{2})
	must(t, err)
	tip := backup.Gone{Tip: &intake.Destruction{ID: "c1", Tip: "t1", DoneOn: "2026-03-01", Decider: "wang"}}
	key := backup.Gone{Key: &intake.GoneKey{Role: "desk:main", Version: 1, On: "2026-03-02"}}
	text, n, err := backup.AddToRegister(nil, box, []backup.Gone{tip})
	must(t, err)
	text, m, err := backup.AddToRegister(text, box, []backup.Gone{tip, key, key})
	must(t, err)
	if n != 1 || m != 1 {
		t.Errorf("added %d and %d", n, m)
	}
	again, n, err := backup.AddToRegister(text, box, []backup.Gone{tip})
	must(t, err)
	if n != 0 || !bytes.Equal(again, text) {
		t.Errorf("%d lines more", n)
	}
	text, _, err = backup.AddToRegister(bytes.TrimSpace(text), other, []backup.Gone{tip})
	must(t, err)
	all, strange := backup.ReadRegister(append(text, "!!\nAAAA\n"...), box)
	if d := cmp.Diff([]backup.Gone{tip, key}, all); d != "" || strange != 3 {
		t.Errorf("%d strange; %s", strange, d)
	}
	if bytes.Contains(text, []byte("wang")) {
		t.Error("a name stands in clear")
	}
}
