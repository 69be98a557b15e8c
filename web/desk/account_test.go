package desk_test

import (
	"html"
	"image"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/members"
	"tipline/web/desk"
)

var (
	secretGroups = regexp.MustCompile(`<span>([A-Z2-7]{1,4})</span>`)
	printedCode  = regexp.MustCompile(`<code>([a-z]{4}-[a-z]{4}-[a-z]{4})</code>`)
)

// secret is what an app takes in from the page to enrol.
func (b *browser) secret() string {
	b.h.t.Helper()
	var out strings.Builder
	for _, m := range secretGroups.FindAllStringSubmatch(b.page("/account/factor"), -1) {
		out.WriteString(m[1])
	}
	if out.Len() != 32 {
		b.h.t.Fatalf("the secret is %q", out.String())
	}
	return out.String()
}

func (h *house) code(secret string) string {
	h.t.Helper()
	code, err := totp.GenerateCode(secret, h.clock.Now())
	intaketest.Must(h.t, err)
	return code
}

// enrol sets a second factor up and returns its secret and the printed codes.
func (b *browser) enrol() (secret string, codes []string) {
	b.h.t.Helper()
	secret = b.secret()
	if to := b.act("/account/factor", "code", b.h.code(secret)); to != "/account/codes" {
		b.h.t.Fatalf("after the code: %s", to)
	}
	for _, m := range printedCode.FindAllStringSubmatch(b.page("/account/codes"), -1) {
		codes = append(codes, m[1])
	}
	if len(codes) != 10 {
		b.h.t.Fatalf("%d printed codes", len(codes))
	}
	return secret, codes
}

func TestSecondFactor(t *testing.T) {
	h := open(t)
	b := h.login("li")
	page := b.page("/account/factor")
	if strings.Contains(page, "<img src=\"http") || strings.Contains(page, "otpauth:") || !strings.Contains(page, `<svg class="qr"`) {
		t.Error("the picture isn't drawn here")
	}
	if w := b.post("/account/factor", "code", "000000"); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), `role="alert"`) {
		t.Errorf("a wrong code: %d", w.Code)
	}
	secret, codes := b.enrol()
	if b.act("/account/codes/done") != "/account" || b.get("/account/codes").Code != http.StatusSeeOther {
		t.Error("the printed codes can be seen again")
	}
	if w := b.post("/account/factor", "code", h.code(secret)); w.Code != http.StatusConflict {
		t.Errorf("a second factor over the first: %d", w.Code)
	}

	h.clock.Add(time.Minute)
	try := func(code string) int {
		return (&browser{h: h}).post("/login", "member", "li", "passphrase", phrase("li"), "code", code).Code
	}
	code := h.code(secret)
	for _, c := range []struct {
		name, code string
		want       int
	}{{"none", "", 403}, {"wrong", "000000", 403}, {"the app's", code, 303}, {"the app's again", code, 403},
		{"printed", codes[0], 303}, {"printed again", codes[0], 403}, {"printed in capitals", strings.ToUpper(codes[1]), 303}} {
		if got := try(c.code); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if page := b.page("/account?lang=en"); !strings.Contains(page, "8 printed codes are left") {
		t.Error("the page doesn't count the codes")
	}

	h.clock.Add(6 * time.Minute)
	for _, path := range []string{"/account/codes", "/account/factor/remove"} {
		if w := b.post(path); w.Code != http.StatusForbidden {
			t.Errorf("%s without the passphrase: %d", path, w.Code)
		}
	}
	b.act("/account/codes", "passphrase", phrase("li"))
	b.act("/account/factor/remove")
	if got := try(""); got != http.StatusSeeOther {
		t.Errorf("after the removal: %d", got)
	}
	if want := []string{"factor.add", "factor.codes", "factor.remove"}; !slices.Equal(want, h.about("li", "factor.")) {
		t.Errorf("the record says %q", h.about("li", "factor."))
	}
	if s := h.logged.String(); s != "" {
		t.Errorf("logged: %s", s)
	}
}

// about are a member's acts that begin so.
func (h *house) about(member, prefix string) (out []string) {
	h.t.Helper()
	rows, err := h.store.AuditRows(h.t.Context(), 0, 100_000)
	intaketest.Must(h.t, err)
	for _, a := range rows {
		if a.Member == member && strings.HasPrefix(a.Act, prefix) {
			out = append(out, a.Act)
		}
	}
	return out
}

