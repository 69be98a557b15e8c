package desk

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/casework"
	"tipline/intake/members"
)

type tipPage struct {
	frame
	casework.View
	Department string        // by the office's rules
	Closed     []book.Parcel // those it is about whose work is done
	Unread     string        // the next tip that nobody has read, "" when there is none
	chosen     string        // the answer's template
	refusal
}

func (d *desk) tip(c *gin.Context, s *members.Session) error {
	p, err := d.openTip(c, s)
	if errors.Is(err, casework.ErrDestroyed) {
		return d.to(c, "/certificates/"+c.Param("id"))
	}
	if err != nil {
		return err
	}
	d.render(c, http.StatusOK, "tip", p)
	return nil
}

func (d *desk) openTip(c *gin.Context, s *members.Session) (tipPage, error) {
	v, err := d.Casework.Read(c.Request.Context(), d.actor(s), c.Param("id"))
	if err != nil {
		return tipPage{}, err
	}
	closed, err := d.Book.ClosedParcels(c.Request.Context(), d.actor(s), v.Report.Parcel, v.Report.RelapseOf)
	if err != nil { // the ledger may be another database: a tip is read without it
		d.Log.Error("a tip's parcels can't be read", "error", err)
	}
	next, err := d.Casework.NextUnread(c.Request.Context(), d.actor(s))
	if err != nil {
		return tipPage{}, err
	}
	return tipPage{frame: d.frame(c, s), View: v, Unread: next, Department: d.Casework.Department(v.Tip), Closed: closed, chosen: c.Query("answer")}, nil
}

// Standing is where a request stands now: an approved one is closed when its view
// has run out, also before it is swept away.
func (p tipPage) Standing(r intake.Custody) intake.CustodyState {
	if r.State == intake.CustodyApproved && !p.d.Now().Before(r.ViewUntil) {
		return intake.CustodyClosed
	}
	return r.State
}

// Mine says whether a request is this member's own and its view still open.
func (p tipPage) Mine(r intake.Custody) bool {
	return r.State == intake.CustodyApproved && r.Asker == p.Member && p.d.Now().Before(r.ViewUntil)
}

// MayAsk says whether a new request makes sense: none of this member's own waits
// or is open, and the identity is with this desk's own custodians.
func (p tipPage) MayAsk() bool {
	return p.Handover == nil && !slices.ContainsFunc(p.Custody, func(r intake.Custody) bool {
		return r.Asker == p.Member && (r.State == intake.CustodyAsked || p.Mine(r))
	})
}

// Next are the states the tip may go to; a held one waits for its release, one whose
// refusal waits for a second reviewer isn't refused again, and nobody is asked about
// what nobody reported.
func (p tipPage) Next() []intake.State {
	return slices.DeleteFunc(p.Tip.State.Next(), func(s intake.State) bool {
		switch {
		case p.Review != nil && p.Review.Kind == intake.ReviewBefore:
			return s == intake.StateDeclined || s == intake.StateSpam
		case p.Tip.Lane == intake.Held:
			return s != intake.StateReviewing && s != intake.StateSpam
		default:
			return s == intake.StateNeedsInfo && p.Nobody()
		}
	})
}

// Nobody says whether the tip has no reporter: it came from an office, a newspaper or
// a satellite.
func (p tipPage) Nobody() bool { return p.Tip.Channel == intake.Office }

// Reasons are the reasons for refusal.
func (p tipPage) Reasons() []Reason { return p.d.Content.Reasons }

// FirstLetter is what is told with the first reason, which is the chosen one until
// another is chosen.
func (p tipPage) FirstLetter() string {
	if len(p.Reasons()) == 0 {
		return ""
	}
	return p.Reasons()[0].Letter.In(p.ReporterLang())
}

// Size is a file's size for people.
func (p tipPage) Size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	default:
		return fmt.Sprintf("%d B", n)
	}
}

// Picture says whether a file can be shown inline.
func (p tipPage) Picture(f intake.SealedFile) bool {
	return f.Clean && inline(f.Type) && strings.HasPrefix(f.Type, "image/")
}

// Gone words what the original tells and the clean copy doesn't.
func (p tipPage) Gone(removed []string) string {
	what := make([]string, len(removed))
	for i, code := range removed {
		what[i] = p.T("desk.file.removed." + code)
	}
	return strings.Join(what, p.T("desk.file.removed.join"))
}

// Sound says whether a recording can be played on the page.
func (p tipPage) Sound(f intake.SealedFile) bool {
	return f.Clean && inline(f.Type) && strings.HasPrefix(f.Type, "audio/")
}

// Download says whether a clean copy is only to be had as a file.
func (p tipPage) Download(f intake.SealedFile) bool {
	return f.Clean && !inline(f.Type) && f.Type != "text/plain"
}

