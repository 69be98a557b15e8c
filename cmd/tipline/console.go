package main

import (
	"net/http"
	"strings"

	"tipline/configs"
	"tipline/crypto/keyring"
	"tipline/crypto/pseudonym"
	"tipline/intake"
	"tipline/web/desk"
	"tipline/web/page"
)

// deskOptions is the console over this house.
func (p *program) deskOptions() desk.Options {
	work := p.casework(p.door)
	work.Courier = p.carriers
	return desk.Options{Casework: work, Book: p.book(p.bundle), Members: p.members, Sessions: p.sessions, Bundle: p.bundle, Content: p.deskContent(),
		BaseURL: p.cfg.Desk.BaseURL, SiteURL: p.siteURL(), ReceiptURL: strings.TrimSuffix(p.cfg.Public.BaseURL, "/") + "/receipt", MaxFiles: p.cfg.Files.MaxCount, MaxBytes: p.cfg.Files.MaxBytes,
		Log: p.log, Loc: p.loc, Now: p.now,
		Suggest: keyring.Passphrase, SecondFactor: p.cfg.Desk.SecondFactor == "required",
		Origin: func(r *http.Request) string { return pseudonym.Origin(page.ClientAddr(r, p.deskProxies)) }}
}

// siteURL is the citizens' site, "" where none is served.
func (o *office) siteURL() string {
	if o.cfg.Public.Addr == "" {
		return ""
	}
	return strings.TrimSuffix(o.cfg.Public.BaseURL, "/")
}

// deskContent is the pack as the console shows it.
func (o *office) deskContent() desk.Content {
	c := desk.Content{Office: page.Text(o.cfg.Office.Name), Places: o.places()}
	for _, k := range o.pack.Categories {
		c.Categories = append(c.Categories, page.Choice{Code: k.Code, Label: page.Text(k.Label)})
	}
	for _, k := range o.pack.Conduct {
		c.Conduct = append(c.Conduct, page.Choice{Code: k.Code, Label: page.Text(k.Label)})
	}
	for _, k := range o.pack.Sources {
		c.Sources = append(c.Sources, page.Choice{Code: k.Code, Label: page.Text(k.Label)})
	}
	for _, k := range o.pack.Desks {
		c.Desks = append(c.Desks, page.Choice{Code: k.ID, Label: page.Text(k.Name)})
	}
	for _, k := range o.pack.Departments {
		c.Departments = append(c.Departments, page.Choice{Code: k.Code, Label: page.Text(k.Label)})
	}
	for _, k := range o.pack.Answers {
		a := desk.Answer{Code: k.Code, Label: page.Text(k.Label), Text: page.Text(k.Text)}
		for _, s := range k.States {
			a.States = append(a.States, intake.State(s))
		}
		c.Answers = append(c.Answers, a)
	}
	for _, k := range o.pack.Reasons {
		c.Reasons = append(c.Reasons, desk.Reason{Code: k.Code, Label: page.Text(k.Label), Letter: letter(o.pack, k)})
	}
	return c
}

// letter is what a reporter reads with a reason: its text, then the channels that
// are the right ones.
func letter(pack *configs.Pack, r configs.Reason) page.Text {
	out := page.Text{}
	for lang, text := range r.Letter {
		lines := []string{text}
		for _, code := range r.Elsewhere {
			if e, ok := pack.ElsewhereOf(code); ok {
				between := "："
				if lang == "en" {
					between = ": "
				}
				lines = append(lines, "· "+page.Text(e.Matter).In(lang)+between+page.Text(e.Where).In(lang))
			}
		}
		out[lang] = strings.Join(lines, "\n")
	}
	return out
}
