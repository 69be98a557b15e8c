package public

import (
	"html/template"
)

// filedPage is the answer to a report.
type filedPage struct {
	frame
	Receipt, Token string
	Picture        template.URL
	Kept           []string // what became of each file
}

// upload is what the partial "upload" renders: a form that adds files.
type upload struct {
	frame
	Receipt, Token string
}

// Upload is the form to add photos under a receipt.
func (p filedPage) Upload(receipt string) upload { return upload{p.frame, receipt, p.Token} }

// Upload is the form to add photos under a receipt.
func (p statusPage) Upload(receipt string) upload { return upload{p.frame, receipt, p.Fresh} }

// WaitMinutes is how long who has no script waits under pressure.
func (p formPage) WaitMinutes() int { return int(waitInstead.Minutes()) }
