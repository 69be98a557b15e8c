package desk_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/intaketest"
)

// TestFilters: each leaves what it says, and they go together.
func TestFilters(t *testing.T) {
	h := open(t)
	plain := h.tip()
	urgent := h.tip(func(r *intake.Report) { r.Urgent = true })
	media := h.tip(func(r *intake.Report) { r.Channel, r.Source = intake.Letter, "ok-media" })
	named := h.tip(func(r *intake.Report) { r.Identity = intake.Identity{Name: "张三", Phone: "13900000000"} })
	b := h.login("li")
	due := h.row(plain.ID).DueOn
	for query, want := range map[string][]intake.Filed{
		"":                             {plain, urgent, media, named},
		"?urgent=1":                    {urgent},
		"?source=ok-media":             {media},
		"?source=public":               {plain, urgent, named},
		"?real_name=1":                 {named},
		"?real_name=1&urgent=1":        {},
		"?due=overdue":                 {},
		"?due=none":                    {},
		"?due=nonsense":                {plain, urgent, media, named},
		"?place=411422207&channel=web": {plain, urgent, named},
	} {
		h.lists(b, query, want)
	}
	for !strings.Contains(b.page("/?due=today"), plain.ID) {
		if intake.DateOf(h.clock.Now(), intaketest.Loc()) > due {
			t.Fatal("it is never due today")
		}
		h.clock.Add(24 * 3600e9)
		b = h.login("li")
	}
	h.clock.Add(24 * 3600e9)
	b = h.login("li")
	h.lists(b, "?due=overdue", []intake.Filed{plain, urgent, media, named})
	page := b.page("/?due=overdue")
	if !strings.Contains(page, `aria-current="true">已超期<b class="late">4</b>`) || !strings.Contains(page, "时限 <time datetime=\""+string(due)) {
		t.Error("the overdue ones aren't counted, or don't stand under their date")
	}
}

// TestNextUnread: from a tip one goes on to the next that nobody has read, until there is none.
func TestNextUnread(t *testing.T) {
	h := open(t)
	first, second := h.tip(), h.tip()
	b := h.login("li")
	next := func(page string) string {
		if m := regexp.MustCompile(`href="/tips/([0-9a-f]{32})" data-key="x"`).FindStringSubmatch(page); m != nil {
			return m[1]
		}
		return ""
	}
	if got := next(b.page("/tips/" + first.ID)); got != second.ID {
		t.Errorf("after the first comes %q, not the second", got)
	}
	if got := next(b.page("/tips/" + second.ID)); got != "" {
		t.Errorf("after the last comes %q", got)
	}
}

// lists wants an inbox to show these tips and no others.
func (h *house) lists(b *browser, query string, want []intake.Filed) {
	h.t.Helper()
	var got, ids []string
	for _, m := range regexp.MustCompile(`href="/tips/([0-9a-f]{32})`).FindAllStringSubmatch(b.page("/"+query), -1) {
		got = append(got, m[1])
	}
	for _, f := range want {
		ids = append(ids, f.ID)
	}
	slices.Sort(got)
	slices.Sort(ids)
	if d := cmp.Diff(ids, got); d != "" {
		h.t.Errorf("%s: %s", query, d)
	}
}

// TestViews: a view is its member's own, and goes again.
func TestViews(t *testing.T) {
	h := open(t)
	li, zhao := h.login("li"), h.login("zhao")
	if to := li.act("/views", "query", "due=overdue&urgent=1&cursor=x&evil=y", "name", "催办"); to != "/?due=overdue&urgent=1" {
		t.Errorf("went on to %s", to)
	}
	page := li.page("/?due=overdue&urgent=1")
	m := regexp.MustCompile(`action="(/views/\w+/drop)"`).FindStringSubmatch(page)
	if !strings.Contains(page, `<a href="/?due=overdue&amp;urgent=1" aria-current="true">催办</a>`) || m == nil {
		t.Fatal("the view isn't offered")
	}
	if strings.Contains(zhao.page("/"), "催办") {
		t.Error("another member sees it")
	}
	zhao.act(m[1])
	if !strings.Contains(li.page("/"), "催办") {
		t.Error("another member took it away")
	}
	li.act(m[1])
	if strings.Contains(li.page("/"), "催办") {
		t.Error("it is still there")
	}
}

