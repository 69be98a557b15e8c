package desk

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"tipline/intake"
	"tipline/intake/members"
)

type auditPage struct {
	frame
	members.AuditPage
	Filter url.Values // what was asked for
	Head   intake.Audit
}

// auditFields are what the record can be narrowed by.
func auditFields() []string { return []string{"from", "to", "member", "kind", "tip"} }

// audit is the record as an auditor reads it: who did what, when, to which tip. That
// another desk is at work is hidden here.
func (d *desk) audit(c *gin.Context, s *members.Session) error {
	p := auditPage{frame: d.frame(c, s), Filter: url.Values{}}
	for _, field := range auditFields() {
		if v := strings.TrimSpace(c.Query(field)); v != "" {
			p.Filter.Set(field, v)
		}
	}
	f := auditFilter(p.Filter)
	f.Desk, f.Before, f.Limit = d.actor(s).Desk, c.Query("before"), listSize
	var err error
	if p.AuditPage, err = d.Members.Audit(c.Request.Context(), f); err != nil {
		return err
	}
	if p.Head, err = d.Members.Store.AuditHead(c.Request.Context()); err != nil {
		return err
	}
	d.render(c, http.StatusOK, "audit", p)
	return nil
}

// auditFilter is what a query asks for. What is no day asks for nothing.
func auditFilter(q url.Values) intake.AuditFilter {
	day := func(field string) intake.Date {
		if _, err := time.Parse(time.DateOnly, q.Get(field)); err != nil {
			return ""
		}
		return intake.Date(q.Get(field))
	}
	return intake.AuditFilter{From: day("from"), To: day("to"), Member: q.Get("member"), Acts: members.ActsOf(q.Get("kind")), Tip: strings.ToLower(q.Get("tip"))}
}

// Kinds are the kinds of acts to narrow the record to.
func (auditPage) Kinds() []string { return members.AuditKinds() }

// Asked is what a field of the filter holds.
func (p auditPage) Asked(field string) string { return p.Filter.Get(field) }

// NextURL is the next page under the same filter.
func (p auditPage) NextURL() string {
	q := url.Values{"before": {p.Next}}
	for field, v := range p.Filter {
		q[field] = v
	}
	return p.URL("/audit?" + q.Encode())
}

// TipURL narrows the record to a tip.
func (p auditPage) TipURL(tip string) string { return p.URL("/audit?tip=" + url.QueryEscape(tip)) }

// Act words what a member did; one without words stands as its code.
func (p auditPage) Act(code string) string {
	if id := "desk.act." + code; p.Has(id) {
		return p.T(id)
	}
	return code
}

// Detail words what a row of the chain says beside its act: a decision's two states
// and its reason, or a keyed-in tip's channel; of the rest word by word. What has no
// words stands as it is.
func (p auditPage) Detail(a intake.Audit) string {
	switch a.Act {
	case "state", "review.ask", "review.confirm", "review.return", "merge", "unmerge":
		return p.decision(a.Detail)
	case "import.map", "import.map.drop":
		if id := "book." + a.Detail; p.Has(id) {
			return p.T(id)
		}
	case "transfer", "transfer.in", "identity.handover", "identity.handover.in":
		return p.Label("desk", a.Detail)
	case "import.clues", "import.parcels":
		var fresh, changed, same, left int
		if _, err := fmt.Sscanf(a.Detail, "new %d changed %d same %d left %d", &fresh, &changed, &same, &left); err == nil {
			return p.T("book.import.done", "new", fresh, "changed", changed, "same", same, "left", left)
		}
	case "destroy.done":
		if w := strings.Fields(a.Detail); len(w) == 6 { // an older row has no counts
			return strings.Join([]string{p.word(a.Act, w[0]), p.word(a.Act, w[1]), w[2], p.T("desk.audit.destroyed", "texts", w[3], "messages", w[4], "files", w[5])}, " · ")
		}
	case "map":
		return p.T("desk.audit.tips", "n", a.Detail)
	case "report.village", "report.village.give":
		return p.Near(a.Detail)
	case "keyin":
		if id := "channel." + a.Detail; p.Has(id) {
			return p.T(id)
		}
	}
	if id := "desk.audit.detail." + strings.ReplaceAll(a.Detail, " ", "_"); p.Has(id) {
		return p.T(id)
	}
	if n, ok := strings.CutPrefix(a.Detail, "rows "); ok {
		return p.T("desk.audit.rows", "n", n)
	}
	words := strings.FieldsFunc(a.Detail, func(r rune) bool { return r == ' ' || r == ',' })
	for i, w := range words {
		words[i] = p.word(a.Act, w)
	}
	return strings.Join(words, " · ")
}

// word words one code of a row, or two with what became of what between them.
func (p auditPage) word(act, code string) string {
	if from, to, two := strings.Cut(code, ">"); two {
		return p.word(act, from) + " → " + p.word(act, to)
	}
	if len(code) == 2*idBytes {
		return p.Short(code)
	}
	kind, _, _ := strings.Cut(act, ".")
	for _, id := range map[string][]string{"member": {"role."}, "keys": {"role."}, "dispatch": {"dispatch.channel.", "dispatch.result."}, "outcome": {"ledger."},
		"parcel": {"ledger."}, "ledger": {"ledger.column.", "desk.audit.detail."}, "report": {"desk.audit.detail."}, "reread": {"desk.audit.detail."}, "clock": {"desk.audit.detail."},
		"look": {"looks.kind.", "looks.result."}, "extension": {"terms.reason."}, "destroy": {"state.", "keep.reason."}}[kind] {
		if p.Has(id + code) {
			return p.T(id + code)
		}
	}
	if kind == "file" {
		return p.T("desk.file", "n", code)
	}
	return code
}

// Who is a row's member, or what did it by itself, which no member's name says.
func (p auditPage) Who(member string) string {
	if members.CheckName(member) == nil {
		return member
	}
	if id := "desk.audit.by." + strings.ReplaceAll(member, " ", "_"); p.Has(id) {
		return p.T(id)
	}
	return member
}

// decision words two states, or one, and what stands behind them: a reason's code or
// the tip that this one was put to.
func (p auditPage) decision(detail string) string {
	states, more, _ := strings.Cut(detail, " ")
	from, to, two := strings.Cut(states, ">")
	if !p.Has("state."+from) || two && !p.Has("state."+to) {
		return detail
	}
	words := p.T("state." + from)
	if two {
		words += " → " + p.T("state."+to)
	}
	if len(more) == 2*idBytes {
		more = p.Short(more)
	}
	if more != "" {
		words += " · " + p.Reason(more)
	}
	return words
}

// idBytes is how many bytes a tip's id has; it is written in hex.
const idBytes = 16
