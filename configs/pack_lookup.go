package configs

import "slices"

// Facts are what routing looks at.
type Facts struct {
	Category string
	Conduct  []string
	Source   string
	Urgent   bool
}

// Route is who deals with a tip, and who else is told. Both hold department codes.
type Route struct {
	Department string
	Also       []string
}

// Route follows the rules: the first that names a department wins, else the category's own
// department, else the default; everybody whom a matching rule adds is told, once.
func (p *Pack) Route(f Facts) Route {
	var r Route
	for _, rule := range p.Rules.Rules {
		if !rule.matches(f) {
			continue
		}
		r.Department = or(r.Department, rule.Department)
		r.Also = append(r.Also, rule.Also...)
	}
	if c, ok := p.Category(f.Category); ok {
		r.Department = or(r.Department, c.Department)
	}
	r.Department = or(r.Department, p.Rules.Default)
	slices.Sort(r.Also)
	r.Also = slices.DeleteFunc(slices.Compact(r.Also), func(d string) bool { return d == r.Department })
	return r
}

func (r Rule) matches(f Facts) bool {
	holds := func(want []string, has ...string) bool {
		return len(want) == 0 || slices.ContainsFunc(has, func(h string) bool { return slices.Contains(want, h) })
	}
	return (!r.Urgent || f.Urgent) && holds(r.Category, f.Category) &&
		holds(r.Conduct, f.Conduct...) && holds(r.Source, f.Source)
}

func find[T any](list []T, code string, of func(T) string) (T, bool) {
	if i := slices.IndexFunc(list, func(t T) bool { return of(t) == code }); i >= 0 {
		return list[i], true
	}
	var none T
	return none, false
}

// Desk is the desk with that id.
func (p *Pack) Desk(id string) (Desk, bool) {
	return find(p.Desks, id, func(d Desk) string { return d.ID })
}

// Category is the category with that code.
func (p *Pack) Category(code string) (Category, bool) {
	return find(p.Categories, code, func(c Category) string { return c.Code })
}

// ConductOf is the conduct with that code.
func (p *Pack) ConductOf(code string) (Conduct, bool) {
	return find(p.Conduct, code, func(c Conduct) string { return c.Code })
}

// Source is the source with that code.
func (p *Pack) Source(code string) (Source, bool) {
	return find(p.Sources, code, func(s Source) string { return s.Code })
}

// Department is the department with that code.
func (p *Pack) Department(code string) (Department, bool) {
	return find(p.Departments, code, func(d Department) string { return d.Code })
}

// Reason is the reason for refusal with that code.
func (p *Pack) Reason(code string) (Reason, bool) {
	return find(p.Reasons, code, func(r Reason) string { return r.Code })
}

// ElsewhereOf is the other channel with that code.
func (p *Pack) ElsewhereOf(code string) (Elsewhere, bool) {
	return find(p.Elsewhere, code, func(e Elsewhere) string { return e.Code })
}

// Profile is the deadline profile with that id.
func (p *Pack) Profile(id string) (Profile, bool) {
	return find(p.Profiles, id, func(f Profile) string { return f.ID })
}

// Document is the text with that id: home, scope, procedure, protection, privacy.
func (p *Pack) Document(id string) (Document, bool) {
	return find(p.Documents, id, func(d Document) string { return d.ID })
}

// Place is the place with that code, valid today or not.
func (p *Pack) Place(code string) (Place, bool) {
	return find(p.Places, code, func(q Place) string { return q.Code })
}

// deepestPlace is how many levels of places there may be, so that a tangled list cannot hang anything.
const deepestPlace = 8

// PlacePath is the way from the root down to the place with that code; empty when it is unknown.
func (p *Pack) PlacePath(code string) []Place {
	var path []Place
	for q, ok := p.Place(code); ok && len(path) < deepestPlace; q, ok = p.Place(q.Parent) {
		path = append(path, q)
	}
	slices.Reverse(path)
	return path
}

// ValidOn says whether the place exists on day (2006-01-02).
func (q Place) ValidOn(day string) bool {
	return (q.ValidFrom == "" || q.ValidFrom <= day) && (q.ValidTo == "" || day <= q.ValidTo)
}

// Step is the deadline of that kind, if the profile has one.
func (f Profile) Step(kind string) (Step, bool) {
	return find(f.Steps, kind, func(s Step) string { return s.Kind })
}
