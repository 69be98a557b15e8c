package desk_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/members"
)

// TestDestructionPages: a handler asks at the end of its time, a supervisor holds it
// back, lifts the hold and destroys, and a certificate stands where the tip was.
func TestDestructionPages(t *testing.T) {
	h := open(t)
	li := h.login("li")
	tip := h.tip().ID
	if page := li.page("/tips/" + tip); strings.Contains(page, `id="keeping"`) {
		t.Error("its destruction is spoken of while it is new")
	}
	li.act("/tips/"+tip+"/state", "state", "spam", "reason", "test")
	if page := li.page("/tips/" + tip); !strings.Contains(page, "保管到 2026-12-24") || strings.Contains(page, "/destruction") {
		t.Errorf("the period:\n%s", page)
	}
	if w := li.post("/tips/"+tip+"/destruction", "reason", "period_over"); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "还没有到保管期限") {
		t.Errorf("too early: %d", w.Code)
	}
	h.forget()
	h.clock.Add(30 * 24 * time.Hour)
	li, sun := h.login("li"), h.login("sun")
	if page := sun.page("/retention"); !strings.Contains(page, tip[:8]) || strings.Contains(page, `href="/tips/`) {
		t.Errorf("what was kept long enough:\n%s", page)
	}
	li.act("/tips/"+tip+"/destruction", "reason", "period_over")
	if page := li.page("/retention"); !strings.Contains(page, "由其他人决定") || strings.Contains(page, `value="approve"`) {
		t.Error("one alone decides")
	}
	_, id, _ := strings.Cut(sun.page("/retention"), "/destructions/")
	id, _, _ = strings.Cut(id, `"`)
	if w := li.post("/destructions/"+id, "do", "approve"); w.Code != http.StatusForbidden {
		t.Errorf("the asker approved: %d", w.Code)
	}
	sun.act("/tips/"+tip+"/holds", "why", "审计要看")
	if w := sun.post("/destructions/"+id, "do", "approve"); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "暂缓销毁") {
		t.Errorf("held back: %d", w.Code)
	}
	page := li.page("/tips/" + tip)
	if !strings.Contains(page, "审计要看") {
		t.Error("the handler doesn't see why it is held back")
	}
	_, hold, _ := strings.Cut(sun.page("/retention"), "/holds/")
	hold, _, _ = strings.Cut(hold, "/")
	if w := li.post("/tips/" + tip + "/holds/" + hold + "/lift"); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "这项暂缓不能由您解除") || strings.Contains(page, "/lift") {
		t.Errorf("the asker lifted another's hold: %d", w.Code)
	}
	sun.act("/tips/" + tip + "/holds/" + hold + "/lift")
	h.clock.Add(time.Hour)
	sun = h.login("sun")
	if to := sun.act("/destructions/"+id, "do", "approve"); to != "/certificates/"+id {
		t.Error(to)
	}
	cert := sun.page("/certificates/" + id)
	for _, want := range []string{id, "li", "sun", "2026-12-24", "2027-01-28", "保管期满"} {
		if !strings.Contains(cert, want) {
			t.Errorf("the certificate lacks %s:\n%s", want, cert)
		}
	}
	li = h.login("li")
	if w := li.get("/tips/" + tip); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/certificates/"+tip {
		t.Errorf("the tip's page: %d to %s", w.Code, w.Header().Get("Location"))
	}
	if w := li.post("/tips/"+tip+"/notes", "text", "还在吗"); w.Code != http.StatusGone {
		t.Errorf("a note on what is destroyed: %d", w.Code)
	}
	if page := li.page("/?state=spam"); !strings.Contains(page, "已销毁") {
		t.Error("the inbox shows it as if it were there")
	}
}

