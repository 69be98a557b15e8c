package mail

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// decode reads a message as the service would.
func decode(t testing.TB, raw string) *taken {
	t.Helper()
	r, _ := NewReport(Envelope{From: "a@b.example"}, strings.NewReader(raw))
	got, err := take(r)
	if err != nil {
		t.Fatal(err)
	}
	if got.raw != raw {
		t.Fatal("the message wasn't read to its end")
	}
	return got
}

func in(e encoding.Encoding, s string) string {
	out, err := e.NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return out
}

func crlf(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n" }

const sentence = "村东头的耕地上违规建了三间房,没有任何审批手续。"

// TestTexts holds messages and the text that is read in them.
func TestTexts(t *testing.T) {
	gbk, gb := simplifiedchinese.GBK, simplifiedchinese.GB18030
	for _, tt := range []struct {
		name, raw, text string
		flags           []string
	}{
		{"plain", crlf("Subject: s", "", "body"), "s\n\nbody", nil},
		{"no subject", crlf("From: a@b.example", "", "body"), "body", nil},
		{"subject alone", crlf("Subject: s", ""), "s", nil},
		{"no header", crlf("just text, no header", "and more"), "just text, no header\nand more", []string{FlagMalformed}},
		{"nothing", "", "", []string{FlagUnparsed}},
		{"only spaces", crlf(" ", " "), "", []string{FlagUnparsed}},
		{"lone LF", "Subject: s\n\nbody\nmore\n", "s\n\nbody\nmore", nil},
		{"NUL and controls", crlf("Subject: s\x00\x07", "", "a\x00b\x1bc\td"), "s\n\nabc\td", nil},
		{"GB2312", crlf("Subject: =?gb2312?B?vtmxqA==?=", "Content-Type: text/plain; charset=gb2312", "", in(gbk, sentence)), "举报\n\n" + sentence, nil},
		{"GBK beyond GB2312", crlf("Content-Type: text/plain; charset=gb2312", "", in(gbk, "镕堃喆")), "镕堃喆", nil},
		{"GB18030 four bytes", crlf("Content-Type: text/plain; charset=GB18030", "", in(gb, "㐂𠮷村")), "㐂𠮷村", nil},
		{"GBK labelled UTF-8", crlf("Content-Type: text/plain; charset=utf-8", "", in(gbk, sentence)), sentence, nil},
		{"UTF-8 labelled GBK", crlf("Content-Type: text/plain; charset=gb2312", "", sentence), sentence, nil},
		{"UTF-8 labelled Latin", crlf("Content-Type: text/plain; charset=iso-8859-1", "", sentence), sentence, nil},
		{"GBK without a label", crlf("From: a@b.example", "", in(gbk, sentence)), sentence, nil},
		{"the classic 联通", crlf("Content-Type: text/plain; charset=gbk", "", in(gbk, "联通")), "联通", nil},
		{"Latin without a label", crlf("Subject: s", "", "Schon verf\xfcgbar, \xe7a va"), "s\n\nSchon verfügbar, ça va", nil},
		{"Big5", crlf("Content-Type: text/plain; charset=big5", "", in(traditionalchinese.Big5, "農地上違規建屋")), "農地上違規建屋", nil},
		{"ISO-2022-JP", crlf("Content-Type: text/plain; charset=iso-2022-jp", "", in(japanese.ISO2022JP, "農地の通報")), "農地の通報", nil},
		{"Shift_JIS", crlf("Content-Type: text/plain; charset=shift_jis", "", in(japanese.ShiftJIS, "農地の通報")), "農地の通報", nil},
		{"EUC-JP", crlf("Content-Type: text/plain; charset=euc-jp", "", in(japanese.EUCJP, "農地の通報")), "農地の通報", nil},
		{"EUC-KR", crlf("Content-Type: text/plain; charset=euc-kr", "", in(korean.EUCKR, "농지 신고")), "농지 신고", nil},
		{"KOI8-R", crlf("Content-Type: text/plain; charset=koi8-r", "", "\xf0\xd2\xc9\xd7\xc5\xd4"), "Привет", nil},
		{"windows-1251", crlf("Content-Type: text/plain; charset=windows-1251", "", "\xcf\xf0\xe8\xe2\xe5\xf2"), "Привет", nil},
		{"an unknown charset", crlf("Content-Type: text/plain; charset=x-nonsense", "", sentence), sentence, nil},
		{"a character cut in two words", "Subject: =?utf-8?B?5Li+5o==?=\r\n =?UTF-8?B?iqU=?=\r\n\r\n", "举报", nil},
		{"a word cut within a character", "Subject: =?utf-8?Q?=E4=B8=BE=E6=8A?=\r\n =?utf-8?Q?=A5?=\r\n\r\n", "举报", nil},
		{"broken words", crlf("Subject: =?utf-8?B?5Li+?= =?utf-8?X?zz?= =?utf-8?Q?a_b=zz?= =?utf-8?B?", "", ""), "举 =?utf-8?X?zz?= a b=zz =?utf-8?B?", nil},
		{"raw UTF-8 subject", crlf("Subject: "+sentence, ""), sentence, nil},
		{"raw GBK subject", crlf("Subject: "+in(gbk, sentence), ""), sentence, nil},
		{"base64", crlf("Content-Transfer-Encoding: BASE64", "", "5Li+5oql", ""), "举报", nil},
		{"broken base64", crlf("Content-Transfer-Encoding: base64", "", "5Li+!5o", "ql*=", "YWJj"), "举报abc", []string{FlagDamaged}},
		{"quoted-printable", crlf("Content-Transfer-Encoding: quoted-printable", "", "=E4=B8=BE=", "=e6=8a=a5=  ", "!"), "举报!", nil},
		{"broken quoted-printable", crlf("Content-Transfer-Encoding: quoted-printable", "", "1+1=2 =GZ"), "1+1=2 =GZ", []string{FlagDamaged}},
		{"an encoding nobody knows", crlf("Content-Transfer-Encoding: x-mine", "", "text"), "text", nil},
		{"flowed", crlf("Content-Type: text/plain; format=flowed", "", "one ", "two", "> quoted ", "> on", " > not quoted", "-- ", "me"), "one two\n> quoted on\n> not quoted\n-- \nme", []string{FlagSignature}},
		{"flowed with delsp", crlf("Content-Type: text/plain; format=flowed; delsp=yes", "", "村东头 ", "的耕地"), "村东头的耕地", nil},
		{"folded subject", "Subject: one\r\n two\r\n\tthree\r\n\r\nb", "one two three\n\nb", nil},
		{"separator with a space", crlf("Subject: s", " ", "body"), "s\n\nbody", nil},
		{"a continuation without indent", crlf("Content-Type: text/plain;", "charset=utf-8", "Subject: s", "", "body"), "s\n\nbody", []string{FlagMalformed}},
		{"mbox line", crlf("From a@b.example Thu Jun 20 08:35:23 1996", "Subject: s", "", "body"), "s\n\nbody", nil},
		{"alternative", multipart("alternative", part("text/plain", "plain"), part("text/html", "<p>html")), "plain", nil},
		{"alternative with an empty plain part", multipart("alternative", part("text/plain", " "), part("text/html", "<p>html")), "html", []string{FlagHTML}},
		{"two texts", multipart("mixed", part("text/plain", "one"), part("text/html", "<b>two</b>")), "one\n\ntwo", []string{FlagHTML}},
		{"no boundary ever", crlf("Content-Type: multipart/mixed; boundary=b", "", "a text all the same"), "a text all the same", []string{FlagMalformed}},
		{"no boundary named", crlf("Content-Type: multipart/mixed", "", "a text all the same"), "a text all the same", nil},
		{"never closed", strings.TrimSuffix(multipart("mixed", part("text/plain", "one")), "--b--\r\n"), "one", nil},
		{"a boundary within a line", multipart("mixed", part("text/plain", "see --b for it")), "see --b for it", nil},
		{"attached message", multipart("mixed", part("text/plain", "see below"), part("message/rfc822", "Subject: =?utf-8?B?5Li+5oql?=\r\nFrom: x@y.example\r\n\r\nthe inner text")), "see below\n\n--------\n举报\n\nthe inner text", []string{FlagForwarded}},
		{"attached message in base64", multipart("mixed", part("message/rfc822\r\nContent-Transfer-Encoding: base64", "U3ViamVjdDogaW4NCg0KdGhlIGlubmVyIHRleHQ=")), "--------\nin\n\nthe inner text", []string{FlagForwarded}},
		{"report type unknown", crlf("Content-Type: text/x-strange", "", "body"), "body", nil},
		{"PGP inline", crlf("From: a@b.example", "", "-----BEGIN PGP MESSAGE-----", "hQEM"), "-----BEGIN PGP MESSAGE-----\nhQEM", []string{FlagPGP}},
		{"a signature", crlf("From: a@b.example", "", "body", "-- ", "Ann"), "body\n-- \nAnn", []string{FlagSignature}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := decode(t, tt.raw)
			if diff := cmp.Diff(tt.text, got.report.Words.Text); diff != "" {
				t.Errorf("text: %s", diff)
			}
			if diff := cmp.Diff(tt.flags, got.report.Flags); diff != "" {
				t.Errorf("flags: %s", diff)
			}
			if got.report.Hold != slices.Contains(tt.flags, FlagUnparsed) {
				t.Errorf("hold is %v", got.report.Hold)
			}
		})
	}
}

