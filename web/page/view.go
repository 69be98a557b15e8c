package page

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tipline/configs/locale"
)

// View is what every page knows: its language, its site and its own path. Data
// given to a template embeds it.
type View struct {
	*locale.Translator
	Path   string // below the prefix
	Pinned bool   // the reader chose the language in the address: links keep it
	Loose  bool   // the page is the answer to a GET: another language loses nothing
	site   *Site
}

// View is the view of the page that r asks for.
func (s *Site) View(r *http.Request) View {
	wish := bounded(r.URL.Query().Get("lang"))
	lang := s.bundle.Match(wish, bounded(r.Header.Get("Accept-Language")))
	v := s.ViewIn(lang, r.URL.Path, wish == lang)
	v.Loose = r.Method == http.MethodGet || r.Method == http.MethodHead
	return v
}

// bounded is a wish for languages. Thousands of them take longer to compare than
// the rest of the answer, and no browser knows so many.
func bounded(wish string) string {
	if len(wish) > 1000 {
		return ""
	}
	return wish
}

// ViewIn is the view of a page in a known language.
func (s *Site) ViewIn(lang, path string, pinned bool) View {
	return View{Translator: s.bundle.Translator(lang), Path: path, Pinned: pinned, Loose: true, site: s}
}

// URL is the address of a path of the site, which may have a query and a
// fragment: every link goes through it.
func (v View) URL(path string) string {
	if v.Pinned {
		return v.in(path, v.Lang())
	}
	return v.site.prefix + path
}

// Asset is the address of an asset, which changes with its content.
func (v View) Asset(name string) string { return v.site.prefix + v.site.assets.path(name) }

// Script is the address of what the pages run, "" for nothing.
func (v View) Script() string {
	if v.site.script == "" {
		return ""
	}
	return v.Asset(v.site.script)
}

// Base is the site's address without a path, to be shown.
func (v View) Base() string { return v.site.Absolute("/") }

func (v View) in(path, lang string) string {
	path, fragment, there := strings.Cut(path, "#")
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	path += joint + "lang=" + url.QueryEscape(lang)
	if there {
		path += "#" + fragment
	}
	return v.site.prefix + path
}

// Language is a choice of the language switch.
type Language struct{ Tag, URL string }

// Others are the same page in the other languages.
func (v View) Others() []Language {
	var out []Language
	for _, lang := range v.site.bundle.Offered() {
		if lang != v.Lang() {
			out = append(out, Language{lang, v.in(v.Path, lang)})
		}
	}
	return out
}

// Speaks says whether lang is offered.
func (s *Site) Speaks(lang string) bool { return slices.Contains(s.bundle.Offered(), lang) }
