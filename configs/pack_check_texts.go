package configs

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func (c *packChecker) reasons() {
	p := c.pack
	c.codes("reasons.yaml", codesOf(p.Reasons, func(x Reason) string { return x.Code }))
	for _, x := range p.Reasons {
		c.text("reasons.yaml: "+x.Code, "label", x.Label)
		c.text("reasons.yaml: "+x.Code, "letter", x.Letter)
		c.known("reasons.yaml: "+x.Code, "elsewhere", x.Elsewhere, func(s string) bool { return has(p.ElsewhereOf, s) })
	}
	c.codes("elsewhere.yaml", codesOf(p.Elsewhere, func(x Elsewhere) string { return x.Code }))
	for _, x := range p.Elsewhere {
		c.text("elsewhere.yaml: "+x.Code, "matter", x.Matter)
		c.text("elsewhere.yaml: "+x.Code, "where", x.Where)
	}
}

// states are those of a tip, as answers name them.
func states() []string {
	return []string{"received", "reviewing", "needs_info", "accepted", "declined", "referred", "merged", "spam", "in_ledger", "verifying", "concluded",
		"answered", "objection", "withdrawn"}
}

func (c *packChecker) answers() {
	c.codes("answers.yaml", codesOf(c.pack.Answers, func(x Answer) string { return x.Code }))
	for _, x := range c.pack.Answers {
		where := "answers.yaml: " + x.Code
		c.text(where, "label", x.Label)
		c.text(where, "text", x.Text)
		c.known(where, "states", x.States, func(s string) bool { return slices.Contains(states(), s) })
	}
}

func (c *packChecker) deadlines() {
	p := c.pack
	c.codes("deadlines.yaml", codesOf(p.Profiles, func(x Profile) string { return x.ID }))
	for _, x := range p.Profiles {
		where := "deadlines.yaml: " + x.ID
		c.text(where, "label", x.Label)
		c.text(where, "basis", x.Basis)
		if len(x.Steps) == 0 && !x.Local {
			c.fail(where, "has no steps; add them, or mark it local")
		}
		for _, s := range x.Steps {
			c.step(where+": "+s.Kind, s)
		}
		if !slices.Contains([]string{"", "handler", "supervisor"}, x.Extension.Role) {
			c.fail(where, "extension.role must be handler or supervisor, or empty when nothing is put off")
		}
		if x.Extension.Role != "" {
			c.text(where, "extension.approver", x.Extension.Approver)
		}
		if x.Pause.Days < 0 || x.Extension.Days < 0 || x.Extension.Months < 0 {
			c.fail(where, "days and months can't be negative")
		}
	}
	c.codes("phases.yaml", codesOf(p.Phases, func(x Phase) string { return x.ID }))
	for _, x := range p.Phases {
		c.text("phases.yaml: "+x.ID, "label", x.Label)
		if !isDate(x.From) || !isDate(x.Until) || x.From > x.Until {
			c.fail("phases.yaml: "+x.ID, "from and until must be dates (2006-01-02) in order")
		}
	}
}

func (c *packChecker) calendar() {
	type kind struct {
		year        int
		provisional bool
	}
	seen := map[kind]bool{}
	for _, y := range c.pack.Calendar {
		where := fmt.Sprintf("calendar.yaml: %d", y.Year)
		if seen[kind{y.Year, y.Provisional}] {
			c.fail(where, "stands twice")
		}
		seen[kind{y.Year, y.Provisional}] = true
		for _, stretch := range append(slices.Clone(y.Off), y.Work...) {
			first, last := ends(stretch)
			if !isDate(first) || !isDate(last) || first > last || first[:4] != fmt.Sprint(y.Year) || last[:4] != first[:4] {
				c.fail(where, "%q must be a day of that year, or two joined by /", stretch)
			}
		}
	}
}