func part(mime, body string) string { return crlf("Content-Type: "+mime, "", body) }

func multipart(kind string, parts ...string) string {
	var b strings.Builder
	b.WriteString(crlf("MIME-Version: 1.0", "Content-Type: multipart/"+kind+"; boundary=b", "", "a preamble"))
	for _, p := range parts {
		b.WriteString("--b\r\n" + p)
	}
	b.WriteString("--b--\r\n")
	return b.String()
}

func TestHTML(t *testing.T) {
	for html, want := range map[string]string{
		"<p>one</p><p>two</p>":                                                  "one\n\ntwo",
		"one<br>two<br/><br/>three":                                             "one\ntwo\n\nthree",
		"<ul><li>a<li>b</ul>after":                                              "- a\n- b\n\nafter",
		"<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>":                 "a | b\nc",
		"a <b>bold</b>  word\n here":                                            "a bold word here",
		"<a href='https://x.example/p'>map</a> end":                             "map <https://x.example/p> end",
		"<a href='https://x.example/p'>https://x.example/p</a>":                 "https://x.example/p",
		"<a href='javascript:alert(1)'>x</a>":                                   "x",
		"<script>evil()</script><style>p{}</style><title>t</title>x":            "x",
		"a&lt;b &amp; 举报&nbsp;c":                                                "a<b & 举报\u00a0c",
		"<pre>a\n  b</pre>c":                                                    "a\n  b\n\nc",
		"<img src='https://track.example/1.gif'>x<img alt='picture' src=cid:1>": "x[picture]",
		"<div><div><div>x</div></div></div>y":                                   "x\ny",
		"<p>unclosed <i>tags":                                                   "unclosed tags",
		"< not a tag":                                                           "< not a tag",
		"<!-- a comment -->x":                                                   "x",
	} {
		if got := htmlText(strings.NewReader(html)); got != want {
			t.Errorf("%s: %q, want %q", html, got, want)
		}
	}
}

