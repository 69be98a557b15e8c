package public

import (
	"bytes"
	"crypto/rand"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"sync"
	"unicode"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/web/page"
)

//go:embed all:templates assets
var files embed.FS

// What page.New checks against the files that are there.
var (
	templates = []string{"home", "report", "filed", "receipt", "status", "privacy", "channels", "poster", "accessibility"}
	styles    = []string{"public.css"}
)

const script = "site.js"

type site struct {
	Options
	pages      *page.Site
	sameOrigin func(r *http.Request) error
	ready      map[variant]func() (prepared, error)
	gate       *gate
	turns      *turns
	marks      marks
	draw       *drawer
}

// frame is what every template of the site knows.
type frame struct {
	page.View
	*Content
	MaxFiles int
	MaxMB    int64
	Typing   typing
	extra    map[string][]byte
}

// typing is the form of a page that another language must not empty: the buttons for
// the languages send what was typed, and their step asks for no more than the page
// anew. Without a form they are links.
//
// Enter is the step that the Enter key asks for in a field of one line, "" where it sends.
type typing struct{ Form, Step, Enter string }

// What a button may ask for instead of sending the form.
const (
	stepPlace    = "place"    // the next list of places
	stepLanguage = "language" // the form as it is, in another language
	stepAgain    = "again"    // what the receipt opens, with the words as they are
	stepFiled    = "filed"    // the receipt's own page
	stepCheck    = "check"    // the form as it is: nothing was sent yet
)

// In is a text of the office in the page's language.
func (f frame) In(t Text) string { return t.In(f.Lang()) }

// Tongue names the language of what holds such a text, where it isn't the page's: a
// voice speaks it as what it is.
func (f frame) Tongue(t Text) template.HTMLAttr {
	if l := t.Tongue(f.Lang()); l != f.Lang() {
		return template.HTMLAttr(` lang="` + l + `"`)
	}
	return ""
}

// Named is the office's name for a line that may be too short for it. A Chinese one ends in the
// word for what it is (受理台, 办公室), which stays whole.
func (f frame) Named() struct{ Head, Tail string } {
	name := []rune(f.In(f.Office))
	at := len(name) - 3
	if at <= 0 || !unicode.Is(unicode.Han, name[at]) || !unicode.Is(unicode.Han, name[len(name)-1]) {
		at = len(name)
	}
	return struct{ Head, Tail string }{string(name[:at]), string(name[at:])}
}

// Day is a date in the page's language.
func (f frame) Day(d intake.Date) string { return f.Translator.Day(string(d)) }

func (f frame) view() page.View { return f.View }

// PlaceGroups are the options of the place list.
func (f frame) PlaceGroups() []page.PlaceGroup {
	return page.Places(f.Places).Groups(f.Lang(), f.T("report.place.whole"))
}

func (s *site) frame(v page.View) frame {
	return frame{View: v, Content: &s.Content, MaxFiles: s.MaxFiles, MaxMB: s.MaxBytes >> 20, extra: s.Extra}
}

// variant is what a page that holds nothing of its reader differs by.
type variant struct {
	lang   string
	pinned bool
}

// prepared are pages as bytes, whole, or with marks where each answer fills
// something in.
type prepared struct {
	home, privacy, receipt  []byte
	channels, accessibility []byte
	report, filed           []byte // with the marks that fill replaces
}

// prepare makes every page's bytes when they are first asked for, once in each
// language, so that answering costs a copy. The first set is made now: a page
// that can't be rendered fails the start.
func (s *site) prepare() (map[variant]func() (prepared, error), error) {
	out := map[variant]func() (prepared, error){}
	for _, lang := range s.pages.Languages() {
		for _, pinned := range []bool{false, true} {
			out[variant{lang, pinned}] = sync.OnceValues(func() (prepared, error) { return s.prepareOne(lang, pinned) })
		}
	}
	_, err := out[s.first()]()
	return out, err
}

// first is the set that was made at the start.
func (s *site) first() variant { return variant{s.pages.Languages()[0], false} }

// The marks in prepared pages: random, so that no text of an office holds one, behind a letter
// that pages hardly have, so that they are found at once.
type marks struct{ token, receipt, picture, opened string }

func newMarks() marks {
	return marks{"~" + rand.Text(), "~" + rand.Text(), "~" + rand.Text(), "~" + rand.Text()}
}

func (s *site) prepareOne(lang string, pinned bool) (p prepared, err error) {
	in := func(path string) frame { return s.frame(s.pages.ViewIn(lang, path, pinned)) }
	home, err := codeOf(s.pages.Absolute("/"))
	if err != nil {
		return p, err
	}
	blank := s.form(in("/report").View, s.marks.token, nil)
	blank.Opened = s.marks.opened
	for _, job := range []struct {
		name string
		data any
		into *[]byte
	}{
		{"home", in("/"), &p.home},
		{"privacy", in("/privacy"), &p.privacy},
		{"accessibility", in("/accessibility"), &p.accessibility},
		{"channels", channelsPage{in("/channels"), home}, &p.channels},
		{"receipt", s.asks(in("/receipt").View, nil), &p.receipt},
		{"report", blank, &p.report},
		{"filed", s.filedPage(in("/report").View, s.marks.receipt, s.marks.token, s.marks.picture, nil), &p.filed},
	} {
		if *job.into, err = s.pages.Render(job.name, job.data); err != nil {
			return p, err
		}
	}
	for mark, page := range map[string][]byte{s.marks.token: p.report, s.marks.receipt: p.filed, s.marks.picture: p.filed, s.marks.opened: p.report} {
		if !bytes.Contains(page, []byte(mark)) {
			return p, errors.New("public: the form or the receipt's page doesn't show what it is filled with")
		}
	}
	return p, nil
}

// fill puts values in the place of marks, in one pass: what it gives are the pieces of the page and
// the values in their order. They must need no escaping.
func fill(page []byte, pairs ...string) [][]byte {
	out := make([][]byte, 0, 2*len(pairs))
	for {
		at, mark := len(page), -1
		for i := 0; i < len(pairs); i += 2 {
			if k := bytes.Index(page[:at], []byte(pairs[i])); k >= 0 {
				at, mark = k, i
			}
		}
		out = append(out, page[:at])
		if mark < 0 {
			return out
		}
		out = append(out, []byte(pairs[mark+1]))
		page = page[at+len(pairs[mark]):]
	}
}

// of is the prepared set in the view's language, or the first one if that fails.
func (s *site) of(v page.View) prepared {
	p, err := s.ready[variant{v.Lang(), v.Pinned}]()
	if err != nil {
		s.Log.Error("a page can't be rendered", "lang", v.Lang(), "error", err)
		p, _ = s.ready[s.first()]() // it was rendered at the start
	}
	return p
}

func (s *site) view(c *gin.Context) page.View { return s.pages.View(c.Request) }

func (s *site) html(c *gin.Context, status int, body ...[]byte) error {
	page.Write(c.Writer, status, page.HTML, body...)
	return nil
}

// ours guards posts against other sites' pages.
func (s *site) ours(c *gin.Context) error { return s.sameOrigin(c.Request) }

// origin is where the request came from, for the limits.
func (s *site) origin(c *gin.Context) string {
	a := page.ClientAddr(c.Request, s.Proxies)
	if !a.IsValid() {
		return ""
	}
	return s.Origin(a)
}
