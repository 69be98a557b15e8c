package desk

import (
	"crypto/rand"
	"errors"
	"io"
	"iter"
	"maps"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/datum"
	"tipline/intake/members"
	"tipline/web/page"
)

type keyinPage struct {
	frame
	Form     map[string][]string
	Failure  string // why it wasn't filed, "" before it was sent
	Problems []problem
	Saved    bool
}

// keyinFields are the fields of the form; files come last.
func keyinFields() []string {
	return []string{"channel", "source", "category", "place", "text", "address", "subject", "occurred", "parcel", "relapse_of", "issuer", "reference", "issued_on", "reported_on", "lat", "lon", "datum",
		"conduct", "urgent", "concerns", "name", "phone", "email", "reply", "lang", "token"}
}

// Token makes one tip of what is sent twice. It stays with what was typed.
func (p keyinPage) Token() string {
	if t := p.Get("token"); t != "" {
		return t
	}
	return rand.Text()
}

// Any says whether one of the fields holds something or was refused: then what it
// is folded in stands open.
func (p keyinPage) Any(fields ...string) bool {
	return slices.ContainsFunc(fields, func(f string) bool { return p.Get(f) != "" || p.Reason(f) != "" })
}

// Datums are the map datums a coordinate may be in.
func (keyinPage) Datums() []string { return datum.All() }

// Languages are those an answer may be read in, the page's own first.
func (p keyinPage) Languages() []string {
	out := []string{p.Lang()}
	for _, l := range p.d.Bundle.Offered() {
		if l != p.Lang() {
			out = append(out, l)
		}
	}
	return out
}

// problem is a field's reason, worded.
type problem struct{ Field, Text string }

// Get is what was typed into a field.
func (p keyinPage) Get(field string) string { return first(p.Form, field) }

// Checked says whether a value was chosen.
func (p keyinPage) Checked(field, value string) bool { return slices.Contains(p.Form[field], value) }

// MaxFiles is how many files a tip may have.
func (p keyinPage) MaxFiles() int { return p.d.MaxFiles }

// MaxMB is how large each may be, in MB.
func (p keyinPage) MaxMB() int64 { return p.d.MaxBytes >> 20 }

// Reason is what is wrong with a field.
func (p keyinPage) Reason(field string) string {
	for _, q := range p.Problems {
		if q.Field == field {
			return q.Text
		}
	}
	return ""
}

// Channels are those a handler keys in.
func (keyinPage) Channels() []intake.Channel {
	return intake.KeyedChannels()
}

