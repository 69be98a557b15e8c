package public

import (
	"bytes"
	"crypto/rand"
	"embed"
	"fmt"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"

	"tipline/web/page"
)

//go:embed all:templates assets
var files embed.FS

// What page.New checks against the files that are there.
var (
	templates = []string{"home", "report", "filed", "receipt", "status", "privacy"}
	styles    = []string{"public.css"}
)

type site struct {
	Options
	pages      *page.Site
	sameOrigin func(r *http.Request) error
	ready      map[variant]func() (prepared, error)
	said       *sayings
	turns      *turns
}

// frame is what every template of the site knows.
type frame struct {
	page.View
	*Content
	MaxFiles int
	MaxMB    int64
}

// In is a text of the office in the page's language.
func (f frame) In(t Text) string { return t.In(f.Lang()) }

func (f frame) view() page.View { return f.View }

// PlaceGroups are the options of the place list.
func (f frame) PlaceGroups() []page.PlaceGroup {
	return page.Places(f.Places).Groups(f.Lang(), f.T("report.place.whole"))
}

func (s *site) frame(v page.View) frame {
	return frame{View: v, Content: &s.Content, MaxFiles: s.MaxFiles, MaxMB: s.MaxBytes >> 20}
}

// variant is what a page that holds nothing of its reader differs by.
type variant struct {
	lang   string
	pinned bool
}

// prepared are pages as bytes: whole, or in the pieces around what each answer
// fills in.
type prepared struct {
	home, privacy, receipt []byte
	report                 [][]byte // around the form token
	filed                  [][]byte // around the receipt
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

func (s *site) prepareOne(lang string, pinned bool) (p prepared, err error) {
	hole := "hole" + rand.Text()
	in := func(path string) frame { return s.frame(s.pages.ViewIn(lang, path, pinned)) }
	answer := in("/report")
	answer.Loose = false
	for _, job := range []struct {
		name string
		data any
		into *[]byte
		cut  *[][]byte
	}{
		{"home", in("/"), &p.home, nil},
		{"privacy", in("/privacy"), &p.privacy, nil},
		{"receipt", receiptPage{frame: in("/receipt")}, &p.receipt, nil},
		{"report", formPage{frame: in("/report"), Token: hole}, nil, &p.report},
		{"filed", filedPage{frame: answer, Receipt: hole}, nil, &p.filed},
	} {
		b, err := s.pages.Render(job.name, job.data)
		if err != nil {
			return p, err
		}
		if job.into != nil {
			*job.into = b
			continue
		}
		if *job.cut = bytes.Split(b, []byte(hole)); len(*job.cut) < 2 {
			return p, fmt.Errorf("public: page %s doesn't show what it is filled with", job.name)
		}
	}
	return p, nil
}

// fill joins the pieces of a prepared page with what belongs between them, which
// must need no escaping.
func fill(pieces [][]byte, with string) []byte { return bytes.Join(pieces, []byte(with)) }

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

func (s *site) html(c *gin.Context, status int, body []byte) error {
	page.Write(c.Writer, status, page.HTML, body)
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
