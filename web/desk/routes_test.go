package desk_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/members"
	"tipline/web/desk"
)

// routes are the whole URL space with what it costs each to be refused: a tip, a
// request and a file stand behind them.
var routes = []struct {
	method, path                                           string
	handler, custodian, supervisor, auditor, administrator int
}{
	{"GET", "/", 200, 303, 303, 303, 303},
	{"GET", "/?state=received&lane=normal&category=ok-house&place=411422207&channel=web&unread=1", 200, 303, 303, 303, 303},
	{"GET", "/?lane=held", 200, 303, 303, 303, 303},
	{"GET", "/?cursor=nonsense", 422, 303, 303, 303, 303},
	{"GET", "/map", 200, 403, 403, 403, 403},
	{"GET", "/map?state=received&place=411422207&at=34.4,115.1&z=14&layer=tips", 200, 403, 403, 403, 403},
	{"GET", "/map?tip=TIP", 200, 403, 403, 403, 403},
	{"GET", "/map?tip=OTHER", 404, 403, 403, 403, 403},
	{"GET", "/map?at=x,y&z=99&layer=x&cursor=nonsense", 200, 403, 403, 403, 403},
	{"GET", "/map/tiles/3/6/2", 404, 403, 403, 403, 403},
	{"GET", "/map/tiles/x/6/2", 404, 403, 403, 403, 403},
	{"GET", "/tips/TIP", 200, 403, 403, 403, 403},
	{"GET", "/tips/none", 404, 403, 403, 403, 403},
	{"GET", "/tips/OTHER", 404, 403, 403, 403, 403},
	{"GET", "/tips/TIP/files/1", 404, 403, 403, 403, 403},
	{"GET", "/tips/TIP/files/x", 404, 403, 403, 403, 403},
	{"GET", "/tips/TIP/identity", 403, 403, 403, 403, 403},
	{"POST", "/tips/TIP/reread", 403, 403, 403, 403, 403},
	{"POST", "/tips/OTHER/reread", 404, 403, 403, 403, 403},
	{"GET", "/tips/new", 200, 403, 403, 403, 403},
	{"GET", "/?source=ok-media&due=overdue&urgent=1&real_name=1", 200, 303, 303, 303, 303},
	{"GET", "/?due=none", 200, 303, 303, 303, 303},
	{"GET", "/reviews", 200, 403, 403, 403, 403},
	{"POST", "/reviews", 303, 403, 403, 403, 403},
	{"GET", "/deadlines", 200, 403, 200, 403, 403},
	{"GET", "/retention", 200, 403, 200, 403, 403},
	{"GET", "/certificates/none", 404, 403, 404, 403, 403},
	{"POST", "/retention/spam", 422, 403, 403, 403, 403},
	{"POST", "/retention/keys/1", 409, 403, 403, 403, 403},
	{"POST", "/retention/keys/7", 404, 403, 403, 403, 403},
	{"POST", "/retention/keys/x", 404, 403, 403, 403, 403},
	{"POST", "/destructions/none", 400, 403, 400, 403, 403},
	{"POST", "/tips/TIP/destruction", 422, 403, 403, 403, 403},
	{"POST", "/tips/TIP/holds", 422, 403, 422, 403, 403},
	{"POST", "/tips/TIP/holds/none/lift", 404, 403, 404, 403, 403},
	{"POST", "/tips/OTHER/holds", 404, 403, 404, 403, 403},
	{"GET", "/lookbacks", 200, 403, 200, 403, 403},
	{"POST", "/tips/TIP/looks", 409, 403, 403, 403, 403},
	{"POST", "/tips/OTHER/looks", 404, 403, 403, 403, 403},
	{"POST", "/tips/TIP/looks/none", 404, 403, 403, 403, 403},
	{"POST", "/extensions/none", 400, 403, 400, 403, 403},
	{"POST", "/tips/TIP/extension", 409, 403, 403, 403, 403},
	{"POST", "/tips/OTHER/extension", 404, 403, 403, 403, 403},
	{"GET", "/?due=unsent", 200, 303, 303, 303, 303},
	{"POST", "/tips/batch", 303, 403, 403, 403, 403},
	{"POST", "/views", 422, 403, 403, 403, 403},
	{"POST", "/views/none/drop", 303, 403, 403, 403, 403},
	{"POST", "/tips/TIP/merge", 422, 403, 403, 403, 403},
	{"POST", "/tips/TIP/unmerge", 409, 403, 403, 403, 403},
	{"POST", "/tips/TIP/media", 409, 403, 403, 403, 403},
	{"POST", "/tips/OTHER/media", 404, 403, 403, 403, 403},
	{"POST", "/tips/TIP/notes", 422, 403, 403, 403, 403},
	{"POST", "/tips/TIP/transfer", 422, 403, 403, 403, 403},
	{"POST", "/tips/OTHER/transfer", 404, 403, 403, 403, 403},
	{"POST", "/custody/none/handover", 403, 404, 403, 403, 403},
	{"POST", "/tips/OTHER/merge", 404, 403, 403, 403, 403},
	{"POST", "/tips/OTHER/unmerge", 404, 403, 403, 403, 403},
	{"POST", "/tips/OTHER/notes", 404, 403, 403, 403, 403},
	{"GET", "/custody", 403, 200, 403, 403, 403},
	{"GET", "/dispatch", 403, 200, 403, 403, 403},
	{"POST", "/dispatch", 403, 303, 403, 403, 403},
	{"GET", "/ledger", 200, 403, 403, 403, 403},
	{"GET", "/ledger/export?format=xlsx", 200, 403, 403, 403, 403},
	{"GET", "/ledger/export?format=exe", 404, 403, 403, 403, 403},
	{"GET", "/ledger?state=verifying&category=ok-house&place=411422207&order=due&due=overdue&number=7&source=ok-media&department=housing", 200, 403, 403, 403, 403},
	{"GET", "/ledger?cursor=nonsense", 422, 403, 403, 403, 403},
	{"GET", "/ledger/changes", 303, 403, 403, 403, 403},
	{"POST", "/ledger/changes", 303, 403, 403, 403, 403},
	{"POST", "/ledger/upload", 422, 403, 403, 403, 403},
	{"GET", "/parcels", 200, 403, 200, 403, 403},
	{"GET", "/parcels?batch=x&place=411422207&state=verifying&term=evidence&category=ok-house&number=7", 200, 403, 200, 403, 403},
	{"GET", "/parcels?cursor=nonsense", 422, 403, 422, 403, 403},
	{"GET", "/parcel?batch=x&number=y", 404, 403, 403, 403, 403},
	{"POST", "/parcel", 400, 403, 403, 403, 403},
	{"GET", "/reports", 200, 403, 403, 403, 403},
	{"GET", "/reports?date=2026-10", 200, 403, 403, 403, 403},
	{"GET", "/reports?date=soon", 422, 403, 403, 403, 403},
	{"GET", "/reports/export?kind=yearly&date=2026-11-24", 422, 403, 403, 403, 403},
	{"GET", "/reports/export?kind=daily&date=2030-01-01", 422, 403, 403, 403, 403},
	{"GET", "/reports/dispatch?department=agriculture", 200, 403, 403, 403, 403},
	{"GET", "/reports/village?place=411422207201", 200, 403, 403, 403, 403},
	{"POST", "/reports/village", 422, 403, 403, 403, 403},
	{"GET", "/reports/village?place=411422", 422, 403, 403, 403, 403},
	{"GET", "/reports/village?place=nobodys%20village", 422, 403, 403, 403, 403},
	{"GET", "/import", 200, 403, 403, 403, 403},
	{"GET", "/import/preview", 303, 403, 403, 403, 403},
	{"POST", "/import/preview", 303, 403, 403, 403, 403},
	{"POST", "/import/parcels", 422, 403, 403, 403, 403},
	{"POST", "/import/nothing", 404, 403, 403, 403, 403},
	{"POST", "/import/maps/drop", 422, 403, 403, 403, 403},
	{"GET", "/channels", 200, 403, 200, 403, 200},
	{"GET", "/audit", 200, 200, 200, 200, 200},
	{"GET", "/audit?before=ROW", 200, 200, 200, 200, 200},
	{"GET", "/passphrase", 200, 200, 200, 200, 200},
	{"GET", "/nothing", 404, 404, 404, 404, 404},
	{"POST", "/tips/OTHER/state", 404, 403, 403, 403, 403},
	{"POST", "/tips/OTHER/messages", 404, 403, 403, 403, 403},
	{"POST", "/tips/OTHER/release", 404, 403, 403, 403, 403},
	{"POST", "/tips/OTHER/identity", 404, 403, 403, 403, 403},
	{"POST", "/tips/TIP/release", 409, 403, 403, 403, 403},
	{"POST", "/tips/TIP/messages", 422, 403, 403, 403, 403},
	{"POST", "/tips/TIP/identity", 422, 403, 403, 403, 403},
	{"POST", "/tips/TIP/state", 409, 403, 403, 403, 403},
	{"POST", "/tips/new", 422, 403, 403, 403, 403},
	{"POST", "/tips/new/draft", 303, 403, 403, 403, 403},
	{"POST", "/custody/none/approve", 403, 404, 403, 403, 403},
	{"POST", "/custody/none/refuse", 403, 404, 403, 403, 403},
	{"POST", "/passphrase", 403, 403, 403, 403, 403},
	{"POST", "/nothing", 404, 404, 404, 404, 404},
	{"GET", "/account", 200, 200, 200, 200, 200},
	{"GET", "/account/factor", 200, 200, 200, 200, 200},
	{"GET", "/account/codes", 303, 303, 303, 303, 303},
	{"GET", "/members", 200, 200, 200, 403, 200},
	{"GET", "/members/printed", 303, 303, 303, 403, 303},
	{"POST", "/account/sessions", 303, 303, 303, 303, 303},
	{"POST", "/account/factor", 403, 403, 403, 403, 403},
	{"POST", "/account/factor/remove", 404, 404, 404, 404, 404},
	{"POST", "/account/factor/passkey", 422, 422, 422, 422, 422},
	{"POST", "/account/factor/passkey/options", 200, 200, 200, 200, 200},
	{"POST", "/account/factor/passkey/remove", 403, 403, 403, 403, 403},
	{"POST", "/account/codes", 404, 404, 404, 404, 404},
	{"POST", "/account/codes/done", 303, 303, 303, 303, 303},
	{"POST", "/passphrase/strength", 200, 200, 200, 200, 200},
	{"POST", "/members", 403, 403, 403, 403, 422},
	{"POST", "/members/printed/done", 303, 303, 303, 403, 303},
	{"POST", "/members/grant", 403, 403, 403, 403, 403},
	{"POST", "/members/rekey", 403, 403, 403, 403, 403},
	{"POST", "/members/roles", 403, 403, 403, 403, 422},
	{"POST", "/members/disable", 403, 403, 403, 403, 404},
	{"POST", "/members/enable", 403, 403, 403, 403, 404},
	{"POST", "/members/end", 403, 403, 404, 403, 404},
}

