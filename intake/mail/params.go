package mail

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// params are a field's parameters, names in lower case.
type params map[string]string

// parseParams reads "value; name=value; …" as RFC 2045 and RFC 2231 write it,
// and as mailers write it who never read them: unquoted specials, quotes that
// don't end, names given twice (the first counts). value is in lower case.
func parseParams(v string) (value string, p params) {
	value, rest := cutSemicolon(v)
	value, _, _ = strings.Cut(value, "(")
	value = strings.ToLower(strings.TrimSpace(value))
	p = params{}
	for i := 0; rest != "" && i < 200; i++ {
		var one string
		one, rest = cutSemicolon(rest)
		name, val, ok := strings.Cut(one, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := p[name]; ok && name != "" && !twice {
			p[name] = unquote(strings.TrimSpace(val))
		}
	}
	p.join()
	return value, p
}

// cutSemicolon cuts at the first semicolon outside quotes.
func cutSemicolon(s string) (before, after string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ';' && !quoted:
			return s[:i], s[i+1:]
		}
	}
	if quoted { // a quote that doesn't end hides nothing
		before, after, _ = strings.Cut(s, ";")
		return before, after
	}
	return s, ""
}

func unquote(s string) string {
	if len(s) == 0 || s[0] != '"' {
		return s
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String()
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// join puts RFC 2231's name*0*, name*1 … and name* together under their name.
func (p params) join() {
	type piece struct {
		n       int
		value   string
		encoded bool
	}
	pieces := map[string][]piece{}
	for name, value := range p {
		base, ext, ok := strings.Cut(name, "*")
		if !ok {
			continue
		}
		digits, encoded := strings.CutSuffix(ext, "*")
		if ext == "" {
			digits, encoded = "0", true
		}
		if n, err := strconv.Atoi(digits); err == nil {
			pieces[base] = append(pieces[base], piece{n, value, encoded})
		}
	}
	for base, list := range pieces {
		slices.SortFunc(list, func(a, b piece) int { return a.n - b.n })
		charset, joined := "", ""
		for i, one := range list {
			value := one.value
			if i == 0 && one.encoded {
				charset, value = extended(value)
			}
			if one.encoded {
				value = percent(value)
			}
			joined += value
		}
		p[base] = toUTF8([]byte(joined), charset)
	}
}

// extended cuts charset'language'value.
func extended(s string) (charset, value string) {
	parts := strings.SplitN(s, "'", 3)
	if len(parts) < 3 {
		return "", s
	}
	return parts[0], parts[2]
}

// percent decodes what it can.
func percent(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	return s
}

// fileName is the name a part gives its file, "" for none.
func fileName(disposition, contentType params) string {
	for _, name := range []string{disposition["filename"], contentType["name"]} {
		if name != "" {
			return decodeWords(name)
		}
	}
	return ""
}
