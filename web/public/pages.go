package public

import (
	"html/template"

	"tipline/intake"
	"tipline/web/page"
)

// filedPage is the answer to a report.
type filedPage struct {
	frame
	Receipt, Token string
	Picture        template.URL
	Kept           []string // what became of each file
	Codes          []string // the same as codes, for another language
}

// filedPage shows a receipt, and what became of each file that came along.
func (s *site) filedPage(v page.View, receipt, token, picture string, files []intake.SealedFile) filedPage {
	p := filedPage{frame: s.frame(v), Receipt: receipt, Token: token, Picture: template.URL(pictureURL + picture), Kept: kept(v, files), Codes: carryFiles(files)}
	p.Typing = typing{"look", stepFiled, ""}
	return p
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
