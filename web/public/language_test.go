package public_test

import (
	"html"
	"net/url"
	"strings"
	"testing"

	"tipline/crypto/receipt"
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