func TestHTMLCharset(t *testing.T) {
	raw := crlf("Content-Type: text/html", "", "<html><head><meta charset=gb2312></head><body>"+in(simplifiedchinese.GBK, "联通")+"</body></html>")
	if got := decode(t, raw).report.Words.Text; got != "联通" {
		t.Errorf("text %q", got)
	}
}

// TestFiles holds how files come out of messages.
func TestFiles(t *testing.T) {
	for _, tt := range []struct {
		name, raw string
		files     []file
		flags     []string
	}{
		{"base64", multipart("mixed", part("image/png; name=a.png\r\nContent-Transfer-Encoding: base64", "iVBORw==")), []file{{"a.png", "image/png", "\x89PNG"}}, nil},
		{"8bit, its lines as they are", multipart("mixed", part("application/octet-stream\r\nContent-Disposition: attachment; filename=\"a b;c.bin\"", "one\r\n\r\ntwo\n\xff\r\n")), []file{{"a b;c.bin", "application/octet-stream", "one\r\n\r\ntwo\n\xff\r\n"}}, nil},
		{"text attached", multipart("mixed", part("text/plain\r\nContent-Disposition: attachment; filename=n.txt", "not the body")), []file{{"n.txt", "text/plain", "not the body"}}, nil},
		{"RFC 2231", multipart("mixed", part("image/png\r\nContent-Disposition: attachment;\r\n filename*0*=gb18030'zh'%BE%D9;\r\n filename*1*=%B1%A8;\r\n filename*2=.png", "x")), []file{{"举报.png", "image/png", "x"}}, nil},
		{"RFC 2047 in a parameter", multipart("mixed", part("image/png; name=\"=?GBK?B?vtmxqA==?=.png\"", "x")), []file{{"举报.png", "image/png", "x"}}, nil},
		{"raw GBK name", multipart("mixed", part("image/png; name=\""+in(simplifiedchinese.GBK, "村东头的耕地照片")+".png\"", "x")), []file{{"村东头的耕地照片.png", "image/png", "x"}}, nil},
		{"a quote that doesn't end", multipart("mixed", part("image/png; name=\"a.png; size=3", "x")), []file{{"a.png", "image/png", "x"}}, nil},
		{"uuencode", multipart("mixed", part("image/png\r\nContent-Transfer-Encoding: x-uuencode", "begin 644 a.png\r\n#86)C\r\n`\r\nend")), []file{{"", "image/png", "abc"}}, nil},
		{"uuencode cut short", multipart("mixed", part("image/png\r\nContent-Transfer-Encoding: x-uuencode", "begin 644 a.png\r\n#86)C")), []file{{"", "image/png", "abc"}}, []string{FlagDamaged}},
		{"broken base64", multipart("mixed", part("image/png\r\nContent-Transfer-Encoding: base64", "iVB\x00ORw?=\r\n--x")), []file{{"", "image/png", "\x89PNG"}}, []string{FlagDamaged}},
		{"winmail.dat", multipart("mixed", part("application/ms-tnef; name=winmail.dat", "x")), []file{{"winmail.dat", "application/ms-tnef", "x"}}, []string{FlagTNEF + ":0"}},
		{"S/MIME", crlf("Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", "", "x"), []file{{"smime.p7m", "application/pkcs7-mime", "x\r\n"}}, []string{FlagSMIME}},
		{"PGP", multipart("encrypted; protocol=\"application/pgp-encrypted\"", part("application/pgp-encrypted", "Version: 1"), part("application/octet-stream", "x")), []file{{"", "application/pgp-encrypted", "Version: 1"}, {"", "application/octet-stream", "x"}}, []string{FlagPGP}},
		{"files within an attached message", multipart("mixed", part("message/rfc822", "Content-Type: image/png; name=in.png\r\n\r\nx")), []file{{"in.png", "image/png", "x"}}, []string{FlagForwarded}},
		{"a calendar", crlf("Content-Type: text/calendar", "", "BEGIN:VCALENDAR"), []file{{"", "text/calendar", "BEGIN:VCALENDAR\r\n"}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := decode(t, tt.raw)
			if diff := cmp.Diff(tt.files, got.files, cmp.AllowUnexported(file{})); diff != "" {
				t.Errorf("files: %s", diff)
			}
			if diff := cmp.Diff(tt.flags, got.report.Flags); diff != "" {
				t.Errorf("flags: %s", diff)
			}
			if got.report.Hold {
				t.Error("held")
			}
		})
	}
}

