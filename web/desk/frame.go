package desk

import (
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
	"tipline/web/page"
)

// frame is what every page of the console knows.
type frame struct {
	page.View
	d            *desk
	Member       string
	desk         string // the member's
	Handler      bool
	Custodian    bool
	WaitRequests int                // that wait for this custodian
	WaitAnswers  int                // the same
	Superior     bool               // a supervisor
	Oversees     bool               // sees what is late
	LateTips     int                // how many tips are, for who sees it
	Staff        bool               // sees the list of members
	Channels     bool               // sees how the channels do
	Weak         []members.Weakness // what the list warns of, for who sees it
}

func (d *desk) frame(c *gin.Context, s *members.Session) frame {
	f := frame{View: d.pages.View(c.Request), d: d}
	f.Loose = c.Request.Method == "GET"
	if s != nil {
		a := d.actor(s)
		f.desk = s.Member.Desk
		f.Member, f.Handler, f.Custodian = a.Name, a.Is(casework.RoleHandler), a.Is(casework.RoleCustodian)
		if f.Custodian {
			f.WaitRequests, f.WaitAnswers, _ = d.Casework.Waiting(c.Request.Context(), a) // a page is shown without them, too
		}
		f.Superior = a.Is(casework.RoleSupervisor)
		if f.Oversees = f.Handler || f.Superior; f.Oversees {
			f.LateTips = d.late.get(a.Desk, d.Now(), func() (int, error) { return d.Casework.Overdue(c.Request.Context(), a) })
		}
		f.Channels = casework.SeesChannels(a)
		if f.Staff = seesStaff(a.Roles); f.Staff {
			f.Weak = d.weak.get(a.Desk, d.Now(), func() ([]members.Weakness, error) { return d.Members.Weaknesses(c.Request.Context(), a.Desk) })
		}
	}
	return f
}

// Office is the office's name.
func (f frame) Office() string { return f.d.Content.Office.In(f.Lang()) }

// AtDesk is the name of the member's desk where several work, else "".
func (f frame) AtDesk() string {
	for _, o := range f.d.Content.Desks {
		if o.Code == f.desk && len(f.d.Content.Desks) > 1 {
			return o.Label.In(f.Lang())
		}
	}
	return ""
}

// Desks are those beside the member's own.
func (f frame) Desks() (out []option) {
	for _, o := range f.d.Content.Desks {
		if o.Code != f.desk {
			out = append(out, option{o.Code, o.Label.In(f.Lang())})
		}
	}
	return out
}

// Label words a code of the pack; one that the pack doesn't have stands as it is.
func (f frame) Label(kind, code string) string {
	for _, c := range f.d.choices(kind) {
		if c.Code == code {
			return c.Label.In(f.Lang())
		}
	}
	if id := kind + "." + code; f.Has(id) {
		return f.T(id)
	}
	return code
}

func (d *desk) choices(kind string) []page.Choice {
	switch kind {
	case "category":
		return d.Content.Categories
	case "conduct":
		return d.Content.Conduct
	case "source":
		return d.Content.Sources
	case "department":
		return d.Content.Departments
	case "desk":
		return d.Content.Desks
	default:
		return nil
	}
}

// Choices are the codes of a kind with their labels.
func (f frame) Choices(kind string) []option {
	var out []option
	for _, c := range f.d.choices(kind) {
		out = append(out, option{c.Code, c.Label.In(f.Lang())})
	}
	return out
}

type option struct{ Code, Label string }

// Place is a place's name with those above it.
func (f frame) Place(code string) string {
	if code == "" {
		return f.T("word.unknown")
	}
	return f.d.Content.Places.Path(code, f.Lang())
}

// Near is a place's name without the county, which all of them share.
func (f frame) Near(code string) string {
	if _, near, ok := strings.Cut(f.Place(code), " · "); ok {
		return near
	}
	return f.Place(code)
}

// PlaceGroups are the places to choose from.
func (f frame) PlaceGroups() []page.PlaceGroup {
	return f.d.Content.Places.Groups(f.Lang(), f.T("desk.place.whole"))
}

// soonDays is how many days before its date a promise is marked.
const soonDays = 2

// due is a promise with a date, worded.
type due struct {
	On          intake.Date
	Kind, Words string
	Class       string // late, soon or ""
}

// Due words what is promised about a tip; nil when no clock runs.
func (f frame) Due(t intake.Tip) *due {
	kind := t.State.Due()
	if kind == "" || t.DueOn == "" {
		return nil
	}
	p := &due{On: t.DueOn, Kind: f.T("due." + kind)}
	switch days := daysBetween(intake.DateOf(f.d.Now(), f.d.Loc), t.DueOn); {
	case days < 0:
		p.Class, p.Words = "late", f.T("due.overdue", "count", -days)
	case days == 0:
		p.Class, p.Words = "soon", f.T("due.today")
	case days <= soonDays:
		p.Class, p.Words = "soon", f.T("due.days", "count", days)
	default:
		p.Words = f.T("due.days", "count", days)
	}
	return p
}

func daysBetween(from, to intake.Date) int {
	a, errA := time.Parse(time.DateOnly, string(from))
	b, errB := time.Parse(time.DateOnly, string(to))
	if errA != nil || errB != nil {
		return 0
	}
	return int(b.Sub(a).Hours() / 24)
}

// Clock is a moment's time of day in the office.
func (f frame) Clock(t time.Time) string { return t.In(f.d.Loc).Format("15:04") }

// Moment is a moment in the office, to the minute.
func (f frame) Moment(t time.Time) string { return t.In(f.d.Loc).Format("2006-01-02 15:04") }

// Decisions are those that have a digit, in its order.
func (frame) Decisions() []intake.State {
	return []intake.State{intake.StateReviewing, intake.StateNeedsInfo, intake.StateAccepted, intake.StateDeclined, intake.StateReferred, intake.StateSpam}
}

// Reason words a refusal's code; one without words stands as it is.
func (f frame) Reason(code string) string {
	for _, r := range f.d.Content.Reasons {
		if r.Code == code {
			return r.Label.In(f.Lang())
		}
	}
	if id := "desk.spam." + code; f.Has(id) {
		return f.T(id)
	}
	return code
}

// Short is enough of an id to tell tips apart by eye.
func (f frame) Short(id string) string { return id[:min(8, len(id))] }
