package desk_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

var slipDiv = regexp.MustCompile(`(?s)<div class="slip.*?</ol></div></div>`)

// TestSlip: in the reporter's language, with the digits and where to type them, and
// nothing of the matter or the office; for its handler alone, for fifteen minutes.
func TestSlip(t *testing.T) {
	h := open(t)
	li, zhao := h.login("li"), h.login("zhao")
	at := li.act("/tips/new", "channel", "visit", "text", "CANARY words", "subject", "CANARY", "name", "CANARY", "lang", "en", "reported_on", "2000-01-01")
	page := li.page(at)
	slip := slipDiv.FindString(page)
	for _, want := range []string{`lang="en"`, "Your number", "https://t.example.org/receipt", `<path d="M`, "A first answer is there by 20"} {
		if !strings.Contains(slip, want) {
			t.Errorf("the slip lacks %s:\n%s", want, slip)
		}
	}
	if !regexp.MustCompile(`<output id="receipt">\d{4}( \d{4}){5}</output>`).MatchString(slip) {
		t.Errorf("its digits don't stand in fours:\n%s", slip)
	}
	for _, no := range []string{"CANARY", "示范乡", "report", "举报", "线索"} {
		if strings.Contains(slip, no) {
			t.Errorf("the slip says %s:\n%s", no, slip)
		}
	}
	if !strings.Contains(li.page(at+"?paper=roll"), `class="slip roll"`) {
		t.Error("there is none for the roll")
	}
	if w := zhao.get(at); w.Code != http.StatusNotFound {
		t.Errorf("another handler sees it: %d", w.Code)
	}
	h.clock.Add(14 * time.Minute)
	li.page(at)
	h.clock.Add(2 * time.Minute)
	if w := li.get(at); w.Code != http.StatusNotFound {
		t.Errorf("it lasts longer than it says: %d", w.Code)
	}
}

// TestOtherSources need no channel, and nobody waits for a slip; the public's do.
func TestOtherSources(t *testing.T) {
	h := open(t)
	li := h.login("li")
	at := li.act("/tips/new", "channel", "office", "source", "ok-media", "text", "报纸报道了", "issuer", "某日报", "issued_on", "2000-01-02", "reference", "A3")
	if page := li.page(at); strings.Contains(page, `id="receipt"`) || !strings.Contains(page, "不需要凭条") {
		t.Error("there is a slip for nobody")
	}
	page := li.page(strings.TrimSuffix(at, "/receipt"))
	for _, want := range []string{"某日报", "2000-01-02", "A3", "无举报人"} {
		if !strings.Contains(page, want) {
			t.Errorf("the tip's page lacks %s", want)
		}
	}
	for _, no := range []string{`id="messages"`, `name="letter" rows="9"`, `value="needs_info"`} {
		if strings.Contains(page, no) {
			t.Errorf("the page of what nobody reported has %s", no)
		}
	}
	if w := li.post(strings.TrimSuffix(at, "/receipt")+"/messages", "text", "请补充"); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "无举报人") {
		t.Errorf("an answer to nobody: %d", w.Code)
	}
	w := li.post("/tips/new", "channel", "office", "source", "public", "text", "KEPT", "issued_on", "2999-01-01", "issuer", "KEPT TOO")
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "KEPT</textarea>") || !strings.Contains(w.Body.String(), `value="KEPT TOO"`) ||
		!strings.Contains(w.Body.String(), "日期不能晚于今天") {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
}

// TestWhatWasTypedSurvives: a failure of ours keeps the page and the draft.
func TestWhatWasTypedSurvives(t *testing.T) {
	h := open(t)
	li := h.login("li")
	if _, err := h.store.Database().Write.Exec(`CREATE TRIGGER broken BEFORE INSERT ON tips BEGIN SELECT RAISE(ABORT, 'broken'); END`); err != nil {
		t.Fatal(err)
	}
	w := li.post("/tips/new", "channel", "visit", "text", "TYPED AT LENGTH", "name", "李四")
	if w.Code < 500 || !strings.Contains(w.Body.String(), "TYPED AT LENGTH</textarea>") || !strings.Contains(w.Body.String(), `value="李四"`) {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
	if page := li.page("/tips/new"); !strings.Contains(page, "TYPED AT LENGTH</textarea>") {
		t.Error("the draft lost it")
	}
	if strings.Contains(h.logged.String(), "TYPED") {
		t.Error("it is in the log")
	}
}

// TestRecordIsNarrowed: by member, kind, day and tip, page by page.
func TestRecordIsNarrowed(t *testing.T) {
	h := open(t)
	li, qian := h.login("li"), h.login("qian")
	one, two := h.tip(), h.tip()
	li.page("/tips/" + one.ID)
	li.page("/tips/" + two.ID)
	for range 101 {
		li.page("/tips/" + two.ID)
	}
	page := qian.page("/audit?tip=" + one.ID[:8])
	if n := strings.Count(page, "<tr><td"); n != 1 {
		t.Errorf("%d rows about one tip", n)
	}
	page = qian.page("/audit?kind=look&member=li")
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(page)
	if strings.Count(page, "<tr><td") != 100 || next == nil {
		t.Fatalf("%d rows, next %v", strings.Count(page, "<tr><td"), next)
	}
	if n := strings.Count(qian.page(strings.ReplaceAll(next[1], "&amp;", "&")), "<tr><td"); n != 3 {
		t.Errorf("%d rows on the next page", n)
	}
	if page := qian.page("/audit?to=2000-01-01"); !strings.Contains(page, `class="empty"`) {
		t.Error("there are rows of another century")
	}
	if strings.Contains(qian.page("/audit?kind=login"), one.ID[:8]) {
		t.Error("a look is a login")
	}
}
