package public

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tipline/intake"
)

// readJSON reads a report as one JSON object. A field of the wrong type is noted
// and left out.
func (s *submission) readJSON(body []byte) error {
	var object map[string]json.RawMessage
	if err := decode(body, &object); err != nil {
		return err
	}
	for name, raw := range object {
		values, ok := texts(raw, name == "conduct")
		if !ok {
			s.problems = append(s.problems, intake.Problem{Field: name, Code: "format"})
			continue
		}
		s.fields[name] = values
	}
	return nil
}

// decode reads exactly one JSON value.
func decode(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: not a JSON object", errMalformed)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: more than one JSON value", errMalformed)
	}
	return nil
}

// texts are a JSON value as form values: a string, a number as written, a truth
// value, null, or, where a list is wanted, a list of strings.
func texts(raw json.RawMessage, list bool) ([]string, bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, false
	}
	switch v := v.(type) {
	case nil:
		return nil, true
	case string:
		return []string{v}, true
	case json.Number:
		return []string{v.String()}, true
	case bool:
		return []string{fmt.Sprint(v)}, true
	case []any:
		return stringsOf(v, list)
	default:
		return nil, false
	}
}

func stringsOf(list []any, wanted bool) ([]string, bool) {
	out := make([]string, len(list))
	for i, e := range list {
		text, ok := e.(string)
		if !ok || !wanted {
			return nil, false
		}
		out[i] = text
	}
	return out, wanted
}
