package configs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a zone is known on machines without a zone database too
)

// check reports everything wrong in the pack at once.
func (p *Pack) check() error {
	c := &packChecker{pack: p}
	c.head()
	c.vocabulary()
	c.routing()
	c.deskRules()
	c.reasons()
	c.answers()
	c.deadlines()
	c.calendar()
	c.places()
	c.documents()
	return errors.Join(c.problems...)
}

type packChecker struct {
	pack     *Pack
	problems []error
}

func (c *packChecker) fail(where, format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf("%w: %s: %s", ErrPack, where, fmt.Sprintf(format, args...)))
}

// text asks for t in both languages.
func (c *packChecker) text(where, what string, t Text) {
	for _, lang := range []string{"zh-CN", "en"} {
		if strings.TrimSpace(t[lang]) == "" {
			c.fail(where, "%s is missing in %s", what, lang)
		}
	}
}

// codes asks for codes that are there, well formed and unique.
func (c *packChecker) codes(where string, codes []string) {
	seen := map[string]bool{}
	for _, code := range codes {
		switch {
		case code == "" || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "":
			c.fail(where, "code %q must be of a-z, 0-9, _ and -", code)
		case seen[code]:
			c.fail(where, "code %q stands twice", code)
		}
		seen[code] = true
	}
}

func codesOf[T any](list []T, of func(T) string) []string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = of(t)
	}
	return out
}

func (c *packChecker) head() {
	p := c.pack
	c.codes("pack.yaml", append([]string{p.ID}, codesOf(p.Desks, func(d Desk) string { return d.ID })...))
	c.text("pack.yaml: office", "name", p.Office.Name)
	if _, err := time.LoadLocation(or(p.Office.Timezone, "?")); err != nil {
		c.fail("pack.yaml: office", "timezone must be a time zone's name, as in Asia/Shanghai")
	}
	if len(p.Desks) == 0 {
		c.fail("pack.yaml", "needs at least one desk")
	}
	for _, d := range p.Desks {
		where := "pack.yaml: desk " + d.ID
		c.text(where, "name", d.Name)
		if _, ok := p.Place(d.Place); !ok {
			c.fail(where, "place %q is not in places.csv", d.Place)
		}
		if f, ok := p.Profile(d.Profile); !ok || len(f.Steps) == 0 {
			c.fail(where, "profile %q is not in deadlines.yaml, or has no steps", d.Profile)
		}
		c.department(where, d.Department)
	}
}

func (c *packChecker) vocabulary() {
	p := c.pack
	c.codes("categories.yaml", codesOf(p.Categories, func(x Category) string { return x.Code }))
	for _, x := range p.Categories {
		c.text("categories.yaml: "+x.Code, "label", x.Label)
		c.text("categories.yaml: "+x.Code, "definition", x.Definition)
		c.department("categories.yaml: "+x.Code, x.Department)
	}
	c.codes("conduct.yaml", codesOf(p.Conduct, func(x Conduct) string { return x.Code }))
	for _, x := range p.Conduct {
		c.text("conduct.yaml: "+x.Code, "label", x.Label)
		c.text("conduct.yaml: "+x.Code, "definition", x.Definition)
	}
	c.codes("sources.yaml", codesOf(p.Sources, func(x Source) string { return x.Code }))
	for _, x := range p.Sources {
		c.text("sources.yaml: "+x.Code, "label", x.Label)
	}
	c.codes("departments.yaml", codesOf(p.Departments, func(x Department) string { return x.Code }))
	for _, x := range p.Departments {
		c.text("departments.yaml: "+x.Code, "label", x.Label)
		c.text("departments.yaml: "+x.Code, "full", x.Full)
	}
	for need, ok := range map[string]bool{
		"categories.yaml: unknown": has(p.Category, "unknown"), "sources.yaml: public": has(p.Source, "public"),
	} {
		if !ok {
			c.fail(need, "must be there: it stands for a report that says nothing of it")
		}
	}
}

func has[T any](lookup func(string) (T, bool), code string) bool {
	_, ok := lookup(code)
	return ok
}

// department refuses a code that departments.yaml does not know; "" means the default.
func (c *packChecker) department(where, code string) {
	if code != "" && !has(c.pack.Department, code) {
		c.fail(where, "department %q is not in departments.yaml", code)
	}
}

func (c *packChecker) routing() {
	rules := c.pack.Rules
	if rules.Default == "" {
		c.fail("rules.yaml", "default is missing: name the department of last resort")
	}
	c.department("rules.yaml: default", rules.Default)
	for i, r := range rules.Rules {
		where := fmt.Sprintf("rules.yaml: rule %d", i+1)
		c.known(where, "category", r.Category, func(s string) bool { return has(c.pack.Category, s) })
		c.known(where, "conduct", r.Conduct, func(s string) bool { return has(c.pack.ConductOf, s) })
		c.known(where, "source", r.Source, func(s string) bool { return has(c.pack.Source, s) })
		for _, d := range append(slices.Clone(r.Also), r.Department) {
			c.department(where, d)
		}
	}
}

func (c *packChecker) known(where, what string, codes []string, ok func(string) bool) {
	for _, code := range codes {
		if !ok(code) {
			c.fail(where, "%s %q is unknown", what, code)
		}
	}
}
