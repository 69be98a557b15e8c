package main

import (
	"strings"
	"unicode/utf8"

	"tipline/configs"
	"tipline/configs/locale"
	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/ledger"
)

// bookWords lets sheets name the office's codes and places as people write them.
type bookWords struct {
	*office
	bundle *locale.Bundle
	codes  map[string]map[string]string // kind, folded label: code
	places map[string]string            // folded name: code; "" where several have it
}

func newBookWords(o *office, bundle *locale.Bundle) *bookWords {
	w := &bookWords{office: o, bundle: bundle, codes: map[string]map[string]string{}, places: map[string]string{}}
	for _, c := range o.pack.Categories {
		w.add("category", c.Code, c.Label)
	}
	for _, c := range o.pack.Sources {
		w.add("source", c.Code, c.Label)
	}
	for _, c := range o.pack.Departments {
		w.add("department", c.Code, c.Label)
		w.add("department", c.Code, c.Full)
	}
	for _, lang := range locale.Languages() {
		t := bundle.Translator(lang)
		for _, c := range intake.Channels() {
			w.add("channel", string(c), configs.Text{lang: t.T("channel." + string(c))})
		}
		for _, c := range intake.LedgerStates() {
			w.add("state", string(c), configs.Text{lang: t.T("ledger." + string(c))})
		}
	}
	for _, p := range o.pack.Places {
		w.addPlace(p)
	}
	return w
}

func (w *bookWords) add(kind, code string, label configs.Text) {
	if w.codes[kind] == nil {
		w.codes[kind] = map[string]string{}
	}
	w.codes[kind][book.Fold(code)] = code
	for _, text := range label {
		if f := book.Fold(text); f != "" && w.codes[kind][f] == "" {
			w.codes[kind][f] = code
		}
	}
}

// addPlace knows a place by its name, with and without those above it.
func (w *bookWords) addPlace(p configs.Place) {
	for lang := range p.Name {
		name := ""
		for _, above := range reversed(w.pack.PlacePath(p.Code)) {
			name = above.Name.In(lang) + name
			f := book.Fold(name)
			if other, there := w.places[f]; there && other != p.Code {
				w.places[f] = ""
			} else {
				w.places[f] = p.Code
			}
		}
	}
}

func reversed(path []configs.Place) []configs.Place {
	out := make([]configs.Place, len(path))
	for i, p := range path {
		out[len(path)-1-i] = p
	}
	return out
}

func (w *bookWords) Code(kind, text string) (string, bool) {
	f := book.Fold(text)
	if code := w.codes[kind][f]; code != "" {
		return code, true
	}
	return w.within(kind, f)
}

// within finds the one label that a short name is a part of: 非粮化 in 耕地“非粮化”.
func (w *bookWords) within(kind, f string) (found string, ok bool) {
	if utf8.RuneCountInString(f) < 2 {
		return "", false
	}
	for label, code := range w.codes[kind] {
		if strings.Contains(label, f) && code != found {
			if found != "" {
				return "", false
			}
			found = code
		}
	}
	return found, found != ""
}

func (w *bookWords) Place(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if _, ok := w.pack.Place(text); ok {
		return text, true
	}
	code := w.places[book.Fold(text)]
	return code, code != ""
}

func (w *bookWords) Labels(lang string) ledger.Labels { return w.labels(w.bundle.Translator(lang)) }

func (w *bookWords) Heading(lang, column string) string {
	for _, id := range []string{"ledger.column." + column, "book.field." + column, "field." + column} {
		if t := w.bundle.Translator(lang); t.Has(id) {
			return t.T(id)
		}
	}
	return column
}

func (w *bookWords) Languages() []string { return locale.Languages() }

func (w *bookWords) Text(lang, id string, args ...any) string {
	return w.bundle.Translator(lang).T(id, args...)
}

func (w *bookWords) Phases(lang string, from, to intake.Date) (out []string) {
	for _, f := range w.pack.Phases {
		if f.From <= string(to) && string(from) <= f.Until {
			out = append(out, f.Label.In(lang)+" "+f.From+" – "+f.Until)
		}
	}
	return out
}

// book is the ledger's way in and out of sheets, over this house.
func (h *house) book(bundle *locale.Bundle) *book.Service {
	door, clock := h.intake(h.store, unlimited{}), deadlines{h.pack}
	work := h.casework(door)
	return book.New(book.Deps{Ledger: h.ledger, TakeDown: work.TakeDown, Check: door.Check, Mentions: work.Mentions, PutOff: work.PutOff, OfParcel: work.OfParcel, Log: h.store, Keys: h.keys, Words: newBookWords(h.office, bundle),
		Acceptance: clock.Acceptance, Conclusion: func(desk string, from intake.Date, _ ...intake.Pause) intake.Date {
			return clock.Conclusion(desk, from, from)
		},
		Tag: h.tags.Tag, Cadres: h.cadres(), Record: h.store.AppendAudit, Head: h.store.AuditHead, Events: h.events(), Loc: h.loc, Now: h.now})
}

// cadres are the words by which reports about officials are routed to another desk,
// and those of whoever answers for a village: what holds one never goes to a village.
func (o *office) cadres() []string {
	out := []string{"书记", "支书", "主任", "村长", "干部", "村委", "两委", "田长", "网格员", "网格长", "组长", "会计"}
	for _, r := range o.pack.DeskRules {
		out = append(out, r.Subject...)
	}
	return out
}
