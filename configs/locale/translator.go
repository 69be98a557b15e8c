package locale

import (
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// Translator speaks one language. It is safe for concurrent use and cheap to make.
type Translator struct {
	bundle    *Bundle
	lang      string
	localizer *i18n.Localizer
}

// Translator speaks lang, or the default language if there is none of that name.
func (b *Bundle) Translator(lang string) *Translator {
	if _, ok := b.plain[lang]; !ok {
		lang = b.languages[0]
	}
	return &Translator{bundle: b, lang: lang, localizer: i18n.NewLocalizer(b.bundle, lang)}
}

// behind is the translator for what this one's language lacks, t itself if it lacks nothing.
func (t *Translator) behind() *Translator {
	if b := Behind(t.lang); b != t.lang {
		return t.bundle.Translator(b)
	}
	return t
}

// RightToLeft says whether the language is written so.
func (t *Translator) RightToLeft() bool { return RightToLeft(t.lang) }

// Lang is the language spoken, as for the lang attribute.
func (t *Translator) Lang() string { return t.lang }

// Has says whether there is a message of that id.
func (t *Translator) Has(id string) bool {
	_, ok := t.bundle.plain[t.lang][id]
	return ok || t.behind() != t && t.behind().Has(id)
}

// T is the message of that id. args are pairs of a placeholder's name and its value; "count" also
// chooses the plural form. A missing id comes back as it is.
//
//	t.T("files.attached", "count", 3)
func (t *Translator) T(id string, args ...any) string {
	if s := t.bundle.plain[t.lang][id]; s != "" {
		return s
	}
	if _, here := t.bundle.plain[t.lang][id]; !here {
		if b := t.behind(); b != t {
			return b.T(id, args...)
		}
	}
	cfg := &i18n.LocalizeConfig{MessageID: id, TemplateData: pairs(args)}
	if count, ok := pairs(args)["count"]; ok && t.bundle.plural[t.lang][id] {
		cfg.PluralCount = count
	}
	s, err := t.localizer.Localize(cfg)
	if err != nil || s == "" {
		t.bundle.missing(t.lang, id)
		return id
	}
	return s
}

// Day is a date (YYYY-MM-DD) as the language writes it with the month's name (CLDR 48,
// the long format). What is no date stays as it is.
func (t *Translator) Day(date string) string {
	d, err := time.Parse(time.DateOnly, date)
	months := strings.Fields(t.T("date.months"))
	if err != nil || len(months) != 12 {
		return date
	}
	return t.T("date.long", "year", d.Year(), "month", months[d.Month()-1], "day", d.Day())
}

// pairs makes template data of name, value, name, value; a name without a value is left out.
func pairs(args []any) map[string]any {
	data := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i].(string); ok {
			data[name] = args[i+1]
		}
	}
	return data
}
