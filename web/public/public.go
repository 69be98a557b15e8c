package public

import (
	"net/http"

	"tipline/web/page"
)

// New is the public listener's handler. It fails when a template, an asset or a
// message is missing.
func New(o Options) (http.Handler, error) {
	o.defaults()
	s := &site{Options: o, turns: newTurns(o.Now), marks: newMarks()}
	s.gate = newGate(o.Now, o.Seal)
	var err error
	if s.pages, err = page.New(page.Options{BaseURL: o.BaseURL, Bundle: o.Bundle, Files: files, Pages: templates, Styles: styles, Script: script, Extra: o.Extra}); err != nil {
		return nil, err
	}
	if s.sameOrigin, err = s.pages.SameOriginOrNull(); err != nil {
		return nil, err
	}
	if s.draw, err = newDrawer(); err != nil {
		return nil, err
	}
	if s.ready, err = s.prepare(); err != nil {
		return nil, err
	}
	r, err := page.NewRouter(o.Log, s.fail)
	if err != nil {
		return nil, err
	}
	s.routes(r)
	return s.pages.Handler(r), nil
}

// routes is the whole URL space.
func (s *site) routes(r *page.Router) {
	r.GET("/", s.home)
	r.GET("/report", s.reportForm)
	r.POST("/report", s.ours, s.inTurn(s.report))
	r.GET("/receipt", s.receiptForm)
	r.POST("/receipt", s.ours, s.inTurn(s.receipt))
	r.GET("/privacy", s.privacy)
	r.GET("/channels", s.channels)
	r.GET("/channels/poster", s.poster)
	r.GET("/accessibility", s.accessibility)

	r.GET("/api/v1/openapi.json", s.openAPI)
	r.POST("/api/v1/reports", s.ours, s.inTurn(s.apiReports))
	r.POST("/api/v1/receipt", s.ours, s.inTurn(s.apiReceipt))
	r.POST("/api/v1/receipt/messages", s.ours, s.inTurn(s.apiMessages))
	r.POST("/api/v1/receipt/files", s.ours, s.inTurn(s.apiFiles))
	r.POST("/api/v1/receipt/withdraw", s.ours, s.inTurn(s.apiWithdraw))
	r.POST("/api/v1/receipt/no-contact", s.ours, s.inTurn(s.apiNoContact))

	r.GET("/.well-known/security.txt", s.securityTxt)
	r.GET("/robots.txt", s.robotsTxt)
	r.GET("/favicon.ico", s.favicon)

	for path, hook := range s.Hooks {
		r.Mount(path, hook)
	}
}
