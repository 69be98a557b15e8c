package spool_test

import (
	"testing"

	"tipline/intake"
)

// A nonce and the parts of a text are known again while they wait here, and free
// again when the tip has gone.
func TestKnownByMoreThanItsMessage(t *testing.T) {
	u := open(t)
	u.db.fails(errAway)
	first := tip("")
	first.MessageTag, first.NonceTag, first.PartTags = []byte("m1"), []byte("n1"), [][]byte{[]byte("p2")}
	if _, err := u.s.Accept(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(*intake.Acceptance){
		"nonce": func(a *intake.Acceptance) { a.MessageTag, a.NonceTag = []byte("m2"), []byte("n1") },
		"part":  func(a *intake.Acceptance) { a.MessageTag = []byte("p2") },
		"whole": func(a *intake.Acceptance) { a.PartTags = [][]byte{[]byte("m1")} },
	} {
		again := tip("")
		edit(again)
		if got, err := u.s.Accept(t.Context(), again); err != nil || got.ID != first.Tip.ID || !got.Duplicate {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
	if n := len(u.files()); n != 1 {
		t.Errorf("%d files of one tip", n)
	}
}
