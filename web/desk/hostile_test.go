package desk_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"iter"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/ledger"
	"tipline/web/desk"
)

// payloads are what people put into forms to make a handler's browser act, or to
// make a handler misread.
var payloads = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`, `<svg/onload=alert(1)>`,
	`</textarea><script>alert(1)</script>`, `</title><script>alert(1)</script>`, `<iframe src=https://evil.example>`, `https://evil.example/track?x`,
	`<a href="//evil.example">here</a>`, `<base href="https://evil.example/">`, `<meta http-equiv=refresh content="0;url=//evil.example">`,
	`<style>*{background:url(//evil.example)}</style>`, `<link rel=stylesheet href=//evil.example>`, `{{.T "x"}}`, `<form action=//evil.example><button>`,
	`<!--`, `<![CDATA[`, "a\u202eb\u200bc\u2066d\ufefe", "=HYPERLINK(\"//evil.example\")", "\u0000\u0007",
}

func noisy(prefix string) string { return prefix + strings.Join(payloads, "\n") }

// hostile files a report with every payload in every field, and two files.
func (h *house) hostile() intake.Filed {
	h.t.Helper()
	var picture bytes.Buffer
	intaketest.Must(h.t, png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 2, 2))))
	short := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	return h.tip(func(r *intake.Report) {
		w := short(noisy(""))
		r.Channel, r.Conduct, r.Urgent, r.Lang = intake.Email, []string{"ok-before"}, true, `"><script>alert(1)</script>`
		r.Words = intake.Words{Text: noisy("text "), Address: w, Lat: w, Lon: w, Datum: w, Occurred: w, Subject: w, Parcel: w, RelapseOf: w}
		r.Identity = intake.Identity{Name: w, Phone: w, Email: w, Sender: w, Headers: payloads, Notes: payloads}
		r.Flags = append(slices.Clone(payloads), "media:"+payloads[0])
		r.Files = files(intake.File{Name: payloads[1], Type: payloads[0], Body: bytes.NewReader(picture.Bytes())},
			intake.File{Name: payloads[2], Type: "text/html", Body: strings.NewReader("<html><script>alert(1)</script>")})
	})
}

