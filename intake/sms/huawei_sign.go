package sms

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// sdkScheme is Huawei Cloud's signing of requests by AK and SK
// (support.huaweicloud.com/devg-apisign): the AWS form without its date keys.
const sdkScheme = "SDK-HMAC-SHA256"

type sdkSignature struct {
	keys        [][]byte
	hosts       []string // the configured URL's, with and without its port
	path, query string   // canonical
	now         func() time.Time
}

func newSDKSignature(c Channel, now func() time.Time) (sdkSignature, error) {
	s := sdkSignature{keys: keysOf(c.Secrets), now: now}
	u, err := url.Parse(c.URL)
	if err != nil {
		return s, errors.New("url can't be read: write it exactly as it was entered at the provider")
	}
	for _, address := range portVariants(c.URL) {
		if v, err := url.Parse(address); err == nil {
			s.hosts = append(s.hosts, v.Host)
		}
	}
	s.path, s.query = sdkPath(u.Path), sdkQuery(u.Query())
	return s, nil
}

// sdkPath is a path with every segment escaped and a slash at its end.
func sdkPath(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i] = sdkEscape(segment)
	}
	return strings.TrimSuffix(strings.Join(segments, "/"), "/") + "/"
}

func sdkQuery(q url.Values) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(q)) {
		for _, value := range slices.Sorted(slices.Values(q[name])) {
			pairs = append(pairs, sdkEscape(name)+"="+sdkEscape(value))
		}
	}
	return strings.Join(pairs, "&")
}

// sdkEscape escapes all but the unreserved characters of RFC 3986.
func sdkEscape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func (s sdkSignature) verify(r *http.Request, body []byte) error {
	signedHeaders, given, err := sdkFields(r.Header.Get("Authorization"))
	if err != nil {
		return err
	}
	date, sum := r.Header.Get("X-Sdk-Date"), sha256.Sum256(body)
	matched := false
	for _, host := range s.hosts {
		request := strings.Join([]string{r.Method, s.path, s.query, sdkHeaders(r, signedHeaders, host), signedHeaders, hex.EncodeToString(sum[:])}, "\n")
		hash := sha256.Sum256([]byte(request))
		for _, key := range s.keys {
			want := mac(sha256.New, key, sdkScheme, "\n", date, "\n", hex.EncodeToString(hash[:]))
			matched = same(given, hex.EncodeToString(want)) || matched
		}
	}
	if !matched {
		return errSignature
	}
	return sdkTime(date, s.now())
}

// sdkFields reads "SDK-HMAC-SHA256 Access=…, SignedHeaders=…, Signature=…".
func sdkFields(authorization string) (signedHeaders, signature string, err error) {
	for field := range strings.SplitSeq(strings.TrimPrefix(authorization, sdkScheme+" "), ",") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(field), "="); name {
		case "SignedHeaders":
			signedHeaders = value
		case "Signature":
			signature = value
		}
	}
	if signature == "" || signedHeaders != strings.ToLower(signedHeaders) {
		return "", "", fmt.Errorf("%w: the Authorization isn't written as one", errSignature)
	}
	return signedHeaders, signature, nil
}

// sdkHeaders are the signed headers, a line each; the host is the configured
// URL's, whatever the request says.
func sdkHeaders(r *http.Request, names, host string) string {
	var b strings.Builder
	for name := range strings.SplitSeq(names, ";") {
		value := host
		if name != "host" {
			value = strings.Join(r.Header.Values(name), ",")
		}
		b.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	return b.String()
}
