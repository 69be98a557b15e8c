package main

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"tipline/configs/locale"
)

var doctorID = regexp.MustCompile(`"((?:doctor|failed|inlets)\.(?:[a-z]+\.?)*)"`)

// TestDoctorInBothLanguages: each check has a name, each reason words, each id that the
// code asks for a message, and no message is left that nothing asks for.
func TestDoctorInBothLanguages(t *testing.T) {
	asked := map[string]bool{}
	for _, c := range checks() {
		asked["doctor.name."+c.name] = true
	}
	for _, r := range reasons() {
		asked["failed."+r.id] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var begun []string // ids whose end is a code
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range doctorID.FindAllStringSubmatch(string(text), -1) {
			switch {
			case strings.HasSuffix(m[1], ".yaml"):
			case strings.HasSuffix(m[1], "."):
				begun = append(begun, m[1])
			default:
				asked[m[1]] = true
			}
		}
	}
	for _, lang := range locale.Languages() {
		tr, err := speak(lang)
		if err != nil {
			t.Fatal(err)
		}
		for id := range asked {
			if !tr.Has(id) {
				t.Errorf("%s: nothing says %s", lang, id)
			}
		}
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "configs", "locale", "doctor.en.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var there map[string]string
	if err := yaml.Unmarshal(text, &there); err != nil {
		t.Fatal(err)
	}
	for _, id := range slices.Sorted(maps.Keys(there)) {
		used := slices.ContainsFunc(begun, func(b string) bool { return b != "doctor.name." && b != "failed." && strings.HasPrefix(id, b) })
		if !asked[id] && !used {
			t.Errorf("nothing asks for %s", id)
		}
	}
}

func TestTongue(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{nil, "en"},
		{map[string]string{"LANG": "zh_CN.UTF-8"}, "zh-CN"},
		{map[string]string{"LANG": "en_US.UTF-8"}, "en"},
		{map[string]string{"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "C"}, "en"},
		{map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.GB18030", "LC_MESSAGES": "C"}, "zh-CN"},
	} {
		if got := tongue(func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%v speaks %s, want %s", c.env, got, c.want)
		}
	}
}

// TestTold: a reason's own line is kept, and stands on one line.
func TestTold(t *testing.T) {
	for _, lang := range locale.Languages() {
		tr, err := speak(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range reasons() {
			if got := told(tr, errors.Join(errors.New("first"), r.err)); !strings.Contains(got, "first; "+r.err.Error()) || strings.Contains(got, "\n") {
				t.Errorf("%s: %s is told as %q", lang, r.id, got)
			}
		}
		if got := told(tr, errors.New("one\ntwo")); got != "one; two" {
			t.Errorf("%s: %q", lang, got)
		}
	}
}

func TestColumn(t *testing.T) {
	for s, want := range map[string]string{"disk": "disk  |", "磁盘": "磁盘  |", "a磁": "a磁   |", "much longer": "much longer|"} {
		if got := column(s, 6) + "|"; got != want {
			t.Errorf("%q is set as %q", s, got)
		}
	}
}
