package desk_test

import (
	"archive/zip"
	"fmt"
	"io"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/members"
	"tipline/web/desk"
	"tipline/web/page"
)

// abroad are the members of a county's desk beside the house's own.
var abroad = []members.NewMember{
	{Name: "chen", Desk: "county", Roles: []string{members.Handler}, Passphrase: phrase("chen")},
	{Name: "feng", Desk: "county", Roles: []string{members.Handler}, Passphrase: phrase("feng")},
	{Name: "xu", Desk: "county", Roles: []string{members.Custodian}, Passphrase: phrase("xu")},
	{Name: "jiang", Desk: "county", Roles: []string{members.Supervisor}, Passphrase: phrase("jiang")},
	{Name: "shen", Desk: "county", Roles: []string{members.Auditor}, Passphrase: phrase("shen")},
	{Name: "yang", Desk: "county", Roles: []string{members.Administrator}, Passphrase: phrase("yang")},
}

// allRound hold every role that goes together, at either desk.
var allRound = []members.NewMember{
	{Name: "hu", Roles: []string{members.Handler, members.Supervisor, members.Auditor, members.Administrator}, Passphrase: phrase("hu")},
	{Name: "ma", Roles: []string{members.Custodian, members.Supervisor, members.Auditor, members.Administrator}, Passphrase: phrase("ma")},
	{Name: "gao", Desk: "county", Roles: []string{members.Handler, members.Supervisor, members.Auditor, members.Administrator}, Passphrase: phrase("gao")},
	{Name: "tian", Desk: "county", Roles: []string{members.Custodian, members.Supervisor, members.Auditor, members.Administrator}, Passphrase: phrase("tian")},
}

var foundedTwo = sync.OnceValues(func() (string, error) {
	return found(slices.Concat(crew, abroad, allRound), intaketest.Desk, "county")
})

// twoDesks is a house where a county's desk works as well.
func twoDesks(t *testing.T) *house {
	t.Helper()
	return openAt(t, foundedTwo, intake.Desks{intaketest.Desk, "county"}, func(o *desk.Options) {
		text := func(s string) page.Text { return page.Text{"zh-CN": s, "en": s} }
		o.Content.Desks = []page.Choice{{Code: intaketest.Desk, Label: text("乡受理台")}, {Code: "county", Label: text("县受理台")}}
	})
}

// followed brings what waits into the ledger.
func (h *house) followed() {
	h.t.Helper()
	events, err := h.store.ClaimEvents(h.t.Context(), "test", 1000, 0)
	intaketest.Must(h.t, err)
	intaketest.Must(h.t, h.ledger.Apply(h.t.Context(), events))
	for _, e := range events {
		intaketest.Must(h.t, h.store.FinishEvents(h.t.Context(), "test", e.ID))
	}
}

// seats are who sits where: by desk, the members in the order of the routes' columns.
func seats(h *house) map[string][5]*browser {
	out := map[string][5]*browser{}
	for at, names := range map[string][5]string{intaketest.Desk: {"li", "wang", "sun", "qian", "boss"}, "county": {"chen", "xu", "jiang", "shen", "yang"}} {
		var row [5]*browser
		for i, n := range names {
			row[i] = h.login(n)
		}
		out[at] = row
	}
	return out
}

// deskWork is what there is at a desk: a tip with everything about it that waits for
// somebody.
type deskWork struct{ tip, review, request, dispatch string }

// busy puts work on a desk, by one of its handlers.
func (h *house) busy(at string, by *browser) (w deskWork) {
	h.t.Helper()
	w.tip, w.review = h.tip(reachable(at)).ID, h.tip(reachable(at)).ID
	by.insist("/tips/"+w.tip+"/messages", "text", "您反映的村北在打地基一事已经受理，电话13900000000。")
	by.act("/tips/"+w.tip+"/identity", "reason", "需要核实")
	by.act("/tips/"+w.review+"/state", "state", "declined", "reason", "unclear")
	requests, err := h.store.Custodies(h.t.Context(), at, "", intake.CustodyAsked)
	intaketest.Must(h.t, err)
	answers, err := h.store.Dispatches(h.t.Context(), at, w.tip, 9)
	intaketest.Must(h.t, err)
	w.request, w.dispatch = requests[0].ID, answers[0].ID
	return w
}

// reachable is a report to a desk with somebody behind it.
func reachable(at string) func(r *intake.Report) {
	return func(r *intake.Report) {
		r.Desk, r.Reply, r.Identity = at, intake.ReplyContact, intake.Identity{Name: "张三", Phone: "13900000000"}
	}
}

// handover moves a tip of a desk to another one and is what its custodians are asked for.
func (h *house) handover(at, to string, by *browser) string {
	h.t.Helper()
	tip := h.tip(reachable(at)).ID
	by.act("/tips/"+tip+"/transfer", "desk", to, "why", "属于对方")
	open, err := h.store.Handovers(h.t.Context(), at, tip)
	intaketest.Must(h.t, err)
	return open[0].ID
}

// TestRolesRoutesAndDesks: every route answers every role of a desk about its own as the
// table says, and its handlers and whoever else may about another desk's tips as if there were none.
func TestRolesRoutesAndDesks(t *testing.T) {
	h := twoDesks(t)
	crews := seats(h)
	tips := map[string]string{}
	for at := range crews {
		tips[at] = h.tip(func(r *intake.Report) { r.Desk, r.Identity.Name, r.Identity.Phone = at, "张三", "13900000000" }).ID
	}
	for at, crew := range crews {
		row, err := h.store.AuditPage(t.Context(), intake.AuditFilter{Desk: at, Limit: 1})
		intaketest.Must(t, err)
		for _, r := range routes {
			if strings.Contains(r.path, "OTHER") || strings.HasPrefix(r.path, "/account/factor/passkey") {
				continue
			}
			for owner, tip := range tips {
				path := strings.NewReplacer("TIP", tip, "ROW", row[0].Hash).Replace(r.path)
				for i, want := range []int{r.handler, r.custodian, r.supervisor, r.auditor, r.administrator} {
					if (i == 0 || want != 403) && owner != at && strings.Contains(r.path, "TIP") { // who may, about their own
						want = 404
					}
					w := crew[i].get(path)
					if r.method == "POST" {
						w = crew[i].post(path)
					}
					if w.Code != want {
						t.Errorf("%s %s of %s, by number %d of %s: %d, want %d", r.method, r.path, owner, i, at, w.Code, want)
					}
				}
			}
		}
	}
}

