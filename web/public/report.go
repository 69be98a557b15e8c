package public

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/web/page"
)

// formPage is the form, empty or with what was typed.
type formPage struct {
	frame
	refusal
	Token  string
	Values fields
	Hints  []hint          // ways in which the words seem to tell who wrote them
	Step   *page.PlaceStep // the place list where it is too long for one
	Work   string          // the task under pressure, "" when there is none
	Opened string          // when it was handed out, under a seal
	Again  bool            // files were chosen, and have to be chosen again
	Unsent bool            // Enter was pressed: it sends nothing
}

// Value is what was typed in a field.
func (p formPage) Value(name string) string { return p.Values.get(name) }

// Place is the place that is chosen.
func (p formPage) Place() string { return p.Values.get("place") }

// Has says whether a box was ticked, or an option chosen; def is the choice of a
// fresh form.
func (p formPage) Has(name, code, def string) bool {
	for _, v := range p.Values[name] {
		if v == code {
			return true
		}
	}
	return len(p.Values[name]) == 0 && code == def
}

// Any says whether one of the fields holds something or was refused: then what
// it is folded in stands open.
func (p formPage) Any(names ...string) bool {
	for _, n := range names {
		if p.Value(n) != "" || p.Err(n) != "" {
			return true
		}
	}
	return false
}

// maxOneList is how many places stand in one list: longer ones are gone through
// level by level.
const maxOneList = 120

// form is the form with what was typed.
func (s *site) form(v page.View, token string, typed fields) formPage {
	p := formPage{frame: s.frame(v), Token: token, Values: typed}
	p.Typing = typing{"report", stepLanguage, stepCheck}
	if len(s.Content.Places) > maxOneList {
		step := page.Places(s.Content.Places).Step(typed.get("place"), v.Lang(), v.T("report.place.whole"))
		p.Step = &step
	}
	return p
}

// reportForm is an empty form with a fresh token. A link may bring the place
// along, as those on a village's poster do.
func (s *site) reportForm(c *gin.Context) error {
	v := s.view(c)
	place := c.Query("place")
	known := place != "" && page.Places(s.Content.Places).Has(place)
	if task := s.gate.task(); known || task != "" {
		p := s.form(v, newToken(), fields{"place": {place}})
		p.Work, p.Opened = task, s.opened()
		return s.render(c, "report", p)
	}
	return s.html(c, http.StatusOK, fill(s.of(v).report, s.marks.token, newToken(), s.marks.opened, s.opened())...)
}

// report takes the form and answers with the receipt.
func (s *site) report(c *gin.Context) error {
	in, err := s.read(c.Writer, c.Request, typeMultipart, typeForm)
	v := s.speaking(s.view(c), in.fields.get("lang"))
	if err != nil {
		s.Count("report", outcome(err))
		return s.formAgain(c, v, in, err)
	}
	if in.fields.get("step") == stepFiled {
		return s.filedAgain(c, v, in.fields)
	}
	if p, stays := s.stays(v, in); stays {
		drain(c)
		return s.render(c, "report", p)
	}
	filed, err := s.submit(c, in, s.fromForm(v, in.fields))
	if err != nil {
		s.gate.again(in.fields.get("work"))
		return s.formAgain(c, v, in, err)
	}
	return s.filed(c, v, filed.Receipt.Grouped(), filed.Files)
}

// stays are the submissions that only want the next list of places or another
// language, or whose words may tell who wrote them: that is asked once, of a form that
// was filled in on the page, and not where photos would have to travel a second time.
func (s *site) stays(v page.View, in *submission) (formPage, bool) {
	p := s.form(v, token(in, nil), in.fields)
	p.Again, p.Work, p.Opened = in.brought || in.fields.get("files") != "", in.fields.get("work"), in.fields.get("opened")
	if step := in.fields.get("step"); slices.Contains([]string{stepPlace, stepLanguage, stepCheck}, step) {
		p.refusal, p.Unsent = again(v, "report", in.fields), step == stepCheck
		if in.fields.get("asked") == "2" {
			p.Hints = hints(in.fields)
		}
		return p, true
	}
	if in.fields.get("asked") == "1" && in.next == nil && strings.TrimSpace(in.fields.get("text")) != "" {
		p.Hints = hints(in.fields)
	}
	return p, len(p.Hints) > 0
}

// fromForm is the report of the form, with what only the form has.
func (s *site) fromForm(v page.View, f fields) *intake.Report {
	r := f.report(v.Lang())
	f.pasted(r)
	if ticked(f.get("still")) {
		r.Words.Occurred = strings.TrimSpace(r.Words.Occurred + " " + v.T("report.still.word"))
	}
	if f.get("website") != "" { // nobody sees that field
		r.Hold, r.Flags = true, append(r.Flags, flagTrap)
	}
	if s.hasty(f.get("opened")) {
		r.Hold, r.Flags = true, append(r.Flags, flagHasty)
	}
	r.Worked = s.gate.done(f.get("work"), f.get("solved"))
	return r
}

// flagTrap tells the handler that the field nobody sees was filled in.
const flagTrap = "trap"

// filed shows the receipt, and what became of each file that came along.
func (s *site) filed(c *gin.Context, v page.View, receipt string, files []intake.SealedFile) error {
	img, err := s.draw.draw(receipt)
	if err != nil {
		return err
	}
	if len(files) > 0 {
		return s.render(c, "filed", s.filedPage(v, receipt, newToken(), img, files))
	}
	return s.html(c, http.StatusOK, fill(s.of(v).filed, s.marks.receipt, receipt, s.marks.picture, img, s.marks.token, newToken())...)
}

// formAgain is the form with what was typed, and why it wasn't taken.
func (s *site) formAgain(c *gin.Context, v page.View, in *submission, err error) error {
	drain(c)
	return &refused{err: err, area: "report", page: func(f refusal) (string, any) {
		p := s.form(v, token(in, err), in.fields)
		p.refusal, p.Again, p.Work, p.Opened = f, in.brought, in.fields.get("work"), in.fields.get("opened")
		return "report", p
	}}
}

// render is a page that is made for its reader alone.
func (s *site) render(c *gin.Context, name string, data any) error {
	body, err := s.pages.Render(name, data)
	if err != nil {
		return fmt.Errorf("page %s can't be rendered: %w", name, err)
	}
	return s.html(c, http.StatusOK, body)
}

// submit hands a report to the door, whatever format it came in.
func (s *site) submit(c *gin.Context, in *submission, r *intake.Report) (intake.Filed, error) {
	r.Origin = s.origin(c)
	if in.parts != nil {
		r.Files = in.files
	}
	filed, err := s.Service.Submit(c.Request.Context(), r)
	s.Count("report", outcome(err))
	s.gate.saw(filed.Crowd)
	return filed, err
}

// speaking is v in the language that the form itself was in.
func (s *site) speaking(v page.View, lang string) page.View {
	if v.Pinned || !s.pages.Speaks(lang) {
		return v
	}
	out := s.pages.ViewIn(lang, v.Path, false)
	out.Loose = v.Loose
	return out
}

// token keeps the form's token over an error, so that a report that was stored
// after all is found again when the form is sent once more. One that was refused
// would be refused for ever.
func token(in *submission, err error) string {
	if t := in.fields.get("token"); t != "" && !blames(err, "token") {
		return t
	}
	return newToken()
}
