package configs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestDueByHand holds the dates against a table made by hand from the notices' calendars, across
// 国庆 and 春节 of two years: two working days to tell, three to transfer, fifteen to conclude.
func TestDueByHand(t *testing.T) {
	p := farmland(t)
	for _, c := range []struct{ kind, from, want, why string }{
		// 国庆 2024: 1 to 7 October off; Sunday 29 September and Saturday 12 October worked.
		{"acceptance", "2024-09-27", "2024-09-30", "Friday; 29 (Sunday, worked), 30"},
		{"acceptance", "2024-09-28", "2024-09-30", "Saturday"},
		{"acceptance", "2024-09-29", "2024-10-08", "30, then the holidays, 8"},
		{"acceptance", "2024-09-30", "2024-10-09", "8, 9"},
		{"acceptance", "2024-10-01", "2024-10-09", "a holiday begins nothing earlier"},
		{"acceptance", "2024-10-10", "2024-10-12", "11, Saturday 12 worked"},
		{"acceptance", "2024-10-11", "2024-10-14", "12, then Sunday off, 14"},
		{"transfer", "2024-09-30", "2024-10-10", "8, 9, 10"},
		{"conclusion", "2024-09-20", "2024-10-16", "23-27 (5), 29, 30 (7), 8-12 (12), 14-16 (15)"},
		{"conclusion", "2024-09-30", "2024-10-25", "8-12 (5), 14-18 (10), 21-25 (15)"},
		// 春节 2025: 28 January to 4 February off; Sunday 26 January and Saturday 8 February worked.
		{"acceptance", "2025-01-24", "2025-01-27", "26 (Sunday, worked), 27"},
		{"acceptance", "2025-01-26", "2025-02-05", "27, then the holidays, 5"},
		{"acceptance", "2025-01-27", "2025-02-06", "5, 6"},
		{"acceptance", "2025-02-07", "2025-02-10", "Saturday 8 worked, 10"},
		{"conclusion", "2025-01-22", "2025-02-18", "23, 24 (2), 26, 27 (4), 5-8 (8), 10-14 (13), 17, 18 (15)"},
		// 国庆 and 中秋 2025: 1 to 8 October off; Sunday 28 September and Saturday 11 October worked.
		{"acceptance", "2025-09-26", "2025-09-29", "28 (Sunday, worked), 29"},
		{"acceptance", "2025-09-29", "2025-10-09", "30, 9"},
		{"acceptance", "2025-09-30", "2025-10-10", "9, 10"},
		{"acceptance", "2025-10-09", "2025-10-11", "10, Saturday 11 worked"},
		{"conclusion", "2025-09-30", "2025-10-28", "9-11 (3), 13-17 (8), 20-24 (13), 27, 28 (15)"},
		// 春节 2026: 15 to 23 February off; Saturdays 14 and 28 February worked.
		{"acceptance", "2026-02-12", "2026-02-14", "13, Saturday 14 worked"},
		{"acceptance", "2026-02-13", "2026-02-24", "14, then the holidays, 24"},
		{"acceptance", "2026-02-14", "2026-02-25", "24, 25"},
		{"acceptance", "2026-02-26", "2026-02-28", "27, Saturday 28 worked"},
		{"transfer", "2026-02-14", "2026-02-26", "24, 25, 26"},
		{"conclusion", "2026-02-14", "2026-03-13", "24-28 (5), 2-6 (10), 9-13 (15)"},
		// 国庆 2026: 1 to 7 October off; Sunday 20 September and Saturday 10 October worked.
		{"acceptance", "2026-09-18", "2026-09-21", "20 (Sunday, worked), 21"},
		{"acceptance", "2026-09-30", "2026-10-09", "8, 9"},
		{"conclusion", "2026-09-30", "2026-10-27", "8-10 (3), 12-16 (8), 19-23 (13), 26, 27 (15)"},
		// 2027 by the law alone. 元旦: Friday 1 January. 春节: Friday 5 to Monday 8 February.
		{"acceptance", "2026-12-30", "2027-01-04", "31, then the holiday and the weekend, 4"},
		{"acceptance", "2027-02-03", "2027-02-09", "4, then the holidays, 9"},
		{"acceptance", "2027-02-04", "2027-02-10", "9, 10"},
		{"acceptance", "2027-02-06", "2027-02-10", "a holiday begins nothing earlier"},
		{"transfer", "2027-02-04", "2027-02-11", "9, 10, 11"},
		{"conclusion", "2027-02-04", "2027-03-01", "9-12 (4), 15-19 (9), 22-26 (14), 1 (15)"},
		// 中秋: Wednesday 15 September. 国庆: Friday 1 to Sunday 3 October.
		{"conclusion", "2027-09-10", "2027-10-05", "13, 14 (2), 16, 17 (4), 20-24 (9), 27-30 (13), 4, 5 (15)"},
		{"acceptance", "2027-09-29", "2027-10-04", "30, then the holidays, 4"},
		{"acceptance", "2027-09-30", "2027-10-05", "4, 5"},
		{"conclusion", "2027-09-30", "2027-10-22", "4-8 (5), 11-15 (10), 18-22 (15)"},
	} {
		if got := p.DueOn("campaign", c.kind, c.from); got != c.want {
			t.Errorf("%s from %s: %s, by hand %s (%s)", c.kind, c.from, got, c.want, c.why)
		}
	}
}

