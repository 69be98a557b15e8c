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

// times are deadlines and retention in words, for the office's texts. What isn't promised is empty.
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
	for name, days := range o.periods() {
		unit, count := kept(days)
		out["retention."+name] = phrase(words, unit, count, "")
	}
	return out
}

// span words how long a step may take, and since when.
func span(words *locale.Bundle, s configs.Step) configs.Text {
	switch {
	case s.Months > 0:
		return phrase(words, "months", s.Months, s.From)
	case s.Working:
		return phrase(words, "working", s.Days, s.From)
	}
	return phrase(words, "days", s.Days, s.From)
}

// kept is a number of days as people count: whole years of 365 days, under a year whole months of 30, else days.
func kept(days int) (unit string, count int) {
	switch {
	case days%365 == 0:
		return "years", days / 365
	case days%30 == 0 && days < 365:
		return "months", days / 30
	}
	return "days", days
}

// phrase is a time in every language of the site, since what from names.
func phrase(words *locale.Bundle, unit string, count int, from string) configs.Text {
	out := configs.Text{}
	for _, lang := range words.Offered() {
		t, since := words.Translator(lang), ""
		if from != "" {
			since = t.T("promise.from." + from)
		}
		out[lang] = strings.TrimSpace(t.T("promise."+unit, "count", count, "from", since))
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