// TestFloodsInTheHeldLane: what one origin sent is a group, to be looked at and dealt with together.
func TestFloodsInTheHeldLane(t *testing.T) {
	h := open(t)
	h.limits.Verdict = intake.Verdict{Hold: true, Flood: "3f0a"}
	a, b := h.tip(), h.tip()
	h.limits.Verdict = intake.Verdict{Hold: true, Crowd: true}
	other := h.tip()
	li := h.login("li")
	if page := li.page("/?lane=held"); !strings.Contains(page, "3f0a 组 · 2 条") || strings.Count(page, `name="tip"`) != 3 {
		t.Errorf("the held lane:\n%s", page)
	}
	page := li.page("/?lane=held&flood=3f0a")
	if strings.Count(page, `name="tip"`) != 2 || strings.Contains(page, other.ID) {
		t.Errorf("the group:\n%s", page)
	}
	if to := li.act("/tips/batch", "flood", "3f0a", "act", "spam", "reason", "flood", "tip", a.ID, "tip", b.ID); to != "/?done=2&flood=3f0a&lane=held" {
		t.Errorf("went on to %s", to)
	}
	if page := li.page("/?lane=held"); strings.Contains(page, a.ID) || !strings.Contains(page, "其中 2 条已判为垃圾信息") || !strings.Contains(page, `待放行<b>1</b>`) {
		t.Errorf("what was judged waits still:\n%s", page)
	}
	if page := li.page("/?lane=held&state=spam"); !strings.Contains(page, a.ID) {
		t.Error("what was judged isn't found")
	}
	if page := li.page("/?lane=held"); strings.Contains(page, "3f0a") {
		t.Errorf("the group is still there:\n%s", page)
	}
}

// TestBatch: each chosen tip is an act of its own; what can't be done is named and
// keeps nothing back.
func TestBatch(t *testing.T) {
	h := open(t)
	hold := func(r *intake.Report) { r.Hold = true }
	a, b, c, normal := h.tip(hold), h.tip(hold), h.tip(hold), h.tip()
	li := h.login("li")
	if page := li.page("/?lane=held"); strings.Count(page, `type="checkbox" name="tip"`) != 3 {
		t.Error("held tips can't be chosen")
	}
	if strings.Contains(li.page("/"), `type="checkbox" name="tip"`) {
		t.Error("others can")
	}
	if to := li.act("/tips/batch", "act", "release", "tip", a.ID, "tip", b.ID); to != "/?done=2&lane=held" {
		t.Errorf("went on to %s", to)
	}
	w := li.post("/tips/batch", "act", "spam", "reason", "flood", "tip", c.ID, "tip", strings.Repeat("0", 32))
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "有 1 条没有办成") || !strings.Contains(w.Body.String(), "已办理 1 条") {
		t.Errorf("%d", w.Code)
	}
	for tip, want := range map[string]intake.State{a.ID: intake.StateReceived, c.ID: intake.StateSpam, normal.ID: intake.StateReceived} {
		if row := h.row(tip); row.State != want {
			t.Errorf("it is %s, want %s", row.State, want)
		}
	}
	for tip, want := range map[string][]string{a.ID: {"li release"}, b.ID: {"li release"}, c.ID: {"li state"}, normal.ID: nil} {
		if d := cmp.Diff(want, h.acts(tip)); d != "" {
			t.Error(d)
		}
	}
	for _, bad := range [][]string{{"act", "spam", "tip", c.ID}, {"act", "none", "tip", c.ID}, {"act", "spam", "reason", "unclear", "tip", c.ID}} {
		if w := li.post("/tips/batch", bad...); w.Code != http.StatusConflict {
			t.Errorf("%v: %d", bad, w.Code)
		}
	}
}

// TestMergePages: the likely one is a press away, both pages say so, the reporter's
// doesn't say which, and it comes apart again.
func TestMergePages(t *testing.T) {
	h := open(t)
	parcel := func(r *intake.Report) { r.Words.Parcel = "图斑12" }
	a, b := h.tip(parcel), h.tip(parcel)
	li := h.login("li")
	if page := li.page("/tips/" + a.ID); !strings.Contains(page, "同一图斑") || !strings.Contains(page, `name="into" value="`+b.ID+`"`) {
		t.Error("the likely one isn't offered")
	}
	if w := li.post("/tips/"+a.ID+"/merge", "into", "KEPT"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `value="KEPT"`) {
		t.Errorf("an unknown number: %d", w.Code)
	}
	li.act("/tips/"+a.ID+"/merge", "into", b.ID[:8])
	if page := li.page("/tips/" + b.ID); !strings.Contains(page, "以下线索已并入本条") || !strings.Contains(page, a.ID) || strings.Contains(page, ">并单</summary>") {
		t.Error("the other doesn't say what went into it, or could go on itself")
	}
	if page := li.page("/tips/" + a.ID); !strings.Contains(page, "已并入") || !strings.Contains(page, "/unmerge") {
		t.Error("it doesn't say where it went")
	}
	talk, err := h.door.Look(t.Context(), a.Receipt)
	intaketest.Must(t, err)
	if talk.State != intake.StateMerged {
		t.Errorf("the receipt shows %s", talk.State)
	}
	if chain := li.page("/audit"); !strings.Contains(chain, "已接收 → 重复并单 · "+b.ID[:8]) {
		t.Error("the chain doesn't say what was merged")
	}
	li.act("/tips/" + a.ID + "/unmerge")
	if row := h.row(a.ID); row.State != intake.StateReceived {
		t.Errorf("apart it is %s", row.State)
	}
}

