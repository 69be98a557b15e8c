package public

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"tipline/intake"
	"tipline/web/page"
)

// refused is a failure that a page answers, with what was typed still in it. It
// is told by the template that page names, filled in with the reasons.
type refused struct {
	err  error
	area string // of messages that say it better than the common ones, "" for none
	page func(f refusal) (template string, data any)
}

func (e *refused) Error() string { return e.err.Error() }

// Unwrap lets the status table find the reason.
func (e *refused) Unwrap() error { return e.err }

// tell words the failure, in the area's own words where it has them.
func tell(v page.View, area string, f failure, wait time.Duration) page.Failure {
	told := v.Failure(f.status, f.kind, minutes(wait)...)
	if id := area + "." + f.kind; v.Has(id + ".title") {
		told.Heading, told.Advice = v.T(id+".title"), v.T(id+".text", minutes(wait)...)
	}
	return told
}

// refusal is what a form shows of a failure: a summary, and reasons by field.
// The zero value shows nothing.
type refusal struct {
	page.Failure
	Problems []reason
	Carry    string // the same as codes, for another language
}

type reason struct{ Field, Text string }

// Shown says whether the field stands on the page, so that a link can lead to it.
func (r reason) Shown() bool {
	return r.Field == "files" || r.Field == "receipt" ||
		slices.Contains(fieldNames, r.Field) && r.Field != "token" && r.Field != "lang"
}

// Err is the reason a field was refused, "" when it wasn't.
func (f refusal) Err(field string) string {
	for _, p := range f.Problems {
		if p.Field == field {
			return p.Text
		}
	}
	return ""
}

// Codes of problems that only this edge knows.
const (
	filesLast    = "files_last"
	unknownField = "unknown_field"
)

// errMessage marks what is wrong with a message: its text has another name than a
// report's.
var errMessage = errors.New("the message isn't taken")

// errWish marks a decision that isn't taken.
var errWish = errors.New("the decision isn't taken")

// carry is a refusal as codes.
func (s *site) carry(f failure, err error, wait time.Duration) carried {
	return carried{f.kind, wait, errors.Is(err, errMessage), s.problems(err)}
}

// reasons word what is blamed in the view's language, one a field.
func (c carried) reasons(v page.View) []reason {
	var out []reason
	for _, p := range c.Problems {
		if !slices.ContainsFunc(out, func(r reason) bool { return r.Field == p.Field }) {
			out = append(out, reason{p.Field, word(v, p, label(v, p.Field, c.Message))})
		}
	}
	return out
}

// label is what a field is called on the page.
func label(v page.View, field string, message bool) string {
	if field == "text" && message {
		field = "message"
	}
	if id := "field." + field; v.Has(id) {
		return v.T(id)
	}
	return field
}

func word(v page.View, p intake.Problem, name string) string {
	switch p.Code {
	case filesLast:
		return v.T("problem.files_last")
	case unknownField:
		return v.T("report.unknown_field")
	case "too_long":
		if p.Field == "conduct" {
			return v.T("problem.too_many", "field", name, "max", p.Param)
		}
		if p.Field == "text" {
			return v.T("report.text.long", "field", name, "max", p.Param, "over", p.Over)
		}
		return v.T("problem.too_long", "field", name, "max", p.Param)
	case "overlong":
		if p.Over > 0 {
			return v.T("problem.overlong.by", "max", p.Param, "over", p.Over)
		}
		return v.T("problem.overlong", "max", p.Param)
	case "too_many", "too_large", "full":
		return v.T("upload."+p.Code, "max", p.Param)
	case "receipt.count":
		return v.T("problem.receipt.count", "count", p.Param)
	case "receipt", "receipt.letters", "token", "no_contact", "short", "unknown", "required":
		return v.T("problem."+p.Code, "field", name)
	default:
		if p.Field == "lat" || p.Field == "lon" {
			return v.T("report.coordinate", "field", name)
		}
		return v.T("problem.format", "field", name)
	}
}

// megabytes is a size in whole MB as people write it.
func megabytes(n int64) string { return strconv.FormatInt(n>>20, 10) }