func TestRolesAndRoutes(t *testing.T) {
	h := open(t)
	tip, other := h.tip(func(r *intake.Report) { r.Identity.Name, r.Identity.Phone = "张三", "13900000000" }), h.tip()
	if _, err := h.store.Database().Write.Exec(`UPDATE tips SET desk = 'other' WHERE id = $1`, other.ID); err != nil {
		t.Fatal(err)
	}
	li, wang, fresh, nobody := h.login("li"), h.login("wang"), h.login("new"), &browser{h: h}
	sun, qian, boss := h.login("sun"), h.login("qian"), h.login("boss")
	row, err := h.store.AuditPage(t.Context(), intake.AuditFilter{Desk: intaketest.Desk, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range routes {
		path := strings.NewReplacer("TIP", tip.ID, "OTHER", other.ID, "ROW", row[0].Hash).Replace(r.path)
		for name, c := range map[string]struct {
			b    *browser
			want int
			to   string
		}{"handler": {li, r.handler, ""}, "custodian": {wang, r.custodian, ""}, "supervisor": {sun, r.supervisor, ""}, "auditor": {qian, r.auditor, ""},
			"administrator": {boss, r.administrator, ""}, "nobody": {nobody, 303, "/login"}, "printed passphrase": {fresh, 303, "/passphrase"}} {
			want := c.want
			if strings.HasPrefix(r.path, "/nothing") {
				want = 404
			}
			if name == "printed passphrase" && strings.HasPrefix(r.path, "/passphrase") {
				want, c.to = r.handler, ""
			}
			w := c.b.get(path)
			if r.method == "POST" {
				w = c.b.post(path)
			}
			if w.Code != want || !strings.HasPrefix(w.Header().Get("Location"), c.to) && want == 303 {
				t.Errorf("%s %s by %s: %d to %q, want %d", r.method, r.path, name, w.Code, w.Header().Get("Location"), want)
			}
		}
	}
	for name, b := range map[string]*browser{"custodian": wang, "supervisor": sun, "auditor": qian, "administrator": boss, "nobody": nobody, "printed passphrase": fresh} {
		if w := b.get("/count"); w.Code != http.StatusUnauthorized {
			t.Errorf("the notice answers a %s: %d", name, w.Code)
		}
	}
	if s := h.logged.String(); s != "" {
		t.Errorf("logged: %s", s)
	}
}

// TestSessionsRunOut: fifteen minutes without use end a session, the notice's
// question isn't use, and eight hours end every session.
func TestSessionsRunOut(t *testing.T) {
	h := open(t)
	h.tip()
	b := h.login("li")
	for range 3 {
		h.clock.Add(14 * time.Minute)
		b.page("/")
	}
	h.clock.Add(14 * time.Minute)
	if body := b.page("/count"); !strings.Contains(body, `"unread":1`) || !strings.Contains(body, `"held":0`) {
		t.Errorf("the notice hears %s", body)
	}
	h.clock.Add(2 * time.Minute)
	if w := b.get("/"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/login" {
		t.Errorf("after sixteen idle minutes: %d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := b.get("/count"); w.Code == http.StatusOK {
		t.Error("the notice answers without a session")
	}
	b = h.login("li")
	for range 34 {
		h.clock.Add(14 * time.Minute)
		b.get("/")
	}
	if w := b.get("/"); w.Code != http.StatusOK {
		t.Errorf("within eight hours of steady use: %d", w.Code)
	}
	h.clock.Add(14 * time.Minute)
	if w := b.get("/"); w.Code != http.StatusSeeOther {
		t.Errorf("after eight hours: %d", w.Code)
	}
}

// TestExpiredFormsGoOn: what was typed for longer than the session lasts isn't lost,
// not even by a wrong passphrase; it goes on to where it was sent.
func TestExpiredFormsGoOn(t *testing.T) {
	h := open(t)
	tip := h.tip().ID
	nobody := &browser{h: h}
	to := "/tips/" + tip + "/messages"
	if w := nobody.post(to, "text", " "+`请问在"哪里"？`); w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), `name="text" value=" 请问在&#34;哪里&#34;？"`) || !strings.Contains(w.Body.String(), to) {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	if w := nobody.post("/login", "member", "li", "passphrase", "not the passphrase", "resume", to, "text", "请问在哪里？"); !strings.Contains(w.Body.String(), `value="请问在哪里？"`) || strings.Contains(w.Body.String(), "not the passphrase") {
		t.Errorf("after a wrong passphrase:\n%s", w.Body)
	}
	if w := nobody.post("/login", "member", "li", "passphrase", phrase("li"), "resume", to, "text", "请问在哪里？"); w.Code != http.StatusTemporaryRedirect || w.Header().Get("Location") != to {
		t.Errorf("the login goes on with %d to %q", w.Code, w.Header().Get("Location"))
	}
	for _, elsewhere := range []string{"//evil.example/tips/", "https://evil.example/tips/x", "/logout", "/custody/x/approve", "/tips/../custody/x/approve", "/tips/%2e%2e/logout"} {
		if w := nobody.post("/login", "member", "li", "passphrase", phrase("li"), "resume", elsewhere, "text", "x"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
			t.Errorf("%s: %d to %q", elsewhere, w.Code, w.Header().Get("Location"))
		}
	}
	if w := (&browser{h: h}).post("/tips/new", "text", "来电"); !strings.Contains(w.Body.String(), `value="/tips/new/draft"`) {
		t.Errorf("a keyed-in tip goes on to %s", w.Body)
	}
	if w := (&browser{h: h}).post("/tips/"+tip+"/release", "text", ""); w.Code != http.StatusSeeOther {
		t.Errorf("nothing typed: %d", w.Code)
	}
}

// TestLoginTellsNothing: a wrong passphrase and an unknown name look alike.
func TestLoginTellsNothing(t *testing.T) {
	h := open(t)
	var answers []string
	for _, name := range []string{"li", "no"} {
		w := (&browser{h: h}).post("/login", "member", name, "passphrase", "not the passphrase")
		if w.Code != http.StatusForbidden || len(w.Result().Cookies()) != 0 {
			t.Errorf("%s: %d, cookies %v", name, w.Code, w.Result().Cookies())
		}
		answers = append(answers, strings.ReplaceAll(w.Body.String(), `value="`+name+`"`, ""))
	}
	if answers[0] != answers[1] {
		t.Errorf("the answers differ:\n%s\n---\n%s", answers[0], answers[1])
	}
	w := (&browser{h: h}).post("/login?lang=en", "member", `"><script>x</script>`, "passphrase", "x")
	if strings.Contains(w.Body.String(), "<script>x") {
		t.Error("the name comes back as markup")
	}
	if _, err := h.members.Open(t.Context(), "li", phrase("li"), ""); err != nil {
		t.Errorf("one wrong try locked a member out: %v", err)
	}
}

var nextField = regexp.MustCompile(`name="next" value="([^"]*)"`)

func TestNextStaysHere(t *testing.T) {
	h := open(t)
	for next, want := range map[string]string{
		"": "/", "/": "/", "/tips/abc": "/tips/abc", "/?state=received&lang=en": "/?state=received&lang=en", "/audit": "/audit",
		"https://evil.example": "/", "//evil.example": "/", "///evil.example": "/", `/\evil.example`: "/", `\\evil.example`: "/",
		"/\t/evil.example": "/", "/\n/evil.example": "/", "javascript:alert(1)": "/", "evil.example": "/", "http:evil.example": "/",
		"/%2f/evil.example": "/%2f/evil.example", "/%5cevil.example": "/%5cevil.example", "/@evil.example": "/@evil.example", " //evil.example": "/", "%2f%2fevil.example": "/",
	} {
		m := nextField.FindStringSubmatch((&browser{h: h}).page("/login?next=" + url.QueryEscape(next)))
		if m == nil || html.UnescapeString(m[1]) != want {
			t.Errorf("next=%q goes to %q, want %q", next, m, want)
		}
	}
	for next, want := range map[string]string{"//evil.example": "/", "/audit?before=2": "/audit?before=2"} {
		w := (&browser{h: h}).post("/login", "member", "li", "passphrase", phrase("li"), "next", next)
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != want {
			t.Errorf("next=%q went to %q, want %q", next, got, want)
		}
	}
	w := (&browser{h: h}).get("/tips/abc?x=1")
	if got := w.Header().Get("Location"); got != "/login?next=%2Ftips%2Fabc%3Fx%3D1" {
		t.Errorf("the login was told to go on to %q", got)
	}
}

func TestCookie(t *testing.T) {
	for base, c := range map[string]struct {
		name, path string
		secure     bool
	}{"http://desk.example.org": {"desk", "/", false}, "https://desk.example.org": {"__Host-desk", "/", true}, "https://example.org/desk": {"desk", "/desk/", true}} {
		h := open(t)
		h.options.BaseURL = base
		h.serve(func(o *desk.Options) { o.BaseURL = base })
		b := h.login("li")
		k := b.cookie
		if k.Name != c.name || !k.HttpOnly || k.SameSite != http.SameSiteStrictMode || k.Secure != c.secure || k.Path != c.path || k.MaxAge != 0 || k.Domain != "" || len(k.Value) < 40 {
			t.Errorf("%s: %+v", base, k)
		}
		b.post("/logout")
		if b.cookie != nil {
			t.Errorf("%s: the cookie outlives the logout", base)
		}
		if w := (&browser{h: h, cookie: k}).get("/"); w.Code != http.StatusSeeOther {
			t.Errorf("%s: the session outlives the logout", base)
		}
	}
}

// TestPostsFromElsewhere: no post of another site's page gets through, not even
// one that carries the cookie.
func TestPostsFromElsewhere(t *testing.T) {
	h := open(t)
	tip := h.tip()
	b := h.login("li")
	for _, r := range routes {
		if r.method != "POST" || r.path == "/nothing" {
			continue
		}
		for _, from := range []http.Header{{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}}, {"Origin": {"null"}}, {"Origin": {"http://evil.example"}}} { // the last two without TLS
			q := httptest.NewRequest("POST", strings.NewReplacer("TIP", tip.ID, "OTHER", tip.ID).Replace(r.path), strings.NewReader("state=spam&note=x&text=x&reason=x"))
			q.Header = from
			q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if w := b.do(q); w.Code != http.StatusForbidden {
				t.Errorf("POST %s from elsewhere: %d", r.path, w.Code)
			}
		}
	}
	if row := h.row(tip.ID); row.State != intake.StateReceived {
		t.Errorf("the tip is %s", row.State)
	}
}

// TestPrintedPassphrase: it is changed before anything else, the old one and the
// old session end with it, and what was sealed to the desk still opens.
func TestPrintedPassphrase(t *testing.T) {
	h := open(t)
	tip := h.tip()
	b := h.login("new")
	old := b.cookie
	for _, c := range []struct {
		now, fresh, again string
		want              int
	}{
		{"wrong wrong wrong", "harvest pebble kite", "harvest pebble kite", 403},
		{phrase("new"), phrase("new"), phrase("new"), 422}, {phrase("new"), "short", "short", 422}, {phrase("new"), "harvest pebble kite", "harvest pebble kit", 422},
		{phrase("new"), "harvest pebble kite", "harvest pebble kite", 303},
	} {
		if w := b.post("/passphrase", "old", c.now, "fresh", c.fresh, "again", c.again); w.Code != c.want {
			t.Errorf("%q to %q, %q: %d, want %d", c.now, c.fresh, c.again, w.Code, c.want)
		}
	}
	if w := (&browser{h: h, cookie: old}).get("/"); w.Code != http.StatusSeeOther {
		t.Errorf("the session of the old passphrase lives on: %d", w.Code)
	}
	if _, err := h.members.Open(t.Context(), "new", phrase("new"), ""); err == nil {
		t.Error("the old passphrase still opens")
	}
	again := &browser{h: h}
	if w := again.post("/login", "member", "new", "passphrase", "harvest pebble kite"); w.Header().Get("Location") != "/" {
		t.Errorf("the new passphrase: %d to %q", w.Code, w.Header().Get("Location"))
	}
	if !strings.Contains(again.page("/tips/"+tip.ID), "村北在打地基") {
		t.Error("the tip doesn't open after the change")
	}
}

// TestDisabledMember: one who is disabled is out at the next sweep, wherever that
// was done.
func TestDisabledMember(t *testing.T) {
	h := open(t)
	b := h.login("li")
	if err := h.store.SetDisabled(t.Context(), "li", true, intake.Audit{At: h.clock.Now(), Member: "li", Act: "member.disable"}); err != nil {
		t.Fatal(err)
	}
	if err := h.sessions.Recheck(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w := b.get("/"); w.Code != http.StatusSeeOther {
		t.Errorf("a disabled member reads on: %d", w.Code)
	}
	if w := b.post("/login", "member", "li", "passphrase", phrase("li")); w.Code != http.StatusForbidden {
		t.Errorf("a disabled member logs in: %d", w.Code)
	}
	if _, err := h.members.Open(t.Context(), "li", "x", ""); err == members.ErrDisabled {
		t.Error("who doesn't know the passphrase is told that the member is disabled")
	}
}
