package locale

import (
	"slices"

	"golang.org/x/text/language"
)

// Match picks one of the offered languages: what the query asks for, else the best of an
// Accept-Language header (RFC 9110 §12.5.4), else the default. Anything malformed counts as absent.
func (b *Bundle) Match(query, acceptLanguage string) string {
	if slices.Contains(b.languages, query) {
		return query
	}
	for _, wish := range []string{query, acceptLanguage} {
		tags, _, err := language.ParseAcceptLanguage(wish)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, how := b.matcher.Match(tags...); how > language.No {
			return b.languages[i]
		}
	}
	return b.languages[0]
}

func matcherOf(languages []string) language.Matcher {
	tags := make([]language.Tag, len(languages))
	for i, l := range languages {
		tags[i] = language.Make(l)
	}
	return language.NewMatcher(tags)
}
