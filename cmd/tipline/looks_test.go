package main

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// looks looks at a page of the desk in both languages on both screens.
func (b *tab) looks(in *instance, name, path string) {
	b.t.Helper()
	b.studies("desk-"+name, func(lang string) { b.visit(in.desk, path, lang) })
}

// visit opens a path in a language.
func (b *tab) visit(host, path, lang string) {
	b.t.Helper()
	path, fragment, there := strings.Cut(path, "#")
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	path += joint + "lang=" + lang
	if there {
		path += "#" + fragment
	}
	b.do(chromedp.Navigate("http://" + host + path))
}

// studies goes to a page in each language, and on each screen wants it to fit and to be
// accessible, in the dark as well; pictures of it are kept beside the test's artefacts.
func (b *tab) studies(name string, reach func(lang string)) {
	b.t.Helper()
	for _, lang := range []string{"zh-CN", "en"} {
		b.size(wide)
		reach(lang)
		for _, width := range []int64{wide, narrow} {
			b.size(width)
			where := fmt.Sprintf("%s-%s-%d", name, lang, width)
			b.fits(where, width)
			b.shot(where)
			b.accessible(where, everyRule)
		}
		b.size(zoomed)
		b.fits(name+"-"+lang+" at 400 %", zoomed)
	}
	b.scheme("dark")
	b.shot(name + "-dark")
	b.accessible(name+" in the dark", contrastRule)
	b.scheme("")
	b.size(wide)
}

// The screens of a desk and of a phone, in CSS pixels, and what is left of a desk's at 400 %
// (WCAG 2.2, 1.4.10).
const wide, narrow, zoomed = 1280, 360, 320

// scheme makes the browser prefer a colour scheme, "" its own.
func (b *tab) scheme(name string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
}
