package seal

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"filippo.io/age"
)

// TestFileKey: the key of one file, taken out of its head, opens that file and no other.
func TestFileKey(t *testing.T) {
	desk, custodian, other := newKey(t), newKey(t), newKey(t)
	c := Context{Tip: "t1", Compartment: "originals", Part: "raw", Direction: "in"}
	elsewhere := Context{Tip: "t1", Compartment: "identity", Part: "1", Direction: "in"}
	for name, size := range map[string]int{"small": 12, "two chunks": 100 << 10, "large": 3 << 20} {
		content := []byte(strings.Repeat("x", size))
		inner := innerOf(t, c, content, desk, custodian)
		head, err := Head(bytes.NewReader(inner), int64(len(inner)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		key, err := FileKey(head, c, custodian)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r, err := OpenWith(bytes.NewReader(inner), int64(len(inner)), c, key)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: %d bytes of %d, %v", name, len(got), size, err)
		}
		if _, err := FileKey(head, elsewhere, custodian); !errors.Is(err, ErrContext) {
			t.Errorf("%s: the key of a file from elsewhere: %v", name, err)
		}
		if _, err := FileKey(head, c, desk); !errors.Is(err, ErrKey) {
			t.Errorf("%s: the desk alone: %v", name, err)
		}
		if _, err := FileKey(head[:40], c, custodian); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: a cut head: %v", name, err)
		}
		again := innerOf(t, c, content, desk, other)
		if _, err := OpenWith(bytes.NewReader(again), int64(len(again)), c, key); err == nil {
			t.Errorf("%s: the key opens another file", name)
		}
	}
}

func innerOf(t *testing.T, c Context, content []byte, desk, custodian *age.HybridIdentity) []byte {
	t.Helper()
	sealed, err := SealNested(c, content, []*age.HybridRecipient{desk.Recipient()}, []*age.HybridRecipient{custodian.Recipient()})
	if err != nil {
		t.Fatal(err)
	}
	inner, err := OpenOuterBytes(sealed, c, desk)
	if err != nil {
		t.Fatal(err)
	}
	return inner
}
