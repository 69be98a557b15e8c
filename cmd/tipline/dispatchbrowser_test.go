package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// pager is an aggregator that takes texts, and an office's pager beside it.
type pager struct {
	mu    sync.Mutex
	texts []url.Values
	calls []string
	fail  int // of the next texts
	*httptest.Server
}

func startGateway(t *testing.T) *pager {
	g := &pager{}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if r.URL.Path == "/pager" {
			body, _ := io.ReadAll(r.Body)
			g.calls = append(g.calls, string(body))
			return
		}
		if g.fail > 0 {
			g.fail--
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		_ = r.ParseForm()
		g.texts = append(g.texts, r.PostForm)
		_, _ = io.WriteString(w, `{"code":0}`)
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *pager) sent() []url.Values {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]url.Values(nil), g.texts...)
}

func (g *pager) rung() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string(nil), g.calls...)
}

// env is the configuration of an office whose texts come in and go out by g.
func (g *pager) env(t *testing.T, ack string) []string {
	t.Helper()
	channels, err := json.Marshal([]any{map[string]any{"name": "city", "provider": "aliyun", "secret": "k3y-of-the-city-gateway", "ack": ack,
		"send": map[string]any{"provider": "custom", "url": g.URL + "/send", "secret": "its-key", "format": "form",
			"fields": []string{"mobile={bare}", "content={text}", "key={secret}"}, "success": `"code":0`}}})
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{"TIPLINE_SMS=" + string(channels), "TIPLINE_ALERTS_WEBHOOK_URL=" + g.URL + "/pager", "TIPLINE_ALERTS_WEBHOOK_SECRET=whsec_c2VjcmV0"}, generousLimits...)
}

// onlyTip is the one tip of an installation.
func (in *instance) onlyTip() (tip string) {
	in.t.Helper()
	until(in.t, 10*time.Second, "the tip in the ledger", func() bool {
		for id := range in.ledger() {
			tip = id
		}
		return tip != ""
	})
	return tip
}

// TestDispatchInABrowser: an answer to a text message goes out by a custodian's
// press, through a gateway that fails first; nobody sees the number.
func TestDispatchInABrowser(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	g.fail = 1
	in := install(t, g.env(t, "none")...)
	in.start()
	in.sms(`[{"phone_number":"` + canaryPhone + `","content":"村北在打地基","send_time":"2026-11-24 08:00:00","dest_code":"1069","sequence_id":7}]`)
	tip := in.onlyTip()

	b, w := newTab(t, 1280, true), newTab(t, 1280, true)
	b.enter(in, "li", handlerPass)
	b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.WaitVisible(chromedp.CSS(`#messages textarea`)),
		chromedp.SendKeys(chromedp.CSS(`#messages textarea`), "您反映的问题已经受理，请放心。"), chromedp.Submit(chromedp.CSS(`#messages textarea`)), chromedp.WaitVisible(chromedp.CSS(`.bubble.desk`)))
	w.enter(in, "wang", custodianPass)
	w.looks(in, "dispatch", "/dispatch")
	press := func(until string) {
		w.do(chromedp.Navigate("http://"+in.desk+"/dispatch"), chromedp.WaitVisible(chromedp.CSS(`.together button`)), chromedp.Click(chromedp.CSS(`.together button`)),
			chromedp.WaitVisible(chromedp.CSS(until)))
	}
	press(`[role=alert]`) // the gateway has too many at once
	w.shot("desk-dispatch-failed-zh-CN-wide")
	press(`.empty`)
	texts := g.sent()
	if len(texts) != 1 || texts[0].Get("mobile") != "86"+canaryPhone || texts[0].Get("content") != "您反映的问题已经受理，请放心。" || texts[0].Get("key") != "its-key" {
		t.Errorf("the gateway got %d texts: %v", len(texts), texts)
	}
	b.looks(in, "told", "/tips/"+tip)
	b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.WaitVisible(chromedp.CSS(`.bubble.desk`)))
	if told := b.text(".bubble.desk"); !strings.Contains(told, "已告知") || !strings.Contains(told, "短信") {
		t.Errorf("the answer stands as %q", told)
	}
	for _, member := range []*browser{in.login("li", handlerPass), in.login("wang", custodianPass)} {
		for _, path := range []string{"/tips/" + tip, "/dispatch", "/custody", "/audit"} {
			if _, page := member.get(path); strings.Contains(page, canaryPhone) {
				t.Errorf("%s shows the number", path)
			}
		}
	}
	search(t, in, []string{canaryPhone, canaryPhone[1:]}, map[string]string{"metrics": in.page("http://" + in.ops + "/metrics")})
	b.homely(in.desk)
	w.homely(in.desk)
}

