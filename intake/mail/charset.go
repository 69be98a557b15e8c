package mail

import (
	"bytes"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// toUTF8 decodes text of a declared charset, "" for none. Declarations are often
// wrong: text that is valid UTF-8 is UTF-8, and what the declared charset can't
// read is taken for GB18030 or Big5 when it looks like Chinese, else for
// Windows-1252.
// It never fails.
func toUTF8(text []byte, declared string) string {
	declared = strings.ToLower(strings.Trim(strings.TrimSpace(declared), `"'`))
	if isASCII(text) && !sevenBit(declared) {
		return string(text)
	}
	if surelyUTF8(text) {
		return string(text)
	}
	if out, ok := decodeAs(text, declared); ok {
		return out
	}
	if utf8.Valid(text) {
		return string(text)
	}
	return guess(text)
}

// sevenBit charsets look like ASCII and aren't.
func sevenBit(name string) bool {
	return strings.HasPrefix(name, "iso-2022-") || strings.HasPrefix(name, "hz") || strings.HasPrefix(name, "utf-16") ||
		strings.HasPrefix(name, "csiso2022") || strings.HasPrefix(name, "utf-32") || name == "utf-7"
}

// decodeAs decodes by a known charset; ok is false when it can't be that.
func decodeAs(text []byte, name string) (string, bool) {
	switch name {
	case "", "us-ascii", "ascii", "utf-8", "utf8", "unknown-8bit", "x-unknown", "8bit", "binary":
		return "", false
	case "gb2312", "gbk", "gb18030", "cp936", "ms936", "windows-936", "x-gbk", "euc-cn", "gb_2312-80", "chinese", "csgb2312", "gb2312_charset":
		return decodeWith(text, simplifiedchinese.GB18030)
	}
	r, err := charset.Reader(name, bytes.NewReader(text))
	if err != nil {
		return "", false
	}
	out, err := io.ReadAll(r)
	return string(out), err == nil && fits(out, len(text))
}

func decodeWith(text []byte, e encoding.Encoding) (string, bool) {
	out, err := e.NewDecoder().Bytes(text)
	return string(out), err == nil && fits(out, len(text))
}

// fits says whether few enough characters were unreadable: a damaged text has
// some, a text of another charset many.
func fits(out []byte, size int) bool {
	return bytes.Count(out, []byte("\uFFFD"))*50 <= size
}

// surelyUTF8 says whether text can hardly be anything else. Two GBK characters
// may look like UTF-8 by chance (联通), a whole sentence doesn't.
func surelyUTF8(text []byte) bool {
	if !utf8.Valid(text) {
		return false
	}
	multi := 0
	for _, r := range string(text) {
		switch {
		case r >= 0x800:
			return true
		case r >= 0x80:
			multi++
		}
	}
	return multi >= 6
}

// guess reads text of which nothing is known but that it isn't UTF-8.
func guess(text []byte) string {
	if mostlyUTF8(text) {
		return strings.ToValidUTF8(string(text), "\uFFFD")
	}
	if out, ok := decodeWith(text, simplifiedchinese.GB18030); ok && paired(text) && looksChinese(out) && familiar(out) > 0 {
		return out
	}
	if out, ok := decodeWith(text, traditionalchinese.Big5); ok && looksChinese(out) && familiar(out) >= leastFamiliar {
		return out
	}
	if out, ok := decodeWith(text, simplifiedchinese.GB18030); ok && paired(text) && looksChinese(out) {
		return out
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(text)
	if err != nil {
		return strings.ToValidUTF8(string(text), "\uFFFD")
	}
	return string(out)
}

// mostlyUTF8 says whether text is UTF-8 with a few broken places.
func mostlyUTF8(text []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 2:
			good++
		}
		i += n
	}
	return good > 10*bad
}

// paired says whether the bytes beyond ASCII come in pairs, as those of the
// common characters do (GB 2312); letters with accents stand alone.
func paired(text []byte) bool {
	pairs, alone := 0, 0
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] < 0x80:
		case i+1 < len(text) && text[i] >= 0xa1 && text[i+1] >= 0xa1:
			pairs++
			i++
		default:
			alone++
			i++
		}
	}
	return pairs > 3*alone
}

// looksChinese says whether the characters beyond ASCII are those of Chinese
// prose: mostly common ideographs and full-width punctuation.
func looksChinese(s string) bool {
	han, other := 0, 0
	for _, r := range s {
		switch {
		case r < 0x80:
		case r >= 0x4e00 && r <= 0x9fff, r >= 0x3000 && r <= 0x303f, r >= 0xff00 && r <= 0xffef, r >= 0x2010 && r <= 0x2027:
			han++
		default:
			other++
		}
	}
	return han > 4*other
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// language is "zh-CN" for text that is mostly Chinese, as far as its beginning
// tells, and "" where nothing is sure.
func language(subject, body string) string {
	s := subject + body[:min(len(body), 4096)]
	han, kana, letters := 0, 0, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			han++
		case unicode.Is(unicode.Hiragana, r), unicode.Is(unicode.Katakana, r):
			kana++
		case unicode.IsLetter(r):
			letters++
		}
	}
	if han > 0 && kana*10 < han && han*4 > letters {
		return "zh-CN"
	}
	return ""
}
