package page

import "tipline/configs/locale"

// Text is one text of the office by language tag ("zh-CN", "en").
type Text map[string]string

// In is the text in lang, else in the language behind it, else in English, else in
// Chinese, else "".
func (t Text) In(lang string) string { return t[t.Tongue(lang)] }

// Tongue is the language that [Text.In] speaks, lang itself where there is no text.
func (t Text) Tongue(lang string) string {
	for _, l := range []string{lang, locale.Behind(lang), "en", "zh-CN"} {
		if t[l] != "" {
			return l
		}
	}
	return lang
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

// Places are administrative places, parents before their children.
type Places []Place

// PlaceGroup is one optgroup of a place list.
type PlaceGroup struct {
	Label  string
	Places []PlaceOption
}

// PlaceOption is one place of a list.
type PlaceOption struct{ Code, Label string }

// Groups are the townships (or what stands lowest above a village), each with
// its villages and their groups, in the order given. whole is put behind the
// name of a place that stands for all of it.
func (places Places) Groups(lang, whole string) []PlaceGroup {
	byCode, children := places.index()
	var out []PlaceGroup
	for _, p := range places {
		if p.Level == "village" || p.Level == "group" {
			continue
		}
		g := PlaceGroup{Label: pathOf(p, byCode, lang), Places: []PlaceOption{{p.Code, p.Name.In(lang) + whole}}}
		for _, v := range children[p.Code] {
			if v.Level == "village" || v.Level == "group" {
				g.Places = append(g.Places, below(v, "", children, lang)...)
			}
		}
		out = append(out, g)
	}
	return out
}

// Path is a place's name with those above it, or the code itself when it isn't
// one of the places.
func (places Places) Path(code, lang string) string {
	byCode, _ := places.index()
	p, ok := byCode[code]
	if !ok {
		return code
	}
	return pathOf(p, byCode, lang)
}

func (places Places) index() (byCode map[string]Place, children map[string][]Place) {
	byCode, children = map[string]Place{}, map[string][]Place{}
	for _, p := range places {
		byCode[p.Code] = p
		children[p.Parent] = append(children[p.Parent], p)
	}
	return byCode, children
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

func below(p Place, prefix string, children map[string][]Place, lang string) []PlaceOption {
	label := prefix + p.Name.In(lang)
	out := []PlaceOption{{p.Code, label}}
	for _, c := range children[p.Code] {
		out = append(out, below(c, label+" · ", children, lang)...)
	}
	return out
}
