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
	slips      slips
	sheets     sheets
	once       once
	weak       weak
}

// New is the desk listener's handler. It fails when a template, an asset or a
// message is missing.
func New(o Options) (http.Handler, error) {
	d := &desk{Options: o}
	var err error
	d.pages, err = page.New(page.Options{BaseURL: o.BaseURL, Bundle: o.Bundle, Files: files, Styles: []string{"desk.css", "staff.css", "map.css", "book.css"},
		Pages: []string{"login", "inbox", "map", "tip", "identity", "custody", "dispatch", "channels", "reviews", "deadlines", "looks", "keeping", "certificate", "keyin", "keyed", "ledger", "audit", "passphrase",
			"account", "factor", "codes", "members", "printed",
			"imports", "preview", "changes", "reports", "dispatchsheet", "villagesheet"}})
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

// routes is the whole URL space.
func (d *desk) routes(r *page.Router) {
	r.GET("/login", d.loginForm)
	r.POST("/login", d.ours, d.login)
	r.POST("/login/passkey", d.ours, d.passkeyQuestion)
	r.POST("/logout", d.ours, d.logout)
	r.GET("/passphrase", d.member(d.passphraseForm))
	r.POST("/passphrase", d.ours, d.member(d.passphrase))
	r.POST("/passphrase/strength", d.ours, d.member(d.strength))
	r.GET("/account", d.member(d.account))
	r.POST("/account/sessions", d.ours, d.member(d.endOwn))
	r.GET("/account/factor", d.member(d.factorForm))
	r.POST("/account/factor", d.ours, d.member(d.enrol))
	r.POST("/account/factor/remove", d.ours, d.member(d.unenrol))
	r.POST("/account/factor/passkey", d.ours, d.member(d.addPasskey))
	r.POST("/account/factor/passkey/options", d.ours, d.member(d.offerPasskey))
	r.POST("/account/factor/passkey/remove", d.ours, d.member(d.removePasskey))
	r.GET("/account/codes", d.member(d.codes))
	r.POST("/account/codes", d.ours, d.member(d.reprint))
	r.POST("/account/codes/done", d.ours, d.member(d.codesDone))

	r.GET("/members", d.staff(d.people))
	r.POST("/members", d.ours, d.staff(d.addMember))
	r.GET("/members/printed", d.staff(d.printed))
	r.POST("/members/printed/done", d.ours, d.staff(d.printedDone))
	r.POST("/members/grant", d.ours, d.staff(d.grant))
	r.POST("/members/rekey", d.ours, d.staff(d.rekey))
	r.POST("/members/roles", d.ours, d.staff(d.changeRoles))
	r.POST("/members/disable", d.ours, d.staff(d.disable))
	r.POST("/members/enable", d.ours, d.staff(d.enable))
	r.POST("/members/end", d.ours, d.staff(d.endOf))

	r.GET("/", d.handler(d.inbox))
	r.GET("/count", d.count)
	r.GET("/map", d.handler(d.chart))
	r.GET("/map/tiles/:z/:x/:y", d.handler(d.tile))
	r.GET("/tips/new", d.handler(d.keyinForm))
	r.POST("/tips/new", d.ours, d.handler(d.keyin))
	r.POST("/tips/new/draft", d.ours, d.handler(d.draft))
	r.POST("/tips/batch", d.ours, d.handler(d.batch))
	r.POST("/views", d.ours, d.handler(d.saveView))
	r.POST("/views/:id/drop", d.ours, d.handler(d.dropView))
	r.GET("/tips/:id", d.handler(d.tip))
	r.GET("/tips/:id/receipt", d.handler(d.receipt))
	r.POST("/tips/:id/state", d.ours, d.handler(d.state))
	r.POST("/tips/:id/release", d.ours, d.handler(d.release))
	r.POST("/tips/:id/messages", d.ours, d.handler(d.message))
	r.POST("/tips/:id/merge", d.ours, d.handler(d.merge))
	r.POST("/tips/:id/unmerge", d.ours, d.handler(d.unmerge))
	r.POST("/tips/:id/transfer", d.ours, d.handler(d.transfer))
	r.POST("/tips/:id/notes", d.ours, d.handler(d.note))
	r.GET("/tips/:id/identity", d.handler(d.identity))
	r.POST("/tips/:id/identity", d.ours, d.handler(d.askIdentity))
	r.GET("/tips/:id/files/:n", d.handler(d.file))
	r.GET("/reviews", d.handler(d.reviews))
	r.POST("/reviews", d.ours, d.handler(d.review))
	r.GET("/deadlines", d.oversees(d.deadlines))
	r.GET("/retention", d.oversees(d.keeping))
	r.GET("/certificates/:id", d.oversees(d.certificate))
	r.POST("/destructions/:id", d.ours, d.oversees(d.decideDestruction))
	r.POST("/tips/:id/destruction", d.ours, d.handler(d.askDestruction))
	r.POST("/tips/:id/holds", d.ours, d.oversees(d.holdBack))
	r.POST("/tips/:id/holds/:hold/lift", d.ours, d.oversees(d.lift))
	r.GET("/lookbacks", d.oversees(d.looks))
	r.POST("/tips/:id/looks", d.ours, d.handler(d.appoint))
	r.POST("/tips/:id/looks/:look", d.ours, d.handler(d.lookDone))
	r.POST("/extensions/:id", d.ours, d.oversees(d.decideExtension))
	r.POST("/tips/:id/extension", d.ours, d.handler(d.askExtension))
	r.GET("/ledger", d.handler(d.ledger))
	r.GET("/ledger/export", d.handler(d.export))
	r.POST("/ledger/upload", d.ours, d.handler(d.uploadLedger))
	r.GET("/ledger/changes", d.handler(d.changes))
	r.POST("/ledger/changes", d.ours, d.handler(d.takeChanges))
	r.GET("/reports", d.handler(d.reports))
	r.GET("/reports/export", d.handler(d.exportReport))
	r.GET("/reports/dispatch", d.handler(d.departmentSheet))
	r.GET("/reports/village", d.handler(d.villageSheet))
	r.GET("/import", d.handler(d.imports))
	r.POST("/import/maps/drop", d.ours, d.handler(d.dropMap))
	r.GET("/import/preview", d.handler(d.preview))
	r.POST("/import/preview", d.ours, d.handler(d.settle))
	r.POST("/import/:kind", d.ours, d.handler(d.bring))

	r.GET("/custody", d.custodian(d.custody))
	r.POST("/custody/:id/approve", d.ours, d.custodian(d.approve))
	r.POST("/custody/:id/refuse", d.ours, d.custodian(d.refuse))
	r.POST("/custody/:id/handover", d.ours, d.custodian(d.handover))

	r.GET("/dispatch", d.custodian(d.dispatches))
	r.POST("/dispatch", d.ours, d.custodian(d.dispatch))

	r.GET("/channels", d.member(d.channels))
	r.POST("/tips/:id/media", d.ours, d.handler(d.media))
	r.GET("/audit", d.member(d.audit))
}

// scripted lets the console's own script run and nothing else; images are its
// own as well.
func scripted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy(""))
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