func (c *packChecker) step(where string, s Step) {
	kinds := []string{"acknowledgement", "acceptance", "transfer", "conclusion", "feedback", "review", "second_review", "filing", "decision"}
	moments := []string{"received", "acknowledged", "accepted", "concluded", "requested", "verified", "filed"}
	if !slices.Contains(kinds, s.Kind) {
		c.fail(where, "kind must be one of: %s", strings.Join(kinds, ", "))
	}
	if !slices.Contains(moments, s.From) {
		c.fail(where, "from must be one of: %s", strings.Join(moments, ", "))
	}
	if s.Days < 0 || s.Months < 0 || s.Days+s.Months == 0 {
		c.fail(where, "needs days or months")
	}
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func (c *packChecker) places() {
	p := c.pack
	c.codes("places.csv", codesOf(p.Places, func(q Place) string { return q.Code }))
	known := map[string]bool{}
	for _, q := range p.Places {
		known[q.Code] = true
	}
	for _, q := range p.Places {
		where := "places.csv: " + q.Code
		c.text(where, "name", q.Name)
		if q.Parent != "" && !known[q.Parent] || q.Parent == q.Code {
			c.fail(where, "parent %q is not in the file", q.Parent)
		}
		if path := p.PlacePath(q.Code); len(path) > 0 && path[0].Parent != "" && known[path[0].Parent] {
			c.fail(where, "the places above it run in a circle, or over more than %d levels", deepestPlace)
		}
		if !slices.Contains([]string{"province", "city", "county", "township", "village", "group"}, q.Level) {
			c.fail(where, "level %q must be province, city, county, township, village or group", q.Level)
		}
		if (q.ValidFrom != "" && !isDate(q.ValidFrom)) || (q.ValidTo != "" && !isDate(q.ValidTo)) {
			c.fail(where, "valid_from and valid_to must be empty or dates (2006-01-02)")
		}
		if (q.Lat != "" || q.Lon != "") && (!isDegrees(q.Lat, 90) || !isDegrees(q.Lon, 180)) {
			c.fail(where, "lat and lon must both be WGS-84 degrees such as 34.43 and 115.06, or both empty")
		}
	}
}

func (c *packChecker) documents() {
	p := c.pack
	c.codes("texts", codesOf(p.Documents, func(d Document) string { return d.ID }))
	for _, id := range []string{"home", "scope", "procedure", "protection", "privacy"} {
		if !has(p.Document, id) {
			c.fail("texts", "the document %q is missing", id)
		}
	}
	for _, d := range p.Documents {
		where := "texts: " + d.ID
		c.text(where, "title", d.Title)
		c.text(where, "lead", d.Lead)
		c.codes(where, codesOf(d.Sections, func(s Section) string { return s.ID }))
		for _, s := range d.Sections {
			c.section(where+": "+s.ID, s)
		}
	}
}

func (c *packChecker) section(where string, s Section) {
	c.text(where, "title", s.Title)
	for i, t := range s.Paragraphs {
		c.text(where, fmt.Sprintf("paragraph %d", i+1), t)
		c.blanks(where, t)
	}
	for i, pt := range s.Points {
		what := fmt.Sprintf("point %d", i+1)
		c.text(where, what, pt.Text)
		c.blanks(where, pt.Text)
		if len(pt.Term) > 0 {
			c.text(where, what+"'s term", pt.Term)
		}
	}
	if len(s.Paragraphs)+len(s.Points) == 0 {
		c.fail(where, "is empty")
	}
}

// blanks asks for names in braces that something fills in, and for no unit behind one that brings its own.
func (c *packChecker) blanks(where string, t Text) {
	for _, s := range t {
		if m := twice.FindStringSubmatch(s); m != nil {
			c.fail(where, "leave %q out behind %s: the unit comes along", m[1], blank.FindString(m[0]))
		}
	}
	c.known(where, "in braces", named(t), func(name string) bool { return slices.Contains(Blanks(), name) })
}
