package sms

import (
	"crypto/sha256"
	"net/http"
	"strings"
)

// keyed is the check of gateways that sign nothing: the secret comes with the
// request. Best as the last segment of the path (/hooks/sms/{name}/{key}), in a
// header or as the password of Basic authentication (https://any:key@host/…). In
// the query (?key=…) it ends up in the logs of load balancers.
type keyed struct {
	keys   []string
	prefix string // what stands before the key in the path
	header string // a further header that may hold the key
}

// keyHeader holds the key where a gateway can set headers.
const keyHeader = "X-Tipline-Key"

func newKeyed(c Channel) keyed {
	return keyed{keys: c.Secrets, prefix: "/hooks/sms/" + c.Name + "/", header: keyHeader}
}

func (p keyed) verify(r *http.Request, _ []byte) error {
	_, password, _ := r.BasicAuth()
	_, segment, _ := strings.Cut(r.URL.Path, p.prefix)
	matched := false
	for _, given := range []string{segment, r.Header.Get(p.header), password, r.URL.Query().Get(keyParameter)} {
		for _, key := range p.keys {
			matched = sameKey(given, key) || matched
		}
	}
	if !matched {
		return errSignature
	}
	return nil
}

// keyParameter names the key in a query.
const keyParameter = "key"

// sameKey compares hashes, so that not even a key's length can be timed.
func sameKey(given, key string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(key))
	return same(string(a[:]), string(b[:]))
}
