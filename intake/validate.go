package intake

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"
)

// MaxText is the longest report text, in characters.
const MaxText = 20_000

const maxConduct = 20

// form is what validator/v10 checks of a report; the tags' order is the form's.
type form struct {
	Text     string `field:"text" validate:"required,max=20000"`
	Address  string `field:"address" validate:"max=500"`
	Lat      string `field:"lat" validate:"required_with=Lon,omitempty,max=40,latitude"` // omitempty ends the checks
	Lon      string `field:"lon" validate:"required_with=Lat,omitempty,max=40,longitude"`
	Datum    string `field:"datum" validate:"omitempty,oneof=wgs84 cgcs2000 gcj02 bd09"`
	Occurred string `field:"occurred" validate:"max=200"`
	Subject  string `field:"subject" validate:"max=1000"`
	Parcel   string `field:"parcel" validate:"max=100"`
	Relapse  string `field:"relapse_of" validate:"max=100"`
	Issuer   string `field:"issuer" validate:"max=200"`
	Ref      string `field:"reference" validate:"max=200"`
	Issued   string `field:"issued_on" validate:"omitempty,datetime=2006-01-02"`
	Reported string `field:"reported_on" validate:"omitempty,datetime=2006-01-02"`
	Name     string `field:"name" validate:"max=200"`
	Phone    string `field:"phone" validate:"max=64"`
	Email    string `field:"email" validate:"omitempty,max=254,email"`
	Reply    Reply  `field:"reply" validate:"oneof=receipt contact none"`
	Conduct  int    `field:"conduct" validate:"max=20"` // maxConduct
}

// check fills defaults in and refuses what the reporter can mend. A gateway's
// report is never refused: what is wrong with it is mended and flagged.
func (s *Service) check(r *Report) error {
	if r.Channel.Gateway() {
		s.settle(r)
		return nil
	}
	r.tidy()
	problems := s.unknownCodes(r)
	if r.Token != "" && !s.strong(r.Token) {
		problems = append(problems, Problem{Field: "token", Code: "token"})
	}
	if !r.Channel.Known() {
		problems = append(problems, Problem{Field: "channel", Code: "unknown"})
	}
	problems = append(s.fieldProblems(r), problems...)
	problems = append(problems, s.originProblems(r)...)
	problems = append(problems, r.numberProblems()...)
	if shortNumber(r.Identity.Phone) {
		problems = append(problems, Problem{Field: "phone", Code: "short"})
	}
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
		&r.Words.Subject, &r.Words.Parcel, &r.Words.RelapseOf, &r.Words.Issuer, &r.Words.Reference, &r.Words.IssuedOn, &r.Words.ReportedOn, &r.Identity.Name, &r.Identity.Phone, &r.Identity.Email} {
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
	err := s.rules.Struct(form{w.Text, w.Address, w.Lat, w.Lon, w.Datum, w.Occurred, w.Subject, w.Parcel, w.RelapseOf, w.Issuer, w.Reference, w.IssuedOn, w.ReportedOn,
		id.Name, id.Phone, id.Email, r.Reply, len(r.Conduct)})
	failed, ok := err.(validator.ValidationErrors)
	if !ok {
		return nil
	}
	problems := make([]Problem, len(failed))
	for i, f := range failed {
		problems[i] = Problem{Field: f.Field(), Code: problemCode(f.Tag()), Param: f.Param(), Over: over(f)}
	}
	return problems
}

// over is by how many characters a text is too long, 0 for what fails otherwise.
func over(f validator.FieldError) int {
	text, _ := f.Value().(string)
	most, err := strconv.Atoi(f.Param())
	if err != nil {
		return 0
	}
	return max(0, utf8.RuneCountInString(text)-most)
}

// originProblems: a report by the public came somehow, and nothing was reported or
// issued tomorrow.
func (s *Service) originProblems(r *Report) (out []Problem) {
	if r.Channel == Office && r.Source == SourcePublic {
		out = append(out, Problem{Field: "channel", Code: "required"})
	}
	today := string(DateOf(s.Now(), s.Loc))
	for _, d := range []struct{ field, day string }{{"issued_on", r.Words.IssuedOn}, {"reported_on", r.Words.ReportedOn}} {
		if d.day > today && len(d.day) == len(today) {
			out = append(out, Problem{Field: d.field, Code: "future"})
		}
	}
	return out
}

// numberProblems are those of the numbers that a member says a report has; a citizen's
// words are never refused for them.
func (r *Report) numberProblems() (out []Problem) {
	if r.By == "" {
		return nil
	}
	for _, n := range []struct{ field, text string }{{"parcel", r.Words.Parcel}, {"relapse_of", r.Words.RelapseOf}} {
		if code := NumberProblem(n.text); code != "" {
			out = append(out, Problem{Field: n.field, Code: code})
		}
	}
	return out
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

// strong says whether a token can't be guessed, before any file is read.
func (s *Service) strong(token string) bool {
	_, err := s.Pepper.Derive(token, [32]byte{})
	return err == nil
}

// settle fills defaults in and resets what a gateway's report got wrong, so that
// it is kept.
func (s *Service) settle(r *Report) {
	r.tidy()
	r.Token = "" // a gateway's message is known by its id
	for _, p := range s.unknownCodes(r) {
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
	r.Conduct = r.Conduct[:min(len(r.Conduct), maxConduct)]
	if !r.Reply.Known() {
		r.Reply = ReplyReceipt
	}
	if utf8.RuneCountInString(r.Words.Text) > MaxText {
		r.flag("long:" + strconv.Itoa(MaxText))
	}
}

// flag adds a code for the handler, once.
func (r *Report) flag(code string) {
	if !slices.Contains(r.Flags, code) {
		r.Flags = append(r.Flags, code)
	}
}

func newRules() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(fieldName)
	return v
}

func fieldName(f reflect.StructField) string { return f.Tag.Get("field") }