// TestReviewBefore: one's own is for another; what is confirmed takes effect, what is
// given back stays open, and what fails is said where it stands.
func TestReviewBefore(t *testing.T) {
	h := open(t)
	h.serve(h.before)
	a, b := h.tip(), h.tip()
	li, zhao := h.login("li"), h.login("zhao")
	for _, tip := range []string{a.ID, b.ID} {
		li.act("/tips/"+tip+"/state", "state", "declined", "reason", "unclear", "letter", "谢谢您。", "note", "看不清")
	}
	if row := h.row(a.ID); row.State != intake.StateReviewing {
		t.Errorf("it is %s already", row.State)
	}
	page := li.page("/tips/" + a.ID)
	if !strings.Contains(page, "待复核") || strings.Contains(page, `name="state" value="declined"`) || !strings.Contains(li.page("/"), "待复核") {
		t.Error("the tip doesn't say that it waits")
	}
	if page := li.page("/reviews"); strings.Contains(page, `value="confirm"`) || strings.Contains(page, "按所选办理") || !strings.Contains(page, "由其他人复核") {
		t.Error("one's own refusal can be confirmed")
	}
	page = zhao.page("/reviews")
	for _, shown := range []string{"内容不清楚", "看不清", "谢谢您。", "li", `href="/tips/` + a.ID} {
		if !strings.Contains(page, shown) {
			t.Errorf("the screen doesn't show %s", shown)
		}
	}
	w := zhao.post("/reviews", "tip", a.ID, "do-"+a.ID, "confirm", "tip", b.ID, "do-"+b.ID, "return", "why-"+b.ID, " ")
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "请写明理由") || !strings.Contains(w.Body.String(), `value="return" checked`) {
		t.Errorf("a return without a reason: %d", w.Code)
	}
	if to := zhao.act("/reviews", "tip", b.ID, "do-"+b.ID, "return", "why-"+b.ID, "其实清楚"); to != "/reviews?done=1" {
		t.Errorf("went on to %s", to)
	}
	if !strings.Contains(li.page("/tips/"+b.ID), "其实清楚") {
		t.Error("the asker doesn't read why")
	}
	for tip, want := range map[string]intake.State{a.ID: intake.StateDeclined, b.ID: intake.StateReviewing} {
		if row := h.row(tip); row.State != want {
			t.Errorf("it is %s, want %s", row.State, want)
		}
	}
	if talk, err := h.door.Look(t.Context(), a.Receipt); err != nil || len(talk.Messages) != 1 {
		t.Errorf("%d letters, %v", len(talk.Messages), err)
	}
	if w := zhao.post("/reviews", "tip", a.ID, "do-"+a.ID, "confirm"); w.Code != http.StatusConflict {
		t.Errorf("confirmed twice: %d", w.Code)
	}
}

// TestEchoes: a warning, what was typed is kept, another text is looked at anew.
func TestEchoes(t *testing.T) {
	h := open(t)
	tip := h.tip(func(r *intake.Report) { r.Words.Subject = "某施工队" })
	li := h.login("li")
	path := "/tips/" + tip.ID + "/messages"
	w := li.post(path, "text", "已责成某施工队停工")
	m := regexp.MustCompile(`name="sure" value="(\w+)"`).FindStringSubmatch(w.Body.String())
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "被举报对象") || !strings.Contains(w.Body.String(), "已责成某施工队停工</textarea>") || m == nil {
		t.Fatalf("no warning: %d", w.Code)
	}
	if w := li.post(path, "text", "某施工队已经停工", "sure", m[1]); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("another text goes out unseen: %d", w.Code)
	}
	li.insist(path, "text", "已责成某施工队停工")
	if page := li.page("/tips/" + tip.ID + "?answer=thanks"); !strings.Contains(page, "您的反映已经收到。</textarea>") || strings.Contains(page, "已经办结。") {
		t.Error("the template isn't begun with, or one of another state is offered")
	}
}

