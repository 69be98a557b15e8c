package sms

import (
	"bytes"
	"encoding/json"
)

// maxElements is far above any real batch. A longer one is kept as a whole, so
// that a broken sender can't turn one request into a flood of tips.
const maxElements = 1000

// batch reads every element of body on its own: one that can't be read doesn't
// lose its neighbours, and no tip holds another reporter's text.
func batch(body []byte, elements [][]byte, read func(element []byte) []message) []message {
	if len(elements) > maxElements {
		return unparsed("", body)
	}
	var out []message
	for _, element := range elements {
		out = append(out, read(element)...)
	}
	return out
}

// elements cuts a JSON array at its outermost commas without parsing what is
// between, so that a broken element costs only itself. What is no array is one
// element.
func elements(body []byte) [][]byte {
	body = bytes.TrimSpace(body)
	if !bytes.HasPrefix(body, []byte("[")) {
		return [][]byte{body}
	}
	out, rest := cut(body)
	return append(out, bytes.TrimSpace(rest)) // what follows the array is kept as well
}

// cut is the elements of the array that s begins with, and what follows it.
func cut(s []byte) (out [][]byte, rest []byte) {
	depth, quoted, start := 0, false, 1
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
		case depth == 0 && c == ']':
			return append(out, bytes.TrimSpace(s[start:i])), s[i+1:]
		case depth == 0 && c == ',':
			out = append(out, bytes.TrimSpace(s[start:i]))
			start = i + 1
		}
	}
	return append(out, bytes.TrimSpace(s[start:])), nil
}

// listAt is the elements of the array under a path of keys; a body that is
// broken behind it doesn't matter. ok is false if there is none.
func listAt(body []byte, path ...string) (list [][]byte, ok bool) {
	rest := bytes.TrimSpace(body)
	for _, key := range path {
		if rest, ok = valueOf(rest, key); !ok {
			return nil, false
		}
	}
	if !bytes.HasPrefix(rest, []byte("[")) {
		return nil, false
	}
	list, _ = cut(rest)
	return list, true
}

// valueOf is what follows a key of the object that s begins with.
func valueOf(s []byte, key string) (value []byte, ok bool) {
	d := json.NewDecoder(bytes.NewReader(s))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		if name == key {
			value := bytes.TrimLeft(s[d.InputOffset():], ": \t\r\n")
			return value, true
		}
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return nil, false
		}
	}
	return nil, false
}
