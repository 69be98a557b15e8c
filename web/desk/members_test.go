package desk_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/members"
)

var handedOver = regexp.MustCompile(`id="passphrase">([a-z]{4}(?:-[a-z]{4}){5})<`)

// handOver is the passphrase that a page shows once.
func (b *browser) handOver() string {
	b.h.t.Helper()
	m := handedOver.FindStringSubmatch(b.page("/members/printed"))
	if m == nil {
		b.h.t.Fatal("no passphrase is shown")
	}
	return m[1]
}

// mark is what the list of members shows of somebody's key.
func (h *house) mark(name string) string {
	h.t.Helper()
	m, err := h.store.Member(h.t.Context(), name)
	if err != nil {
		h.t.Fatal(err)
	}
	return members.Mark(m.Key)
}

// TestAMemberFromFirstToLast: an administrator adds a handler, who reads nothing before a
// handler has confirmed it; then they are restored, given another role and shut out.
func TestAMemberFromFirstToLast(t *testing.T) {
	h := open(t)
	tip := h.tip()
	boss, li := h.login("boss"), h.login("li")
	if to := boss.act("/members", "name", "zhou", "role", "handler", "role", "supervisor"); to != "/members/printed" {
		t.Fatalf("to %q", to)
	}
	printed := boss.handOver()
	if li.get("/members/printed").Code != http.StatusSeeOther {
		t.Error("another session sees the passphrase")
	}
	boss.act("/members/printed/done")
	if boss.get("/members/printed").Code != http.StatusSeeOther {
		t.Error("the passphrase is shown twice")
	}
	if w := li.post("/members/grant", "member", "zhou", "role", "handler", "mark", h.mark("zhou"), "passphrase", phrase("li")); w.Code != http.StatusConflict {
		t.Errorf("a grant to the printed passphrase: %d", w.Code)
	}
	zhou := &browser{h: h}
	if to := zhou.act("/login", "member", "zhou", "passphrase", printed); to != "/passphrase" {
		t.Errorf("the first login goes to %q", to)
	}
	own := "seven herons count the reeds"
	zhou.sent("/passphrase", "old", printed, "fresh", own, "again", own)
	if to := zhou.act("/login", "member", "zhou", "passphrase", own); to != "/" {
		t.Errorf("the login goes to %q", to)
	}
	for _, path := range []string{"/tips/" + tip.ID, "/ledger", "/tips/new"} {
		if w := zhou.get(path); w.Code != http.StatusForbidden {
			t.Errorf("who waits for a grant asks for %s: %d", path, w.Code)
		}
	}
	if !strings.Contains(zhou.page("/account?lang=en"), "not yet granted the keys of this role: Handler") {
		t.Error("the account doesn't say what it waits for")
	}

	page := li.page("/members?lang=en")
	mark := regexp.MustCompile(`class="mark">([0-9a-f ]{24})<`)
	theirs, shown := mark.FindStringSubmatch(zhou.page("/account")), mark.FindStringSubmatch(page)
	if theirs == nil || shown == nil || theirs[1] != shown[1] {
		t.Errorf("the marks: %q and %q", theirs, shown)
	}
	if strings.Contains(boss.page("/members?lang=en"), `action="/members/grant`) || !strings.Contains(page, `action="/members/grant`) {
		t.Error("a grant is offered to who doesn't hold the role, or not to who does")
	}
	for pass, want := range map[string]int{"": 403, phrase("zhao"): 403} {
		if w := li.post("/members/grant", "member", "zhou", "role", "handler", "passphrase", pass); w.Code != want {
			t.Errorf("a grant with passphrase %q: %d", pass, w.Code)
		}
	}
	if w := li.post("/members/grant", "member", "zhou", "role", "handler", "mark", h.mark("li"), "passphrase", phrase("li")); w.Code != http.StatusConflict {
		t.Errorf("a grant with another key's mark: %d", w.Code)
	}
	if !strings.Contains(page, `name="mark" value="`+shown[1]+`"`) {
		t.Error("the form doesn't bring the mark along that it shows")
	}
	li.act("/members/grant", "member", "zhou", "role", "handler", "mark", shown[1], "passphrase", phrase("li"))
	if w := zhou.get("/"); w.Code != http.StatusSeeOther {
		t.Errorf("the session without the keys lives on: %d", w.Code)
	}
	zhou.act("/login", "member", "zhou", "passphrase", own)
	if !strings.Contains(zhou.page("/tips/"+tip.ID), "村北在打地基") {
		t.Error("the granted keys don't open the report")
	}

	boss.act("/members/rekey", "member", "zhou", "passphrase", phrase("boss"))
	if fresh := boss.handOver(); fresh == printed {
		t.Error("the same passphrase again")
	}
	if w := zhou.get("/"); w.Code != http.StatusSeeOther {
		t.Errorf("the session of the lost key lives on: %d", w.Code)
	}
	boss.act("/members/roles", "member", "zhou", "role", "auditor")
	boss.act("/members/disable", "member", "zhou")
	if w := (&browser{h: h}).post("/login", "member", "zhou", "passphrase", own); w.Code != http.StatusForbidden {
		t.Errorf("%d", w.Code)
	}
	boss.act("/members/enable", "member", "zhou")
	want := []string{"member.add", "member.rekey", "member.roles", "member.disable", "member.enable"}
	if got := h.about("boss", "member.")[1:]; strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the record says %q", got)
	}
	if s := h.logged.String(); s != "" {
		t.Errorf("logged: %s", s)
	}
}

