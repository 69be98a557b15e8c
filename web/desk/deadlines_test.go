package desk_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tipline/intake"
)

// TestLaterDate: a handler asks on the tip's page, a supervisor who reads no report grants
// on theirs, and what was typed survives a refusal.
func TestLaterDate(t *testing.T) {
	h := open(t)
	li, sun := h.login("li"), h.login("sun")
	tip := h.tip().ID
	if page := li.page("/tips/" + tip); strings.Contains(page, "/extension") {
		t.Error("a later date is offered before the tip is taken up")
	}
	li.act("/tips/"+tip+"/state", "state", "accepted", "department", "agriculture")
	due := h.row(tip).DueOn
	page := li.page("/tips/" + tip)
	if !strings.Contains(page, `min="`+string(due)+`"`) || !strings.Contains(page, "办理期限延长") {
		t.Error("the page offers no later date")
	}
	w := li.post("/tips/"+tip+"/extension", "until", string(due), "reason", "season", "note", "等小麦收割", "letter", "需要更多时间。")
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "等小麦收割") || !strings.Contains(w.Body.String(), "要晚于 "+string(due)) {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
	until := intake.Date("2027-01-08")
	if to := li.act("/tips/"+tip+"/extension", "until", string(until), "reason", "season", "note", "等小麦收割", "letter", "需要更多时间。"); to != "/tips/"+tip+"#clock" {
		t.Error(to)
	}
	if page := li.page("/deadlines"); !strings.Contains(page, "由其他人决定") || strings.Contains(page, `value="grant"`) {
		t.Error("the asker decides")
	}
	page = sun.page("/deadlines")
	if strings.Contains(page, "等小麦收割") || strings.Contains(page, "/tips/"+tip) || !strings.Contains(page, "等待农时") {
		t.Errorf("what a supervisor sees:\n%s", page)
	}
	_, id, _ := strings.Cut(page, "/extensions/")
	id, _, _ = strings.Cut(id, `"`)
	if w := sun.post("/extensions/"+id, "do", "refuse"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `role="alert"`) {
		t.Errorf("refused without a reason: %d", w.Code)
	}
	if w := li.post("/extensions/"+id, "do", "grant"); w.Code != http.StatusForbidden {
		t.Errorf("the asker granted: %d", w.Code)
	}
	if to := sun.act("/extensions/"+id, "do", "grant"); to != "/deadlines?done=1" {
		t.Error(to)
	}
	if w := sun.post("/extensions/"+id, "do", "grant"); w.Code != http.StatusConflict {
		t.Errorf("granted twice: %d", w.Code)
	}
	if h.row(tip).DueOn != until {
		t.Errorf("due on %s", h.row(tip).DueOn)
	}
	page = li.page("/tips/" + tip)
	if !strings.Contains(page, "需要更多时间。") || !strings.Contains(page, "已批准延期") || !strings.Contains(page, "2027 年的放假通知（含调休）尚待公布") {
		t.Errorf("the tip's page after it:\n%s", page)
	}
	if page := li.page("/"); !strings.Contains(page, "放假通知尚待公布") {
		t.Error("the inbox says nothing of a year without holidays")
	}
}

// TestRegisterPages: what is late and what lies are there for who oversees, with days
// and without links for who reads no report.
func TestRegisterPages(t *testing.T) {
	h := open(t)
	li := h.login("li")
	lying, asked := h.tip().ID, h.tip().ID
	late := h.tip().ID
	li.act("/tips/"+lying+"/state", "state", "accepted", "department", "agriculture")
	li.act("/tips/"+asked+"/state", "state", "needs_info")
	if page := li.page("/tips/" + asked); !strings.Contains(page, "期限暂停") || !strings.Contains(page, "2026-12-04") {
		t.Errorf("the question's page:\n%s", page)
	}
	h.clock.Add(8 * 24 * time.Hour)
	li, sun := h.login("li"), h.login("sun")
	page := sun.page("/deadlines")
	for _, want := range []string{late[:8], lying[:8], "1 天", "8 天"} {
		if !strings.Contains(page, want) {
			t.Errorf("%s isn't there:\n%s", want, page)
		}
	}
	if strings.Contains(page, asked[:8]) || strings.Contains(page, `href="/tips/`) {
		t.Error("a tip whose clock stands still is late, or a supervisor is led to a report")
	}
	if page := li.page("/?due=unsent"); !strings.Contains(page, lying[:8]) || strings.Contains(page, late[:8]) || !strings.Contains(page, "应移送未移送") {
		t.Error("the inbox doesn't filter what lies")
	}
	if page := li.page("/?due=overdue"); !strings.Contains(page, late[:8]) || strings.Contains(page, lying[:8]) {
		t.Error("the inbox doesn't filter what is late")
	}
}