// TestGiveaways: every header field but the subject is in the identity, none in
// the text.
func TestGiveaways(t *testing.T) {
	fields := []string{"Return-Path: <x@y.example>", "Received: from phone (203.0.113.5) by mx", "From: =?gb2312?B?vtmxqA==?= <Zhang.San@mail.example>",
		"Sender: s@y.example", "Reply-To: r@y.example", "To: tips@localhost", "Cc: c@y.example", "Date: Tue, 24 Nov 2026 10:00:00 +0800",
		"Message-ID: <id@phone.local>", "X-Originating-IP: 203.0.113.5", "User-Agent: Phone 1.0", "X-Mailer: Foxmail", "DKIM-Signature: v=1; d=y.example",
		"References: <r@y.example>", "Thread-Index: abc", "X-Anything: else"}
	got := decode(t, crlf(append(fields, "Subject: s", "", "body")...))
	id := got.report.Identity
	want := append([]string(nil), fields...)
	want[2] = "From: 举报 <Zhang.San@mail.example>"
	if diff := cmp.Diff(want, id.Headers); diff != "" {
		t.Error(diff)
	}
	if got.report.Words.Text != "s\n\nbody" {
		t.Errorf("text %q", got.report.Words.Text)
	}
	if id.Name != "举报" || id.Sender != "a@b.example" || got.report.Sender != "a@b.example" {
		t.Errorf("name %q, sender %q, compared by %q", id.Name, id.Sender, got.report.Sender)
	}
	r, _ := NewReport(Envelope{}, strings.NewReader("From: Ann <Ann@mail.example>\r\n\r\nx"))
	if _, err := take(r); err != nil || r.Identity.Sender != "Ann@mail.example" {
		t.Errorf("sender of a mail with a null return path: %q (%v)", r.Identity.Sender, err)
	}
	for _, v := range []any{r, r.Identity, Ack{To: "secret"}, &Facts{ReturnPath: "secret"}} {
		if s := fmt.Sprint(v); strings.Contains(s, "Ann") || strings.Contains(s, "secret") {
			t.Errorf("%T prints as %s", v, s)
		}
	}
}

