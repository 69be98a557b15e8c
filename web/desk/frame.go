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
	d         *desk
	Member    string
	Handler   bool
	Custodian bool
	Warnings  []string
}

func (d *desk) frame(c *gin.Context, s *members.Session) frame {
	f := frame{View: d.pages.View(c.Request), d: d}
	f.Loose = c.Request.Method == "GET"
	if s != nil {
		a := d.actor(s)
		f.Member, f.Handler, f.Custodian = a.Name, a.Is(casework.RoleHandler), a.Is(casework.RoleCustodian)
	}
	return f
}

// Office is the office's name.
func (f frame) Office() string { return f.d.Content.Office.In(f.Lang()) }

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

// Overdue says whether a tip's promise is past.
func (f frame) Overdue(t intake.Tip) bool {
	return t.DueOn != "" && t.State.Due() != "" && t.DueOn < intake.DateOf(f.d.Now(), f.d.Loc)
}

// Clock is a moment's time of day in the office.
func (f frame) Clock(t time.Time) string { return t.In(f.d.Loc).Format("15:04") }

// Moment is a moment in the office, to the minute.
func (f frame) Moment(t time.Time) string { return t.In(f.d.Loc).Format("2006-01-02 15:04") }

// Short is enough of an id to tell tips apart by eye.
func (f frame) Short(id string) string { return id[:min(8, len(id))] }
