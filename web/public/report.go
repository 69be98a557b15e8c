package public

import (
	"net/http"

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
}

// Value is what was typed in a field.
func (p formPage) Value(name string) string { return p.Values.get(name) }

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

// filedPage is the answer to a report.
type filedPage struct {
	frame
	Receipt string
}

// reportForm is an empty form with a fresh token.
func (s *site) reportForm(c *gin.Context) error {
	return s.html(c, http.StatusOK, fill(s.of(s.view(c)).report, newToken()))
}

// report takes the form and answers with the receipt.
func (s *site) report(c *gin.Context) error {
	in, err := s.read(c.Writer, c.Request, typeMultipart, typeForm)
	v := s.speaking(s.view(c), in.fields.get("lang"))
	if err == nil {
		var filed intake.Filed
		if filed, err = s.submit(c, in, in.fields.report(v.Lang())); err == nil {
			return s.html(c, http.StatusOK, fill(s.of(v).filed, filed.Receipt.Grouped()))
		}
	} else {
		s.Count("report", outcome(err))
	}
	drain(c.Request)
	return &refused{err: err, area: "report", page: func(f refusal) (string, any) {
		return "report", formPage{frame: s.frame(v), refusal: f, Token: token(in, err), Values: in.fields}
	}}
}

// submit hands a report to the door, whatever format it came in.
func (s *site) submit(c *gin.Context, in *submission, r *intake.Report) (intake.Filed, error) {
	r.Origin = s.origin(c)
	if in.parts != nil {
		r.Files = in.files
	}
	filed, err := s.Service.Submit(c.Request.Context(), r)
	s.Count("report", outcome(err))
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
