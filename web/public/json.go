package public

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tipline/intake"
)

// readJSON reads a report as one JSON object, member by member, so that one of
// very many costs no more than the first of them. A field of the wrong type is
// noted and left out.
func (s *submission) readJSON(body []byte) error {
	d := json.NewDecoder(bytes.NewReader(body))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("%w: not a JSON object", errMalformed)
	}
	for n := 0; d.More(); n++ {
		if n == maxParts {
			return errTooManyFields
		}
		if err := s.readMember(d); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("%w: not a JSON object", errMalformed)
	}
	return atEnd(d)
}

func (s *submission) readMember(d *json.Decoder) error {
	name, err := d.Token()
	var raw json.RawMessage
	if err == nil {
		err = d.Decode(&raw)
	}
	if err != nil {
		return fmt.Errorf("%w: not a JSON object", errMalformed)
	}
	field, _ := name.(string) // an object's members have no other names
	values, ok := texts(raw, field == "conduct")
	if !ok {
		s.problems = append(s.problems, intake.Problem{Field: field, Code: "format"})
		return nil
	}
	s.fields[field] = values
	return nil
}

// decode reads exactly one JSON value.
func decode(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: not a JSON object", errMalformed)
	}
	return atEnd(d)
}

func atEnd(d *json.Decoder) error {
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: more than one JSON value", errMalformed)
	}
	return nil
}

// texts are a JSON value as form values: a string, a number as written, a truth
// value, null, or, where a list is wanted, a list of at most maxParts strings.
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
	if len(list) > maxParts {
		return nil, false
	}
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
