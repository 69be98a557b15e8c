package sms

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"slices"
	"strings"
	"time"
)

// WholeBody in [CustomSign.Fields] stands for the body as it came.
const WholeBody = "@body"

// CustomSign is an HMAC (RFC 2104) over the values of some fields in their order.
// An empty Algorithm means that nothing is signed.
type CustomSign struct {
	Algorithm string   // hmac-sha256, hmac-sha1 or hmac-md5
	Fields    []string // paths from the top of the body, or WholeBody
	Joiner    string   // stands between the values
	Encoding  string   // hex (the default), HEX in capitals, or base64
	Header    string   // the header that holds the signature, or
	Field     string   // the field that does
	Time      string   // the signed field with the seconds since 1970; "" is none, and then only the id tells a repetition
}

type customSignature struct {
	CustomSign
	json bool
	keys [][]byte
	hash func() hash.Hash
	now  func() time.Time
}

func newCustomSignature(c Channel, now func() time.Time) (customSignature, error) {
	s := customSignature{CustomSign: c.Custom.Sign, json: c.Custom.Format == FormatJSON, keys: keysOf(c.Secrets), now: now}
	s.hash = map[string]func() hash.Hash{"hmac-sha256": sha256.New, "hmac-sha1": sha1.New, "hmac-md5": md5.New}[s.Algorithm]
	return s, s.check(c.Custom.Fields)
}

// check wants number and text among what is signed: a signature over less could
// be put to any words.
func (s customSignature) check(f CustomFields) error {
	whole := slices.Contains(s.Fields, WholeBody)
	switch {
	case s.hash == nil:
		return fmt.Errorf("custom.sign.algorithm %q is not known: use hmac-sha256, hmac-sha1 or hmac-md5", s.Algorithm)
	case !whole && (!slices.Contains(s.Fields, f.From) || !slices.Contains(s.Fields, f.Text)):
		return errors.New("custom.sign.fields must name the fields of number and text, or @body: a signature over less could be put to any words")
	case (s.Header == "") == (s.Field == ""):
		return errors.New("custom.sign needs either header or field, where the signature stands")
	case whole && s.Header == "":
		return errors.New("custom.sign.fields: @body can't hold its own signature; it must stand in a header")
	case s.Encoding != "" && !slices.Contains([]string{"hex", "HEX", "base64"}, s.Encoding):
		return fmt.Errorf("custom.sign.encoding %q is not known: use hex, HEX or base64", s.Encoding)
	case s.Time != "" && !whole && !slices.Contains(s.Fields, s.Time):
		return errors.New("custom.sign.time must be one of the signed fields")
	default:
		return nil
	}
}

func (s customSignature) verify(r *http.Request, body []byte) error {
	field, err := s.reader(body)
	if err != nil {
		return err
	}
	values := make([]string, len(s.Fields))
	for i, name := range s.Fields {
		values[i] = field(name)
	}
	given := r.Header.Get(s.Header)
	if s.Field != "" {
		given = field(s.Field)
	}
	matched := false
	for _, key := range s.keys {
		matched = same(given, s.encode(mac(s.hash, key, strings.Join(values, s.Joiner)))) || matched
	}
	if !matched {
		return errSignature
	}
	if s.Time == "" {
		return nil
	}
	return fresh(field(s.Time), s.now())
}

// reader reads fields as their bytes came: gateways sign those.
func (s customSignature) reader(body []byte) (func(string) string, error) {
	get := func(path string) string { v, _ := at(body, path); return v }
	if !s.json {
		form, err := parseForm(body)
		if err != nil {
			return nil, err
		}
		get = form.Get
	}
	return func(name string) string {
		if name == WholeBody {
			return string(body)
		}
		return get(name)
	}, nil
}

func (s customSignature) encode(sum []byte) string {
	switch s.Encoding {
	case "base64":
		return base64.StdEncoding.EncodeToString(sum)
	case "HEX":
		return strings.ToUpper(hex.EncodeToString(sum))
	default:
		return hex.EncodeToString(sum)
	}
}
