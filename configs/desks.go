package configs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Work lets the pack's first desk work, and of the others those that the configuration's desks names;
// metrics is its ops.desk, alerts those of its alerts.desks. A name that the pack doesn't have is a [Problem].
func (p *Pack) Work(desks []string, metrics string, alerts []DeskAlerts) error {
	var problems []error
	working := p.Desks[:1:1]
	for i, id := range desks {
		d, ok := p.Desk(id)
		switch {
		case !ok:
			problems = append(problems, &Problem{fmt.Sprintf("desks[%d]", i), "is no desk of the pack; it has " + strings.Join(codesOf(p.Desks[1:], func(d Desk) string { return d.ID }), ", ")})
		case id != p.Desks[0].ID: // which always works
			working = append(working, d)
		}
	}
	p.Desks = working
	if _, ok := p.Desk(metrics); metrics != "" && !ok {
		problems = append(problems, &Problem{"ops.desk", "is no desk that works here; name one of desks, or leave it empty for the first"})
	}
	for i, a := range alerts {
		if _, ok := p.Desk(a.Desk); !ok || a.Desk == p.Desks[0].ID {
			problems = append(problems, &Problem{fmt.Sprintf("alerts.desks[%d].desk", i), "is no further desk that works here; name one of desks (the first desk's alerts are alerts.mail and alerts.webhook)"})
		}
	}
	return errors.Join(problems...)
}

// DeskFacts are what the choice of a desk looks at.
type DeskFacts struct {
	Home     string // the desk it came to; empty: the first
	Concerns bool   // the reporter says that it concerns that desk's office
	Subject  string // who or what is reported
	Category string
	Place    string
}

// RouteDesk is the desk a tip goes to. ok is false when the tip concerns the desk it came to and no
// other one works: it must not be taken there.
//
// A tip that a further desk takes down stays there, unless it concerns that desk: whoever wrote to the next
// level up isn't sent back.
func (p *Pack) RouteDesk(f DeskFacts) (desk string, ok bool) {
	first := p.Desks[0].ID
	home := or(f.Home, first)
	if home != first && !f.Concerns {
		return home, true
	}
	for _, r := range p.DeskRules {
		if !r.matches(f) {
			continue
		}
		for _, id := range r.Desk {
			if _, works := p.Desk(id); works && (!f.Concerns || id != home) {
				return id, true
			}
		}
	}
	return home, !f.Concerns
}

func (r DeskRule) matches(f DeskFacts) bool {
	subject := folded(f.Subject)
	return (!r.Concerns || f.Concerns) &&
		holdsOne(r.Subject, func(word string) bool { return strings.Contains(subject, folded(word)) }) &&
		holdsOne(r.Category, func(code string) bool { return code == f.Category }) &&
		holdsOne(r.Place, func(code string) bool { return strings.HasPrefix(f.Place, code) })
}

// holdsOne says whether a list states nothing, or something that holds.
func holdsOne(list []string, holds func(string) bool) bool {
	return len(list) == 0 || slices.ContainsFunc(list, holds)
}

// folded is a text as words are looked for in it: however it was spaced, in whatever width or case.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(s))
}

// deskRules checks desks.yaml, and names what is wrong by its dotted key.
func (c *packChecker) deskRules() {
	p := c.pack
	for i, r := range p.DeskRules {
		each := func(key string, list []string, ok func(string) bool, want string) {
			for j, v := range list {
				if !ok(v) {
					c.fail(fmt.Sprintf("desks.yaml: rules[%d].%s[%d]", i, key, j), "%q %s", v, want)
				}
			}
		}
		each("desk", r.Desk, func(s string) bool { return has(p.Desk, s) }, "is not among the desks of pack.yaml")
		each("category", r.Category, func(s string) bool { return has(p.Category, s) }, "is not in categories.yaml")
		each("place", r.Place, func(s string) bool { return has(p.Place, s) }, "is not in places.csv")
		each("subject", r.Subject, func(s string) bool { return folded(s) != "" }, "holds no letter")
		if len(r.Desk) == 0 {
			c.fail(fmt.Sprintf("desks.yaml: rules[%d].desk", i), "names no desk")
		}
		if !r.Concerns && len(r.Subject)+len(r.Category)+len(r.Place) == 0 {
			c.fail(fmt.Sprintf("desks.yaml: rules[%d]", i), "states no condition: it would take every tip")
		}
	}
}
