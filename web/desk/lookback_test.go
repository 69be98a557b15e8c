package desk_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/intaketest"
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
	if w := li.post("/tips/"+fresh+"/looks", "about", old, "kind", "relapse", "number", "13800138000", "until", "2026-12-01"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "手机号码") {
		t.Errorf("a telephone number stands for the ledger's: %d", w.Code)
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

// TestClosedParcelIsOpenedAgain: a parcel that came in a batch, and that no tip was about
// before, is opened again from the page of the tip that is about it now.
func TestClosedParcelIsOpenedAgain(t *testing.T) {
	h := open(t)
	li := h.login("li")
	if w := li.send("/import/parcels", "图斑编号,整改时限\nTB-7,2026-12-20\n", "batch", "督察"); w.Code != http.StatusSeeOther {
		t.Fatalf("%d", w.Code)
	}
	li.act("/import/preview", "act", "import")
	fresh := h.tip(func(r *intake.Report) { r.Words.Parcel = "图斑 tb-7" }).ID
	if strings.Contains(li.page("/tips/"+fresh), "重新打开图斑") {
		t.Error("a parcel that is open is opened again")
	}
	li.act("/parcel", "batch", "督察", "number", "TB-7", "version", "1", "state", "concluded", "reason", "已复耕")
	page := li.page("/tips/" + fresh)
	if !strings.Contains(page, "重新打开图斑") || !strings.Contains(page, "线索 "+fresh[:8]+" 又反映这个图斑。") || !strings.Contains(page, `name="version" value="2"`) {
		t.Fatalf("nothing is offered:\n%s", page)
	}
	to := li.act("/parcel", "batch", "督察", "number", "TB-7", "version", "2", "state", "look_back", "reason", "线索 "+fresh[:8]+" 又反映这个图斑。")
	if page := li.page(to); !strings.Contains(page, "l-look_back") || !strings.Contains(page, fresh[:8]) {
		t.Errorf("the parcel after it:\n%s", page)
	}
	if strings.Contains(li.page("/tips/"+fresh), "重新打开图斑") {
		t.Error("it is offered twice")
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

// TestNobodyIsLookedAfter: what no reporter brought offers nothing that is for one.
func TestNobodyIsLookedAfter(t *testing.T) {
	h := open(t)
	li := h.login("li")
	tip := h.tip(func(r *intake.Report) {
		r.Channel, r.Source, r.By, r.Desk = intake.Office, "ok-media", "li", intaketest.Desk
	}).ID
	page := li.page("/tips/" + tip)
	if strings.Contains(page, `name="watch"`) || strings.Contains(page, `id="looks"`) {
		t.Error("somebody is looked after")
	}
	li.act("/tips/"+tip+"/state", "state", "accepted", "department", "agriculture")
	if page := li.page("/tips/" + tip); !strings.Contains(page, `id="later-note"`) || strings.Contains(page, `id="later-letter"`) {
		t.Error("somebody is told of a later date")
	}
}
