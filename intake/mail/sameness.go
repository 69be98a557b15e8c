package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strings"
)

// sameness is what makes a message itself: its header fields but those that
// servers add on the way, and its body. A second delivery has the same; another
// message has not, whatever Message-ID it claims. Line ends don't count, for
// POP3, a callback and SMTP don't bring the same ones.
type sameness struct{ hash.Hash }

func newSameness() sameness { return sameness{sha256.New()} }

// Write takes a piece of the message. It never fails.
func (s sameness) Write(p []byte) (int, error) {
	for line := range bytes.SplitSeq(p, []byte("\r")) {
		_, _ = s.Hash.Write(line)
	}
	return len(p), nil
}

// field takes a field of the top header.
func (s sameness) field(name, value string) {
	if !addedOnTheWay(name) {
		_, _ = s.Write([]byte(strings.ToLower(name) + ":" + value + "\n"))
	}
}

// id is what a second delivery is known by. It holds the sender's own id and is
// only ever kept as a keyed tag.
func (s sameness) id(messageID string) string {
	return messageID + " " + hex.EncodeToString(s.Sum(nil))
}

// addedOnTheWay says whether a field may differ between two deliveries of one
// message: trace fields (RFC 5321 §4.4, RFC 8601, RFC 8617), signatures made anew
// at each attempt (RFC 6376), what lists (RFC 2369) and delivering servers add. A
// message that somebody sends again with Resent fields (RFC 5322 §3.6.6) is theirs.
func addedOnTheWay(name string) bool {
	name = strings.ToLower(name)
	for _, start := range []string{"received", "authentication-results", "arc-", "dkim-", "domainkey-", "list-", "x-", "delivered-", "delivery-", "envelope-", "ironport-"} {
		if strings.HasPrefix(name, start) {
			return true
		}
	}
	switch name {
	case "return-path", "original-recipient", "errors-to", "precedence", "status", "lines", "content-length":
		return true
	}
	return false
}
