package receipt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func draw(rt *rapid.T) Receipt {
	pepper := Pepper(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(rt, "pepper"))
	r, err := pepper.Derive("6ba7b810-9dad-11d1-80b4-00c04fd430c8", [32]byte{})
	if err != nil {
		rt.Fatal(err)
	}
	return r
}

func TestParseTakesWhatGroupedGives(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := draw(rt)
		for _, text := range []string{r.Digits(), r.Grouped(), "  " + strings.ReplaceAll(r.Grouped(), " ", "-") + "\r\n"} {
			if got, err := Parse(text); err != nil || got != r {
				rt.Fatalf("%q: %q, %v", text, got.Digits(), err)
			}
		}
	})
}

func TestAnyWrongDigitAndAnySwapIsRefused(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		digits := draw(rt).Digits()
		for i := range digits {
			for d := byte('0'); d <= '9'; d++ {
				wrong := []byte(digits)
				wrong[i] = d
				if _, err := Parse(string(wrong)); d != digits[i] && !errors.Is(err, ErrCheck) {
					rt.Fatalf("%s with digit %d as %c: %v", digits, i, d, err)
				}
			}
			if i > 0 && digits[i-1] != digits[i] {
				swapped := []byte(digits)
				swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
				if _, err := Parse(string(swapped)); !errors.Is(err, ErrCheck) {
					rt.Fatalf("%s with digits %d and %d swapped: %v", digits, i-1, i, err)
				}
			}
		}
	})
}

func TestTheRunsOfDigitsAreWhatDecimalRestsOn(t *testing.T) {
	for _, run := range unicode.Nd.R16 {
		if run.Stride != 1 || (run.Hi-run.Lo+1)%10 != 0 {
			t.Errorf("U+%04X to U+%04X is no row of tens", run.Lo, run.Hi)
		}
	}
	for _, run := range unicode.Nd.R32 {
		if run.Stride != 1 || (run.Hi-run.Lo+1)%10 != 0 {
			t.Errorf("U+%04X to U+%04X is no row of tens", run.Lo, run.Hi)
		}
	}
}

