package sms

// Plivo messaging, "Receive a message" and "Validating requests"
// (plivo.com/docs/messaging/concepts/signature-validation):
//
//	POST or GET /hooks/sms/city
//	X-Plivo-Signature-V2: base64, X-Plivo-Signature-Ma-V2: base64, X-Plivo-Signature-V2-Nonce: …
//	X-Plivo-Signature-V3: base64,base64, X-Plivo-Signature-V3-Nonce: …
//
//	MessageUUID=…&From=8613800138000&To=10690000&Text=…&Type=sms
//	MessageUUID=…&From=8613800138000&To=10690000&Body=…&Type=mms&MediaCount=1&Media0=https%3A%2F%2F…
//
// V2 covers address and nonce and not the body, so a nonce is good for one
// message. V3 covers the fields as well and is what counts when it is there.

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

type plivo struct {
	keys  [][]byte
	base  string // scheme, host and path
	query url.Values
}

func newPlivo(c Channel, _ func() time.Time) (provider, error) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return nil, errors.New("url can't be read: write it exactly as it was entered at plivo")
	}
	base, _, _ := strings.Cut(c.URL, "?")
	return plivo{keysOf(c.Secrets), base, u.Query()}, nil
}

func (p plivo) verify(r *http.Request, body []byte) error {
	signed, version := p.base, "V2"
	if plivoHasV3(r) {
		form, err := parseForm(body)
		if err != nil {
			return err
		}
		signed, version = p.signedV3(r.Method, form)+".", "V3"
	}
	nonce := r.Header.Get("X-Plivo-Signature-" + version + "-Nonce")
	if nonce == "" {
		return fmt.Errorf("%w: no nonce", errSignature)
	}
	given := r.Header.Get("X-Plivo-Signature-"+version) + "," + r.Header.Get("X-Plivo-Signature-Ma-"+version)
	matched := false
	for _, key := range p.keys {
		want := base64.StdEncoding.EncodeToString(mac(sha256.New, key, signed, nonce))
		for one := range strings.SplitSeq(given, ",") {
			matched = same(strings.TrimSpace(one), want) || matched
		}
	}
	if !matched {
		return errSignature
	}
	return nil
}

func plivoHasV3(r *http.Request) bool {
	return r.Header.Get("X-Plivo-Signature-V3") != "" || r.Header.Get("X-Plivo-Signature-Ma-V3") != ""
}

// signedV3 is what V3 signs before the nonce: the address and, sorted by key, its
// query and the fields. A GET has all of them in its query.
func (p plivo) signedV3(method string, form url.Values) string {
	query := plivoSorted(p.query, "=", "&")
	fields := plivoSorted(form, "", "")
	if method == http.MethodGet {
		query, fields = plivoSorted(form, "=", "&"), ""
	}
	switch {
	case query == "" && fields == "":
		return p.base
	case query != "" && fields != "":
		return p.base + "?" + query + "." + fields
	default:
		return p.base + "?" + query + fields
	}
}

func plivoSorted(values url.Values, equals, between string) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range slices.Sorted(slices.Values(values[name])) {
			out = append(out, name+equals+value)
		}
	}
	return strings.Join(out, between)
}

func (plivo) decode(r *http.Request, body []byte) []message {
	form, ok := formOf(r, body)
	m := message{id: form.Get("MessageUUID"), from: internationalNumber(form.Get("From")), to: form.Get("To"), raw: body}
	m.text = joined(form.Get("Text"), form.Get("Body"))
	if ok && form.Has("Status") && m.text == "" {
		return nil // what became of a text we sent
	}
	for i := range min(count(form.Get("MediaCount")), maxMedia) {
		m.media = append(m.media, form.Get("Media"+strconv.Itoa(i)))
	}
	if !ok || !form.Has("From") && m.text == "" && len(m.media) == 0 {
		return unparsed(m.id, body)
	}
	if !plivoHasV3(r) {
		m.nonce = r.Header.Get("X-Plivo-Signature-V2-Nonce")
	}
	return []message{m}
}

func (plivo) answer(string) reply { return reply{contentType: textType, body: "OK"} }
