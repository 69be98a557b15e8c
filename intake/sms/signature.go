package sms

import (
	"crypto/hmac"
	"crypto/subtle"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"time"
)

// window is how far a signed timestamp may lie from our clock, unless the provider
// delivers late.
const window = 5 * time.Minute

// errSignature: the request isn't the gateway's. errStale: it was, but not now.
// errUnsigned: it may be, and the gateway may sign it when it comes again.
var (
	errSignature = errors.New("the signature doesn't match")
	errUnsigned  = errors.New("there is no signature")
	errStale     = errors.New("the timestamp is outside its window")
)

// mac is the HMAC of parts, one after the other.
func mac(newHash func() hash.Hash, key []byte, parts ...string) []byte {
	m := hmac.New(newHash, key)
	for _, p := range parts {
		m.Write([]byte(p))
	}
	return m.Sum(nil)
}

// same compares in constant time. Signatures are compared as they are written,
// because some encodings write the same bytes in several ways.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// fresh wants a Unix time in seconds within [window] of now.
func fresh(timestamp string, now time.Time) error { return freshSince(timestamp, now, window) }

// freshSince wants a Unix time in seconds that lies at most back behind now and
// [window] ahead of it. A gateway that delivers again for hours with one timestamp
// needs a long way back; what is delivered twice is found by its id.
func freshSince(timestamp string, now time.Time, back time.Duration) error {
	t, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: the timestamp is no number of seconds", errSignature)
	}
	return within(time.Unix(t, 0), now, back)
}

// within is [freshSince] for a time that is read already, to the second.
func within(t, now time.Time, back time.Duration) error {
	if t.Unix() < now.Add(-back).Unix() || t.Unix() > now.Add(window).Unix() {
		return errStale
	}
	return nil
}

func keysOf(secrets []string) [][]byte {
	keys := make([][]byte, len(secrets))
	for i, s := range secrets {
		keys[i] = []byte(s)
	}
	return keys
}
