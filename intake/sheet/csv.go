package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// readCSV reads RFC 4180 text as office programs write it: UTF-8, UTF-16 with its
// mark, or GB18030; commas, semicolons or tabs.
func readCSV(b []byte) (Table, error) {
	text, err := decode(b)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = separator(text), -1, true
	var t Table
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, ErrFormat
		}
		if len(t) >= MaxRows || len(row) > maxColumns {
			return nil, ErrTooLarge
		}
		for i, c := range row {
			row[i] = plain(c)
			if len(c) > 4*maxCell {
				return nil, ErrTooLarge
			}
		}
		t = append(t, row)
	}
	if t = trimmed(t); len(t) == 0 {
		return nil, ErrFormat
	}
	return t, nil
}

// decode is the text in UTF-8. GB18030 can be told apart: nearly nothing written in
// it happens to be UTF-8.
func decode(b []byte) (string, error) {
	var err error
	if bytes.HasPrefix(b, []byte{0xff, 0xfe}) || bytes.HasPrefix(b, []byte{0xfe, 0xff}) {
		b, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(b)
	} else if b = bytes.TrimPrefix(b, []byte("\ufeff")); !utf8.Valid(b) {
		b, err = simplifiedchinese.GB18030.NewDecoder().Bytes(b)
		if bytes.ContainsRune(b, utf8.RuneError) {
			return "", ErrFormat
		}
	}
	if err != nil {
		return "", ErrFormat
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return "", ErrFormat
	}
	return string(b), nil
}

// separator is what parts the first row most often. Its title may have lines of its
// own, within quotes, where nothing parts; a quote begins a cell or is one of two.
func separator(text string) rune {
	known := []rune{',', '\t', ';', '，'}
	counts, before, quoted := make([]int, len(known)), '\n', false
	for _, r := range text {
		at := slices.Index(known, r)
		switch {
		case r == '"':
			quoted = !quoted && (before == '"' || before == '\n' || slices.Contains(known, before))
		case quoted:
		case at >= 0:
			counts[at]++
		}
		if before = r; r == '\n' && !quoted {
			break
		}
	}
	return known[slices.Index(counts, slices.Max(counts))]
}
