package sms

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// declared is the charset that a request names (RFC 9110 §8.3.2), "" when it
// names none.
func declared(r *http.Request) string {
	_, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return strings.ToLower(parameters["charset"])
}

// decoder reads charset, by any name of the WHATWG's Encoding Standard; nil
// stands for UTF-8 and for a name nobody knows.
func decoder(charset string) *encoding.Decoder {
	e, err := htmlindex.Get(charset)
	if err != nil {
		return nil
	}
	if name, err := htmlindex.Name(e); err != nil || name == "utf-8" {
		return nil
	}
	return e.NewDecoder()
}

// utf8Text is s in UTF-8. What is neither in the charset named nor in UTF-8 is
// tried as GB18030, which mainland gateways send without saying so.
func utf8Text(s, charset string) string {
	if d := decoder(charset); d != nil {
		if text, err := d.String(s); err == nil && !strings.ContainsRune(text, utf8.RuneError) {
			return text
		}
	}
	if utf8.ValidString(s) {
		return s
	}
	if text, err := simplifiedchinese.GB18030.NewDecoder().String(s); err == nil && !strings.ContainsRune(text, utf8.RuneError) {
		return text
	}
	return s
}

// formOf reads a form in the request's charset; ok is false for a broken one.
func formOf(r *http.Request, body []byte) (form url.Values, ok bool) {
	return formIn(body, declared(r))
}

func formIn(body []byte, charset string) (url.Values, bool) {
	form, err := url.ParseQuery(string(body))
	for _, values := range form {
		for i, v := range values {
			values[i] = utf8Text(v, charset)
		}
	}
	return form, err == nil
}

// jsonOf is a JSON body in the request's charset as UTF-8.
func jsonOf(r *http.Request, body []byte) []byte { return jsonIn(body, declared(r)) }

// jsonIn leaves the byte order mark out that some programs begin a file with (RFC 8259 §8.1
// lets a reader ignore it).
func jsonIn(body []byte, charset string) []byte {
	return []byte(strings.TrimPrefix(utf8Text(string(body), charset), "\uFEFF"))
}

// parseForm reads a form as it is signed, byte by byte.
func parseForm(body []byte) (url.Values, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fmt.Errorf("%w: the form isn't encoded as one", errSignature)
	}
	return form, nil
}
