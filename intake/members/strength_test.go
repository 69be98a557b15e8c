package members_test

import (
	"testing"

	"pgregory.net/rapid"

	"tipline/crypto/keyring"
	"tipline/intake/members"
)

func TestMeasure(t *testing.T) {
	for passphrase, want := range map[string]string{
		"": "weak", "password1234": "weak", "aaaaaaaaaaaa": "weak", "139000000001": "weak", "dog dog dog dog dog dog": "weak",
		"correct horse battery": "fair", "correct horse battery staple": "good", "wang has seven quiet lamps by the wide river": "strong",
		"春天麦子": "weak", "春天的麦子很绿": "good", "春天的麦子很绿而水渠里没有鱼": "strong", "Tr0ub4dor&3": "fair",
	} {
		if got := members.Measure(passphrase); got.Grade != want {
			t.Errorf("%q: %+v, want %s", passphrase, got, want)
		}
	}
	if got := members.Measure(keyring.Passphrase()); got.Bits != 107 || got.Grade != "strong" {
		t.Errorf("a made-up one: %+v", got)
	}
	if got := members.Measure("abcd-abcd-abcd-abcd-abcd-abcd"); got.Bits >= 107 {
		t.Errorf("one group six times: %+v", got)
	}
}

// TestMeasureGrows: whatever is added, the guess never falls, and a word that is said
// again adds next to nothing.
func TestMeasureGrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, word := rapid.StringMatching(`[a-z]{1,9}( [a-z]{1,9}){0,4}`).Draw(t, "a"), rapid.StringMatching(`[a-z]{1,9}`).Draw(t, "word")
		one, two, three := members.Measure(a), members.Measure(a+" "+word), members.Measure(a+" "+word+" "+word)
		if two.Bits < one.Bits || three.Bits < two.Bits || three.Bits > two.Bits+1 {
			t.Fatalf("%d, %d, %d", one.Bits, two.Bits, three.Bits)
		}
	})
}