// TestWrongCodesLookLikeWrongPassphrases: the answer doesn't tell which half was right.
func TestWrongCodesLookLikeWrongPassphrases(t *testing.T) {
	h := open(t)
	h.login("li").enrol()
	var answers []string
	for _, c := range [][2]string{{phrase("li"), "000000"}, {phrase("li"), ""}, {"not the passphrase", "000000"}} {
		w := (&browser{h: h}).post("/login", "member", "li", "passphrase", c[0], "code", c[1])
		if w.Code != http.StatusForbidden || len(w.Result().Cookies()) != 0 {
			t.Errorf("%d, cookies %v", w.Code, w.Result().Cookies())
		}
		answers = append(answers, w.Body.String())
	}
	if len(slices.Compact(answers)) != 1 {
		t.Error("the answers differ")
	}
}

// TestNobodyEnrolsForAnother: whatever a form or an address says, the factor goes to who
// is logged in, with the secret that their own session was shown.
func TestNobodyEnrolsForAnother(t *testing.T) {
	h := open(t)
	li, zhao := h.login("li"), h.login("zhao")
	secret, victims := li.secret(), zhao.secret()
	if secret == victims {
		t.Fatal("two sessions share a secret")
	}
	strange := "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	if w := li.post("/account/factor?member=zhao", "member", "zhao", "holder", "zhao", "id", "zhao", "secret", strange, "code", h.code(strange)); w.Code != http.StatusForbidden {
		t.Errorf("a secret of the form's own: %d", w.Code)
	}
	if w := li.post("/account/factor", "member", "zhao", "secret", victims, "code", h.code(victims)); w.Code != http.StatusForbidden {
		t.Errorf("another session's secret: %d", w.Code)
	}
	li.act("/account/factor?member=zhao&holder=zhao", "member", "zhao", "holder", "zhao", "name", "zhao", "code", h.code(secret))
	for name, want := range map[string]bool{"li": true, "zhao": false, "wang": false} {
		since, _, err := h.members.Factor(t.Context(), name)
		if err != nil || since != "" != want {
			t.Errorf("%s has a factor since %q, %v", name, since, err)
		}
	}
	zhao.enrol()
	for _, path := range []string{"/account/codes", "/account/factor/remove"} {
		li.act(path, "member", "zhao", "holder", "zhao")
	}
	if since, codes, err := h.members.Factor(t.Context(), "zhao"); err != nil || since == "" || codes != 10 {
		t.Errorf("zhao's factor: since %q, %d codes, %v", since, codes, err)
	}
	for _, path := range []string{"/account/zhao", "/account/factor/zhao", "/members/zhao/factor", "/members/factor"} {
		if w := li.post(path, "code", "1"); w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestSecondFactorRequired: without one nothing can be reached but the page to enrol.
func TestSecondFactorRequired(t *testing.T) {
	h := open(t, func(o *desk.Options) { o.SecondFactor = true })
	tip := h.tip()
	b := h.login("li")
	for _, r := range routes {
		path := strings.NewReplacer("TIP", tip.ID, "OTHER", tip.ID).Replace(r.path)
		if strings.HasPrefix(path, "/nothing") || strings.HasPrefix(path, "/account/factor") && path != "/account/factor/remove" {
			continue
		}
		w := b.get(path)
		if r.method == "POST" {
			w = b.post(path)
		}
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/account/factor" {
			t.Errorf("%s %s: %d to %q", r.method, path, w.Code, w.Header().Get("Location"))
		}
	}
	if w := b.get("/count"); w.Code != http.StatusUnauthorized {
		t.Errorf("the notice: %d", w.Code)
	}
	b.enrol()
	b.page("/tips/" + tip.ID)
	if w := h.login("new").get("/"); w.Header().Get("Location") != "/passphrase" {
		t.Errorf("the printed passphrase comes first: %q", w.Header().Get("Location"))
	}
}

func TestOwnSessions(t *testing.T) {
	h := open(t)
	one := h.login("li")
	h.clock.Add(3 * time.Minute)
	two, wang := h.login("li"), h.login("wang")
	page := two.page("/account?lang=en")
	if !strings.Contains(page, "used 3 minutes ago") || strings.Count(page, `name="session"`) != 1 {
		t.Errorf("%s", page)
	}
	m := regexp.MustCompile(`name="session" value="([^"]+)"`).FindStringSubmatch(page)
	wang.act("/account/sessions", "session", m[1]) // somebody else's
	one.page("/account")
	two.act("/account/sessions", "session", m[1])
	if w := one.get("/account"); w.Code != http.StatusSeeOther {
		t.Errorf("the session that was ended: %d", w.Code)
	}
	three := h.login("li")
	three.act("/account/sessions")
	if two.get("/").Code != http.StatusSeeOther || three.get("/").Code != http.StatusOK || wang.get("/custody").Code != http.StatusOK {
		t.Error("all others means the member's own others")
	}
}

