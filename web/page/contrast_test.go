package page

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var token = regexp.MustCompile(`--([a-z-]+):#([0-9a-f]{3,6})[;}]`)

// TestContrast holds the colours to WCAG 2.2 AA (1.4.3, 1.4.11), light and dark:
// 4.5:1 for text, 3:1 for the edges of fields and for the focus ring.
func TestContrast(t *testing.T) {
	css, err := shared.ReadFile("assets/base.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, ok := strings.Cut(string(css), "@media (prefers-color-scheme:dark)")
	if !ok {
		t.Fatal("no dark scheme")
	}
	dark, _, _ := strings.Cut(rest, "}}")
	for name, part := range map[string]string{"light": light, "dark": dark + "}"} {
		c := map[string]float64{}
		for _, m := range token.FindAllStringSubmatch(part, -1) {
			c[m[1]] = luminance(t, m[2])
		}
		grounds := []string{"paper", "sheet", "sunk"}
		for _, fg := range []string{"ink", "soft", "green", "wheat-ink", "red"} {
			check(t, name, c, fg, 4.5, grounds...)
		}
		check(t, name, c, "ink", 4.5, "wheat-bg", "good-bg", "red-bg")
		check(t, name, c, "soft", 4.5, "wheat-bg", "good-bg")
		check(t, name, c, "red", 4.5, "red-bg")
		check(t, name, c, "green-ink", 4.5, "green")
		check(t, name, c, "edge", 3, grounds...)
		check(t, name, c, "focus", 3, grounds...)
	}
}

func check(t *testing.T, scheme string, c map[string]float64, fg string, least float64, grounds ...string) {
	t.Helper()
	for _, bg := range grounds {
		a, okA := c[fg]
		b, okB := c[bg]
		if ratio := (max(a, b) + 0.05) / (min(a, b) + 0.05); !okA || !okB || ratio < least {
			t.Errorf("%s: %s on %s is %.2f:1, want %.1f:1", scheme, fg, bg, ratio, least)
		}
	}
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	v, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(b uint64) float64 {
		s := float64(b&255) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(v>>16) + 0.7152*linear(v>>8) + 0.0722*linear(v)
}
