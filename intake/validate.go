package intake

import (
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"
)

// MaxText is the longest report text, in characters.
const MaxText = 20_000

// form is what validator/v10 checks of a report; the tags' order is the form's.
type form struct {
	Text     string `field:"text" validate:"required,max=20000"`
	Address  string `field:"address" validate:"max=500"`
	Lat      string `field:"lat" validate:"omitempty,latitude,required_with=Lon"`
	Lon      string `field:"lon" validate:"omitempty,longitude,required_with=Lat"`
	Datum    string `field:"datum" validate:"omitempty,oneof=wgs84 cgcs2000 gcj02 bd09"`
	Occurred string `field:"occurred" validate:"max=200"`
	Subject  string `field:"subject" validate:"max=1000"`
	Parcel   string `field:"parcel" validate:"max=100"`
	Name     string `field:"name" validate:"max=200"`
	Phone    string `field:"phone" validate:"max=64"`
	Email    string `field:"email" validate:"omitempty,max=254,email"`
	Reply    Reply  `field:"reply" validate:"oneof=receipt contact none"`
	Conduct  int    `field:"conduct" validate:"max=20"`
}

// check fills defaults in and refuses what the reporter can mend. A gateway's
// report is never refused: what is wrong with it is mended and flagged.
func (s *Service) check(r *Report) error {
	r.tidy()
	problems := s.unknownCodes(r)
	if r.Channel.Gateway() {
		s.mend(r, problems)
		return nil
	}
	if !r.Channel.Known() {
		problems = append(problems, Problem{Field: "channel", Code: "unknown"})
	}
	problems = append(s.fieldProblems(r), problems...)
	if r.Reply == ReplyContact && r.Identity.Phone == "" && r.Identity.Email == "" {
		problems = append(problems, Problem{Field: "reply", Code: "no_contact"})
	}
	if len(problems) > 0 {
		return &InvalidError{problems}
	}
	return nil
}

// tidy trims what people type and sets the defaults.
func (r *Report) tidy() {
	for _, p := range []*string{&r.Words.Text, &r.Words.Address, &r.Words.Lat, &r.Words.Lon, &r.Words.Datum, &r.Words.Occurred,
		&r.Words.Subject, &r.Words.Parcel, &r.Words.RelapseOf, &r.Identity.Name, &r.Identity.Phone, &r.Identity.Email} {
		*p = strings.TrimSpace(strings.ToValidUTF8(*p, "\uFFFD"))
	}
	setDefault(&r.Source, SourcePublic)
	setDefault(&r.Category, CategoryUnknown)
	setDefault((*string)(&r.Reply), string(ReplyReceipt))
	if r.Words.Lat != "" && r.Words.Datum == "" {
		r.Words.Datum = "wgs84"
	}
}

func setDefault(p *string, v string) {
	if *p == "" {
		*p = v
	}
}

func (s *Service) fieldProblems(r *Report) []Problem {
	w, id := r.Words, r.Identity
	err := s.rules.Struct(form{w.Text, w.Address, w.Lat, w.Lon, w.Datum, w.Occurred, w.Subject, w.Parcel, id.Name, id.Phone, id.Email, r.Reply, len(r.Conduct)})
	failed, ok := err.(validator.ValidationErrors)
	if !ok {
		return nil
	}
	problems := make([]Problem, len(failed))
	for i, f := range failed {
		problems[i] = Problem{Field: f.Field(), Code: problemCode(f.Tag()), Param: f.Param()}
	}
	return problems
}

func problemCode(tag string) string {
	switch tag {
	case "required", "required_with":
		return "required"
	case "max":
		return "too_long"
	case "oneof":
		return "unknown"
	default:
		return "format"
	}
}

// unknownCodes are the codes that the office's pack doesn't have.
func (s *Service) unknownCodes(r *Report) []Problem {
	var out []Problem
	note := func(field string, known bool) {
		if !known {
			out = append(out, Problem{Field: field, Code: "unknown"})
		}
	}
	note("source", s.Vocabulary.Source(r.Source))
	note("category", s.Vocabulary.Category(r.Category))
	note("place", r.Place == "" || s.Vocabulary.Place(r.Place))
	for _, c := range r.Conduct {
		note("conduct", s.Vocabulary.Conduct(c))
	}
	return out
}

// mend resets the codes a gateway's report got wrong, so that it is kept.
func (s *Service) mend(r *Report, problems []Problem) {
	for _, p := range problems {
		switch p.Field {
		case "source":
			r.Source = SourcePublic
		case "category":
			r.Category = CategoryUnknown
		case "place":
			r.Place = ""
		case "conduct":
			r.Conduct = nil
		}
	}
	if utf8.RuneCountInString(r.Words.Text) > MaxText {
		r.Flags = append(r.Flags, "long:"+strconv.Itoa(MaxText))
	}
}

func newRules() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(fieldName)
	return v
}

func fieldName(f reflect.StructField) string { return f.Tag.Get("field") }