// TestMessageIDs: the same message is known again behind other trace fields; with
// a forged Message-ID another text is another message.
func TestMessageIDs(t *testing.T) {
	id := func(raw string) string { return decode(t, raw).report.MessageID }
	base := crlf("Message-ID: <1@x>", "Subject: s", "", "body")
	trace := "Return-Path: <q@x>\r\nReceived: by other; now\r\nARC-Seal: i=1\r\nAuthentication-Results: x\r\nDKIM-Signature: t=2\r\nX-Spam: no\r\nList-Id: <x>\r\nDelivered-To: y\r\n"
	for _, again := range []string{trace + base, strings.ReplaceAll(base, "\r\n", "\n")} {
		if id(again) != id(base) {
			t.Errorf("a redelivery isn't known again: %q", again)
		}
	}
	for _, other := range []string{"Content-Disposition: attachment\r\n" + base, "Resent-From: <q@x>\r\n" + base, "Comments: another\r\n" + base, strings.Replace(base, "body", "another", 1), strings.Replace(base, "<1@x>", "<2@x>", 1), strings.Replace(base, ": s", ": t", 1),
		crlf("Message-ID: <1@x>", "Subject: s", "", "", "body"), base + "x", crlf("Message-ID: <1@x>", "no field", "Subject: s", "", "body")} {
		if id(other) == id(base) {
			t.Errorf("%q has the id of another message", other)
		}
	}
}

