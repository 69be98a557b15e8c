package desk_test

import (
	"bytes"
	"crypto/rand"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/crypto/receipt"
	"tipline/intake"
	"tipline/intake/intaketest"
)

// TestReadAndDecide reads a tip, decides and answers, and looks at what the
// reporter, the row and the record have of it.
func TestReadAndDecide(t *testing.T) {
	h := open(t)
	tip := h.tip()
	b := h.login("li")
	if page := b.page("/"); !strings.Contains(page, `class="unread"`) || !strings.Contains(page, tip.ID[:8]) {
		t.Error("the inbox doesn't mark the tip unread")
	}
	if page := b.page("/tips/" + tip.ID); !strings.Contains(page, "村北在打地基") {
		t.Error("the words aren't there")
	}
	if strings.Contains(b.page("/"), `class="unread"`) {
		t.Error("the tip is still unread")
	}
	if to := b.act("/tips/"+tip.ID+"/state", "state", "accepted", "department", "agriculture", "summary", "村北打地基", "note", "可核查"); to != "/tips/"+tip.ID {
		t.Errorf("went on to %s", to)
	}
	b.act("/tips/"+tip.ID+"/messages", "text", "已转农业农村部门核查。")
	if row := h.row(tip.ID); row.State != intake.StateAccepted || row.Department != "agriculture" || row.Unread {
		t.Errorf("%+v", row)
	}
	talk, err := h.door.Look(t.Context(), tip.Receipt)
	intaketest.Must(t, err)
	if len(talk.Messages) != 1 || talk.Messages[0].Text != "已转农业农村部门核查。" || talk.State != intake.StateAccepted {
		t.Errorf("the receipt shows %d messages, %s", len(talk.Messages), talk.State)
	}
	want := []string{"li read", "li state", "li message"}
	if d := cmp.Diff(want, h.acts(tip.ID)); d != "" {
		t.Error(d)
	}
}

// TestDeclinedWithALetter: the reason's letter goes out with the decision.
func TestDeclinedWithALetter(t *testing.T) {
	h := open(t)
	tip := h.tip()
	b := h.login("li")
	page := b.page("/tips/" + tip.ID)
	if !strings.Contains(page, "谢谢您的反映。请补充。</textarea>") {
		t.Error("the letter isn't offered")
	}
	b.act("/tips/"+tip.ID+"/state", "state", "declined", "reason", "unclear", "letter", "谢谢您的反映。请补充。")
	talk, err := h.door.Look(t.Context(), tip.Receipt)
	intaketest.Must(t, err)
	if talk.State != intake.StateDeclined || len(talk.Messages) != 1 || talk.Messages[0].Text != "谢谢您的反映。请补充。" {
		t.Errorf("%s, %d messages", talk.State, len(talk.Messages))
	}
	if chain := b.page("/audit"); !strings.Contains(chain, "已接收 → 不予受理 · ") || strings.Contains(chain, "received&gt;declined") {
		t.Error("the chain shows a decision's codes and not its words")
	}
}