// TestDueStandsStill: days of a pause don't count, the day of the answer among them.
func TestDueStandsStill(t *testing.T) {
	p := farmland(t)
	for _, c := range []struct {
		profile, kind, from, want string
		pauses                    []Pause
	}{
		{"campaign", "acceptance", "2026-03-02", "2026-03-04", nil},
		{"campaign", "acceptance", "2026-03-02", "", []Pause{{"2026-03-02", ""}}},
		{"campaign", "acceptance", "2026-03-02", "2026-03-11", []Pause{{"2026-03-02", "2026-03-09"}}},
		{"campaign", "acceptance", "2026-03-02", "2026-03-10", []Pause{{"2026-03-03", "2026-03-09"}}},
		{"campaign", "acceptance", "2026-03-02", "2026-03-04", []Pause{{"2026-03-03", "2026-03-03"}}},
		{"campaign", "acceptance", "2026-03-02", "2026-03-04", []Pause{{"2026-03-04", "2026-03-20"}}},
		{"campaign", "acceptance", "2026-03-02", "2026-03-13", []Pause{{"2026-03-02", "2026-03-09"}, {"2026-03-10", "2026-03-12"}}},
		{"xinfang", "conclusion", "2026-03-02", "2026-05-06", []Pause{{"2026-03-05", "2026-03-10"}}},
		{"eu2019-1937", "feedback", "2026-03-02", "2026-06-05", []Pause{{"2026-03-05", "2026-03-08"}}},
	} {
		if got := p.DueOn(c.profile, c.kind, c.from, c.pauses...); got != c.want {
			t.Errorf("%s %s from %s with %v: %s, by hand %s", c.profile, c.kind, c.from, c.pauses, got, c.want)
		}
	}
}

// TestDueNeverOnADayOff holds for any start and any pauses: a working deadline falls on a working
// day and outside its pauses, a later start or a longer pause makes none earlier.
func TestDueNeverOnADayOff(t *testing.T) {
	p := farmland(t)
	day := func(n int) string {
		return time.Date(2023, 12, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).Format(time.DateOnly)
	}
	rapid.Check(t, func(t *rapid.T) {
		n, later := rapid.IntRange(0, 1200).Draw(t, "day"), rapid.IntRange(0, 40).Draw(t, "later")
		kind := rapid.SampledFrom([]string{"acceptance", "transfer", "conclusion"}).Draw(t, "kind")
		from := rapid.IntRange(0, 30).Draw(t, "pause from")
		long := rapid.IntRange(0, 30).Draw(t, "pause days")
		pause := Pause{day(n + from), day(n + from + long)}
		longer := Pause{pause.From, day(n + from + long + rapid.IntRange(0, 9).Draw(t, "longer"))}
		due := p.DueOn("campaign", kind, day(n), pause)
		if !p.WorkingDay(due) || pause.holds(due) {
			t.Fatalf("%s from %s with %v falls on %s", kind, day(n), pause, due)
		}
		if due < p.DueOn("campaign", kind, day(n)) || due > p.DueOn("campaign", kind, day(n), longer) {
			t.Fatalf("a longer pause makes %s earlier", due)
		}
		if p.DueOn("campaign", kind, day(n+later), pause) < due {
			t.Fatalf("a start %d days later is due earlier than %s", later, due)
		}
		if over := p.Over("campaign", kind, due); p.DueOn("campaign", kind, over) >= due {
			t.Fatalf("what began on %s isn't over on %s", over, due)
		}
	})
}

