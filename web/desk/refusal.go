package desk

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
)

// refusal is what a page shows of an act that was refused: the reasons, and what
// was typed in the form it came from. The zero value shows nothing.
type refusal struct {
	Problem, Advice string
	Open            string // the form: a state, "answer", "note", "merge", "transfer", "identity" or "release"
	Sure            string // what a second press says: the text was seen to repeat the report
	form            url.Values
}

// Typed is what a field of a form holds: what was typed when that form was
// refused, else def without the characters that can't be seen.
func (r refusal) Typed(form, field, def string) string {
	if r.Open == form && r.form.Has(field) {
		return r.form.Get(field)
	}
	return frame{}.Plain(def)
}

// Field is the part of the page where it is mended, "" where nothing was typed.
func (r refusal) Field() string {
	switch r.Open {
	case "answer":
		return "text"
	case "note":
		return "inside-text"
	case "identity":
		return "identity"
	case "release", "unmerge", "reread", "extension", "destroy", "hold", "":
		return ""
	}
	if r.Open == "look" || strings.HasPrefix(r.Open, "done-") {
		return "looks"
	}
	return "triage"
}

// again answers for a refused act on a tip with the tip as it is now and with
// what was typed. What can't be mended there has an error page.
func (d *desk) again(c *gin.Context, s *members.Session, form string, err error) error {
	f := classify(err)
	switch f.status {
	case http.StatusConflict, http.StatusUnprocessableEntity, http.StatusServiceUnavailable:
	default:
		return err
	}
	p, broken := d.openTip(c, s)
	if broken != nil {
		return err
	}
	p.refusal = refusal{Open: form, form: c.Request.PostForm}
	p.Problem, p.Advice = f.words(p.frame)
	if e, ok := errors.AsType[*casework.EchoError](err); ok {
		p.Advice, p.Sure = p.echo(e), digest(trim(c, map[bool]string{true: "text", false: "letter"}[form == "answer"]))
	}
	if e, ok := errors.AsType[*intake.InvalidError](err); ok {
		p.Advice = ""
		for _, w := range p.words(e) {
			p.Advice += w.Text
		}
	}
	d.render(c, f.status, "tip", p)
	return nil
}

// echo words what of the report an answer repeats.
func (f frame) echo(e *casework.EchoError) string {
	words := make([]string, len(e.Kinds))
	for i, k := range e.Kinds {
		words[i] = f.T("desk.echo." + k)
	}
	return f.T("desk.error.echo.advice", "what", strings.Join(words, f.T("desk.comma")))
}

// invalid refuses one field.
func invalid(field, code string) error {
	return &intake.InvalidError{Problems: []intake.Problem{{Field: field, Code: code}}}
}
