package public

import (
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"tipline/intake"
)

// hint is one way in which words may tell who wrote them.
type hint string

// What words may hold. Each has a message personal.NAME.
const (
	hintPhone  hint = "phone"
	hintID     hint = "id"
	hintName   hint = "name"
	hintSigned hint = "signed"
)

var (
	mobile   = regexp.MustCompile(`(?:^|\D)(?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?:\D|$)`)
	identity = regexp.MustCompile(`(?:^|\D)([1-9]\d{16}[\dXx])(?:\D|$)`)
	myself   = regexp.MustCompile(`我(?:的名字)?(?:叫|是)(?:[^我你他她它谁，。,.\s]{0,12}(?:村|组|乡|镇)(?:的)?)?\p{Han}{2,4}(?:[，。,.\s]|$)|本人\p{Han}{2,3}[，。,.\s]|(?i:\bmy name is\b|\bI am called\b)`)
	signed   = regexp.MustCompile(`(?:举报人|反映人|投诉人|署名|联系人)\s*[:：]\s*\S|(?:我的|本人|联系)(?:手机|电话|微信|地址|住址)(?:号码|号)?\s*(?:是|[:：])?\s*[\p{Han}\w]|我家(?:住|在)`)
)

// hints are the ways in which a report's words seem to tell who its author is.
// name, phone and mail are what the reporter gave of themselves, which stands
// sealed apart and not in the words.
func hints(f fields) []hint {
	said := norm.NFKC.String(strings.Join([]string{f.get("text"), f.get("address"), f.get("subject"), f.get("occurred")}, "\n"))
	var out []hint
	for _, c := range []struct {
		hint
		there bool
	}{
		{hintPhone, mobile.MatchString(said) || repeats(said, f.get("phone")) || repeats(said, f.get("email"))},
		{hintID, holdsID(said)},
		{hintName, myself.MatchString(f.get("text")) || repeats(said, f.get("name"))},
		{hintSigned, signed.MatchString(f.get("text"))},
	} {
		if c.there {
			out = append(out, c.hint)
		}
	}
	return out
}

// repeats says whether the words hold what was given apart from them.
func repeats(said, given string) bool {
	given = norm.NFKC.String(strings.TrimSpace(given))
	return len([]rune(given)) >= 2 && strings.Contains(said, given)
}

// holdsID looks for a resident's identity number.
func holdsID(said string) bool {
	for _, m := range identity.FindAllStringSubmatch(said, 20) {
		if intake.ResidentNumber(m[1]) {
			return true
		}
	}
	return false
}