func TestParseTakesEveryScript(t *testing.T) {
	r := New()
	for name, zero := range map[string]rune{
		"full-width": '０', "Arabic-Indic": '٠', "Persian": '۰', "Devanagari": '०', "Bengali": '০', "Tibetan": '༠',
		"Mongolian": '᠐', "Thai": '๐', "Adlam": '\U0001E950', "mathematical bold": '\U0001D7CE', "mathematical monospace": '\U0001D7F6',
	} {
		for _, separator := range []string{"", " ", "\u3000", "－", "–", "—", "·", "．", "\u00a0", "\u200b", "\u200f", "\t"} {
			text := strings.Map(func(c rune) rune {
				if c == ' ' {
					return c
				}
				return zero + c - '0'
			}, r.Grouped())
			if got, err := Parse(strings.ReplaceAll(text, " ", separator)); err != nil || got != r {
				t.Errorf("%s with %q between: %v", name, separator, err)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	good := New().Digits()
	for name, text := range map[string]string{
		"nothing": "", "23 digits": good[1:], "25 digits": good + "0", "a letter": good[:23] + "O", "Chinese numerals": "一二三四",
		"a slash": good[:4] + "/" + good[4:], "not UTF-8": "\xff" + good, "very long": good + strings.Repeat(" ", 600), "superscript": good[:23] + "²",
	} {
		if r, err := Parse(text); !errors.Is(err, ErrFormat) || !r.IsZero() {
			t.Errorf("%s: %v, want ErrFormat", name, err)
		}
	}
	// 97 more or less leaves the same rest: the only spelling is the one with 02 to 98.
	for _, check := range []string{"00", "01", "99"} {
		for range 200 {
			if _, err := Parse(New().Digits()[:22] + check); !errors.Is(err, ErrCheck) {
				t.Fatalf("check digits %s: %v, want ErrCheck", check, err)
			}
		}
	}
}

func TestReceiptsPrintAsNothing(t *testing.T) {
	r, p := New(), NewPepper()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "r", r, "p", p, "in", struct {
		R Receipt
		P Pepper
	}{r, p})
	encoded, err := json.Marshal(map[string]any{"r": r, "p": p})
	if err != nil {
		t.Fatal(err)
	}
	text := log.String() + string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		text += fmt.Sprintf(verb+verb+verb, r, p, []any{r, &p})
	}
	for _, secret := range []string{r.Digits(), r.Grouped(), fmt.Sprint([32]byte(p)), fmt.Sprintf("%x", [32]byte(p)), p.Encode(), fmt.Sprint([]byte(r.Digits()))} {
		if strings.Contains(text, strings.Trim(secret, "[]")) {
			t.Errorf("%s shows a secret", text)
		}
	}
	if r.String() != "[receipt]" || p.String() != "[pepper]" {
		t.Errorf("%s %s", r, p)
	}
}

func TestPepperTagAndIdentity(t *testing.T) {
	p, r := NewPepper(), New()
	again, err := ParsePepper(" " + p.Encode() + "\n")
	if err != nil || again != p {
		t.Fatalf("the pepper did not survive its line: %v", err)
	}
	first, err := p.Identity(r)
	if err != nil {
		t.Fatal(err)
	}
	second, err := again.Identity(r)
	if err != nil || first.String() != second.String() {
		t.Errorf("two identities for one receipt, %v", err)
	}
	if !bytes.Equal(p.Tag(r), again.Tag(r)) || len(p.Tag(r)) != 32 {
		t.Error("two tags for one receipt")
	}
	other, err := NewPepper().Identity(r)
	if err != nil || other.String() == first.String() {
		t.Errorf("another pepper gave the same identity, %v", err)
	}
	if bytes.Equal(p.Tag(r), p.Tag(New())) || bytes.Equal(p.Tag(r), NewPepper().Tag(r)) {
		t.Error("two receipts or two peppers have one tag")
	}
	if to, err := p.Recipient(r); err != nil || to != first.Recipient().String() {
		t.Errorf("the reporter's public key is not that of the secret one: %v", err)
	}
	if _, err := p.Recipient(Receipt{}); !errors.Is(err, ErrFormat) {
		t.Errorf("a recipient of no receipt: %v, want ErrFormat", err)
	}
	if _, err := p.Identity(Receipt{}); !errors.Is(err, ErrFormat) {
		t.Errorf("identity of no receipt: %v", err)
	}
}

func TestDeriveIsStableAndFollowsItsInput(t *testing.T) {
	p, content := NewPepper(), [32]byte{1}
	const token = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
	derive := func(p Pepper, token string, content [32]byte) Receipt {
		r, err := p.Derive(token, content)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := derive(p, token, content)
	if r != derive(p, token, content) {
		t.Error("one submission, two receipts")
	}
	if _, err := Parse(r.Digits()); err != nil {
		t.Error(err)
	}
	if r == derive(p, token, [32]byte{2}) || r == derive(NewPepper(), token, content) || r == derive(p, strings.ToUpper(token), content) {
		t.Error("another submission, the same receipt")
	}
}

func TestWeakTokensAreRefused(t *testing.T) {
	for _, test := range []struct {
		name, token string
		ok          bool
	}{
		{"UUID", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", true},
		{"32 hex digits", "6BA7B8109DAD11D180B400C04FD430C8", true},
		{"31 hex digits", "6ba7b8109dad11d180b400c04fd430c", false},
		{"22 letters and digits", "q83vEjRWeJCrze8SNFZ4kA", true},
		{"22 of base64url with dashes", "q83-EjRW-JCrze8SNFZ_kA", true},
		{"21 letters and digits", "q83vEjRWeJCrze8SNFZ4k", false},
		{"empty", "", false},
		{"one letter", strings.Repeat("a", 64), false},
		{"seven different", strings.Repeat("abcdefg", 20), false},
		{"a space", "q83vEjRWeJCrze8SNFZ4 kA", false},
		{"full-width", "ｑ83vEjRWeJCrze8SNFZ4kA", false},
		{"256", strings.Repeat("q83vEjRW", 32), true},
		{"257", strings.Repeat("q83vEjRW", 32) + "a", false},
	} {
		_, err := Pepper{}.Derive(test.token, [32]byte{})
		if ok := err == nil; ok != test.ok || !ok && !errors.Is(err, ErrWeakToken) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
