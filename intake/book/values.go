package book

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"tipline/intake"
)

var (
	dateParts = regexp.MustCompile(`^(\d{4})(?:[-/.年]\s*(\d{1,2})[-/.月]\s*(\d{1,2})日?|(\d{2})(\d{2}))(?:[ T].*)?$`)
	degrees   = regexp.MustCompile(`^(\d{1,3})[°度]\s*(?:(\d{1,2}(?:\.\d+)?)['′分]?\s*)?(?:(\d{1,2}(?:\.\d+)?)["″秒]?)?[NSEW]?$`)
	twoParts  = regexp.MustCompile(`[,;、\s]+`)
)

// dateIn reads a date as offices write it: 2024-05-31, 2024/5/31, 2024.5.31,
// 2024年5月31日 or 20240531, or as their programs count days (from 1899-12-30): a date pasted
// into a cell of texts comes back as that number.
func dateIn(s string) (intake.Date, bool) {
	if n, ok := serialIn(s); ok {
		return intake.Date(time.Date(1899, 12, 30+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)), true
	}
	m := dateParts.FindStringSubmatch(strings.TrimSpace(norm.NFKC.String(s)))
	if m == nil {
		return "", s == ""
	}
	month, day := m[2]+m[4], m[3]+m[5]
	t, err := time.Parse("2006-1-2", m[1]+"-"+strings.TrimLeft(month, "0")+"-"+strings.TrimLeft(day, "0"))
	if err != nil {
		return "", false
	}
	return intake.Date(t.Format(time.DateOnly)), true
}

// serialIn is a day's number of this century.
func serialIn(s string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	return n, err == nil && n >= 36526 && n < 73051
}

// pointIn reads latitude and longitude, in cells of their own or in one. What was
// written in decimal degrees stays as it was written.
func pointIn(lat, lon, both string) (string, string, bool) {
	if lat == "" && lon == "" && both != "" {
		parts := twoParts.Split(strings.Trim(norm.NFKC.String(both), " ()"), -1)
		if len(parts) != 2 {
			return "", "", false
		}
		lat, lon = parts[0], parts[1]
	}
	if lat == "" && lon == "" {
		return "", "", true
	}
	a, okA := degreesIn(lat)
	b, okB := degreesIn(lon)
	if !okA || !okB {
		return "", "", false
	}
	if x, _ := strconv.ParseFloat(a, 64); math.Abs(x) > 90 { // it was the longitude
		a, b = b, a
	}
	x, _ := strconv.ParseFloat(a, 64) // degreesIn parsed both
	y, _ := strconv.ParseFloat(b, 64)
	return a, b, math.Abs(x) <= 90 && math.Abs(y) <= 180
}

func degreesIn(s string) (string, bool) {
	s = strings.ToUpper(strings.TrimSpace(norm.NFKC.String(s)))
	if f, err := strconv.ParseFloat(s, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
		return s, true
	}
	m := degrees.FindStringSubmatch(strings.ReplaceAll(s, " ", ""))
	if m == nil {
		return "", false
	}
	var f float64
	for i, part := range m[1:] {
		if part != "" {
			v, err := strconv.ParseFloat(part, 64)
			if err != nil {
				return "", false
			}
			f += v / math.Pow(60, float64(i))
		}
	}
	return strconv.FormatFloat(f, 'f', 7, 64), true
}

// datumIn reads a map datum; empty is the one of the official sheets.
func datumIn(s string) (string, bool) {
	switch f := Fold(s); {
	case f == "":
		return "cgcs2000", true
	case strings.Contains(f, "2000"), strings.Contains(f, "cgcs"):
		return "cgcs2000", true
	case strings.Contains(f, "84"):
		return "wgs84", true
	case strings.Contains(f, "02"), strings.Contains(f, "火星"), strings.Contains(f, "高德"), strings.Contains(f, "腾讯"):
		return "gcj02", true
	case strings.Contains(f, "09"), strings.Contains(f, "百度"):
		return "bd09", true
	default:
		return "", false
	}
}

// areaIn reads an area in 亩; it stays as it was written.
func areaIn(s string) (string, bool) {
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(norm.NFKC.String(s)), "亩"))
	if s == "" {
		return "", true
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", ""), 64)
	return s, err == nil && f >= 0 && !math.IsInf(f, 0) && !math.IsNaN(f)
}

// yesIn reads a yes.
func yesIn(s string) bool {
	switch Fold(s) {
	case "是", "有", "紧急", "特急", "1", "true", "yes", "y", "√":
		return true
	default:
		return strings.TrimSpace(s) == "√"
	}
}