// TestRefusedActsKeepWhatWasTyped: nobody writes an answer twice.
func TestRefusedActsKeepWhatWasTyped(t *testing.T) {
	h := open(t)
	tip := h.tip(func(r *intake.Report) { r.Identity = intake.Identity{Name: "张三", Phone: "13900000000"} })
	anonymous := h.tip()
	b := h.login("li")
	for _, c := range []struct {
		name, path string
		pairs      []string
		want       int
		kept       string
	}{
		{"unknown reason", "/tips/" + tip.ID + "/state", []string{"state", "declined", "reason", "none", "letter", "CANARY"}, 422, "CANARY</textarea>"},
		{"no reason", "/tips/" + tip.ID + "/state", []string{"state", "declined", "letter", "CANARY"}, 422, "CANARY</textarea>"},
		{"unknown department", "/tips/" + tip.ID + "/state", []string{"state", "accepted", "department", "none", "summary", "CANARY", "subject", "SUBJECT"}, 422, `value="SUBJECT"`},
		{"long answer", "/tips/" + tip.ID + "/messages", []string{"text", "CANARY" + strings.Repeat("长", intake.MaxMessage)}, 422, "CANARY"},
		{"empty answer", "/tips/" + tip.ID + "/messages", []string{"text", " "}, 422, ""},
		{"no reason for an identity", "/tips/" + tip.ID + "/identity", []string{"reason", " "}, 422, ""},
		{"impossible state", "/tips/" + tip.ID + "/state", []string{"state", "answered"}, 409, ""},
		{"no state at all", "/tips/" + tip.ID + "/state", []string{"state", "CANARY"}, 409, ""},
		{"release of a released one", "/tips/" + tip.ID + "/release", nil, 409, ""},
		{"identity of an anonymous one", "/tips/" + anonymous.ID + "/identity", []string{"reason", "CANARY"}, 404, ""},
	} {
		w := b.post(c.path, c.pairs...)
		if w.Code != c.want || !strings.Contains(w.Body.String(), c.kept) || !strings.Contains(w.Body.String(), `role="alert"`) && c.want != 404 {
			t.Errorf("%s: %d, want %d with %q kept", c.name, w.Code, c.want, c.kept)
		}
	}
	if row := h.row(tip.ID); row.State != intake.StateReceived {
		t.Errorf("a refused act moved the tip to %s", row.State)
	}
	if strings.Contains(h.logged.String(), "CANARY") {
		t.Error("what was typed was logged")
	}
}

// TestHeldTips wait apart, and only reviewing, spam and their release lead on.
func TestHeldTips(t *testing.T) {
	h := open(t)
	tip := h.tip(func(r *intake.Report) { r.Hold = true })
	b := h.login("li")
	if strings.Contains(b.page("/"), tip.ID) || !strings.Contains(b.page("/?lane=held"), tip.ID) {
		t.Error("a held tip isn't apart")
	}
	page := b.page("/tips/" + tip.ID)
	var offered []string
	for _, m := range regexp.MustCompile(`name="state" value="(\w+)"`).FindAllStringSubmatch(page, -1) {
		offered = append(offered, m[1])
	}
	if d := cmp.Diff([]string{"reviewing", "spam"}, offered); d != "" || !strings.Contains(page, "/release") {
		t.Error("a held tip offers", offered)
	}
	if w := b.post("/tips/"+tip.ID+"/state", "state", "accepted", "department", "agriculture"); w.Code != http.StatusConflict {
		t.Errorf("a held tip was accepted: %d", w.Code)
	}
	b.act("/tips/" + tip.ID + "/release")
	if row := h.row(tip.ID); row.Lane != intake.Normal {
		t.Errorf("released into %s", row.Lane)
	}
	if !strings.Contains(b.page("/"), tip.ID) || strings.Contains(b.page("/tips/"+tip.ID), "/release") {
		t.Error("a released tip isn't like the others")
	}
}