func files(list ...intake.File) iter.Seq2[intake.File, error] {
	return func(yield func(intake.File, error) bool) {
		for _, f := range list {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// TestHostileWords opens every page that shows what somebody wrote.
func TestHostileWords(t *testing.T) {
	h := open(t)
	h.hostileLedger()
	tip := h.hostile()
	li, wang := h.login("li"), h.login("wang")
	li.insist("/tips/"+tip.ID+"/messages", "text", noisy("answer "))
	li.act("/tips/"+tip.ID+"/notes", "text", noisy("inside "))
	li.act("/views", "query", "urgent=1", "name", "view "+payloads[1][:min(30, len(payloads[1]))])
	refused := h.hostile()
	li.insist("/tips/"+refused.ID+"/state", "state", "declined", "reason", "unclear", "note", noisy("note "), "letter", noisy("letter "))
	li.act("/tips/"+tip.ID+"/identity", "reason", noisy("reason "))
	li.act("/tips/new/draft", "text", noisy("draft "), "name", payloads[1], "address", payloads[2], "channel", payloads[0])
	asked := wang.page("/custody")
	wang.act("/custody/" + requestOf(t, asked) + "/approve")
	for _, lang := range []string{"zh-CN", "en"} {
		for name, p := range map[string]struct {
			b    *browser
			path string
			want string
		}{"inbox": {li, "/?category=%22%3E%3Cscript%3E&place=%3Cscript%3E&state=%3Cscript%3E&channel=%22onload=", ""}, "tip": {li, "/tips/" + tip.ID, "text <script>alert(1)</script>"},
			"identity": {li, "/tips/" + tip.ID + "/identity", "<script>alert(1)</script>"}, "draft": {li, "/tips/new", "draft <script>alert(1)</script>"},
			"ledger": {li, "/ledger", "<script>alert(1)</script>"}, "reviews": {li, "/reviews", "note <script>alert(1)</script>"}, "audit": {li, "/audit", ""}} {
			joint := "?"
			if strings.Contains(p.path, "?") {
				joint = "&"
			}
			h.inert(name+" "+lang, p.b.page(p.path+joint+"lang="+lang), p.want)
		}
	}
	h.inert("custody", asked, "reason <script>alert(1)</script>")
	for _, c := range []struct {
		path  string
		pairs []string
	}{{"/tips/new", []string{"channel", "phone", "text", "", "name", noisy(""), "email", noisy("")}}, {"/login", []string{"member", noisy(""), "next", payloads[0]}},
		{"/tips/" + tip.ID + "/state", []string{"state", payloads[0], "reason", payloads[1], "summary", noisy("")}},
		{"/tips/" + tip.ID + "/messages", []string{"text", strings.Repeat(payloads[0], 400)}}} {
		h.inert("answer to "+c.path, li.post(c.path, c.pairs...).Body.String(), "")
	}
}

// hostileLedger is a ledger whose one row says what no page may do.
func (h *house) hostileLedger() {
	h.t.Helper()
	events := intake.Events{Source: "https://tips.example.org", Loc: intaketest.Loc(), Now: h.clock.Now}
	row := intake.Tip{ID: intake.NewID(), Facts: intake.Facts{Desk: intaketest.Desk, Channel: intake.Web, Source: payloads[0], Category: payloads[0], Place: payloads[0], ReceivedOn: "2026-11-24"}}
	intaketest.Must(h.t, h.ledger.Apply(h.t.Context(), []intake.Event{events.New(intake.EventReceived, row, intake.Decision{}), events.New(intake.EventAccepted, row, intake.Decision{Department: payloads[4], Change: 1})}))
	intaketest.Must(h.t, h.ledger.Outcome(h.t.Context(), ledger.Outcome{Tip: row.ID, Desk: intaketest.Desk, State: intake.LedgerNumbered, Number: payloads[0]}, events))
}

// inert wants a page without anything that acts but the desk's own script, and
// nothing that loads from, leads or posts to elsewhere by what a report said.
func (h *house) inert(name, page, want string) {
	h.t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	intaketest.Must(h.t, err)
	var text strings.Builder
	for n := range doc.Descendants() {
		switch n.Type {
		case html.TextNode:
			text.WriteString(shown(n))
		case html.ElementNode:
			for _, fault := range faults(n) {
				h.t.Errorf("%s: %s", name, fault)
			}
		}
	}
	if !strings.Contains(text.String(), want) {
		h.t.Errorf("%s doesn't show %q as text", name, want)
	}
	for _, r := range text.String() {
		if strings.ContainsRune("\u202e\u200b\u2066\u0007", r) {
			h.t.Errorf("%s: %U stands in the text unseen", name, r)
		}
	}
}

// shown is a text as it is read. What stands in a field is the handler's own
// typing, which comes back as it was.
func shown(n *html.Node) string {
	if n.Parent.Data == "textarea" {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune("\u202e\u200b\u2066\u0007", r) {
				return -1
			}
			return r
		}, n.Data)
	}
	return n.Data
}

// faults are what an element may not be or have.
func faults(n *html.Node) (out []string) {
	if slices.Contains([]string{"iframe", "object", "embed", "base", "style", "svg", "math", "template"}, n.Data) {
		out = append(out, "a <"+n.Data+">")
	}
	if n.Data == "script" && (n.FirstChild != nil || !slices.Contains([]string{"desk.js", "viewer.js", "passkey.js", "map.js"}, path.Base(attr(n, "src")))) {
		out = append(out, "a script that isn't the desk's")
	}
	if n.Data == "meta" && attr(n, "http-equiv") != "" {
		out = append(out, "a <meta http-equiv>")
	}
	for _, a := range n.Attr {
		switch {
		case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc", a.Key == "ping":
			out = append(out, fmt.Sprintf("<%s %s=%q>", n.Data, a.Key, a.Val))
		case slices.Contains([]string{"href", "src", "action", "formaction", "data-count", "data-draft"}, a.Key) && !ours(a.Val):
			out = append(out, fmt.Sprintf("<%s %s=%q> leads elsewhere", n.Data, a.Key, a.Val))
		}
	}
	return out
}

func ours(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || strings.Contains(u.RawQuery, "?") {
		return false
	}
	return strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") || strings.HasPrefix(address, "#")
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// requestOf is the id of the first request on the custodians' page.
func requestOf(t *testing.T, page string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "/custody/")
	id, _, ok2 := strings.Cut(rest, "/approve")
	if !ok || !ok2 {
		t.Fatalf("no request on\n%s", page)
	}
	return id
}

// TestEveryLinkLeadsSomewhere follows every link of the desk in every language
// and below a path prefix: each keeps the language and is a page.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	h := open(t, func(o *desk.Options) { o.BaseURL = "https://example.org/desk" })
	for range 41 {
		h.tip()
	}
	b := h.login("li")
	for _, start := range []string{"/desk/", "/desk/?lang=en"} {
		seen := map[string]bool{start: true}
		for queue := []string{start}; len(queue) > 0 && len(seen) < 400; queue = queue[1:] {
			w := b.get(queue[0])
			if w.Code != http.StatusOK {
				t.Errorf("%s leads to %d", queue[0], w.Code)
				continue
			}
			for _, to := range links(t, w.Body.String()) {
				if to, _, _ = strings.Cut(to, "#"); to == "" || seen[to] || strings.Contains(to, "/assets/") {
					continue
				}
				if !strings.HasPrefix(to, "/desk/") || strings.HasSuffix(start, "lang=en") && !strings.Contains(to, "lang=") {
					t.Errorf("%s links to %s", queue[0], to)
				}
				seen[to] = true
				if len(seen) < 120 {
					queue = append(queue, to)
				}
			}
		}
	}
	tip := h.tip()
	if to := b.act("/desk/tips/"+tip.ID+"/state?lang=en", "state", "reviewing"); !strings.Contains(to, "lang=en") || !strings.HasPrefix(to, "/desk/") {
		t.Errorf("an act forgets the language: it goes on to %s", to)
	}
}

func links(t *testing.T, page string) (out []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	intaketest.Must(t, err)
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" {
			out = append(out, attr(n, "href"))
		}
	}
	return out
}
