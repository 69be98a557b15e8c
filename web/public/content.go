package public

// Text is one text by language tag ("zh-CN", "en").
type Text map[string]string

// In is the text in lang, else in English, else in Chinese, else "".
func (t Text) In(lang string) string {
	for _, l := range []string{lang, "en", "zh-CN"} {
		if s := t[l]; s != "" {
			return s
		}
	}
	return ""
}

// Content is what the pages say about one office and its campaign. Empty parts
// are left out of the pages.
type Content struct {
	Office    Text     // who receives the reports
	Hours     Text     // when the telephone is answered
	Phones    []string // numbers to call
	Mails     []string // addresses that take reports
	SMS       []string // numbers that take text messages
	Visit     Text     // where to go, or to write
	Emergency []string // numbers to dial in danger

	Categories []Choice
	Conduct    []Choice
	Places     []Place // parents before their children

	Home, Scope, Procedure, Protection, Privacy Document

	Footer Footer
}

// Choice is one code a report may carry. Icon is a drawing's name; an unknown
// one gets the drawing for "other".
type Choice struct {
	Code              string
	Label, Definition Text
	Icon              string
}

// Place is one administrative place: county, township, village or group.
type Place struct {
	Code, Parent, Level string
	Name                Text
}

// Document is one text of the office.
type Document struct {
	Title, Lead Text
	Sections    []Section
}

// Head is the document with its first section alone.
func (d Document) Head() Document {
	d.Sections = d.Sections[:min(1, len(d.Sections))]
	return d
}

// Rest is the document without its first section.
func (d Document) Rest() Document {
	d.Sections = d.Sections[min(1, len(d.Sections)):]
	return d
}

// Section is a titled stretch of a document: paragraphs, then points.
type Section struct {
	ID         string // an anchor, unique in its document
	Title      Text
	Paragraphs []Text
	Points     []Point
	Numbered   bool
}

// Point is one line of a list, with an optional term before it.
type Point struct{ Term, Text Text }

// Footer holds the numbers a Chinese site must show, and its sponsor (主办单位).
type Footer struct{ ICP, Police, Sponsor, SiteMark string }

// group is one optgroup of the place list.
type group struct {
	Label  string
	Places []option
}

type option struct{ Code, Label string }

// placeGroups are the townships (or what stands lowest above a village), each
// with its villages and their groups, in the order given.
func (c *Content) placeGroups(lang, whole string) []group {
	byCode, children := map[string]Place{}, map[string][]Place{}
	for _, p := range c.Places {
		byCode[p.Code] = p
		children[p.Parent] = append(children[p.Parent], p)
	}
	var out []group
	for _, p := range c.Places {
		if p.Level == "village" || p.Level == "group" {
			continue
		}
		g := group{Label: pathOf(p, byCode, lang), Places: []option{{p.Code, p.Name.In(lang) + whole}}}
		for _, v := range children[p.Code] {
			if v.Level == "village" || v.Level == "group" {
				g.Places = append(g.Places, below(v, "", children, lang)...)
			}
		}
		out = append(out, g)
	}
	return out
}

// pathOf is a place's name with those above it. A tree that bites its own tail
// ends after a few levels.
func pathOf(p Place, byCode map[string]Place, lang string) string {
	label, up := p.Name.In(lang), p
	for range 6 {
		var ok bool
		if up, ok = byCode[up.Parent]; !ok {
			break
		}
		label = up.Name.In(lang) + " · " + label
	}
	return label
}

func below(p Place, prefix string, children map[string][]Place, lang string) []option {
	label := prefix + p.Name.In(lang)
	out := []option{{p.Code, label}}
	for _, c := range children[p.Code] {
		out = append(out, below(c, label+" · ", children, lang)...)
	}
	return out
}