func TestFacts(t *testing.T) {
	for _, tt := range []struct {
		from, header string
		ack          bool
		flags        []string
		hold         bool
	}{
		{"a@b.example", "From: a@b.example", true, nil, false},
		{"", "From: a@b.example", false, nil, false},
		{"a@b.example", "Auto-Submitted: no", true, nil, false},
		{"a@b.example", "Auto-Submitted: auto-replied; owner-email=x", false, []string{FlagAuto}, false},
		{"a@b.example", "X-Auto-Response-Suppress: All", false, []string{FlagAuto}, false},
		{"a@b.example", "Precedence: Bulk", false, []string{FlagBulk}, false},
		{"a@b.example", "precedence: junk", false, []string{FlagBulk}, false},
		{"a@b.example", "List-Id: <x.y>", false, []string{FlagBulk}, false},
		{"a@b.example", "LIST-UNSUBSCRIBE: <x>", false, []string{FlagBulk}, false},
		{"MAILER-DAEMON@b.example", "From: x@y.example", false, nil, false},
		{"noreply@b.example", "From: x@y.example", false, nil, false},
		{"owner-list@b.example", "From: x@y.example", false, nil, false},
		{"list-request@b.example", "From: x@y.example", false, nil, false},
		{"", "From: Mail Delivery <MAILER-DAEMON@b.example>", false, []string{FlagBounce}, true},
		{"", "Content-Type: multipart/report; report-type=delivery-status; boundary=x", false, []string{FlagBounce, FlagMalformed}, true},
		{"a@b.example", "Content-Type: multipart/report; report-type=disposition-notification; boundary=x", false, []string{FlagAuto, FlagMalformed}, false},
	} {
		r, facts := NewReport(Envelope{From: tt.from}, strings.NewReader(tt.header+"\r\n\r\nbody\r\n"))
		if _, err := take(r); err != nil {
			t.Fatal(err)
		}
		if facts.ShouldAck() != tt.ack || r.Hold != tt.hold {
			t.Errorf("<%s> %s: acknowledge %v, hold %v", tt.from, tt.header, facts.ShouldAck(), r.Hold)
		}
		if diff := cmp.Diff(tt.flags, r.Flags); diff != "" {
			t.Errorf("<%s> %s: %s", tt.from, tt.header, diff)
		}
	}
}

// nested is n multiparts within one another, none of them closed.
func nested(n int, inner string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	return b.String() + inner
}

// TestTraps are messages made to hurt: each is read in linear time and memory.
func TestTraps(t *testing.T) {
	many := crlf("Content-Type: multipart/mixed; boundary=b", "") + strings.Repeat("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n", maxParts+2000)
	files := crlf("Content-Type: multipart/mixed; boundary=b", "") + strings.Repeat("--b\r\nContent-Type: image/png\r\n\r\nx\r\n", 5000)
	messages := strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 5000)
	base64s := crlf("Subject: s", "", "core")
	for range 12 {
		base64s = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(base64s)
	}
	for _, tt := range []struct {
		name, raw string
		text      string
		flags     []string
	}{
		{"20 levels", nested(20, "\r\nthe text"), "the text", nil},
		{"2000 levels", nested(2000, "\r\nthe text"), "", []string{FlagLimits}},
		{"2000 levels with junk between", nested(2000, strings.Repeat("--b1\r\n\r\n--b0\r\n\r\n", 5000)), "", []string{FlagLimits}},
		{"12,000 parts", many, "", []string{FlagLimits}},
		{"5,000 files", files, "", []string{FlagLimits}},
		{"5,000 messages in one another", messages, "", []string{FlagForwarded, FlagLimits}},
		{"base64 within base64", base64s, "core", []string{FlagForwarded}},
		{"a header of 3 MiB in one line", "Subject: " + strings.Repeat("x", 3<<20) + "\r\n\r\nbody", "", []string{FlagMalformed}},
		{"a header of 200,000 lines", strings.Repeat("X-A: b\r\n", 200_000) + "\r\nbody", "body", []string{FlagMalformed}},
		{"a folded header of 100,000 lines", "Subject: s\r\n" + strings.Repeat(" fold\r\n", 100_000) + "\r\nbody", "body", nil},
		{"a text of 3 MiB", crlf("", strings.Repeat("0123456789", 300_000)), "", []string{FlagTruncated}},
		{"half-open words", "Subject: " + strings.Repeat("=?utf-8?B?", 50_000) + "\r\n\r\nbody", "body", nil},
		{"parameters", "Content-Type: text/plain" + strings.Repeat("; a*0*=b", 50_000) + "\r\n\r\nbody", "body", nil},
		{"nested tags", crlf("Content-Type: text/html", "", strings.Repeat("<div><a href=x>", 40_000)+"deep"), "deep", []string{FlagHTML}},
		{"links within links", crlf("Content-Type: text/html", "", strings.Repeat("<a href=https://x.example>y", 30_000)+strings.Repeat("</a>", 30_000)), "", nil},
		{"equals signs", crlf("Content-Transfer-Encoding: quoted-printable", "", strings.Repeat("= ", 400_000)), "", nil},
		{"dashes", crlf("Content-Type: multipart/mixed; boundary=b", "") + strings.Repeat("--", 1<<20), "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			got := decode(t, tt.raw)
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("took %v", took)
			}
			if !strings.Contains(got.report.Words.Text, tt.text) {
				t.Errorf("%q isn't in the text", tt.text)
			}
			for _, f := range tt.flags {
				if !slices.Contains(got.report.Flags, f) {
					t.Errorf("flags %v, want %s", got.report.Flags, f)
				}
			}
			if slices.Contains(got.report.Flags, FlagFault) {
				t.Error("the decoder panicked")
			}
			if len(got.report.Words.Text) > maxText || len(got.files) > maxFiles {
				t.Errorf("%d bytes of text, %d files", len(got.report.Words.Text), len(got.files))
			}
		})
	}
}

