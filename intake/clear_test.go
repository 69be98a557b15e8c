package intake_test

import (
	"testing"

	"tipline/intake"
)

// TestNumberProblem: numbers of parcels as offices write them pass, and what is somebody's
// doesn't, however it is written.
func TestNumberProblem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "31": "", "图斑 31": "", "TB-001": "", "YL2023-001": "", "１号": "", "A": "", "411422-2024-0031": "", "4114222072010031": "", "411422202307001234": "", "JCTB411422202300017": "",
		"411422207201GB00012F00010001": "", "HN13800138000": "", "T13800138000": "", "138001380001": "", "1380013800": "", "12800138000": "", "2024〔13〕号": "", "130102-00012": "",
		"411422202307011234": "", // the check digit fits, but whoever was born in 2023 has no land
		"第三":                 intake.CodeNoNumber, "王大力": intake.CodeNoNumber, "村北那块地": intake.CodeNoNumber,
		"13800138000": intake.CodePersonal, "138 0013 8000": intake.CodePersonal, "138-0013-8000": intake.CodePersonal, "１３８００１３８０００": intake.CodePersonal, "+86 13800138000": intake.CodePersonal, "8613800138000": intake.CodePersonal,
		"王大力13800138000": intake.CodePersonal, "TB-1（13800138000）": intake.CodePersonal, "11010519491231002X": intake.CodePersonal, "11010519491231002x": intake.CodePersonal, "身份证110105 19491231 002X": intake.CodePersonal,
		"110105194912310021": "", "wang@example.org": intake.CodePersonal,
	} {
		if got := intake.NumberProblem(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
