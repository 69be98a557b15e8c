package sms

import (
	"encoding/json"
	"errors"
	"strings"
)

// loose is a JSON string, number or null as text: the same provider writes its
// ids both ways, and a number must not lose digits on the way.
type loose string

// UnmarshalJSON takes what [loose] says and refuses the rest.
func (l *loose) UnmarshalJSON(b []byte) error {
	switch {
	case string(b) == "null":
		*l = ""
		return nil
	case b[0] == '"':
		return json.Unmarshal(b, (*string)(l))
	case strings.ContainsRune("-0123456789", rune(b[0])):
		*l = loose(b)
		return nil
	default:
		return errors.New("neither a text nor a number")
	}
}

// or is the text, or def if the field was absent.
func (l *loose) or(def string) string {
	if l == nil {
		return def
	}
	return string(*l)
}
