package sheet

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
)

// The ways a file is refused.
var (
	ErrFormat   = errors.New("this is no table that can be read: save it as .xlsx or .csv")
	ErrOld      = errors.New("this is an .xls file, or one with a password: save it as .xlsx without one")
	ErrTooLarge = errors.New("the table is too large")
)

// The bounds of what is read.
const (
	MaxBytes   = 8 << 20  // of the file
	maxOpened  = 96 << 20 // of a workbook's parts, unpacked; and of its cells, one text of many counted for each
	maxToken   = 1 << 20  // of what stands between two brackets, or within them
	MaxRows    = 20_000
	maxColumns = 256
	maxTexts   = 1 << 20 // different ones of a workbook
	maxStyles  = 1 << 16 // of cells; Excel's own limit is a little less
	maxCell    = 32_767  // characters, as in Excel
)

// Table is what a sheet says, row by row. Rows may differ in length.
type Table [][]string

// String keeps a sheet's words out of logs and error texts.
func (Table) String() string { return "[table]" }

// LogValue keeps a sheet's words out of structured logs.
func (Table) LogValue() slog.Value { return slog.StringValue("[table]") }

// Cell is a cell's text, "" where the row ends before it.
func (t Table) Cell(row, column int) string {
	if row < 0 || row >= len(t) || column < 0 || column >= len(t[row]) {
		return ""
	}
	return t[row][column]
}

// Read reads a table; the bytes tell what it is. Its errors are [ErrFormat], [ErrOld]
// and [ErrTooLarge].
func Read(b []byte) (Table, error) {
	switch {
	case len(b) > MaxBytes:
		return nil, ErrTooLarge
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		return readXLSX(b)
	case bytes.HasPrefix(b, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return nil, ErrOld
	default:
		return readCSV(b)
	}
}

// plain is a cell as somebody typed it: without the space around it, and without the
// apostrophe that kept it from acting as a formula.
func plain(s string) string {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if rest, ok := strings.CutPrefix(s, "'"); ok && acts(rest) {
		return rest
	}
	return s
}

// acts says whether a spreadsheet would take text for a formula (CWE-1236).
func acts(s string) bool {
	return s != "" && strings.ContainsRune("=+-@\t\n＝＋－＠", []rune(s)[0])
}

// Printable drops the control characters that no sheet can hold.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
}

// Inert keeps a spreadsheet from taking text for a formula (CWE-1236): such a cell
// begins with an apostrophe.
func Inert(s string) string {
	if s = Printable(s); acts(s) {
		return "'" + s
	}
	return s
}

// trimmed drops the empty cells at the end of rows and the empty rows at the end.
func trimmed(t Table) Table {
	for i, row := range t {
		for len(row) > 0 && row[len(row)-1] == "" {
			row = row[:len(row)-1]
		}
		t[i] = row
	}
	for len(t) > 0 && len(t[len(t)-1]) == 0 {
		t = t[:len(t)-1]
	}
	return t
}
