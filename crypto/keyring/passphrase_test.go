package keyring

import (
	"errors"
	"math"
	"regexp"
	"strings"
	"testing"
)

func TestGeneratedPassphrases(t *testing.T) {
	if bits := groups * groupSize * math.Log2(float64(len(alphabet))); bits < 100 {
		t.Errorf("only %.0f bits", bits)
	}
	form := regexp.MustCompile(`^[` + alphabet + `]{4}(-[` + alphabet + `]{4}){5}$`)
	seen, letters := map[string]bool{}, map[rune]int{}
	for range 2000 {
		p := Passphrase()
		if !form.MatchString(p) || seen[p] {
			t.Fatalf("%q", p)
		}
		if err := CheckPassphrase(p); err != nil {
			t.Fatalf("%q: %v", p, err)
		}
		seen[p] = true
		for _, r := range p {
			letters[r]++
		}
	}
	mean := 2000 * groups * groupSize / len(alphabet)
	for _, r := range alphabet {
		if n := letters[r]; n < mean*8/10 || n > mean*12/10 {
			t.Errorf("%c comes %d times, about %d are expected", r, n, mean)
		}
	}
}

func TestAGeneratedPassphraseIsTakenAsPeopleTypeIt(t *testing.T) {
	v := NewCheapVault(1)
	p := Passphrase()
	k, id, err := v.NewMemberKey(t.Context(), "li", p)
	if err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{p, strings.ToUpper(p), strings.ReplaceAll(p, "-", " "), strings.ReplaceAll(p, "-", ""), "  " + p + "\n", strings.ReplaceAll(p, "-", "－")} {
		if got, err := v.Unlock(t.Context(), "li", k, typed); err != nil || got.String() != id.String() {
			t.Errorf("%q for %q: %v", typed, p, err)
		}
	}
}

func TestCheckPassphrase(t *testing.T) {
	for s, want := range map[string]string{
		"correct horse battery staple":  "",
		"村口的大槐树下有三口井一座桥":                "",
		"138001380001390013900037":      "",
		"":                              "at least 12",
		"elevenchars":                   "at least 12",
		"            a               ":  "at least 12",
		"aaaaaaaaaaaaaaaaaaaa":          "different",
		"abcdefghijklmnop":              "counts along",
		"zyxwvutsrqpo":                  "counts along",
		"1234567890123456":              "counts along",
		"1380013800046":                 "digits alone",
		"\xff\xfeabcdefghijklm":         "not text",
		strings.Repeat("ab cd ef", 200): "at most",
	} {
		err := CheckPassphrase(s)
		if (err == nil) != (want == "") || err != nil && (!errors.Is(err, ErrWeakPassphrase) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.40q: %v, want %q", s, err, want)
		}
	}
}