// TestSpamPages: spam goes together, by two, and one certificate counts it.
func TestSpamPages(t *testing.T) {
	h := open(t)
	li := h.login("li")
	for range 3 {
		li.act("/tips/"+h.tip().ID+"/state", "state", "spam", "reason", "test")
	}
	h.forget()
	h.clock.Add(30 * 24 * time.Hour)
	li, sun := h.login("li"), h.login("sun")
	if page := sun.page("/retention"); strings.Contains(page, "/retention/spam") {
		t.Error("a supervisor is offered to ask")
	}
	if page := li.page("/retention"); !strings.Contains(page, "3 条垃圾信息保管期满") {
		t.Errorf("it isn't offered:\n%s", page)
	}
	li.act("/retention/spam", "reason", "period_over")
	if w := li.post("/retention/spam", "reason", "period_over"); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "没有保管期满的垃圾信息") {
		t.Errorf("a second time: %d", w.Code)
	}
	page := sun.page("/retention")
	_, id, _ := strings.Cut(page, "/destructions/")
	id, _, _ = strings.Cut(id, `"`)
	if strings.Count(page, "/destructions/") != 1 || !strings.Contains(page, "3 条垃圾信息（共用一份证明）") {
		t.Errorf("what waits:\n%s", page)
	}
	if to := sun.act("/destructions/"+id, "do", "approve"); to != "/certificates/"+id {
		t.Error(to)
	}
	cert := sun.page("/certificates/" + id)
	if strings.Count(cert, "<tr>") != 4 || !strings.Contains(cert, "3 条垃圾信息的内容已销毁") {
		t.Errorf("the certificate:\n%s", cert)
	}
	if page := sun.page("/retention"); strings.Count(page, "/certificates/"+id) != 1 {
		t.Error("not one certificate in the list")
	}
}

// TestOlderKeyPages: once the desk's key is changed, who oversees sees how many tips the older one still opens, a
// handler who holds it seals them anew, and then the page says how it is destroyed.
func TestOlderKeyPages(t *testing.T) {
	h := open(t)
	h.tip()
	tip := h.tip().ID
	if page := h.login("li").page("/retention"); strings.Contains(page, `id="keys"`) {
		t.Error("older keys are spoken of where there are none")
	}
	h.rotate("zhao")
	zhao, sun := h.login("zhao"), h.login("sun")
	if page := sun.page("/retention"); !strings.Contains(page, "第 1 版密钥：2 条线索") || strings.Contains(page, "改用最新密钥重新密封</button>") {
		t.Errorf("a supervisor's page:\n%s", page)
	}
	if page := zhao.page("/retention"); !strings.Contains(page, "改用最新密钥重新密封</button>") {
		t.Errorf("a handler's page:\n%s", page)
	}
	if to := zhao.act("/retention/keys/1"); to != "/retention?done=1#keys" {
		t.Error(to)
	}
	page := zhao.page("/retention")
	if !strings.Contains(page, "第 1 版密钥：0 条线索") || !strings.Contains(page, "tipline keys destroy --role desk --epoch 1") || strings.Contains(page, "改用最新密钥重新密封</button>") {
		t.Errorf("after it:\n%s", page)
	}
	if page := sun.page("/retention"); strings.Contains(page, `id="keys"`) {
		t.Error("a supervisor is told of a key that opens nothing")
	}
	if page := zhao.page("/tips/" + tip); !strings.Contains(page, "村北在打地基") {
		t.Error("a tip that was sealed anew isn't read")
	}
	if !slices.Contains(h.acts(tip), "zhao keys.reseal") {
		t.Error("the record doesn't say so")
	}
}

// rotate gives the desk a newer key.
func (h *house) rotate(by string) {
	h.t.Helper()
	u, err := h.members.Open(h.t.Context(), by, phrase(by), "")
	intaketest.Must(h.t, err)
	_, err = h.members.Rotate(h.t.Context(), u, members.Handler, nil)
	intaketest.Must(h.t, err)
	stored, err := h.store.RoleKeys(h.t.Context())
	intaketest.Must(h.t, err)
	all := h.casework.Keys.(keys)
	k := all[intaketest.Desk]
	for _, s := range stored {
		if s.Role == intake.DeskKey(intaketest.Desk) && s.Version == 2 {
			k.Desk, err = s.Parse()
			intaketest.Must(h.t, err)
			k.Version = 2
		}
	}
	all[intaketest.Desk] = k
}
