package backup

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// blob is a column of bytes as it stands in a row.
type blob struct {
	Base64 []byte `json:"base64"`
}

// appendRow adds a row's line. Columns are text, whole numbers, bytes or NULL.
func appendRow(b *bytes.Buffer, row []any) error {
	out := make([]any, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case nil, int64:
			out[i] = v
		case string:
			if !utf8.ValidString(v) {
				return fmt.Errorf("column %d holds text that isn't UTF-8", i+1)
			}
			out[i] = v
		case []byte:
			out[i] = blob{append([]byte{}, v...)}
		default:
			return fmt.Errorf("column %d has a type no table of ours has", i+1)
		}
	}
	return line(b, out)
}

// line adds v as one line of JSON.
func line(b *bytes.Buffer, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

var errRow = errors.New("a row can't be read")

// parseRow reads a row of n columns.
func parseRow(text []byte, n int) ([]any, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil || len(raw) != n {
		return nil, errRow
	}
	row := make([]any, n)
	for i, v := range raw {
		var err error
		if row[i], err = parseColumn(v); err != nil {
			return nil, err
		}
	}
	return row, nil
}

func parseColumn(v json.RawMessage) (any, error) {
	switch {
	case len(v) == 0:
		return nil, errRow
	case v[0] == 'n':
		return nil, nil
	case v[0] == '"':
		var s string
		if err := json.Unmarshal(v, &s); err != nil {
			return nil, errRow
		}
		return s, nil
	case v[0] == '{':
		return parseBytes(v)
	default:
		var n int64
		if err := json.Unmarshal(v, &n); err != nil {
			return nil, errRow
		}
		return n, nil
	}
}

func parseBytes(v json.RawMessage) (any, error) {
	var b struct{ Base64 *string }
	if err := json.Unmarshal(v, &b); err != nil || b.Base64 == nil {
		return nil, errRow
	}
	out, err := base64.StdEncoding.DecodeString(*b.Base64)
	if err != nil {
		return nil, errRow
	}
	return out, nil
}
