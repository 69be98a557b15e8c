package sms

// Twilio, "Receive a message" and "Security: validating requests":
//
//	POST /hooks/sms/city
//	Content-Type: application/x-www-form-urlencoded
//	X-Twilio-Signature: base64(HMAC-SHA1(auth token, URL + sorted keys and values))
//
//	MessageSid=SM…&AccountSid=AC…&From=%2B8613800138000&To=%2B15550006&Body=…&NumMedia=1&MediaUrl0=https%3A%2F%2F…
//
// A JSON body is signed by its hash: bodySHA256 is added to the URL's query.

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

type twilio struct {
	keys [][]byte
	urls []string // the configured URL, with and without its port
}

func newTwilio(c Channel, _ func() time.Time) (provider, error) {
	return twilio{keys: keysOf(c.Secrets), urls: portVariants(c.URL)}, nil
}

// portVariants is address as it is, and with its port taken out or the scheme's
// own put in: Twilio signs either. A fragment is never sent nor signed.
func portVariants(address string) []string {
	address, _, _ = strings.Cut(address, "#")
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	start := strings.Index(address, "://") + len("://")
	end := start + strings.IndexAny(address[start:]+"/", "/?")
	host := address[start:end]
	if port := u.Port(); port != "" {
		return []string{address, address[:start] + strings.TrimSuffix(host, ":"+port) + address[end:]}
	}
	port := map[string]string{"https": ":443", "http": ":80"}[u.Scheme]
	return []string{address, address[:end] + port + address[end:]}
}

func (p twilio) verify(r *http.Request, body []byte) error {
	query, fields, err := twilioSigned(r, body)
	if err != nil {
		return err
	}
	given, matched := r.Header.Get("X-Twilio-Signature"), false
	for _, key := range p.keys {
		for _, u := range p.urls {
			want := base64.StdEncoding.EncodeToString(mac(sha1.New, key, withQuery(u, query), fields))
			matched = same(given, want) || matched
		}
	}
	if !matched {
		return errSignature
	}
	return nil
}

// twilioSigned is what is signed after the URL: the parameter that holds a JSON
// body's hash, or a form's fields.
func twilioSigned(r *http.Request, body []byte) (query, fields string, err error) {
	if query, err = bodyHash(r); err != nil {
		return "", "", err
	}
	if query != "" {
		sum := sha256.Sum256(body)
		if !same(query, "bodySHA256="+hex.EncodeToString(sum[:])) {
			return "", "", fmt.Errorf("%w: bodySHA256 is another body's", errSignature)
		}
		return query, "", nil
	}
	form, err := parseForm(body)
	if err != nil {
		return "", "", err
	}
	return "", sortedFields(form), nil
}

// bodyHash is the query's bodySHA256 parameter as it stands, "" when there is
// none. It is the one part of the URL that the configuration can't know, and
// the signature covers it.
func bodyHash(r *http.Request) (string, error) {
	found := ""
	for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if !strings.HasPrefix(part, "bodySHA256=") {
			continue
		}
		if found != "" {
			return "", fmt.Errorf("%w: bodySHA256 stands there twice", errSignature)
		}
		found = part
	}
	return found, nil
}

func withQuery(address, parameter string) string {
	switch {
	case parameter == "":
		return address
	case strings.Contains(address, "?"):
		return address + "&" + parameter
	default:
		return address + "?" + parameter
	}
}

// sortedFields joins keys and values by key, a repeated key once before each of
// its distinct values in order.
func sortedFields(form url.Values) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(form)) {
		for _, value := range slices.Compact(slices.Sorted(slices.Values(form[key]))) {
			b.WriteString(key + value)
		}
	}
	return b.String()
}

func (p twilio) decode(r *http.Request, body []byte) []message {
	field, ok := twilioFields(r, body)
	if ok && field("MessageStatus") != "" && field("Body") == "" {
		return nil // what became of a text we sent
	}
	id := field("MessageSid")
	if id == "" {
		id = field("SmsSid") // the name before 2010-04-01
	}
	if !ok || id == "" && field("From") == "" && field("Body") == "" {
		return unparsed("", body)
	}
	m := message{id: id, from: field("From"), to: field("To"), raw: body}
	for i := range min(count(field("NumMedia")), maxMedia) {
		m.media = append(m.media, field("MediaUrl"+strconv.Itoa(i)))
	}
	if m.text, ok = fromBase64(field("Body")); ok {
		m.flags = append(m.flags, "base64")
	}
	return []message{m}
}

// twilioFields reads a field of either body. ok is false for a broken one.
func twilioFields(r *http.Request, body []byte) (field func(string) string, ok bool) {
	if query, _ := bodyHash(r); query == "" {
		form, ok := formOf(r, body)
		return form.Get, ok
	}
	var object map[string]json.RawMessage
	err := json.Unmarshal(jsonOf(r, body), &object)
	return func(key string) string {
		var l loose
		if json.Unmarshal(object[key], &l) != nil {
			return ""
		}
		return string(l)
	}, err == nil
}

// fromBase64 undoes what Twilio now and then does to long texts. It must not
// touch a text that only looks so: 60 characters of the alphabet that decode to
// readable UTF-8 don't come about by chance.
func fromBase64(text string) (string, bool) {
	packed := strings.NewReplacer("\r", "", "\n", "").Replace(strings.TrimSpace(text))
	if len(packed) < 60 {
		return text, false
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(packed)
	if err != nil || !utf8.Valid(decoded) || strings.ContainsFunc(string(decoded), unreadable) {
		return text, false
	}
	return string(decoded), true
}

func unreadable(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r) }

func (twilio) answer(ack string) reply {
	if ack != "" {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(ack)) // a Builder never fails
		ack = "<Response><Message>" + b.String() + "</Message></Response>"
	} else {
		ack = "<Response/>"
	}
	return reply{contentType: "text/xml", body: `<?xml version="1.0" encoding="UTF-8"?>` + ack}
}