// sent is an act that ends at the login.
func (b *browser) sent(path string, pairs ...string) {
	b.h.t.Helper()
	if w := b.post(path, pairs...); w.Code != http.StatusSeeOther {
		b.h.t.Fatalf("POST %s: %d\n%s", path, w.Code, w.Body)
	}
}

func TestMembersThatAreRefused(t *testing.T) {
	h := open(t)
	boss, li, sun := h.login("boss"), h.login("li"), h.login("sun")
	for name, c := range map[string]struct {
		b     *browser
		path  string
		pairs []string
		want  int
	}{
		"both roles":               {boss, "/members", []string{"name", "x", "role", "handler", "role", "custodian"}, 422},
		"no role":                  {boss, "/members", []string{"name", "x"}, 422},
		"an unknown role":          {boss, "/members", []string{"name", "x", "role", "king"}, 422},
		"a bad name":               {boss, "/members", []string{"name", "a/b", "role", "auditor"}, 422},
		"a name that is taken":     {boss, "/members", []string{"name", "li", "role", "auditor"}, 409},
		"more than oneself":        {li, "/members", []string{"name", "x", "role", "handler", "role", "administrator"}, 403},
		"disabling oneself":        {boss, "/members/disable", []string{"member", "boss"}, 403},
		"one's own roles":          {boss, "/members/roles", []string{"member", "boss", "role", "handler"}, 403},
		"a key one doesn't hold":   {boss, "/members/grant", []string{"member", "zhao", "role", "handler", "passphrase", phrase("boss")}, 403},
		"another's passphrase":     {li, "/members/rekey", []string{"member", "wang", "passphrase", phrase("li")}, 403},
		"re-keying unconfirmed":    {boss, "/members/rekey", []string{"member", "wang"}, 403},
		"ending as a handler":      {li, "/members/end", []string{"member", "zhao"}, 403},
		"disabling as supervisor":  {sun, "/members/disable", []string{"member", "li"}, 403},
		"re-keying as supervisor":  {sun, "/members/rekey", []string{"member", "li", "passphrase", phrase("sun")}, 403},
		"granting what is granted": {li, "/members/grant", []string{"member", "zhao", "role", "handler", "mark", h.mark("zhao"), "passphrase", phrase("li")}, 409},
	} {
		if w := c.b.post(c.path, c.pairs...); w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
	h.clock.Add(members.Fresh)
	if w := boss.post("/members", "name", "late", "role", "auditor"); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), `value="late"`) {
		t.Errorf("adding a member without the passphrase, minutes later: %d", w.Code)
	}
	boss.act("/members", "name", "late", "role", "auditor", "passphrase", phrase("boss"))
}

func TestASupervisorEndsSessions(t *testing.T) {
	h := open(t)
	sun, li := h.login("sun"), h.login("li")
	if !strings.Contains(sun.page("/members?lang=en"), `action="/members/end`) {
		t.Error("it isn't offered")
	}
	sun.act("/members/end", "member", "li")
	if w := li.get("/"); w.Code != http.StatusSeeOther {
		t.Errorf("the session lives on: %d", w.Code)
	}
}

// TestWeakRolesAreShown: while one person could lose a role, who can mend it sees so on
// every page.
func TestWeakRolesAreShown(t *testing.T) {
	h := open(t)
	page := h.login("boss").page("/members?lang=en")
	for _, want := range []string{"One person alone holds the keys of this role: Custodian", "No recovery key is kept for this role: Handler"} {
		if !strings.Contains(page, want) {
			t.Errorf("the list doesn't say %q", want)
		}
	}
	if strings.Contains(page, "One person alone holds the keys of this role: Handler") {
		t.Error("there are several handlers")
	}
	if !strings.Contains(h.login("li").page("/?lang=en"), "What one mishap could lose") {
		t.Error("the inbox shows no mark")
	}
	if err := h.store.SetDisabled(t.Context(), "wang", true, row(h)); err != nil {
		t.Fatal(err)
	}
	h.clock.Add(time.Minute)
	if page := h.login("boss").page("/members?lang=en"); !strings.Contains(page, "Nobody holds the keys of this role: Custodian") {
		t.Error("the list doesn't say that nobody is left")
	}
}

func row(h *house) intake.Audit { return intake.Audit{At: h.clock.Now(), Member: "boss", Act: "x"} }