func b64(s string) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	var b strings.Builder
	for i := 0; i < len(s); i += 3 {
		v, n := 0, min(3, len(s)-i)
		for j := range 3 {
			v <<= 8
			if j < n {
				v |= int(s[i+j])
			}
		}
		for j := range 4 {
			if j > n {
				b.WriteByte('=')
				continue
			}
			b.WriteByte(digits[v>>(18-6*j)&63])
		}
		if i%57 == 54 {
			b.WriteString("\r\n")
		}
	}
	return b.String()
}

// TestReadErrors: a message that breaks off is Submit's to refuse, wherever it
// broke; the decoder yields no error of its own and doesn't hang.
func TestReadErrors(t *testing.T) {
	raw := multipart("mixed", part("text/plain", "one"), part("image/png\r\nContent-Transfer-Encoding: base64", "iVBORw=="))
	for n := range len(raw) {
		src := io.MultiReader(strings.NewReader(raw[:n]), iotest.ErrReader(io.ErrUnexpectedEOF))
		r, _ := NewReport(Envelope{}, src)
		if _, err := take(r); err != io.ErrUnexpectedEOF {
			t.Fatalf("after %d bytes: %v", n, err)
		}
	}
}

// TestConsumerStops: whoever wants no further file gets none, and a panic of the
// consumer's isn't swallowed.
func TestConsumerStops(t *testing.T) {
	raw := multipart("mixed", part("image/png", "1"), part("image/png", "2"), part("text/plain", "t"))
	r, _ := NewReport(Envelope{}, strings.NewReader(raw))
	n := 0
	for range r.Decode(r.Raw, r) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d files", n)
	}
	defer func() {
		if recover() == nil {
			t.Error("the consumer's panic was swallowed")
		}
	}()
	r, _ = NewReport(Envelope{}, strings.NewReader(raw))
	for range r.Decode(r.Raw, r) {
		panic("the consumer's")
	}
}

