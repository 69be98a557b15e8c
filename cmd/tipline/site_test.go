package main

import (
	"strings"
	"testing"

	"tipline/configs"
	"tipline/configs/locale"
)

// TestProcedureNamesTheBox: what the office says of reports about itself names the form's
// box as it is called there.
func TestProcedureNamesTheBox(t *testing.T) {
	t.Parallel()
	pack, err := configs.LoadPack("farmland")
	if err != nil {
		t.Fatal(err)
	}
	words, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, _ := pack.Document("procedure")
	for _, lang := range locale.Languages() {
		said := ""
		for _, s := range d.Sections {
			for _, p := range s.Paragraphs {
				said += p[lang] + "\n"
			}
		}
		if box := words.Translator(lang).T("report.concerns"); !strings.Contains(said, box) {
			t.Errorf("%s: the procedure doesn't name the box %q", lang, box)
		}
	}
}
