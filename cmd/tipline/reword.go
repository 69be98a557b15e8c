package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tipline/configs/locale"
	"tipline/web/desk"
)

// error words what went wrong: the whole of it where its format has words in this tongue, else its
// parts between colons. A part that has none stays English, so that nothing is lost to who can help.
func (t tongue) error(err error) string {
	lines := strings.Split(err.Error(), "\n")
	if t == nil {
		return strings.Join(lines, "; ")
	}
	r := t.reworder()
	for i, line := range lines {
		lines[i] = r.reword(line)
	}
	return strings.Join(lines, "；")
}

// reworder finds the words for texts that are made already.
type reworder struct {
	whole   map[string]string
	formats []format
}

// format is an English format as a pattern, and what it is called with in Chinese.
type format struct {
	english *regexp.Regexp
	chinese string
}

// verb is one of fmt's, with the argument it takes where a translation orders them anew.
var verb = regexp.MustCompile(`%(\[\d+\])?[dqsvw]`)

// eitherWay are the words that go with a count, in a format that is quoted for a pattern.
var eitherWay = regexp.MustCompile(`\\\{([^{}|]*)\\\|([^{}|]*)\\\}`)

func (t tongue) reworder() reworder {
	r := reworder{whole: map[string]string{}}
	if b, err := locale.Load(); err == nil {
		pages := b.Translator("zh-CN")
		for text, key := range desk.Wordings() {
			r.whole[text] = pages.T(key)
		}
	}
	for english, said := range t {
		if !verb.MatchString(english) {
			r.whole[english] = said
			continue
		}
		pattern := "^" + eitherWay.ReplaceAllString(verb.ReplaceAllString(regexp.QuoteMeta(english), "(.*?)"), "(?:$1|$2)") + "$"
		r.formats = append(r.formats, format{regexp.MustCompile(pattern), verb.ReplaceAllString(said, "%${1}s")})
	}
	// The longest tells most: "tip %s: %w" fits a part of many.
	slices.SortFunc(r.formats, func(a, b format) int {
		return len(b.english.String()) - len(a.english.String())
	})
	return r
}

func (r reworder) reword(text string) string {
	if said, ok := r.whole[text]; ok {
		return said
	}
	for _, f := range r.formats {
		if m := f.english.FindStringSubmatch(text); m != nil {
			args := make([]any, len(m)-1)
			for i, a := range m[1:] {
				args[i] = r.reword(a)
			}
			return fmt.Sprintf(f.chinese, args...)
		}
	}
	for i := strings.LastIndex(text, ": "); i > 0; i = strings.LastIndex(text[:i], ": ") { // some have a colon themselves
		if said, ok := r.whole[text[:i]]; ok {
			return said + "：" + r.reword(text[i+2:])
		}
	}
	if head, rest, ok := strings.Cut(text, ": "); ok {
		return r.reword(head) + "：" + r.reword(rest)
	}
	return text
}
