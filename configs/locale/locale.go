// Package locale holds every message that a person reads, in every language.
//
// The messages stand in YAML files by area and language: public.zh-CN.yaml, desk.en.yaml. A key
// stands in one area only and in every language; tests keep that. Keys are flat ("state.received"),
// placeholders are text/template fields ("{{.count}}").
package locale

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
)

//go:embed *.yaml
var files embed.FS

// Languages are the languages every message is in, offered where nothing else is said. The first is the one go-i18n
// falls back to.
func Languages() []string { return []string{"zh-CN", "en"} }

// Drafts are languages whose messages nobody has proofread yet: they are offered only where [Bundle.WithLanguages] names
// them. Each holds the citizens' pages whole; what it lacks beside them is said in the language behind it.
func Drafts() []string { return []string{"zh-TW", "ug", "ar"} }

// Behind is the language that says what a draft doesn't; for the others it is lang itself.
func Behind(lang string) string {
	switch lang {
	case "ar":
		return "en"
	case "zh-TW", "ug":
		return "zh-CN"
	default:
		return lang
	}
}

// RightToLeft says whether a language is written so.
func RightToLeft(lang string) bool { return lang == "ug" || lang == "ar" }

// Bundle holds the messages of all languages. It is safe for concurrent use.
type Bundle struct {
	bundle    *i18n.Bundle
	plain     map[string]map[string]string // language -> id -> a message without placeholders
	plural    map[string]map[string]bool   // language -> id -> it has more than one form
	languages []string                     // offered to readers; the first is the default
	matcher   language.Matcher
	missing   func(lang, id string)
}

// Load parses the embedded messages. A message that does not parse is an error that names its file.
func Load() (*Bundle, error) {
	b := &Bundle{
		bundle:    i18n.NewBundle(language.MustParse(Languages()[0])),
		plain:     map[string]map[string]string{},
		plural:    map[string]map[string]bool{},
		languages: Languages(),
		matcher:   matcherOf(Languages()),
		missing:   func(string, string) {},
	}
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("locale: %w", err)
	}
	for _, e := range entries {
		if err := b.add(e.Name()); err != nil {
			return nil, fmt.Errorf("locale: %s: %w", e.Name(), err)
		}
	}
	return b, nil
}

// add reads one file. Messages without a template are most of them: they stand here as they are, and
// go-i18n, which takes ten times their room, never sees them.
func (b *Bundle) add(name string) error {
	text, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	f, err := i18n.ParseMessageFileBytes(text, name, map[string]i18n.UnmarshalFunc{"yaml": yaml.Unmarshal})
	if err != nil {
		return err
	}
	lang := f.Tag.String()
	if b.plain[lang] == nil {
		b.plain[lang], b.plural[lang] = map[string]string{}, map[string]bool{}
	}
	var templates []*i18n.Message
	for _, m := range f.Messages {
		if b.plain[lang][m.ID] = ""; m.One == "" && !strings.Contains(m.Other, "{{") {
			b.plain[lang][m.ID] = m.Other
			continue
		}
		templates = append(templates, m)
		if m.One != "" {
			b.plural[lang][m.ID] = true
		}
	}
	return b.bundle.AddMessages(f.Tag, templates...)
}

// WithLanguages is b offering only these languages, the first as the default. Languages without
// messages are an error.
func (b *Bundle) WithLanguages(languages ...string) (*Bundle, error) {
	for _, l := range languages {
		if all := append(Languages(), Drafts()...); !slices.Contains(all, l) {
			return nil, fmt.Errorf("locale: no messages in %q; there are: %s", l, strings.Join(all, ", "))
		}
	}
	if len(languages) == 0 {
		return nil, fmt.Errorf("locale: at least one language is needed")
	}
	c := *b
	c.languages, c.matcher = slices.Clone(languages), matcherOf(languages)
	return &c, nil
}

// Holding is b offering only the languages that have the message themselves: a draft may hold the
// citizens' pages alone. Where none of them has it, it is those that are whole.
func (b *Bundle) Holding(id string) *Bundle {
	whole := slices.DeleteFunc(slices.Clone(b.languages), func(l string) bool { _, here := b.plain[l][id]; return !here })
	if len(whole) == 0 {
		whole = Languages()
	}
	c := *b
	c.languages, c.matcher = whole, matcherOf(whole)
	return &c
}

// WithMissing is b calling f for every id that is asked for and not there. Tests of pages hand in a
// function that fails them.
func (b *Bundle) WithMissing(f func(lang, id string)) *Bundle {
	c := *b
	c.missing = f
	return &c
}

// Offered are the languages readers may choose, the default first.
func (b *Bundle) Offered() []string { return slices.Clone(b.languages) }
