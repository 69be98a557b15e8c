package keyline

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseTakesWhatEncodeGives(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		kind := rapid.StringMatching(`[a-z]{1,12}`).Draw(rt, "kind")
		key := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(rt, "key"))
		line := Encode(kind, key)
		if got, err := Parse(kind, "\ufeff"+line); err == nil || got != [32]byte{} {
			rt.Fatal("took a line with a byte order mark")
		}
		if got, err := Parse(kind, " "+line+"\r\n"); err != nil || got != key {
			rt.Fatalf("%s: %v", line, err)
		}
		if _, err := Parse(kind+"x", line); !errors.Is(err, ErrLine) {
			rt.Fatalf("took a line of another kind: %v", err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(Encode("pepper", [32]byte{1}))
	f.Add("tipline-pepper-1-")
	f.Fuzz(func(t *testing.T, line string) {
		key, err := Parse("pepper", line)
		if err != nil {
			if !errors.Is(err, ErrLine) {
				t.Fatal(err)
			}
			return
		}
		if Encode("pepper", key) != strings.TrimSpace(line) {
			t.Fatalf("a second spelling: %q", line)
		}
	})
}