// TestReadsAlike: how the bytes are cut into reads changes nothing.
func TestReadsAlike(t *testing.T) {
	for name, raw := range map[string]string{
		"parts":           multipart("mixed", part("text/plain; charset=gbk", in(simplifiedchinese.GBK, sentence)), part("image/png\r\nContent-Transfer-Encoding: base64", "iVBORw==")),
		"no empty line":   multipart("mixed", "Content-Type: text/plain\r\nwhere the body begins\r\nand how it goes on, which is a longer line\r\n"),
		"a stray line":    multipart("mixed", "Content-Type: text/plain;\r\ncharset=gbk\r\nContent-Disposition: inline; x=\"what is longer than the line before\"\r\n\r\n"+in(simplifiedchinese.GBK, sentence)+"\r\n"),
		"a line of space": multipart("mixed", "Content-Type: text/plain\r\n \r\nContent-Disposition: inline\r\n \r\nbody\r\n"),
	} {
		want := decode(t, raw)
		r, _ := NewReport(Envelope{From: "a@b.example"}, iotest.OneByteReader(strings.NewReader(raw)))
		got, err := take(r)
		if err != nil {
			t.Fatal(err)
		}
		if r.Words.Text != want.report.Words.Text || r.MessageID != want.report.MessageID || !slices.Equal(got.files, want.files) {
			t.Errorf("%s: byte by byte it reads as %q, not %q; the same message: %v", name, r.Words.Text, want.report.Words.Text, r.MessageID == want.report.MessageID)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{crlf("Subject: s", "", "body"), nested(3, "\r\nx"), multipart("mixed", part("text/html", "<p>x"), part("message/rfc822", "Subject: =?gbk?Q?=BE?=\r\n\r\nx")),
		multipart("digest", "\r\nSubject: x\r\n\r\ny\r\n"), crlf("Content-Type: text/plain; charset=iso-2022-jp; format=flowed", "Content-Transfer-Encoding: quoted-printable", "", "=1B$B =")} {
		f.Add([]byte(seed))
	}
	for _, name := range []string{"def.p7m", "indef.p7m"} {
		f.Add([]byte("Content-Type: application/pkcs7-mime\r\n\r\n" + string(smimeFile(f, name))))
	}
	f.Add([]byte("Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x01\x00" + packed(1, tnefProperties, props(prop(mapiWide, mapiBody, "x\x00"))) +
		packed(2, tnefAttachData, "x") + packed(2, tnefAttachProps, props(prop(mapiNarrow, mapiLongName, "n")))))
	f.Add([]byte("Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x01\x00" + packed(1, tnefProperties, props(prop(mapiBinary, mapiRTF, string(packRTF(`{\rtf1 x}`)))))))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 64<<10 {
			t.Skip("long inputs are TestTraps'")
		}
		start := time.Now()
		r, facts := NewReport(Envelope{From: "a@b.example"}, bytes.NewReader(raw))
		got, err := take(r)
		if err != nil {
			t.Fatal(err)
		}
		if got.raw != string(raw) {
			t.Fatal("not all of the message was read")
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Fatalf("%d bytes took %v", len(raw), took)
		}
		if r.MessageID == "" || !valid(r.Words.Text) || !valid(r.Identity.Name) || !valid(facts.MessageID) || !valid(r.Identity.Headers...) {
			t.Fatal("something isn't UTF-8")
		}
		if slices.Contains(r.Flags, FlagUnparsed) && !r.Hold {
			t.Fatal("an unparsed message isn't held")
		}
		if slices.Contains(r.Flags, FlagFault) {
			t.Fatal("the decoder panicked")
		}
		byBytes, _ := NewReport(Envelope{From: "a@b.example"}, iotest.OneByteReader(bytes.NewReader(raw)))
		again, err := take(byBytes)
		if err != nil {
			t.Fatal(err)
		}
		if byBytes.Words.Text != r.Words.Text || byBytes.MessageID != r.MessageID || !slices.Equal(again.files, got.files) || !slices.Equal(byBytes.Flags, r.Flags) {
			t.Fatalf("byte by byte it reads otherwise: %q, %v\nand not %q, %v", byBytes.Words.Text, byBytes.Flags, r.Words.Text, r.Flags)
		}
	})
}

func valid(texts ...string) bool {
	for _, s := range texts {
		if strings.ToValidUTF8(s, "") != s || strings.ContainsRune(s, 0) {
			return false
		}
	}
	return true
}
