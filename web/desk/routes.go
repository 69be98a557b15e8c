package desk

import "tipline/web/page"

// routes is the whole URL space.
func (d *desk) routes(r *page.Router) {
	d.ofOneself(r)
	d.ofTheOffice(r)
	d.ofTips(r)
	d.ofTerms(r)
	d.ofTheLedger(r)
	d.ofIdentities(r)
}

// ofOneself is logging in and what members do about themselves.
func (d *desk) ofOneself(r *page.Router) {
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
}

// ofTheOffice is who works here, what comes in by which channel, and the record.
func (d *desk) ofTheOffice(r *page.Router) {
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
	r.GET("/channels", d.member(d.channels))
	r.GET("/audit", d.member(d.audit))
}

// ofTips is the inbox, the map and what is done about a tip.
func (d *desk) ofTips(r *page.Router) {
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
	r.GET("/tips/:id/files/:n", d.handler(d.file))
	r.GET("/reviews", d.handler(d.reviews))
	r.POST("/reviews", d.ours, d.handler(d.review))
	r.POST("/tips/:id/media", d.ours, d.handler(d.media))
}

// ofTerms is what runs: dates, look-backs, keeping and destroying.
func (d *desk) ofTerms(r *page.Router) {
	r.GET("/deadlines", d.oversees(d.deadlines))
	r.GET("/retention", d.oversees(d.keeping))
	r.GET("/certificates/:id", d.oversees(d.certificate))
	r.POST("/retention/spam", d.ours, d.handler(d.askSpam))
	r.POST("/retention/keys/:version", d.ours, d.handler(d.reseal))
	r.POST("/destructions/:id", d.ours, d.oversees(d.decideDestruction))
	r.POST("/tips/:id/destruction", d.ours, d.handler(d.askDestruction))
	r.POST("/tips/:id/holds", d.ours, d.oversees(d.holdBack))
	r.POST("/tips/:id/holds/:hold/lift", d.ours, d.oversees(d.lift))
	r.GET("/lookbacks", d.oversees(d.looks))
	r.POST("/tips/:id/looks", d.ours, d.handler(d.appoint))
	r.POST("/tips/:id/looks/:look", d.ours, d.handler(d.lookDone))
	r.POST("/extensions/:id", d.ours, d.oversees(d.decideExtension))
	r.POST("/tips/:id/extension", d.ours, d.handler(d.askExtension))
}

// ofTheLedger is the working ledger, what comes into it and what is made of it.
func (d *desk) ofTheLedger(r *page.Router) {
	r.GET("/ledger", d.handler(d.ledger))
	r.GET("/ledger/export", d.handler(d.export))
	r.POST("/ledger/upload", d.ours, d.handler(d.uploadLedger))
	r.GET("/ledger/changes", d.handler(d.changes))
	r.POST("/ledger/changes", d.ours, d.handler(d.takeChanges))
	r.GET("/parcels", d.oversees(d.parcels))
	r.GET("/parcel", d.handler(d.parcel))
	r.POST("/parcel", d.ours, d.handler(d.moveParcel))
	r.GET("/reports", d.handler(d.reports))
	r.GET("/reports/export", d.handler(d.exportReport))
	r.GET("/reports/dispatch", d.handler(d.departmentSheet))
	r.GET("/reports/village", d.handler(d.villageSheet))
	r.POST("/reports/village", d.ours, d.handler(d.giveVillageSheet))
	r.GET("/import", d.handler(d.imports))
	r.POST("/import/maps/drop", d.ours, d.handler(d.dropMap))
	r.GET("/import/preview", d.handler(d.preview))
	r.POST("/import/preview", d.ours, d.handler(d.settle))
	r.POST("/import/:kind", d.ours, d.handler(d.bring))
}

// ofIdentities is who reported, and what goes out to them.
func (d *desk) ofIdentities(r *page.Router) {
	r.GET("/tips/:id/identity", d.handler(d.identity))
	r.POST("/tips/:id/reread", d.ours, d.handler(d.reread))
	r.POST("/tips/:id/identity", d.ours, d.handler(d.askIdentity))
	r.GET("/custody", d.custodian(d.custody))
	r.POST("/custody/:id/approve", d.ours, d.custodian(d.approve))
	r.POST("/custody/:id/refuse", d.ours, d.custodian(d.refuse))
	r.POST("/custody/:id/handover", d.ours, d.custodian(d.handover))
	r.GET("/dispatch", d.custodian(d.dispatches))
	r.POST("/dispatch", d.ours, d.custodian(d.dispatch))
}
