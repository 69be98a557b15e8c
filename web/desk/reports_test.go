package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/ledger"
)

// TestReportPages: a month in numbers with its drawings, and sheets for departments
// and villages that tell no more than they may.
func TestReportPages(t *testing.T) {
	h := open(t)
	li := h.login("li")
	for range 4 {
		h.tip()
	}
	tip := h.tip(func(r *intake.Report) { r.Channel, r.Source, r.By = intake.Office, "ok-media", "li" }).ID
	li.act("/tips/"+tip+"/state", "state", "accepted", "department", "agriculture", "summary", "一句摘要", "parcel", "TB-9")
	h.followed()
	p := li.page("/reports?lang=zh-CN")
	for _, want := range []string{`<svg class="graph"`, `aria-labelledby="h-trend d-trend"`, "不公布", "<b>5</b>", "2026-11"} {
		if !strings.Contains(p, want) {
			t.Errorf("the report lacks %s", want)
		}
	}
	sheet := li.page("/reports/dispatch?department=agriculture&lang=zh-CN")
	for _, want := range []string{"一句摘要", "TB-9", "签字", "盖章", "本周新收"} {
		if !strings.Contains(sheet, want) {
			t.Errorf("the dispatch sheet lacks %s", want)
		}
	}
	if strings.Contains(li.page("/reports/dispatch?department=housing"), "一句摘要") {
		t.Error("another department's sheet has it")
	}
	_, err := h.ledger.ImportParcels(t.Context(), []ledger.Parcel{{Desk: intaketest.Desk, Batch: "b", Number: "Q-1", Place: "411422207201", Category: "ok-house", DueOn: "2027-01-01"}}, nil)
	intaketest.Must(t, err)
	village := li.page("/reports/village?place=411422207201&lang=zh-CN")
	body := village[strings.Index(village, "<main"):]
	for _, want := range []string{"Q-1", "TB-9", "2027-01-01", "党支部书记（签字）"} {
		if !strings.Contains(body, want) {
			t.Errorf("the village's sheet lacks %s", want)
		}
	}
	for _, never := range []string{"一句摘要", "媒体", "2026-11-24</td>", tip[:8], "群众"} {
		if strings.Contains(body, never) {
			t.Errorf("the village's sheet tells %s", never)
		}
	}
	prints := func(page string) bool {
		return strings.Contains(page, "data-print") && !strings.Contains(page, "a4 screen")
	}
	if prints(village) {
		t.Error("a sheet that wasn't given out is on paper")
	}
	if !strings.Contains(village, `class="unprinted"`) || !strings.Contains(village, "先点“下发这张表”，再打印") {
		t.Error("its paper is blank: it doesn't say what to do first")
	}
	if w := li.post("/reports/village", "place", "411422207201"); w.Code != http.StatusSeeOther {
		t.Errorf("given out: %d", w.Code)
	}
	if !prints(li.page("/reports/village?place=411422207201")) {
		t.Error("it can't be printed")
	}
	if strings.Contains(li.page("/reports/village?place=411422207201"), `class="unprinted"`) {
		t.Error("a sheet that was given out says that it wasn't")
	}
	for _, kind := range []string{"daily", "weekly", "monthly"} {
		if w := li.get("/reports/export?kind=" + kind + "&date=2026-11-24"); w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), "PK") {
			t.Errorf("%s: %d", kind, w.Code)
		}
	}
}