// TestCustody: a handler asks with a reason, a custodian who sees nothing of the
// tip approves, the handler reads for fifteen minutes, and another handler never.
func TestCustody(t *testing.T) {
	h := open(t)
	tip := h.tip(func(r *intake.Report) { r.Identity = intake.Identity{Name: "张三丰", Phone: "13900000000"} })
	li, zhao, wang := h.login("li"), h.login("zhao"), h.login("wang")
	if page := li.page("/tips/" + tip.ID); strings.Contains(page, "张三丰") || strings.Contains(page, "13900000000") {
		t.Fatal("the tip's page shows who reported")
	}
	if to := li.act("/tips/"+tip.ID+"/identity", "reason", "需要当面核实"); to != "/tips/"+tip.ID+"#identity" {
		t.Errorf("went on to %s", to)
	}
	if page := li.page("/tips/" + tip.ID); strings.Contains(page, `name="reason" rows="3"`) {
		t.Error("one may ask again while a request waits")
	}
	asked := wang.page("/custody")
	if !strings.Contains(asked, "1 件等待决定") {
		t.Errorf("the menu doesn't count the request:\n%s", asked)
	}
	for _, secret := range []string{"张三丰", "13900000000", "村北在打地基", "ok-house", "建房"} {
		if strings.Contains(asked, secret) {
			t.Errorf("the custodian sees %s", secret)
		}
	}
	if !strings.Contains(asked, "需要当面核实") || !strings.Contains(asked, "li") {
		t.Error("the custodian doesn't see who asks and why")
	}
	id := requestOf(t, asked)
	wang.act("/custody/" + id + "/approve")
	if strings.Contains(wang.page("/custody"), "件等待决定") {
		t.Error("the menu counts a request that is decided")
	}
	for _, again := range []string{"/approve", "/refuse"} {
		if w := wang.post("/custody/" + id + again); w.Code != http.StatusConflict {
			t.Errorf("decided twice by %s: %d", again, w.Code)
		}
	}
	if page := li.page("/tips/" + tip.ID + "/identity"); !strings.Contains(page, "张三丰") || !strings.Contains(page, "13900000000") {
		t.Error("the approved identity isn't shown")
	}
	if strings.Contains(zhao.page("/tips/"+tip.ID), `href="/tips/`+tip.ID+`/identity"`) {
		t.Error("another handler is offered the view")
	}
	if w := zhao.get("/tips/" + tip.ID + "/identity"); w.Code != http.StatusForbidden {
		t.Errorf("another handler opens the view: %d", w.Code)
	}
	h.clock.Add(14 * time.Minute)
	if w := li.get("/tips/" + tip.ID + "/identity"); w.Code != http.StatusOK || w.Header().Get("Refresh") != "61;url=/tips/"+tip.ID {
		t.Errorf("a minute before its end: %d, leaves the screen %q", w.Code, w.Header().Get("Refresh"))
	}
	h.clock.Add(2 * time.Minute)
	if w := li.get("/tips/" + tip.ID + "/identity"); w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "张三丰") {
		t.Errorf("after sixteen minutes: %d", w.Code)
	}
	want := []string{"li read", "li identity.ask", "li read", "wang identity.approve", "li identity.view", "zhao read", "li identity.view"}
	if d := cmp.Diff(want, h.acts(tip.ID)); d != "" {
		t.Error(d)
	}
}

func TestCustodyRefused(t *testing.T) {
	h := open(t)
	tip := h.tip(func(r *intake.Report) { r.Identity = intake.Identity{Name: "张三丰", Phone: "13900000000"} })
	li, wang := h.login("li"), h.login("wang")
	li.act("/tips/"+tip.ID+"/identity", "reason", "好奇")
	id := requestOf(t, wang.page("/custody"))
	if w := wang.post("/custody/" + id + "/refuse"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("refused without a reason: %d", w.Code)
	}
	wang.act("/custody/"+id+"/refuse", "reason", "好奇不是理由")
	if w := li.get("/tips/" + tip.ID + "/identity"); w.Code != http.StatusForbidden {
		t.Errorf("a refused identity opens: %d", w.Code)
	}
	if page := li.page("/tips/" + tip.ID); !strings.Contains(page, "已拒绝") || !strings.Contains(page, "好奇不是理由") || !strings.Contains(page, `name="reason" rows="3"`) {
		t.Error("the refusal isn't shown, or one can't ask again")
	}
}