func TestLatest(t *testing.T) {
	p := farmland(t)
	for _, c := range []struct{ profile, from, want string }{
		{"xinfang", "2026-03-02", "2026-05-31"}, // 60 days are 1 May
		{"eu2019-1937", "2026-03-02", "2026-09-02"},
		{"campaign", "2026-03-02", ""}, {"discipline", "2026-03-02", ""}, {"nowhere", "2026-03-02", ""},
	} {
		if got := p.Latest(c.profile, c.from); got != c.want {
			t.Errorf("%s from %s: %q, want %q", c.profile, c.from, got, c.want)
		}
	}
}

func TestKnownYears(t *testing.T) {
	p := farmland(t)
	for _, y := range p.Calendar {
		if y.Source == "" {
			t.Errorf("%d doesn't say what it was taken from", y.Year)
		}
	}
	for day, want := range map[string]bool{"2024-01-01": true, "2026-12-31": true, "2027-01-01": false, "": false, "20": false} {
		if p.Knows(day) != want {
			t.Errorf("%q is known: %v", day, !want)
		}
	}
	for day, want := range map[string]bool{"2026-12-31": false, "2027-01-01": true, "2099-01-01": false, "": false} {
		if p.Provisional(day) != want {
			t.Errorf("%q is there by the law alone: %v", day, !want)
		}
	}
}

// TestACalendarOfTheOffice: a year that the pack doesn't know comes in a file of the
// office's own; one that it knows is replaced; a mistake is named.
func TestACalendarOfTheOffice(t *testing.T) {
	p, err := LoadPack("farmland")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.ReadCalendar(filepath.Join(t.TempDir(), "none.yaml")); err != nil {
		t.Errorf("no file: %v", err)
	}
	name := filepath.Join(t.TempDir(), "calendar.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := p.DueOn("campaign", "conclusion", "2026-12-22")
	write("- {year: 2027, source: invented, off: [2027-01-01/2027-01-08], work: [2027-01-09]}\n")
	if err := p.ReadCalendar(name); err != nil || !p.Knows("2027-05-01") || p.WorkingDay("2027-01-07") || !p.WorkingDay("2027-01-09") {
		t.Fatalf("it isn't read: %v", err)
	}
	// 15 working days: seven to 31 December, then 9, 11 to 15, 18 and 19 January, where 4 to 8 and 11 to 13 stood
	if after := p.DueOn("campaign", "conclusion", "2026-12-22"); before != "2027-01-13" || after != "2027-01-19" {
		t.Errorf("due on %s, then on %s", before, after)
	}
	was := p.Before(before)
	if len(was) != 2 || !was[0].Provisional(before) || was[0].DueOn("campaign", "conclusion", "2026-12-22") != before ||
		was[1].DueOn("campaign", "conclusion", "2026-12-22") != "2027-01-12" {
		t.Errorf("before the notice: %d packs", len(was))
	}
	if farm := farmland(t); len(farm.Before(before)) != 1 || len(farm.Before("2026-01-01")) != 1 || farm.Before("2099-01-01") != nil {
		t.Error("a year that is known in one way was known in another before, or one that isn't known was")
	}
	write("- {year: 2027, source: a, off: []}\n- {year: 2027, source: b, off: []}\n")
	if err := p.ReadCalendar(name); err == nil || !strings.Contains(err.Error(), "stands twice") {
		t.Errorf("a year twice: %v", err)
	}
	write("- {year: 2027, off: [2026-01-01]}\n")
	if err := p.ReadCalendar(name); err == nil || !strings.Contains(err.Error(), "2027") || !strings.Contains(err.Error(), name) {
		t.Errorf("a day of another year: %v", err)
	}
	write("- {year: 2027, of: [2027-01-01]}\n")
	if err := p.ReadCalendar(name); err == nil {
		t.Error("an unknown key")
	}
}
