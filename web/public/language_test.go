package public_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tipline/crypto/receipt"
	"tipline/intake"
)

// TestLanguageKeepsTheForm: another language shows the form with all that was typed,
// files nothing, and says that files have to be chosen again.
func TestLanguageKeepsTheForm(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	blank := do(t, "GET", srv.URL+"/report?lang=zh-CN", "", "").body
	if strings.Contains(blank, `<a class="lang"`) || !strings.Contains(blank, `form="report" formaction="/report?lang=en"`) {
		t.Error("a link to the other language empties the form")
	}
	if first, language := strings.Index(blank, `form="report"`), strings.Index(blank, `formaction=`); first >= language {
		t.Error("Enter presses a language")
	}
	v := full()
	for name, more := range map[string]string{"lang": "zh-CN", "step": "language", "asked": "1", "opened": "1.x", "work": "1.2.3", "files": "IMG_1.jpg", "map": "34,115", "still": "1", "website": ""} {
		v.Set(name, more)
	}
	a := do(t, "POST", srv.URL+"/report?lang=en", formType, v.Encode())
	if a.StatusCode != 200 || len(d.reports) > 0 || !strings.Contains(a.body, `<html lang="en">`) || !strings.Contains(a.body, `name="lang" value="en"`) {
		t.Fatalf("%d, %d reports\n%s", a.StatusCode, len(d.reports), a.body)
	}
	for name := range v {
		if name == "lang" || name == "step" || name == "files" || name == "website" {
			continue
		}
		for _, value := range v[name] {
			if !strings.Contains(a.body, html.EscapeString(value)) {
				t.Errorf("%s is gone", name)
			}
		}
	}
	if !strings.Contains(a.body, "Please choose them again") || strings.Contains(a.body, "IMG_1") {
		t.Error("nothing says that the files aren't kept, or their names come back")
	}
	if a := do(t, "POST", srv.URL+"/report?lang=en", formType, "text=x&files=&step=language"); strings.Contains(a.body, "choose them again") {
		t.Error("files are asked for that nobody chose")
	}
}

// TestLanguageKeepsTheQuestion: who was asked about their words is asked in the other
// language, and not a second time.
func TestLanguageKeepsTheQuestion(t *testing.T) {
	srv := serve(t, newDoor(), nil)
	a := do(t, "POST", srv.URL+"/report?lang=en", formType, url.Values{"text": {"电话13812345678"}, "asked": {"2"}, "step": {"language"}}.Encode())
	if !strings.Contains(a.body, `id="hints"`) || !strings.Contains(a.body, `name="asked" value="2"`) {
		t.Errorf("%d\n%s", a.StatusCode, a.body)
	}
}

// TestLanguageUnderAReceipt: the same where a receipt is typed, and where it is open.
func TestLanguageUnderAReceipt(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	code := receipt.New().Digits()
	a := do(t, "POST", srv.URL+"/receipt?lang=en", formType, url.Values{"receipt": {code[:9]}, "lang": {"zh-CN"}, "step": {"language"}}.Encode())
	if a.StatusCode != 200 || len(d.looked) > 0 || !strings.Contains(a.body, `<html lang="en">`) || !strings.Contains(a.body, `value="`+code[:9]+`"`) || strings.Contains(a.body, `role="alert"`) {
		t.Errorf("typed: %d, looked %d times\n%s", a.StatusCode, len(d.looked), a.body)
	}
	a = do(t, "POST", srv.URL+"/receipt?lang=en", formType, url.Values{"receipt": {code}, "text": {"再说一点"}, "token": {"tok"}, "lang": {"zh-CN"}, "step": {"again"}}.Encode())
	if a.StatusCode != 200 || len(d.said) > 0 || !strings.Contains(a.body, "Questions and answers") || !strings.Contains(a.body, ">再说一点</textarea>") || !strings.Contains(a.body, `name="token" value="tok"`) {
		t.Errorf("open: %d, said %d times\n%s", a.StatusCode, len(d.said), a.body)
	}
}