// TestCustodyInABrowser: one asks, another refuses with a reason, then approves;
// then the reporter takes their identity back, and nobody opens it any more. The
// urgent tip rings, without content.
func TestCustodyInABrowser(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	in := install(t, g.env(t, "none")...)
	in.start()
	receipt := in.report(url.Values{"text": {"村北在打地基"}, "name": {"张三"}, "phone": {"13900000000"}, "reply": {"contact"}, "urgent": {"1"}, "place": {"411422207203"}})
	tip := in.onlyTip()
	b, w := newTab(t, 1280, true), newTab(t, 1280, true)
	b.enter(in, "li", handlerPass)
	w.enter(in, "wang", custodianPass)
	ask := func() {
		b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.WaitVisible(chromedp.CSS(`#identity`)), chromedp.Click(chromedp.CSS(`#identity summary`)),
			chromedp.WaitVisible(chromedp.CSS(`#reason`)), chromedp.SendKeys(chromedp.CSS(`#reason`), "需要当面核实位置"), chromedp.Submit(chromedp.CSS(`#reason`)), chromedp.WaitNotPresent(chromedp.CSS(`#reason`)))
		w.do(chromedp.Navigate("http://"+in.desk+"/custody"), chromedp.WaitVisible(chromedp.CSS(`form[action$=approve]`)))
	}
	ask()
	w.do(chromedp.Click(chromedp.CSS(`article summary`)), chromedp.SendKeys(chromedp.CSS(`form[action$=refuse] input`), "先核实地块"), chromedp.Click(chromedp.CSS(`form[action$=refuse] button`)), chromedp.WaitVisible(chromedp.CSS(`.empty`)))
	b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip), chromedp.WaitVisible(chromedp.CSS(`#identity`)))
	if shown := b.text("#identity"); !strings.Contains(shown, "先核实地块") {
		t.Errorf("the handler reads %q", shown)
	}
	ask()
	w.do(chromedp.Click(chromedp.CSS(`form[action$=approve] button`)), chromedp.WaitVisible(chromedp.CSS(`.empty`)))
	b.do(chromedp.Navigate("http://"+in.desk+"/tips/"+tip+"/identity"), chromedp.WaitVisible(chromedp.CSS(`dl.facts`)))
	if who := b.text("dl.facts"); !strings.Contains(who, "13900000000") {
		t.Errorf("the identity is %q", who)
	}

	r := newTab(t, 360, false)
	r.do(chromedp.Navigate("http://"+in.public+"/receipt"), chromedp.SendKeys(chromedp.CSS(`#receipt`), receipt), chromedp.Submit(chromedp.CSS(`#receipt`)),
		chromedp.WaitVisible(chromedp.CSS(`#wishes`)))
	r.do(chromedp.Click(chromedp.CSS(`#wishes details:last-of-type summary`)), chromedp.WaitVisible(chromedp.CSS(`input[name=sure]`)))
	r.shot("status-wishes-zh-CN-narrow")
	r.do(chromedp.Click(chromedp.CSS(`input[name=sure]`)), chromedp.Submit(chromedp.CSS(`input[name=sure]`)), chromedp.WaitNotPresent(chromedp.CSS(`input[name=sure]`)))
	li := in.login("li", handlerPass)
	if status, page := li.get("/tips/" + tip + "/identity"); status == http.StatusOK || strings.Contains(page, "13900000000") {
		t.Errorf("a withdrawn identity opens: %d", status)
	}
	until(t, 10*time.Second, "the record says so", func() bool { _, page := li.get("/audit"); return strings.Contains(page, "销毁撤回的身份") })

	// The morning's digest may come by the same way, when the first look at the dates finds the tip.
	urgent := func() []string {
		return slices.DeleteFunc(slices.Clone(g.rung()), func(call string) bool { return strings.Contains(call, digestEvent) })
	}
	until(t, 30*time.Second, "the pager rings", func() bool { return len(urgent()) > 0 })
	var event struct {
		Type string
		Data map[string]string
	}
	call := urgent()[0]
	if err := json.Unmarshal([]byte(call), &event); err != nil || event.Type != urgentEvent || len(event.Data) != 1 || event.Data["console"] != "http://"+in.desk+"/" || len(urgent()) != 1 {
		t.Errorf("%d alerts, %v: %s", len(urgent()), err, call)
	}
	b.homely(in.desk)
	w.homely(in.desk)
}