func first(form map[string][]string, field string) string {
	if v := form[field]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// keyinForm goes on where the draft stopped.
func (d *desk) keyinForm(c *gin.Context, s *members.Session) error {
	form, err := d.Casework.Draft(c.Request.Context(), d.actor(s))
	if errors.Is(err, intake.ErrNotFound) {
		form, err = map[string][]string{"channel": {string(intake.Phone)}, "category": {intake.CategoryUnknown}, "source": {intake.SourcePublic}, "reply": {string(intake.ReplyReceipt)}}, nil
	}
	if err != nil {
		return err
	}
	d.render(c, http.StatusOK, "keyin", keyinPage{frame: d.frame(c, s), Form: form, Saved: c.Query("saved") != ""})
	return nil
}

// draft keeps what is typed, sealed to the handler; a script calls it now and
// then, and a button does without one.
func (d *desk) draft(c *gin.Context, s *members.Session) error {
	form, _, err := d.fields(c)
	if err != nil {
		return err
	}
	if err := d.Casework.SaveDraft(c.Request.Context(), d.actor(s), ofKeyin(form)); err != nil {
		return err
	}
	if strings.Contains(c.GetHeader("Accept"), "application/json") {
		c.Status(http.StatusNoContent)
		return nil
	}
	return d.to(c, "/tips/new?saved=1")
}

// ofKeyin are the form's own fields.
func ofKeyin(form map[string][]string) map[string][]string {
	out := maps.Clone(form)
	maps.DeleteFunc(out, func(field string, _ []string) bool { return !slices.Contains(keyinFields(), field) })
	return out
}

// keyin files what was taken down and goes on to the slip with the receipt.
func (d *desk) keyin(c *gin.Context, s *members.Session) error {
	form, files, err := d.fields(c)
	if err != nil {
		return err
	}
	// Whatever becomes of the files on their way, what was typed is in the draft then. One
	// that can't be kept is no failure: the page itself comes back.
	_ = d.Casework.SaveDraft(c.Request.Context(), d.actor(s), ofKeyin(form))
	r := report(form, files, d.pages.View(c.Request).Lang())
	filed, err := d.Casework.KeyIn(c.Request.Context(), d.actor(s), r)
	if err != nil {
		return d.keyinAgain(c, s, form, err)
	}
	d.slips.put(filed.ID, slip{filed: filed, lang: r.Lang, counter: r.Channel != intake.Office, desk: d.actor(s).Desk, member: s.Member.Name}, d.Now())
	return d.to(c, "/tips/"+filed.ID+"/receipt")
}

// mostDrained is how much of a refused body is read, in bytes: a browser that is
// still sending doesn't read the answer.
const mostDrained = 256 << 20

// keyinAgain is the form with what was typed. Files must be picked again.
func (d *desk) keyinAgain(c *gin.Context, s *members.Session, form map[string][]string, err error) error {
	f := classify(err)
	if f.status == http.StatusForbidden {
		return err
	}
	if f.status == http.StatusInternalServerError {
		d.Log.Error("a report can't be keyed in", "error", err)
	}
	_, _ = io.CopyN(io.Discard, c.Request.Body, mostDrained)
	p := keyinPage{frame: d.frame(c, s), Form: form}
	p.Failure = p.T("desk.error." + f.kind)
	if invalid, ok := errors.AsType[*intake.InvalidError](err); ok {
		p.Problems = p.words(invalid)
	}
	if p.Reason("token") != "" {
		delete(form, "token") // a fresh one
	}
	d.render(c, f.status, "keyin", p)
	return nil
}

func (f frame) words(e *intake.InvalidError) (out []problem) {
	for _, p := range e.Problems {
		out = append(out, problem{p.Field, f.why(p, f.T("field."+p.Field))})
	}
	return out
}

func report(form map[string][]string, files iter.Seq2[intake.File, error], lang string) *intake.Report {
	get := func(field string) string { return first(form, field) }
	datum := get("datum") // the form always sends one; it counts with a coordinate
	if get("lat") == "" && get("lon") == "" {
		datum = ""
	}
	if get("lang") != "" {
		lang = get("lang")
	}
	return &intake.Report{Channel: intake.Channel(get("channel")), Source: get("source"), Lang: lang, Category: get("category"), Conduct: form["conduct"],
		Place: get("place"), Urgent: get("urgent") != "", Concerns: get("concerns") != "", Reply: intake.Reply(get("reply")), Files: files, Token: get("token"),
		Words: intake.Words{Text: get("text"), Address: get("address"), Lat: get("lat"), Lon: get("lon"), Datum: datum,
			Occurred: get("occurred"), Subject: get("subject"), Parcel: get("parcel"), RelapseOf: get("relapse_of"),
			Origin: intake.Origin{Issuer: get("issuer"), Reference: get("reference"), IssuedOn: get("issued_on"), ReportedOn: get("reported_on")}},
		Identity: intake.Identity{Name: get("name"), Phone: get("phone"), Email: get("email")}}
}

// fields reads the form up to its first file; what follows is streamed, so that
// nothing is spilled to a temporary file.
func (d *desk) fields(c *gin.Context) (map[string][]string, iter.Seq2[intake.File, error], error) {
	m, err := c.Request.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		if err := d.parse(c); err != nil {
			return nil, nil, err
		}
		return maps.Clone(map[string][]string(c.Request.PostForm)), nil, nil
	}
	if err != nil {
		return nil, nil, errMalformed
	}
	form, left := map[string][]string{}, int64(formLimit)
	for {
		p, err := m.NextPart()
		if errors.Is(err, io.EOF) {
			return form, nil, nil
		}
		if err != nil {
			return nil, nil, errMalformed
		}
		if p.FormName() == "files" {
			return form, streamed(m, p), nil
		}
		var b strings.Builder
		n, err := io.Copy(&b, io.LimitReader(p, left+1))
		if err != nil {
			return nil, nil, errMalformed
		}
		if left -= n; left < 0 {
			return nil, nil, intake.ErrTooLarge
		}
		name := page.Tidy(p.FormName())
		form[name] = append(form[name], page.Tidy(b.String()))
	}
}

// streamed yields the files; an input without a file is passed over.
func streamed(m *multipart.Reader, p *multipart.Part) iter.Seq2[intake.File, error] {
	return func(yield func(intake.File, error) bool) {
		for err := error(nil); ; p, err = m.NextPart() {
			switch {
			case errors.Is(err, io.EOF):
				return
			case err != nil:
				yield(intake.File{}, intake.ErrRead)
				return
			case p.FormName() != "files":
				yield(intake.File{}, errMalformed)
				return
			case p.FileName() == "":
				continue
			}
			if !yield(intake.File{Name: p.FileName(), Type: p.Header.Get("Content-Type"), Body: p}, nil) {
				return
			}
		}
	}
}

// Replies are the wishes a reporter may have.
func (keyinPage) Replies() []intake.Reply {
	return []intake.Reply{intake.ReplyReceipt, intake.ReplyContact, intake.ReplyNone}
}
