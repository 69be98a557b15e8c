package keyring

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func roleKey(t testing.TB, role string, version int) RoleKey {
	t.Helper()
	k, _, err := NewRoleKey(role, version)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestPinsSurviveTheirFile(t *testing.T) {
	desk, custodian := roleKey(t, "desk:main", 1), roleKey(t, "custodian", 12)
	pins := Pins{}.Add(desk).Add(custodian)
	var file bytes.Buffer
	if n, err := pins.WriteTo(&file); err != nil || n != int64(file.Len()) {
		t.Fatalf("wrote %d of %d bytes, %v", n, file.Len(), err)
	}
	text := "\n# mine\n" + strings.ReplaceAll(file.String(), "\n", "   # checked by phone\r\n")
	got, err := ParsePins(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pins, got, cmp.AllowUnexported(Pins{}, pin{})); diff != "" {
		t.Error(diff)
	}
	if err := got.Check([]RoleKey{custodian, desk}); err != nil {
		t.Error(err)
	}
}

func TestAddLeavesTheOldPinsAsTheyAre(t *testing.T) {
	k := roleKey(t, "custodian", 1)
	old := Pins{}.Add(roleKey(t, "desk:main", 1))
	if old.Add(k); errors.Is(old.Check([]RoleKey{k}), ErrUnpinned) == false {
		t.Error("Add changed its receiver")
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	one, two, custodian := roleKey(t, "desk:main", 1), roleKey(t, "desk:main", 2), roleKey(t, "custodian", 1)
	swapped := roleKey(t, "desk:main", 2)
	renumbered := one
	renumbered.Version = 2
	pins := Pins{}.Add(one).Add(two).Add(custodian)
	for name, test := range map[string]struct {
		keys []RoleKey
		want error
		text string
	}{
		"all":             {[]RoleKey{one, two, custodian}, nil, ""},
		"old one dropped": {[]RoleKey{two, custodian}, nil, ""},
		"newest gone":     {[]RoleKey{one, custodian}, ErrMissing, "desk:main version 2"},
		"role gone":       {[]RoleKey{one, two}, ErrMissing, "custodian version 1"},
		"nothing":         {nil, ErrMissing, "custodian version 1"},
		"swapped":         {[]RoleKey{one, swapped, custodian}, ErrSwapped, "desk:main version 2"},
		"old as new":      {[]RoleKey{one, renumbered, custodian}, ErrSwapped, "desk:main version 2"},
		"version added":   {[]RoleKey{one, two, custodian, roleKey(t, "desk:main", 3)}, ErrUnpinned, "desk:main version 3"},
		"role added":      {[]RoleKey{one, two, custodian, roleKey(t, "ledger:main", 1)}, ErrUnpinned, "ledger:main version 1"},
	} {
		err := pins.Check(test.keys)
		if !errors.Is(err, test.want) || test.want != nil && (!strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: %v, want %v naming %s", name, err, test.want, test.text)
		}
	}
}

func TestParsePinsRefuses(t *testing.T) {
	print := roleKey(t, "custodian", 1).Fingerprint()
	for name, text := range map[string]string{
		"two words": "custodian 1", "four words": "custodian 1 " + print + " x", "no number": "custodian one " + print, "version 0": "custodian 0 " + print,
		"no role": "janitor 1 " + print, "short print": "custodian 1 " + print[:70], "capitals": "custodian 1 " + strings.ToUpper(print),
		"two prints": "custodian 1 " + print + "\ncustodian 1 " + strings.Replace(print, print[10:11], "f", 1) + "\ncustodian 1 SHA256:" + strings.Repeat("0", 64),
		"long line":  strings.Repeat("#", 1<<17), "long file": strings.Repeat("#\n", 1<<20),
	} {
		if _, err := ParsePins(strings.NewReader(text)); !errors.Is(err, ErrPins) {
			t.Errorf("%s: %v, want ErrPins", name, err)
		}
	}
}

func FuzzParsePins(f *testing.F) {
	f.Add("# x\ncustodian 1 SHA256:" + strings.Repeat("0", 64) + "\n")
	f.Add("desk:a 99999999999999999999 SHA256:")
	f.Fuzz(func(t *testing.T, text string) {
		pins, err := ParsePins(strings.NewReader(text))
		if err != nil {
			if !errors.Is(err, ErrPins) {
				t.Fatal(err)
			}
			return
		}
		var file bytes.Buffer
		if _, err := pins.WriteTo(&file); err != nil {
			t.Fatal(err)
		}
		again, err := ParsePins(&file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(pins, again, cmp.AllowUnexported(Pins{}, pin{})); diff != "" {
			t.Fatal(diff)
		}
	})
}