// TestKeyedIn: the receipt of a call is shown to read out, for fifteen minutes and
// to its handler alone; the same form sent twice is one tip.
func TestKeyedIn(t *testing.T) {
	h := open(t)
	li, zhao := h.login("li"), h.login("zhao")
	form := []string{"channel", "phone", "source", "ok-media", "text", "来电反映大棚里盖房", "category", "ok-house", "conduct", "ok-before", "place", "411422207201",
		"lat", "34.1", "lon", "115.2", "datum", "gcj02", "relapse_of", "2023-7", "urgent", "1", "name", "李四", "phone", "13800000000", "reply", "contact", "lang", "en",
		"token", rand.Text()}
	to := li.act("/tips/new", form...)
	m := regexp.MustCompile(`<output id="receipt">([0-9 ]+)</output>`).FindStringSubmatch(li.page(to))
	if m == nil {
		t.Fatal("no receipt to read out")
	}
	code, err := receipt.Parse(m[1])
	intaketest.Must(t, err)
	talk, err := h.door.Look(t.Context(), code)
	intaketest.Must(t, err)
	row := h.row(talk.Tip)
	want := intake.Facts{Desk: intaketest.Desk, Channel: intake.Phone, Source: "ok-media", Category: "ok-house", Conduct: []string{"ok-before"}, Place: "411422207201",
		Urgent: true, Lane: intake.Normal, RealName: true, Reply: intake.ReplyContact, ReceivedOn: row.ReceivedOn}
	if d := cmp.Diff(want, row.Facts); d != "" {
		t.Error(d)
	}
	if again := li.act("/tips/new", form...); again != to {
		t.Errorf("the same form is another tip: %s, %s", to, again)
	}
	if w := zhao.get(to); w.Code != http.StatusNotFound {
		t.Errorf("another handler sees the receipt: %d", w.Code)
	}
	page := li.page("/tips/" + talk.Tip)
	for _, shown := range []string{"来电反映大棚里盖房", "34.1", "GCJ-02", "2023-7", "媒体报道"} {
		if !strings.Contains(page, shown) {
			t.Errorf("the tip's page doesn't show %s", shown)
		}
	}
	h.clock.Add(14 * time.Minute)
	li.page(to)
	h.clock.Add(2 * time.Minute)
	if w := li.get(to); w.Code != http.StatusNotFound {
		t.Errorf("the receipt after sixteen minutes: %d", w.Code)
	}
	for _, channel := range []string{"web", "sms", "email", "", "x"} {
		if w := li.post("/tips/new", "channel", channel, "text", "KEPT words"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "KEPT words</textarea>") {
			t.Errorf("channel %q: %d", channel, w.Code)
		}
	}
}

