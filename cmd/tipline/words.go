package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"tipline/intake"
)

// readWords reads what a member wrote: words never come by argument, where others on
// the machine could read them. "-" is standard input, "" nothing.
func readWords(name string, t terminal) (string, error) {
	if name == "" {
		return "", nil
	}
	var from io.Reader = t.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return "", err
		}
		defer f.Close()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, maxWords+1))
	switch {
	case err != nil:
		return "", err
	case len(text) > maxWords:
		return "", fmt.Errorf("%s: %w", name, intake.ErrTooLarge)
	case !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0: // its reader would get signs that nobody wrote
		return "", fmt.Errorf("%s isn't text in UTF-8: save it as such", name)
	}
	return string(text), nil
}

// maxWords is the longest text a command reads, in bytes: more than any field takes.
const maxWords = 1 << 20

// visible is text as a terminal may show it: what can't be seen, turns others round or
// steers the terminal stands as its code.
func visible(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r == '\r' || intake.Hidden(r) {
			fmt.Fprintf(&b, "<U+%04X>", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// printJSON writes v with two spaces a level.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