func TestStrengthIsShown(t *testing.T) {
	h := open(t)
	b := h.login("new")
	if w := b.post("/passphrase/strength?lang=en", "fresh", "correct horse battery staple"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"grade":"good"`) || strings.Contains(w.Body.String(), "horse") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w := b.post("/passphrase?lang=en", "old", phrase("new"), "fresh", "short words", "again", "short words")
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(w.Body.String()), "Weak (about") || strings.Contains(w.Body.String(), "short words") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestTheDeskLimitsByOrigin: one place that goes through names is shut, another isn't.
func TestTheDeskLimitsByOrigin(t *testing.T) {
	h := open(t, func(o *desk.Options) {
		o.Origin = func(r *http.Request) string { return r.Header.Get("X-Test-Origin") }
	})
	long := strings.Repeat("x", 5000) // is refused without a derivation
	from := func(origin, name, passphrase string) int {
		r, _ := http.NewRequest("POST", "/login", strings.NewReader(url.Values{"member": {name}, "passphrase": {passphrase}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Test-Origin", origin)
		w := (&browser{h: h}).do(r)
		if w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
		return w.Code
	}
	codes := map[int]int{}
	for i := range 60 {
		codes[from("a", "somebody"+strings.Repeat("x", i), long)]++
	}
	if codes[http.StatusForbidden] != 40 || codes[http.StatusTooManyRequests] != 20 {
		t.Errorf("%v", codes)
	}
	if got := from("b", "li", phrase("li")); got != http.StatusSeeOther {
		t.Errorf("from elsewhere: %d", got)
	}
	if got := from("a", "li", phrase("li")); got != http.StatusTooManyRequests {
		t.Errorf("from there: %d", got)
	}
	h.clock.Add(time.Minute)
	if got := from("a", "li", phrase("li")); got != http.StatusSeeOther {
		t.Errorf("from there after the pause: %d", got)
	}
}

// TestApprovalAsksAgain: a custodian's screen that was left opens no identity.
func TestApprovalAsksAgain(t *testing.T) {
	h := open(t)
	tip := h.tip(func(r *intake.Report) { r.Identity.Name = "张三" })
	wang := h.login("wang")
	h.clock.Add(members.Fresh)
	h.login("li").act("/tips/"+tip.ID+"/identity", "reason", "核实")
	m := regexp.MustCompile(`action="(/custody/[^"]+/approve)"`).FindStringSubmatch(wang.page("/custody"))
	for _, pass := range []string{"", phrase("li")} {
		if w := wang.post(m[1], "passphrase", pass); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), `name="passphrase"`) {
			t.Errorf("%q: %d", pass, w.Code)
		}
	}
	wang.act(m[1], "passphrase", phrase("wang"))
}

// TestThePictureIsTheSecret draws the page's path again and looks at its corners: three
// finder patterns and no fourth.
func TestThePictureIsTheSecret(t *testing.T) {
	h := open(t)
	page := h.login("li").page("/account/factor")
	m := regexp.MustCompile(`viewBox="0 0 (\d+) \d+"[^>]*><path d="([^"]+)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("no picture")
	}
	dark := map[image.Point]bool{}
	n := atoi(m[1])
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`).FindAllStringSubmatch(m[2], -1) {
		for x := range atoi(run[3]) {
			dark[image.Pt(atoi(run[1])+x, atoi(run[2]))] = true
		}
	}
	finder := func(x, y int) bool {
		for i := range 7 {
			if !dark[image.Pt(x+i, y)] || !dark[image.Pt(x, y+i)] || !dark[image.Pt(x+i, y+6)] || !dark[image.Pt(x+6, y+i)] {
				return false
			}
		}
		return dark[image.Pt(x+3, y+3)] && !dark[image.Pt(x+1, y+1)]
	}
	if !finder(4, 4) || !finder(n-11, 4) || !finder(4, n-11) || finder(n-11, n-11) || dark[image.Pt(3, 3)] {
		t.Error("this is no QR code with its margin")
	}
}

func atoi(s string) (n int) {
	for _, r := range s {
		n = n*10 + int(r-'0')
	}
	return n
}