// inline tells the types of clean copies that a browser shows or plays, and that can do nothing else. It
// plays no AMR.
func inline(kind string) bool {
	switch kind {
	case "image/jpeg", "image/png", "image/gif", "image/webp", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/wav":
		return true
	}
	return false
}

// shelf is what the partial "files" renders.
type shelf struct {
	tipPage
	Files []intake.SealedFile
}

// Shelf gives files to the partial "files".
func (p tipPage) Shelf(files []intake.SealedFile) shelf { return shelf{p, files} }

// FileURL is the address of a file's clean copy.
func (p tipPage) FileURL(n int) string {
	return p.URL("/tips/" + p.Tip.ID + "/files/" + strconv.Itoa(n))
}

// Flag words a code that an adapter left for the handler.
func (f frame) Flag(code string) string {
	name, arg, _ := strings.Cut(code, ":")
	count, _ := strconv.Atoi(arg) // not all count something
	if id := "desk.flag." + name; f.Has(id) {
		return f.T(id, "n", arg, "count", count)
	}
	return code
}

// file sends a clean copy: inline only what can't act, in a sandbox.
func (d *desk) file(c *gin.Context, s *members.Session) error {
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil {
		return intake.ErrNotFound
	}
	content, kind, closer, err := d.Casework.CleanFile(c.Request.Context(), d.actor(s), c.Param("id"), n)
	if err != nil {
		return err
	}
	defer closer.Close()
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	switch {
	case inline(kind):
		h.Set("Content-Type", kind)
	case kind == "text/plain":
		h.Set("Content-Type", "text/plain; charset=utf-8")
	default:
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Disposition", `attachment; filename="`+strconv.Itoa(n)+extension(kind)+`"`)
	}
	http.ServeContent(c.Writer, c.Request, "", s.Began, content)
	return nil
}

// extension is what a program on the handler's machine knows a clean copy by.
func extension(kind string) string {
	const office = "application/vnd.openxmlformats-officedocument."
	switch kind {
	case "audio/amr":
		return ".amr"
	case "audio/amr-wb":
		return ".awb"
	case "application/pdf":
		return ".pdf"
	case office + "wordprocessingml.document":
		return ".docx"
	case office + "spreadsheetml.sheet":
		return ".xlsx"
	case office + "presentationml.presentation":
		return ".pptx"
	}
	return ".bin"
}

// Key is the key that opens a decision: the same on every page.
func (tipPage) Key(s intake.State) string {
	if n := slices.Index(frame{}.Decisions(), s); n >= 0 {
		return strconv.Itoa(n + 1)
	}
	return map[intake.State]string{intake.StateInLedger: "8", intake.StateVerifying: "9", intake.StateConcluded: "0", intake.StateAnswered: "r",
		intake.StateObjection: "o"}[s]
}

// Act words a decision; what a department gives back is one of its own.
func (p tipPage) Act(s intake.State) string {
	if p.Returns(s) {
		return p.T("desk.to.returned")
	}
	return p.T("desk.to." + string(s))
}

// Returns says whether going to s is a department's refusal (退回), which needs its
// reason.
func (p tipPage) Returns(s intake.State) bool {
	return p.Tip.State == intake.StateReferred && s == intake.StateReviewing
}

// Merges says whether the tip may go into another one.
func (p tipPage) Merges() bool {
	return p.Tip.Lane == intake.Normal && p.Tip.State.Due() == "acceptance" && len(p.Merged) == 0
}

// Leaves says whether the tip may go to another desk.
func (p tipPage) Leaves() bool {
	return len(p.Desks()) > 0 && p.Tip.State.Due() == "acceptance" && len(p.Merged) == 0
}

// Takes says whether others may go into a tip.
func (tipPage) Takes(t intake.Tip) bool { return casework.Takes(t) }

// SpamReasons are the codes of spam.
func (tipPage) SpamReasons() []string { return casework.SpamReasons() }

// opening is a text that an answer may begin with, in the reporter's language.
type opening struct{ Code, Label, Text, URL string }

// Templates are those that fit the tip's state.
func (p tipPage) Templates() (out []opening) {
	for _, a := range p.d.Content.Answers {
		if len(a.States) == 0 || slices.Contains(a.States, p.Tip.State) {
			out = append(out, opening{a.Code, a.Label.In(p.Lang()), a.Text.In(p.ReporterLang()), p.URL("/tips/" + p.Tip.ID + "?answer=" + a.Code + "#talk")})
		}
	}
	return out
}

// Begun is what the answer's field begins with: the template that was chosen without
// a script.
func (p tipPage) Begun() string {
	for _, t := range p.Templates() {
		if t.Code == p.chosen {
			return t.Text
		}
	}
	return ""
}

// ReporterLang is the language the reporter reads.
func (p tipPage) ReporterLang() string {
	if p.Report.Lang != "" {
		return p.Report.Lang
	}
	return p.Lang()
}
