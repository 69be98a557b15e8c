package configs

import (
	"regexp"
	"slices"
	"strings"
)

// Blanks are what the documents may name in braces, as {retention.spam}: how long tips are
// kept ("3 years") and what the deadlines come to, so that a text never promises what isn't kept.
func Blanks() []string {
	return []string{"retention.spam", "retention.declined", "retention.referred", "retention.merged", "retention.withdrawn", "retention.concluded", "retention.backups",
		"deadline.acknowledgement", "deadline.acceptance", "deadline.conclusion", "deadline.feedback", "deadline.pause", "deadline.approver", "deadline.basis"}
}

var (
	blank = regexp.MustCompile(`\{([a-z_.]+)\}`)
	// twice is a time that would be told in two units: "3 years days".
	twice = regexp.MustCompile(`\{retention\.[a-z]+\} ?(days?|天|日)`)
)

// named are the blanks of a text in all its languages.
func named(t Text) (names []string) {
	for _, s := range t {
		for _, m := range blank.FindAllStringSubmatch(s, -1) {
			names = append(names, m[1])
		}
	}
	return names
}

// Fill puts values in the places of the documents that name them. A paragraph or point
// that names an empty value is left out, and a section with it that holds no more.
func (p *Pack) Fill(values map[string]Text) {
	lacks := func(t Text) bool {
		return slices.ContainsFunc(named(t), func(name string) bool { v, known := values[name]; return known && len(v) == 0 })
	}
	in := func(texts ...Text) {
		for _, t := range texts {
			for lang, text := range t {
				for name, v := range values {
					text = strings.ReplaceAll(text, "{"+name+"}", v.In(lang))
				}
				t[lang] = text
			}
		}
	}
	for i, d := range p.Documents {
		in(d.Title, d.Lead)
		for k, s := range d.Sections {
			s.Paragraphs = slices.DeleteFunc(s.Paragraphs, lacks)
			s.Points = slices.DeleteFunc(s.Points, func(x Point) bool { return lacks(x.Term) || lacks(x.Text) })
			in(append([]Text{s.Title}, s.Paragraphs...)...)
			for _, point := range s.Points {
				in(point.Term, point.Text)
			}
			d.Sections[k] = s
		}
		p.Documents[i].Sections = slices.DeleteFunc(d.Sections, func(s Section) bool { return len(s.Paragraphs)+len(s.Points) == 0 })
	}
}
