package gateway

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"hash"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// asJSON is v without the escapes that HTML would need.
func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "null" // strings, numbers and maps of them never fail
	}
	return string(b)
}

// object is a JSON body of one message, cut off in the middle where it is broken.
func object(m Message, v any) string {
	s := asJSON(v)
	if m.Broken {
		return s[:len(s)/2]
	}
	return s
}

// list are the elements of a batch; a broken one says nothing.
func list(ms []Message, element func(Message) any) []any {
	out := make([]any, 0, len(ms))
	for _, m := range ms {
		if m.Broken {
			out = append(out, struct{}{})
			continue
		}
		out = append(out, element(m))
	}
	return out
}

// form is an urlencoded form of pairs in their order. A broken message's holds
// nothing that is known.
func form(m Message, pairs ...string) string {
	if m.Broken {
		return "broken=1"
	}
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, url.QueryEscape(pairs[i])+"="+url.QueryEscape(pairs[i+1]))
	}
	return strings.Join(out, "&")
}

// numbered are pairs for a message's files: how many, and each under a name with its
// number.
func numbered(count, name string, files []string) (pairs []string) {
	if len(files) == 0 {
		return nil
	}
	pairs = []string{count, strconv.Itoa(len(files))}
	for i, f := range files {
		pairs = append(pairs, name+strconv.Itoa(i), f)
	}
	return pairs
}

// sum is the HMAC of parts, one after the other.
func sum(newHash func() hash.Hash, key string, parts ...string) []byte {
	m := hmac.New(newHash, []byte(key))
	m.Write([]byte(strings.Join(parts, "")))
	return m.Sum(nil)
}

func base64Sum(key string, parts ...string) string {
	return base64.StdEncoding.EncodeToString(sum(sha256.New, key, parts...))
}

// hexHash is SHA-256 in hex.
func hexHash(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// token is a JWT (RFC 7519) under key, HS256.
func token(key string, claims any) string {
	part := func(v any) string { return base64.RawURLEncoding.EncodeToString([]byte(asJSON(v))) }
	signed := part(map[string]string{"alg": "HS256", "typ": "JWT"}) + "." + part(claims)
	return signed + "." + base64.RawURLEncoding.EncodeToString(sum(sha256.New, key, signed))
}

// fields are a form's, and their names sorted.
func fields(body string) (url.Values, []string) {
	v, _ := url.ParseQuery(body) // what we wrote ourselves
	return v, slices.Sorted(maps.Keys(v))
}

// seconds is the account's moment as gateways sign it.
func (a Account) seconds() string { return strconv.FormatInt(a.Now.Unix(), 10) }

// inPath puts the key where gateways that sign nothing have it.
func inPath(a Account, c *Call) { c.Key = a.Secret }
