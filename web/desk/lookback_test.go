package desk_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tipline/intake"
)

// TestLookBackPages: a new tip of a closed parcel offers to look back, the appointment
// stands on both pages and on the list, and its result ends it.
func TestLookBackPages(t *testing.T) {
	h := open(t)
	li := h.login("li")
	parcel := func(r *intake.Report) { r.Words.Parcel = "图斑 31" }
	old := h.tip(parcel).ID
	if w := li.post("/tips/"+old+"/looks", "kind", "look_back", "until", "2026-12-24"); w.Code != http.StatusConflict {
		t.Errorf("before it is done with: %d", w.Code)
	}
	for _, state := range []string{"accepted", "in_ledger", "concluded"} {
		li.act("/tips/"+old+"/state", "state", state, "department", "agriculture", "parcel", "图斑 31")
	}
	fresh := h.tip(parcel).ID
	page := li.page("/tips/" + fresh)
	if !strings.Contains(page, `name="about" value="`+old+`"`) || !strings.Contains(page, "同一图斑") {
		t.Fatalf("nothing is offered:\n%s", page)
	}
	if w := li.post("/tips/"+fresh+"/looks", "about", old, "kind", "relapse", "until", "2020-01-01"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "不能早于今天") {
		t.Errorf("in the past: %d", w.Code)
	}
	if to := li.act("/tips/"+fresh+"/looks", "about", old, "kind", "false_rectification", "number", "2026-7", "until", "2026-12-01", "note", "围墙还在"); to != "/tips/"+fresh+"#looks" {
		t.Error(to)
	}
	for _, tip := range []string{old, fresh} {
		if page := li.page("/tips/" + tip); !strings.Contains(page, "围墙还在") || !strings.Contains(page, "虚假整改") || !strings.Contains(page, "2026-7") {
			t.Errorf("%s doesn't tell of it", tip)
		}
	}
	h.clock.Add(10 * 24 * time.Hour)
	li, sun := h.login("li"), h.login("sun")
	page = sun.page("/lookbacks")
	if !strings.Contains(page, `<b class="bell late"`) || !strings.Contains(page, "已超期 1 条") {
		t.Error("the menu doesn't count what is overdue")
	}
	if !strings.Contains(page, old[:8]) || !strings.Contains(page, "已超期 3 天") || strings.Contains(page, "围墙还在") || strings.Contains(page, `href="/tips/`) {
		t.Errorf("what a supervisor sees:\n%s", page)
	}
	_, id, _ := strings.Cut(li.page("/tips/"+old), "/tips/"+old+"/looks/")
	id, _, _ = strings.Cut(id, `"`)
	if w := li.post("/tips/"+old+"/looks/"+id, "result", "false"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("no word of what was seen: %d", w.Code)
	}
	li.act("/tips/"+old+"/looks/"+id, "result", "false", "note", "只拆了一面")
	if page := li.page("/lookbacks"); !strings.Contains(page, "虚假整改</span>") || strings.Contains(page, "已超期 3 天") {
		t.Errorf("the list after it:\n%s", page)
	}
}

// TestRiskAtTriage: a box of the decision's form looks after the reporter.
func TestRiskAtTriage(t *testing.T) {
	h := open(t)
	li := h.login("li")
	tip := h.tip().ID
	li.act("/tips/"+tip+"/state", "state", "accepted", "department", "agriculture", "watch", "1", "safe", "有没有人为难您？")
	for _, path := range []string{"/", "/tips/" + tip} {
		if page := li.page(path); !strings.Contains(page, "防打击报复") {
			t.Errorf("%s doesn't mark the tip", path)
		}
	}
	if page := li.page("/lookbacks"); !strings.Contains(page, "防止打击报复") || !strings.Contains(page, "2026-12-24") {
		t.Error("the list doesn't have it")
	}
}
