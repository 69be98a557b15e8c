package main

import (
	"slices"

	"tipline/configs"
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
func (o *office) promise() public.Text {
	first := o.pack.Desks[0].Profile
	for _, d := range o.pack.Desks {
		if d.Profile != first {
			return nil
		}
	}
	f, _ := o.pack.Profile(first)
	return public.Text(f.Basis)
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
