package page

// PlaceStep is one step down a tree of places that is too long for one list: what
// is chosen, and what stands right below it.
type PlaceStep struct {
	At, Up  string // the chosen place and the one above it, "" at the top
	Path    string // their names, the widest first
	Options []PlaceOption
}

// Has says whether there is a place of this code.
func (places Places) Has(code string) bool {
	byCode, _ := places.index()
	_, ok := byCode[code]
	return ok
}

// Step is the list a reader goes on from: the place at itself (whole is put behind
// its name) and those right below it. A place with none below shows its
// neighbours.
func (places Places) Step(at, lang, whole string) PlaceStep {
	byCode, children := places.index()
	p, ok := byCode[at]
	if ok && len(children[p.Code]) == 0 {
		p, ok = byCode[p.Parent]
	}
	if !ok {
		return PlaceStep{Options: options(places.roots(byCode), lang)}
	}
	return PlaceStep{At: p.Code, Up: p.Parent, Path: pathOf(p, byCode, lang),
		Options: append([]PlaceOption{{p.Code, p.Name.In(lang) + whole}}, options(children[p.Code], lang)...)}
}

// roots are the places whose parent isn't one of them.
func (places Places) roots(byCode map[string]Place) (out Places) {
	for _, p := range places {
		if _, ok := byCode[p.Parent]; !ok {
			out = append(out, p)
		}
	}
	return out
}

func options(places Places, lang string) []PlaceOption {
	out := make([]PlaceOption, len(places))
	for i, p := range places {
		out[i] = PlaceOption{p.Code, p.Name.In(lang)}
	}
	return out
}
