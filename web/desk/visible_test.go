package desk

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"tipline/intake"
)

func TestVisible(t *testing.T) {
	chip := func(code string) string { return `<span class="chip">` + code + `</span>` }
	odd := func(s string) string { return chip(fmt.Sprintf("%s U+%04X", s, []rune(s)[0])) }
	for in, want := range map[string]string{
		"":                   "",
		"村北\n在打地基\t了":        "村北\n在打地基\t了",
		"a\u202eb":           "a" + chip("U+202E") + "b",
		"\u200b\u200d\ufeff": chip("U+200B") + chip("U+200D") + chip("U+FEFF"),
		"\u2066\u2069\u061c": chip("U+2066") + chip("U+2069") + chip("U+061C"),
		"\u00ad\u2028\u2029": chip("U+00AD") + chip("U+2028") + chip("U+2029"),
		"\u3164\u2800\u115f": chip("U+3164") + chip("U+2800") + chip("U+115F"),
		"\U000e0041\x00\x1b": chip("U+E0041") + chip("U+0000") + chip("U+001B"),
		"\ue000\ufffe":       chip("U+E000") + chip("U+FFFE"),
		"<b>&\"'":            "&lt;b&gt;&amp;&#34;&#39;",
		"مرحبا नमस्ते é 👍🏽 ①":    "مرحبا नमस्ते é 👍🏽 ①",
		"https://example.org/?x": "https://example.org/?x",
		"раypal":                 odd("р") + odd("а") + "ypal",
		"аррӏе.com 银行":           odd("а") + odd("р") + odd("р") + odd("ӏ") + odd("е") + ".com 银行",
		"привет мир Αθήνα":       "привет мир Αθήνα",
		"直径5μm，电阻3kΩ":            "直径5μm，电阻3kΩ",
		"⼟地":                     odd("⼟") + "地",
		"á̂̃̄̅":                 "á̂̃" + chip("U+0304") + chip("U+0305"),
	} {
		if got := string((frame{}).Visible(in)); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

var chips = regexp.MustCompile(`<span class="chip">(?:. )?U\+([0-9A-F]{4,6})</span>`)

// TestVisibleLosesNothing: whatever is written, nothing in what is shown hides,
// and the words can be had back from it.
func TestVisibleLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.String().Draw(t, "text")
		shown := string((frame{}).Visible(in))
		if strings.ContainsFunc(shown, intake.Hidden) {
			t.Fatalf("something hides in %q", shown)
		}
		back := html.UnescapeString(chips.ReplaceAllStringFunc(shown, func(c string) string {
			n, err := strconv.ParseInt(chips.FindStringSubmatch(c)[1], 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			return html.EscapeString(string(rune(n)))
		}))
		if want := strings.ToValidUTF8(in, "\ufffd"); utf8.ValidString(in) && back != want {
			t.Fatalf("%q came back as %q", in, back)
		}
		if strings.ContainsFunc((frame{}).Plain(in), intake.Hidden) {
			t.Fatalf("something hides in what is offered of %q", in)
		}
	})
}

func TestDaysBetween(t *testing.T) {
	for _, c := range []struct {
		from, to intake.Date
		want     int
	}{{"2026-11-24", "2026-11-24", 0}, {"2026-11-24", "2026-12-01", 7}, {"2026-03-01", "2026-02-28", -1}, {"2027-01-01", "2026-12-31", -1}, {"", "2026-12-31", 0}} {
		if got := daysBetween(c.from, c.to); got != c.want {
			t.Errorf("from %s to %s are %d days, want %d", c.from, c.to, got, c.want)
		}
	}
}
