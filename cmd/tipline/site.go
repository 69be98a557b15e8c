package main

import (
	"slices"
	"strings"

	"tipline/configs"
	"tipline/configs/locale"
	"tipline/web/page"
	"tipline/web/public"
)

// content is the pack as the citizens' pages show it.
func (o *office) content() public.Content {
	c := public.Content{Office: public.Text(o.cfg.Office.Name), Hours: public.Text(o.cfg.Office.Hours), Emergency: o.cfg.Office.Emergency,
		Footer: public.Footer(o.cfg.Footer), Concerns: len(o.pack.Desks) > 1}
	if o.cfg.Office.Phone != "" {
		c.Phones = []string{o.cfg.Office.Phone}
	}
	if o.cfg.SMTP.Addr != "" && o.cfg.SMTP.Domain != "localhost" { // nobody can write to localhost
		c.Mails = o.cfg.SMTP.Recipients
	}
	for _, s := range o.cfg.SMS {
		if s.Number != "" {
			c.SMS = append(c.SMS, s.Number)
		}
	}
	for _, m := range o.cfg.Mail {
		if m.Address != "" && !slices.Contains(c.Mails, m.Address) {
			c.Mails = append(slices.Clone(c.Mails), m.Address)
		}
	}
	for _, k := range o.pack.Categories {
		c.Categories = append(c.Categories, public.Choice{Code: k.Code, Label: public.Text(k.Label), Definition: public.Text(k.Definition), Icon: k.Icon})
	}
	for _, k := range o.pack.Conduct {
		c.Conduct = append(c.Conduct, public.Choice{Code: k.Code, Label: public.Text(k.Label), Definition: public.Text(k.Definition)})
	}
	c.Places = o.places()
	c.Promise = o.promise()
	for id, to := range map[string]*public.Document{"home": &c.Home, "scope": &c.Scope, "procedure": &c.Procedure,
		"protection": &c.Protection, "privacy": &c.Privacy} {
		if d, ok := o.pack.Document(id); ok {
			*to = document(d)
		}
	}
	return c
}

// promise is what the desks' dates rest on, nothing where they differ.
func (o *office) promise() public.Text { return public.Text(o.profile().Basis) }

// profile is what all desks' dates go by, the zero Profile where they differ.
func (o *office) profile() configs.Profile {
	first := o.pack.Desks[0].Profile
	for _, d := range o.pack.Desks {
		if d.Profile != first {
			return configs.Profile{}
		}
	}
	f, _ := o.pack.Profile(first)
	return f
}

// times are the deadlines in words, for the office's texts. What isn't promised is empty.
func (o *office) times(words *locale.Bundle) map[string]configs.Text {
	f, out := o.profile(), map[string]configs.Text{}
	for _, name := range configs.Blanks() {
		if strings.HasPrefix(name, "deadline.") {
			out[name] = nil
		}
	}
	out["deadline.basis"], out["deadline.approver"] = f.Basis, f.Extension.Approver
	if f.Pause.Days > 0 {
		out["deadline.pause"] = span(words, configs.Step{Days: f.Pause.Days, Working: f.Pause.Working})
	}
	for _, s := range f.Steps {
		if _, asked := out["deadline."+s.Kind]; asked {
			out["deadline."+s.Kind] = span(words, s)
		}
	}
	return out
}

// span words how long a step may take, and since when.
func span(words *locale.Bundle, s configs.Step) configs.Text {
	out := configs.Text{}
	for _, lang := range locale.Languages() {
		t, unit, count, from := words.Translator(lang), "days", s.Days, ""
		switch {
		case s.Months > 0:
			unit, count = "months", s.Months
		case s.Working:
			unit = "working"
		}
		if s.From != "" {
			from = t.T("promise.from." + s.From)
		}
		out[lang] = strings.TrimSpace(t.T("promise."+unit, "count", count, "from", from))
	}
	return out
}

func document(d configs.Document) public.Document {
	out := public.Document{Title: public.Text(d.Title), Lead: public.Text(d.Lead)}
	for _, s := range d.Sections {
		out.Sections = append(out.Sections, section(s))
	}
	return out
}

func section(s configs.Section) public.Section {
	out := public.Section{ID: s.ID, Title: public.Text(s.Title), Numbered: s.Numbered}
	for _, p := range s.Paragraphs {
		out.Paragraphs = append(out.Paragraphs, public.Text(p))
	}
	for _, p := range s.Points {
		out.Points = append(out.Points, public.Point{Term: public.Text(p.Term), Text: public.Text(p.Text)})
	}
	return out
}

// places are those that exist today.
func (o *office) places() (out page.Places) {
	today := o.now().In(o.loc).Format("2006-01-02")
	for _, p := range o.pack.Places {
		if p.ValidOn(today) {
			out = append(out, page.Place{Code: p.Code, Parent: p.Parent, Level: p.Level, Name: page.Text(p.Name)})
		}
	}
	return out
}
