package intake

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// What keeps a text from being the number of a parcel or of the ledger.
const (
	CodeNoNumber = "no_number" // neither a digit nor a Latin letter: a name, or a sentence
	CodePersonal = "personal"  // somebody's telephone, identity number or mail address
)

// NumberProblem is what keeps a text from being the number of a parcel (图斑编号) or of the
// ledger, as a problem's code, "" for nothing. Such numbers stand in clear and on sheets
// that leave the office, so that nothing of a person may come in under their name.
func NumberProblem(text string) string {
	plain := norm.NFKC.String(text)
	switch {
	case plain == "":
		return ""
	case !strings.ContainsFunc(plain, func(r rune) bool { return unicode.IsDigit(r) || unicode.Is(unicode.Latin, r) }):
		return CodeNoNumber
	case Personal(plain):
		return CodePersonal
	default:
		return ""
	}
}

// A mobile number and a resident's are what stands between letters and digits of a code:
// HN13800000000 is a parcel's. Mobile numbers are spaced as people space them; identity
// numbers (GB 11643) by their three parts.
var (
	mobileNumber   = regexp.MustCompile(`(?:^|[^0-9A-Za-z])(?:(?:\+|00)?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?:[^0-9A-Za-z]|$)`)
	residentNumber = regexp.MustCompile(`(?:^|[^0-9A-Za-z])([1-9]\d{5}[\s-]?\d{8}[\s-]?\d{3}[\dXx])(?:[^0-9A-Za-z]|$)`)
	mailAddress    = regexp.MustCompile(`[\w.+-]+@[\w-]+\.\w`)
)

// Personal says whether a short text that is to stand in clear holds a mobile number, a
// resident's identity number or a mail address.
func Personal(text string) bool {
	plain := norm.NFKC.String(text)
	if mobileNumber.MatchString(plain) || mailAddress.MatchString(plain) {
		return true
	}
	for _, m := range residentNumber.FindAllStringSubmatch(plain, -1) {
		if id := strings.NewReplacer("-", "", " ", "").Replace(m[1]); ResidentNumber(id) && ofAge(id) {
			return true
		}
	}
	return false
}

// ofAge says whether the birthday in an identity number may be a grown person's: one
// parcel's number in eleven of eighteen digits has a check digit that fits by chance, and
// those hold the year of their survey.
func ofAge(id string) bool {
	born, err := time.Parse("20060102", id[6:14])
	return err == nil && born.Year() >= 1900 && born.Year() <= 2012
}

// ResidentNumber says whether eighteen characters are a resident's identity number
// (GB 11643): the last checks the others by ISO 7064 MOD 11-2.
func ResidentNumber(id string) bool {
	if len(id) != 18 || strings.Trim(id[:17], "0123456789") != "" {
		return false
	}
	sum := 0
	for i := range 17 {
		sum = (sum + int(id[i]-'0')) * 2 % 11
	}
	return unicode.ToUpper(rune(id[17])) == rune("10X98765432"[sum])
}
