// Package desk is the handlers' console (受理台): what is new, what is due, read,
// triage, answer, key in; and for custodians the requests to open an identity.
//
// Pages hold no rule of the office: every look and act goes through casework,
// which writes its audit row. The whole URL space stands in this file.
package desk

import (
	"embed"
	"log/slog"
	"net/http"
	"time"

	"tipline/configs/locale"
	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/casework"
	"tipline/intake/members"
	"tipline/web/page"
)

//go:embed all:templates assets
var files embed.FS

// Options are what a console is made of. All of them
// are needed.
type Options struct {
	Casework *casework.Service
	Members  *members.Service
	Sessions *members.Sessions
	Book     *book.Service
	Bundle   *locale.Bundle
	Content  Content
	BaseURL  string // as members type it; may hold a path prefix
	// SiteURL is the citizens' site, whose sheet of channels is printed; "" without one.
	SiteURL string
	// ReceiptURL is where reporters type their receipt, for the slip.
	ReceiptURL string
	MaxFiles   int   // a keyed-in tip may have
	MaxBytes   int64 // of one file
	Log        *slog.Logger
	Loc        *time.Location
	Now        func() time.Time

	// Suggest makes a passphrase up.
	Suggest func() string
	// Origin is where a request comes from, as tries are counted by it.
	Origin func(r *http.Request) string
	// Ground is what the map is drawn on; its zero value is a map of villages alone.
	Ground Ground
	// SecondFactor lets a member without one reach nothing but the page to enrol.
	SecondFactor bool
}

// Content is the office's words and codes as the pages show them.
type Content struct {
	Office               page.Text
	Categories, Conduct  []page.Choice
	Sources, Departments []page.Choice
	Places               page.Places
	Reasons              []Reason
	Answers              []Answer
	Desks                []page.Choice // those that work here, the first one first
}

// Answer is a text an answer may begin with, for tips in some states or, without
// any, in all.
type Answer struct {
	Code        string
	States      []intake.State
	Label, Text page.Text
}

// Reason is why a tip is not taken up, and what its reporter is told.
type Reason struct {
	Code          string
	Label, Letter page.Text
}

// desk is the console.
type desk struct {
	Options
	pages      *page.Site
	sameOrigin func(*http.Request) error
	slips      briefly[slip]                // by tip
	sheets     briefly[brought]             // by session
	once       briefly[made]                // by session
	weak       minutely[[]members.Weakness] // the roles that one person could lose
	late       minutely[int]                // how many tips are overdue, up to a bound
}

// New is the desk listener's handler. It fails when a template, an asset or a
// message is missing.
func New(o Options) (http.Handler, error) {
	d := &desk{Options: o, slips: briefly[slip]{life: slipTime}, sheets: briefly[brought]{life: broughtTime}, once: briefly[made]{life: onceTime}}
	var err error
	d.pages, err = page.New(page.Options{BaseURL: o.BaseURL, Bundle: o.Bundle.Holding("desk.inbox"), Files: files, Styles: []string{"desk.css", "staff.css", "map.css", "book.css"},
		Pages: []string{"login", "inbox", "map", "tip", "identity", "custody", "dispatch", "channels", "reviews", "deadlines", "looks", "keeping", "certificate", "keyin", "keyed", "ledger", "audit", "passphrase",
			"account", "factor", "codes", "members", "printed",
			"imports", "preview", "changes", "parcels", "parcel", "reports", "dispatchsheet", "villagesheet"}})
	if err != nil {
		return nil, err
	}
	if d.sameOrigin, err = d.pages.SameOrigin(); err != nil {
		return nil, err
	}
	r, err := page.NewRouter(o.Log, d.fail)
	if err != nil {
		return nil, err
	}
	d.routes(r)
	return d.pages.Handler(scripted(r)), nil
}

// scripted lets the console's own script run and nothing else; images are its
// own as well. Its own forms say where they come from.
func scripted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy(""))
		w.Header().Set("Referrer-Policy", "same-origin")
		h.ServeHTTP(w, r)
	})
}

// policy lets pictures of one other origin in, which is "" for none.
func policy(pictures string) string {
	if pictures != "" {
		pictures = " " + pictures
	}
	return "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'" + pictures + "; media-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}
