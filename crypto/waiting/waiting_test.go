package waiting_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"tipline/crypto/waiting"
)

func key(t testing.TB, first byte) waiting.Key {
	t.Helper()
	k, err := waiting.NewKey([32]byte{first})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestOpensWhereItWasSealed and nowhere else: not elsewhere, not under another
// key, not with one bit changed.
func TestOpensWhereItWasSealed(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		place, text := rapid.String().Draw(r, "place"), rapid.SliceOf(rapid.Byte()).Draw(r, "text")
		k := key(t, 1)
		sealed := k.Seal(place, text)
		if got, err := k.Open(place, sealed); err != nil || !bytes.Equal(got, text) {
			r.Fatalf("opened as %v %v", got, err)
		}
		flipped := bytes.Clone(sealed)
		bit := rapid.IntRange(0, len(flipped)*8-1).Draw(r, "bit")
		flipped[bit/8] ^= 1 << (bit % 8)
		for name, open := range map[string]func() ([]byte, error){
			"elsewhere":   func() ([]byte, error) { return k.Open(place+"x", sealed) },
			"another key": func() ([]byte, error) { return key(t, 2).Open(place, sealed) },
			"one bit":     func() ([]byte, error) { return k.Open(place, flipped) },
			"cut off":     func() ([]byte, error) { return k.Open(place, sealed[:len(sealed)-1]) },
		} {
			if _, err := open(); !errors.Is(err, waiting.ErrSealed) {
				r.Fatalf("%s: %v", name, err)
			}
		}
	})
}

func TestKeyPrintsAsNothing(t *testing.T) {
	if s := fmt.Sprint(key(t, 1)); s != "[waiting key]" {
		t.Errorf("prints as %s", s)
	}
}