// button is what a language's button of a page sends: its form's hidden fields and its step.
func button(t *testing.T, page, form string) (to string, v url.Values) {
	t.Helper()
	b := regexp.MustCompile(`class="lang" type="submit" form="` + form + `" formaction="([^"]+)"[^>]* name="step" value="([^"]+)"`).FindStringSubmatch(page)
	_, rest, there := strings.Cut(page, `<form id="`+form+`"`)
	if b == nil || !there {
		t.Fatalf("no other language for %s:\n%s", form, page)
	}
	rest, _, _ = strings.Cut(rest, "</form>")
	v = url.Values{"step": {b[2]}}
	for _, f := range regexp.MustCompile(`type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(rest, -1) {
		v.Add(f[1], html.UnescapeString(f[2]))
	}
	return html.UnescapeString(b[1]), v
}

// TestLanguageKeepsTheReceipt: the receipt's own page in another language shows the same
// digits and what became of the files, files nothing and looks nothing up; no address
// holds the digits.
func TestLanguageKeepsTheReceipt(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	kind, body := form(t, "text=x", "lang=zh-CN", "file:a.jpg=BBB", "file:b.jpg=")
	a := do(t, "POST", srv.URL+"/report", kind, body)
	digits := output.FindStringSubmatch(a.body)[1]
	to, v := button(t, a.body, "look")
	if strings.ContainsAny(to, "0123456789") || to != "/report?lang=en" {
		t.Errorf("the button leads to %s", to)
	}
	b := do(t, "POST", srv.URL+to, formType, v.Encode())
	if m := output.FindStringSubmatch(b.body); b.StatusCode != 200 || m == nil || m[1] != digits || !strings.Contains(b.body, `<html lang="en">`) {
		t.Fatalf("%d\n%s", b.StatusCode, b.body)
	}
	if !strings.Contains(b.body, "File 1: Received. Gone from the copy that the desk sees: where it was taken, which phone") || !strings.Contains(b.body, "File 2: This file is empty") {
		t.Errorf("what became of the files:\n%s", b.body)
	}
	if len(d.reports) != 1 || len(d.looked) > 0 {
		t.Errorf("%d reports, looked %d times", len(d.reports), len(d.looked))
	}
	v.Set("receipt", digits[:9])
	v.Set("kept", "clean nonsense")
	if c := do(t, "POST", srv.URL+to, formType, v.Encode()); c.StatusCode != 422 || output.MatchString(c.body) {
		t.Errorf("nine digits: %d", c.StatusCode)
	}
}

// TestLanguageKeepsTheErrors: what was wrong is told again in the other language, and the
// words stay; codes that nobody made here tell nothing.
func TestLanguageKeepsTheErrors(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	code := receipt.New().Digits()
	for _, c := range []struct {
		name, path, form string
		err              error
		v                url.Values
		says             []string
	}{
		{"fields", "/report", "report", &intake.InvalidError{Problems: []intake.Problem{{Field: "lat", Code: "format"}, {Field: "text", Code: "too_long", Param: "20000", Over: 7}}},
			url.Values{"text": {"村北"}, "lat": {"abc"}}, []string{`id="summary"`, `id="lat-reason">Latitude: please write`, "take out at least 7", `value="abc"`}},
		{"a limit", "/report", "report", &intake.LimitedError{RetryAfter: 5 * time.Minute}, url.Values{"text": {"村北"}}, []string{"5 minutes"}},
		{"no database", "/report", "report", intake.ErrNotDurable, url.Values{"text": {"村北"}}, []string{`id="summary"`}},
		{"an addition", "/receipt", "add", refusal("text", "too_long"), url.Values{"receipt": {code}, "text": {"再说"}}, []string{"Message is too long; at most 5000"}},
		{"few digits", "/receipt", "ask", nil, url.Values{"receipt": {code[:9]}}, []string{`id="receipt-reason"`, `value="` + code[:9] + `"`}},
	} {
		d.fail = c.err
		c.v.Set("lang", "zh-CN")
		a := do(t, "POST", srv.URL+c.path, formType, c.v.Encode())
		d.fail = nil
		to, v := button(t, a.body, c.form)
		for name, typed := range c.v {
			if name != "lang" {
				v[name] = typed
			}
		}
		again := do(t, "POST", srv.URL+to, formType, v.Encode())
		for _, want := range append(c.says, `<html lang="en">`, html.EscapeString(c.v.Get("text"))) {
			if again.StatusCode != 200 || !strings.Contains(again.body, want) {
				t.Errorf("%s: %d, no %q\n%s", c.name, again.StatusCode, want, again.body)
			}
		}
	}
	for _, told := range []string{"{", `{"kind":"made up"}`, `{"kind":"invalid","problems":[` + strings.Repeat("{},", 100) + `{}]}`} {
		a := do(t, "POST", srv.URL+"/report?lang=en", formType, url.Values{"step": {"language"}, "told": {told}}.Encode())
		if a.StatusCode != 200 || strings.Contains(a.body, `id="summary"`) {
			t.Errorf("%.40s: %d\n%s", told, a.StatusCode, a.body)
		}
	}
}

// TestEnterSendsNothing: the form's first button, which Enter presses without a script, is
// disabled; where that is passed over, the next one brings the form back as it is.
func TestEnterSendsNothing(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	blank := do(t, "GET", srv.URL+"/report?lang=en", "", "").body
	buttons := regexp.MustCompile(`<button[^>]*form="report"[^>]*>`).FindAllString(blank, -1)
	if len(buttons) < 3 || !strings.Contains(buttons[0], "disabled") || !strings.Contains(buttons[1], `name="step" value="check"`) || strings.Contains(buttons[1], "hidden>") {
		t.Fatalf("Enter presses %q", buttons)
	}
	v := full()
	v.Set("step", "check")
	a := do(t, "POST", srv.URL+"/report", formType, v.Encode())
	if a.StatusCode != 200 || len(d.reports) > 0 || !strings.Contains(a.body, `id="unsent"`) || !strings.Contains(a.body, html.EscapeString(v.Get("text"))) {
		t.Errorf("%d, %d reports\n%s", a.StatusCode, len(d.reports), a.body)
	}
	if again := do(t, "GET", srv.URL+"/receipt", "", "").body; strings.Contains(again, "disabled") {
		t.Error("Enter doesn't open a receipt")
	}
}