// TestAnotherDesksWorkIsNone: what waits at one desk can't be told by another's members
// from what was never there.
func TestAnotherDesksWorkIsNone(t *testing.T) {
	h := twoDesks(t)
	crews := seats(h)
	crew, chen := crews[intaketest.Desk], crews["county"][0]
	theirs, handover := h.busy("county", chen), h.handover("county", intaketest.Desk, chen)
	none := strings.Repeat("0", 32)
	for _, c := range []struct {
		by   int
		id   string
		path string
		form []string
	}{
		{1, theirs.request, "/custody/ID/approve", []string{"passphrase", phrase("wang")}},
		{1, theirs.request, "/custody/ID/refuse", []string{"reason", "no"}},
		{1, handover, "/custody/ID/handover", []string{"passphrase", phrase("wang")}},
		{1, theirs.dispatch, "/dispatch", []string{"send", "ID"}},
		{1, theirs.dispatch, "/dispatch", []string{"return", "ID", "why-ID", "no"}},
		{0, theirs.review, "/reviews", []string{"tip", "ID", "do-ID", "confirm"}},
		{0, theirs.review, "/reviews", []string{"tip", "ID", "do-ID", "return", "why-ID", "no"}},
		{0, theirs.tip, "/tips/batch", []string{"tip", "ID", "act", "release"}},
		{0, theirs.tip, "/extensions/ID", []string{"do", "grant"}},
		{4, "chen", "/members/disable", []string{"member", "ID"}},
		{4, "chen", "/members/enable", []string{"member", "ID"}},
		{4, "chen", "/members/end", []string{"member", "ID"}},
		{0, "feng", "/members/rekey", []string{"member", "ID", "passphrase", phrase("li")}},
		{0, "feng", "/members/grant", []string{"member", "ID", "passphrase", phrase("li")}},
	} {
		ask := func(id string) *httptest.ResponseRecorder {
			form := make([]string, len(c.form))
			for i, f := range c.form {
				form[i] = strings.ReplaceAll(f, "ID", id)
			}
			return crew[c.by].post(strings.ReplaceAll(c.path, "ID", id), form...)
		}
		made := none
		if len(c.id) < len(none) {
			made = "nobody"
		}
		got, want := ask(c.id), ask(made)
		gotBody, wantBody := strings.ReplaceAll(got.Body.String(), c.id, "ID"), strings.ReplaceAll(want.Body.String(), made, "ID")
		gotBody, wantBody = strings.ReplaceAll(gotBody, c.id[:min(8, len(c.id))], "ID"), strings.ReplaceAll(wantBody, made[:min(8, len(made))], "ID")
		if got.Code != want.Code || steady(gotBody) != steady(wantBody) {
			t.Errorf("POST %s %v: %d, and %d for none", c.path, c.form, got.Code, want.Code)
		}
	}
}

// moving is what differs on a page from one time to the next.
var moving = regexp.MustCompile(`name="(token|sure)" value="[^"]*"|<code>[^<]*</code>|<output[^>]*>[^<]*</output>`)

func steady(body string) string { return moving.ReplaceAllString(body, "") }

// written is what stands in a body: of a workbook, in its parts.
func written(t *testing.T, body string) string {
	t.Helper()
	if !strings.HasPrefix(body, "PK\x03\x04") {
		return body
	}
	book, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, f := range book.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&out, r); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// TestDesksSeeNothingOfEachOther: while a desk works, no page of another changes and none
// names its tips, its members or what waits there. Only the record's head tells that
// something happened somewhere.
func TestDesksSeeNothingOfEachOther(t *testing.T) {
	h := twoDesks(t)
	crews := seats(h)
	crew := crews[intaketest.Desk]
	ours := h.busy(intaketest.Desk, crew[0])
	h.followed()
	look := func() map[string]string {
		pages := map[string]string{}
		for _, r := range routes {
			if r.method != "GET" || strings.Contains(r.path, "OTHER") || strings.Contains(r.path, "ROW") || strings.HasPrefix(r.path, "/account/factor") {
				continue
			}
			for i, b := range crew {
				pages[fmt.Sprint(r.path, " by ", i)] = steady(written(t, b.get(strings.ReplaceAll(r.path, "TIP", ours.tip)).Body.String()))
			}
		}
		return pages
	}
	look() // reading leaves rows, and takes marks of news away
	before := look()
	theirs := h.busy("county", crews["county"][0])
	h.followed()
	for path, after := range look() {
		for _, name := range []string{theirs.tip[:8], theirs.review[:8], theirs.request, theirs.dispatch, "chen", "xu", "jiang", "shen", "yang", "feng"} {
			if regexp.MustCompile(`\b` + name + `\b`).MatchString(after) { // a random code may hold two letters
				t.Errorf("%s names %s", path, name)
			}
		}
		if after != before[path] && !strings.HasPrefix(path, "/audit") && !strings.HasPrefix(path, "/ledger/export") { // whose pages carry the head
			t.Errorf("%s changed", path)
		}
	}
}
