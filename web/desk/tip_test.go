package desk

import (
	"testing"

	"tipline/intake"
	"tipline/intake/casework"
)

// TestPhotographsStandTogether: those of one day by the reporter are one bubble and one line of the timeline; the
// desk's answers, what has words, and another day's aren't drawn together.
func TestPhotographsStandTogether(t *testing.T) {
	t.Parallel()
	photo := func(on intake.Date) intake.Spoken {
		return intake.Spoken{From: intake.FromReporter, On: on, Files: make([]intake.SealedFile, 1)}
	}
	answer := intake.Spoken{From: intake.FromDesk, On: "2026-11-24", Text: "x"}
	p := tipPage{View: casework.View{Messages: []intake.Spoken{photo("2026-11-24"), photo("2026-11-24"), photo("2026-11-24"), answer, photo("2026-11-24"), answer, answer, photo("2026-11-25"),
		{From: intake.FromReporter, On: "2026-11-25", Text: "words"}, photo("2026-11-25"), {From: intake.FromReporter, On: "2026-11-25", Flags: []string{"auto"}}}}}
	var files []int
	for _, m := range p.Talk() {
		files = append(files, len(m.Files))
	}
	want := []int{3, 0, 1, 0, 0, 1, 1, 0}
	if len(files) != len(want) {
		t.Fatalf("%d bubbles, want %d: %v", len(files), len(want), files)
	}
	for i := range want {
		if files[i] != want[i] {
			t.Errorf("bubble %d has %d files, want %d", i, files[i], want[i])
		}
	}
	for i, m := range p.Messages {
		if len(m.Files) > 1 {
			t.Errorf("message %d was changed", i)
		}
	}
}

// TestMarksDontCover: what would lie over another mark stands with it, also across the edge of two cells.
func TestMarksDontCover(t *testing.T) {
	t.Parallel()
	groups := joined(nil, []mark{{X: 40, Y: 10}})
	groups = joined(groups, []mark{{X: 48, Y: 10}}) // the next cell
	groups = joined(groups, []mark{{X: 200, Y: 10}, {X: 210, Y: 20}})
	if len(groups) != 2 || len(groups[0]) != 2 || len(groups[1]) != 2 {
		t.Errorf("the groups are %v", groups)
	}
}
