package mail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestManyTexts: a mail of many small texts costs what it weighs, however they are packed. What looked
// at each text next to all others took minutes for each of these.
func TestManyTexts(t *testing.T) {
	var bodies, lists []string
	for i := range 20_000 {
		words := fmt.Sprintf("%06x%06x", i*7919, i*104729)
		bodies = append(bodies, packed(1, tnefBody, words))
		lists = append(lists, packed(1, tnefProperties, props(prop(mapiNarrow, mapiBody, words))))
	}
	var deep strings.Builder
	for i := range 40 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%[1]d\r\n", i)
	}
	deep.WriteString("Content-Type: multipart/mixed; boundary=in\r\n\r\n")
	for i := range 9_000 {
		fmt.Fprintf(&deep, "--in\r\n\r\n%s\r\n", strings.Repeat(fmt.Sprintf("%06x ", i), 60))
	}
	for name, raw := range map[string]string{"texts of a winmail.dat": winmail(bodies...), "properties of a winmail.dat": winmail(lists...), "multiparts": deep.String()} {
		begun := time.Now()
		got := decode(t, raw)
		took := time.Since(begun)
		t.Log(name, len(raw), took, len(got.report.Words.Text))
		if slices.Contains(got.report.Flags, FlagFault) || took > 5*time.Second {
			t.Errorf("%s: %s, %v", name, took, got.report.Flags)
		}
	}
}