// TestAsking: who sends a tip back for more says what is asked in the same press, and is warned as with an answer.
func TestAsking(t *testing.T) {
	h := open(t)
	tip := h.tip(func(r *intake.Report) { r.Words.Subject = "某施工队" })
	li := h.login("li")
	path := "/tips/" + tip.ID + "/state"
	w := li.post(path, "state", "needs_info", "letter", "某施工队是哪一年来的？")
	m := regexp.MustCompile(`name="sure" value="(\w+)"`).FindStringSubmatch(w.Body.String())
	if body := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, "某施工队是哪一年来的？</textarea>") || !strings.Contains(body, `<a href="#triage">`) || m == nil {
		t.Fatalf("no warning: %d", w.Code)
	}
	li.act(path, "state", "needs_info", "letter", "某施工队是哪一年来的？", "sure", m[1])
	if page := li.page("/tips/" + tip.ID); !strings.Contains(page, `<p class="said">某施工队是哪一年来的？</p>`) || !strings.Contains(page, "待补充") {
		t.Error("the question wasn't sent")
	}
}

// TestStableKeys: a decision has its digit wherever it is offered.
func TestStableKeys(t *testing.T) {
	h := open(t)
	li := h.login("li")
	keys := map[string]string{}
	for _, state := range []string{"", "reviewing", "needs_info", "accepted", "declined", "referred", "spam"} {
		tip := h.tip()
		if state != "" {
			li.act("/tips/"+tip.ID+"/state", "state", state, "reason", map[bool]string{true: "unclear"}[state == "declined" || state == "spam"], "department", "housing")
		}
		page := li.page("/tips/" + tip.ID)
		for _, m := range regexp.MustCompile(`data-key="(.)">[^<]*</summary>\s*<form[^>]*>\s*<input type="hidden" name="state" value="(\w+)"`).FindAllStringSubmatch(page, -1) {
			if key, met := keys[m[2]]; met && key != m[1] {
				t.Errorf("%s has the keys %s and %s", m[2], key, m[1])
			}
			keys[m[2]] = m[1]
		}
	}
	want := map[string]string{"reviewing": "1", "needs_info": "2", "accepted": "3", "declined": "4", "referred": "5", "spam": "6", "in_ledger": "8"}
	if d := cmp.Diff(want, keys); d != "" {
		t.Error(d)
	}
}

// TestReturnedByItsDepartment needs the department's reason.
func TestReturnedByItsDepartment(t *testing.T) {
	h := open(t)
	tip := h.tip()
	li := h.login("li")
	li.act("/tips/"+tip.ID+"/state", "state", "referred", "department", "housing")
	if page := li.page("/tips/" + tip.ID); !strings.Contains(page, "单位退回") {
		t.Error("a department can't give it back")
	}
	if w := li.post("/tips/"+tip.ID+"/state", "state", "reviewing"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", w.Code)
	}
	li.act("/tips/"+tip.ID+"/state", "state", "reviewing", "note", "不归我们管")
	if page := li.page("/tips/" + tip.ID); !strings.Contains(page, "不归我们管") {
		t.Error("the reason isn't shown")
	}
}

// TestPagesAreLight: a full inbox, and a tip with neighbours, notes and a long talk.
func TestPagesAreLight(t *testing.T) {
	h := open(t)
	var last intake.Filed
	for range 41 {
		last = h.tip(func(r *intake.Report) { r.Urgent, r.Words.Parcel = true, "图斑12" })
	}
	li := h.login("li")
	for range 5 {
		li.act("/tips/"+last.ID+"/notes", "text", strings.Repeat("备", 500))
		li.act("/tips/"+last.ID+"/messages", "text", strings.Repeat("谢", 500))
	}
	for _, path := range []string{"/", "/tips/" + last.ID, "/reviews", "/audit"} {
		if n := len(li.page(path)); n > 150<<10 {
			t.Errorf("%s has %d KB", path, n>>10)
		} else {
			t.Logf("%s has %d KB", path, n>>10)
		}
	}
}

// TestWordsHaveBounds: what is sealed of a decision goes through the queue and into cells.
func TestWordsHaveBounds(t *testing.T) {
	h := open(t)
	li := h.login("li")
	tip := h.tip(reachable(intaketest.Desk)).ID
	for field, most := range map[string]int{"note": 5000, "summary": 5000, "subject": 1000, "location": 500, "parcel": 100} {
		w := li.post("/tips/"+tip+"/state", "state", "accepted", field, strings.Repeat("长", most+1))
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), fmt.Sprintf("太长，最多 %d 个字", most)) {
			t.Errorf("%s: %d", field, w.Code)
		}
	}
	if w := li.post("/tips/"+tip+"/identity", "reason", strings.Repeat("长", 5001)); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a reason: %d", w.Code)
	}
	if got := h.row(tip).State; got != intake.StateReceived {
		t.Errorf("the tip is %s", got)
	}
}
