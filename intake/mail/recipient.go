package mail

import (
	"regexp"
	"slices"
	"strings"
)

// recipients are the addresses that mail is taken for, in lower case.
type recipients map[string]struct{}

func newRecipients(addresses []string) recipients {
	r := recipients{}
	for _, a := range addresses {
		if a = strings.ToLower(strings.Trim(a, " <>\t")); a != "" {
			r[a] = struct{}{}
		}
	}
	return r
}

// withPostmasters are addresses and the postmaster of each of their domains and of domain: mail to
// them is taken wherever mail is (RFC 5321 §4.5.1). It isn't acknowledged: nobody reports to a postmaster.
func withPostmasters(addresses []string, domain string) []string {
	all := append(slices.Clone(addresses), "postmaster@"+domain)
	for _, a := range addresses {
		if _, domain, ok := strings.Cut(strings.Trim(a, " <>\t"), "@"); ok {
			all = append(all, "postmaster@"+domain)
		}
	}
	return all
}

// lonePostmaster is the one recipient that needs no domain (RFC 5321 §4.1.1.3).
var lonePostmaster = regexp.MustCompile(`(?i)^(RCPT[ \t]+TO:[ \t]*<postmaster)>`)

// namePostmaster gives the postmaster of a command without a domain the server's: the engine knows no
// recipient without one.
func namePostmaster(line []byte, domain string) []byte {
	m := lonePostmaster.FindSubmatch(line)
	if m == nil {
		return line
	}
	return slices.Concat(m[1], []byte("@"+domain), line[len(m[1]):])
}

// codes of a pack look like this; a plus part of another form isn't one.
var codeForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// PlusCode is what stands behind the "+" of an address, when it looks like a code:
// the vocabulary knows later whether it is one.
func PlusCode(address string) string {
	local, _, _ := strings.Cut(strings.ToLower(strings.Trim(address, " <>")), "@")
	if _, plus, _ := strings.Cut(local, "+"); codeForm.MatchString(plus) {
		return plus
	}
	return ""
}

// match says whether address is one of ours. A part after "+" is let through,
// and given when it looks like a code.
func (r recipients) match(address string) (plus string, ok bool) {
	address = strings.ToLower(address)
	if _, ok := r[address]; ok {
		return "", true
	}
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return "", false
	}
	local, _, found := strings.Cut(address[:at], "+")
	if !found {
		return "", false
	}
	if _, ok := r[local+address[at:]]; !ok {
		return "", false
	}
	return PlusCode(address), true
}

// named says whether a field of addresses has one of ours. It is read leniently: a
// display name may hold commas.
func (r recipients) named(field string) bool {
	for part := range strings.FieldsFuncSeq(strings.ToLower(field), func(c rune) bool { return strings.ContainsRune(" \t,;:<>()[]\"", c) }) {
		if _, ok := r.match(part); ok {
			return true
		}
	}
	return false
}
