package ledger

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
)

// check vouches for what a row's editable cells were when the sheet was written: a
// few bits of a hash of each, in the columns' order. When the sheet comes back it
// tells which cells somebody touched, and which were changed here meanwhile.
func check(l line) string {
	var b strings.Builder
	b.WriteString("2.")
	for _, c := range columnsOf() {
		if c.edits {
			b.WriteString(mark(l.Tip, c.key, c.value(l)))
		}
	}
	return b.String()
}

const markSize = 4 // characters of base64, 24 bits

func mark(tip, key, text string) string {
	sum := sha256.Sum256([]byte(tip + "\x00" + key + "\x00" + Same(text)))
	return base64.RawURLEncoding.EncodeToString(sum[:3])
}

// Same is a cell's text as it is compared: office programs add space and change the
// ends of lines.
func Same(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

// Editable are the keys of the columns that the office may change in its sheet.
func Editable() (keys []string) {
	for _, c := range columnsOf() {
		if c.edits {
			keys = append(keys, c.key)
		}
	}
	return keys
}

// Untouched says whether a cell is as a sheet's check tells that it was written;
// known is false for a check that is none.
func Untouched(check, tip, key, text string) (untouched, known bool) {
	marks, ok := strings.CutPrefix(check, "2.")
	keys := Editable()
	if !ok { // a place in words had no column of its own
		marks, ok = strings.CutPrefix(check, "1.")
		keys = slices.DeleteFunc(keys, func(key string) bool { return key == "location" })
	}
	if !ok || len(marks) != markSize*len(keys) {
		return false, false
	}
	for i, k := range keys {
		if k == key {
			return marks[i*markSize:(i+1)*markSize] == mark(tip, key, text), true
		}
	}
	return false, false
}

// Values are a row's cells by the keys of their columns.
func Values(r Row, o Opened, labels Labels) map[string]string {
	l := line{Row: r, Opened: o, labels: labels}
	if labels.Place != nil {
		l.township, l.village, l.group = labels.Place(r.Place)
	}
	out := map[string]string{}
	for _, c := range columnsOf() {
		out[c.key] = c.value(l)
	}
	return out
}

// Width is a column's width on paper, in characters.
func Width(key string) float64 {
	for _, c := range columnsOf() {
		if c.key == key {
			return c.width
		}
	}
	return 12
}
