package desk

import (
	"errors"
	"testing"

	"tipline/configs/locale"
	"tipline/intake"
)

// TestInDoubt: who acts isn't told that nothing was changed where nobody knows it.
func TestInDoubt(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"unavailable": intake.ErrNotDurable,
		"in_doubt":    errors.Join(intake.ErrNotDurable, intake.ErrInDoubt),
		"conflict":    errors.Join(intake.ErrConflict, intake.ErrInDoubt), // asked again, it was known
	} {
		if got := classify(err).kind; got != want {
			t.Errorf("%v is %q, want %q", err, got, want)
		}
	}
}

// TestEveryFailureHasWords: each kind has its heading in the desk's languages.
func TestEveryFailureHasWords(t *testing.T) {
	t.Parallel()
	b, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range failures() {
		for _, lang := range locale.Languages() {
			if id := "desk.error." + f.kind; !b.Translator(lang).Has(id) {
				t.Errorf("%s: %s has no words", lang, id)
			}
		}
	}
}