// TestDraft: what is typed comes back, to nobody else, until it is filed.
func TestDraft(t *testing.T) {
	h := open(t)
	li, zhao := h.login("li"), h.login("zhao")
	if to := li.act("/tips/new/draft", "channel", "visit", "text", "说到一半", "conduct", "ok-before", "name", "李四", "evil", "x"); !strings.HasPrefix(to, "/tips/new?") {
		t.Errorf("the button goes on to %s", to)
	}
	r := httptest.NewRequest("POST", "/tips/new/draft", strings.NewReader("channel=visit&conduct=ok-before&text=%E8%AF%B4%E5%88%B0%E4%B8%80%E5%8D%8A&name=%E6%9D%8E%E5%9B%9B"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	if w := li.do(r); w.Code != http.StatusNoContent {
		t.Errorf("the script is answered %d", w.Code)
	}
	page := li.page("/tips/new")
	for _, kept := range []string{"说到一半</textarea>", `value="visit" checked`, `value="ok-before" checked`, `name="name" value="李四"`} {
		if !strings.Contains(page, kept) {
			t.Errorf("the draft lost %s", kept)
		}
	}
	if strings.Contains(zhao.page("/tips/new"), "说到一半") {
		t.Error("another handler sees the draft")
	}
	var stored []byte
	intaketest.Must(t, h.store.Database().Read.QueryRow(`SELECT sealed FROM drafts WHERE member = 'li'`).Scan(&stored))
	if bytes.Contains(stored, []byte("说到一半")) {
		t.Error("the draft is stored in clear")
	}
	li.act("/tips/new", "channel", "visit", "text", "说完了")
	if strings.Contains(li.page("/tips/new"), "说到一半") {
		t.Error("the draft outlives its tip")
	}
}

// TestFiles: a clean copy comes as what it is, may act as nothing, and in parts;
// what has no clean copy stays sealed.
func TestFiles(t *testing.T) {
	h := open(t)
	b := h.login("li")
	var photo, body bytes.Buffer
	intaketest.Must(t, png.Encode(&photo, image.NewRGBA(image.Rect(0, 0, 3, 2))))
	form := multipart.NewWriter(&body)
	for k, v := range map[string]string{"channel": "letter", "text": "来信照片"} {
		intaketest.Must(t, form.WriteField(k, v))
	}
	wave := []byte("RIFF\x2c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x08\x00\x00\x0012345678")
	for name, content := range map[string][]byte{"1.png": photo.Bytes(), "2.txt": []byte("水渠边，三米宽。\n"), "3.html": []byte("<!doctype html><script>alert(1)</script>"),
		"4.wav": wave, "5.amr": []byte("#!AMR\n\x7c\x7c")} {
		part, err := form.CreateFormFile("files", name)
		intaketest.Must(t, err)
		_, err = part.Write(content)
		intaketest.Must(t, err)
	}
	intaketest.Must(t, form.Close())
	r := httptest.NewRequest("POST", "/tips/new", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	w := b.do(r)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	tip := strings.Split(w.Header().Get("Location"), "/")[2]
	page := b.page("/tips/" + tip)
	var kinds []string
	for n := 1; n <= 5; n++ {
		at := "/tips/" + tip + "/files/" + string(rune('0'+n))
		w := b.get(at)
		if w.Code == http.StatusNotFound {
			if strings.Contains(page, at) {
				t.Error("a sealed file is offered")
			}
			continue
		}
		kinds = append(kinds, w.Header().Get("Content-Type"))
		checkFile(t, b, at, w)
	}
	if !strings.Contains(page, "<audio controls") {
		t.Error("the recording can't be played")
	}
	slices.Sort(kinds)
	if d := cmp.Diff([]string{"application/octet-stream", "audio/wav", "image/png", "text/plain; charset=utf-8"}, slices.Compact(kinds)); d != "" {
		t.Error(d)
	}
}

func checkFile(t *testing.T, b *browser, at string, w *httptest.ResponseRecorder) {
	t.Helper()
	head := w.Header()
	if csp := head.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") || strings.Contains(csp, "script-src 'self'") || strings.Contains(csp, "allow-") {
		t.Errorf("%s has the policy %q", at, csp)
	}
	if head.Get("X-Content-Type-Options") != "nosniff" || head.Get("Cache-Control") != "no-store" || strings.Contains(head.Get("Content-Type"), "html") {
		t.Errorf("%s: %v", at, head)
	}
	r := httptest.NewRequest("GET", at, nil)
	r.Header.Set("Range", "bytes=2-5")
	part := b.do(r)
	if whole := w.Body.Bytes(); part.Code != http.StatusPartialContent || !bytes.Equal(part.Body.Bytes(), whole[2:6]) {
		t.Errorf("%s in parts: %d, %q", at, part.Code, part.Body)
	}
}

// TestOtherMaps: a tip's coordinates stand as they were entered, and beside them where
// the other maps have that place.
func TestOtherMaps(t *testing.T) {
	h := open(t)
	tip := h.tip(func(r *intake.Report) {
		r.Words.Lat, r.Words.Lon, r.Words.Datum = "29.575429778924", "114.21892734521", "wgs84"
	})
	page := h.login("li").page("/tips/" + tip.ID + "?lang=en")
	for _, want := range []string{"29.575429778924, 114.21892734521 · WGS-84", "29.57284", "114.22430", "29.57908", "114.2307"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(page, "CGCS2000") {
		t.Error("the same coordinates twice")
	}
}
