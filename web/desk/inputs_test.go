package desk_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/bits"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tipline/intake"
	"tipline/intake/blob"
	"tipline/intake/intaketest"
	"tipline/intake/members"
	"tipline/intake/servertest"
	"tipline/intake/store"
	"tipline/web/desk"
	"tipline/web/page"
)

// unfit are values that are no text, no number, no day and no code, with what is too long for anything last.
var unfit = []string{"a\x00\xff\xed\xa0\x80", "-1", "99999999999999999999", "9999-12-31", strings.Repeat("长", 30_000)}

// unfitCursors are those that only a cursor could be.
var unfitCursors = []string{cursorTo("2026-12-24\x00a\x00\xff"), cursorTo("2026-12-24\xff"), cursorTo("\xff\x00\xff"), cursorTo("\x00")}

func cursorTo(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// asked is a route with what it may be asked, as its page would.
type asked struct {
	route, path string
	form        []string
	sheet       string
	id          string
	may         int
}

// nobodysBusiness are the routes that name nothing of another desk's, with what they take.
func nobodysBusiness() []asked {
	return []asked{
		{route: "GET /login", path: "/login?next=/x"},
		{route: "POST /login", form: []string{"member", "li", "passphrase", "no", "code", "1", "passkey", "{}", "next", "/", "resume", "/tips/x", "text", "x"}},
		{route: "POST /passphrase", form: []string{"old", "no", "fresh", "harvest pebble kite", "again", "harvest pebble kite"}, may: handler},
		{route: "POST /passphrase/strength", form: []string{"fresh", "x"}, may: handler},
		{route: "POST /account/factor", form: []string{"code", "123456"}, may: handler},
		{route: "POST /account/factor/passkey", form: []string{"name", "x", "passkey", "{}"}, may: handler},
		{route: "POST /members", form: []string{"name", "li", "role", "auditor"}, may: administrator},
		{route: "GET /map/tiles/:z/:x/:y", path: "/map/tiles/ID/6/2", may: handler, id: "n"},
		{route: "GET /map/tiles/:z/:x/:y", path: "/map/tiles/3/ID/2", may: handler, id: "n"},
		{route: "GET /map", path: "/map?at=34,115&z=9&layer=tips&state=received&place=411422&category=ok-house&channel=web&source=public&due=today&unread=1", may: handler},
		{route: "GET /", path: "/?cursor=MjAyNi0xMS0yNHg&state=received&place=411422&category=ok-house&channel=web&source=public&due=today&unread=1&lane=held&flood=x&done=3", may: handler},
		{route: "POST /tips/new", form: []string{"channel", "phone", "source", "public", "category", "ok-house", "conduct", "ok-before", "place", "411422207201", "text", "", "address", "x", "subject", "x", "occurred", "x",
			"parcel", "x", "relapse_of", "x", "issuer", "x", "reference", "x", "issued_on", "2026-01-01", "reported_on", "2026-01-01", "lat", "34", "lon", "115", "datum", "wgs84", "urgent", "1", "concerns", "1",
			"name", "x", "phone", "x", "email", "x", "reply", "receipt", "lang", "en", "token", "x"}, may: handler},
		{route: "POST /tips/new/draft", form: []string{"text", "x", "channel", "phone"}, may: handler},
		{route: "POST /views", form: []string{"query", "state=received&place=x", "name", ""}, may: handler},
		{route: "GET /deadlines", path: "/deadlines?done=x", may: handler},
		{route: "GET /retention", path: "/retention?done=x", may: handler},
		{route: "POST /retention/spam", form: []string{"reason", "no"}, may: handler},
		{route: "POST /retention/keys/:version", id: "n", may: handler},
		{route: "GET /ledger", path: "/ledger?state=pending&category=ok-house&source=public&department=housing&place=411422&number=7&order=due&cursor=MjAyNi0xMi0yNABi&due=overdue", may: handler},
		{route: "GET /ledger/export", path: "/ledger/export?format=csv&state=pending&place=411422&number=7", may: handler},
		{route: "GET /parcels", path: "/parcels?batch=x&place=411422&category=ok-house&state=pending&number=7&term=due&cursor=MjAyNi0xMi0yNABi", may: handler},
		{route: "GET /parcel", path: "/parcel?batch=x&number=y", may: handler},
		{route: "POST /ledger/changes", form: []string{"act", "map", "heading", "x", "field", "tip", "name", "x", "seen", "x", "take", "x", "close", "1", "skip", "1"}, may: handler},
		{route: "POST /import/preview", form: []string{"act", "map", "heading", "x", "field", "number", "batch", "x", "name", "x", "skip", "1"}, may: handler},
		{route: "POST /import/:kind", path: "/import/parcels", form: []string{"batch", "x", "source", "public", "datum", "wgs84", "map", ""}, sheet: "图斑编号\nTB-9\n", may: handler},
		{route: "POST /import/:kind", path: "/import/parcels", form: []string{"batch", "x"}, sheet: "图斑编号,位置\nTB-\xff9,村\n", may: handler},
		{route: "POST /import/:kind", path: "/import/ID", sheet: "图斑编号\nTB-9\n", id: "n", may: handler},
		{route: "GET /reports", path: "/reports?date=2026-11-24", may: handler},
		{route: "GET /reports/export", path: "/reports/export?kind=daily&date=2026-11-24", may: handler},
		{route: "GET /reports/dispatch", path: "/reports/dispatch?department=housing&date=2026-11-24&cursor=MjAyNi0xMi0yNABi", may: handler},
		{route: "GET /reports/village", path: "/reports/village?place=411422207201", may: handler},
		{route: "POST /reports/village", form: []string{"place", "411422207201"}, may: handler},
		{route: "GET /audit", path: "/audit?from=2026-01-01&to=2026-12-31&member=li&kind=look&tip=ab&before=x", may: handler},
		{route: "GET /dispatch", path: "/dispatch?done=x", may: custodian},
		{route: "GET /import", path: "/import?new=1&changed=2&same=3&left=4", may: handler},
		{route: "GET /tips/new", path: "/tips/new?saved=1", may: handler},
		{route: "GET /tips/:id", path: "/tips/ID?answer=x&lang=en", id: "tip", may: handler},
	}
}

// TestUnfitInputs puts what is no text, no number and no code into every field, address and query of
// the desk, over both databases: each is answered, none is a failure of ours or a panic, and what is refused left
// nothing behind.
func TestUnfitInputs(t *testing.T) {
	for name, where := range map[string]func(t *testing.T) *house{"sqlite": twoDesks, "postgres": onPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := where(t)
			loot := h.treasure()
			loot["n"] = "1"
			own := h.tip(reachable(intaketest.Desk)).ID
			desk := [5]*browser{h.login("hu"), h.login("ma"), h.login("sun"), h.login("qian"), h.login("boss")}
			all := nobodysBusiness()
			for _, f := range foreigners() {
				all = append(all, asked{f.route, f.path, f.form, f.sheet, f.id, f.may})
			}
			n := 0
			for _, a := range all {
				b := &browser{h: h}
				if a.may != 0 {
					b = desk[bits.TrailingZeros(uint(a.may))]
				}
				n += a.unfit(t, h, loot, own, b)
			}
			t.Logf("%d requests", n)
			if s := h.logged.String(); s != "" {
				t.Errorf("logged: %.2000s", s)
			}
		})
	}
}

// unfit asks a route with each of its values in turn unfit, doubled and missing, and as other types of body.
func (a asked) unfit(t *testing.T, h *house, loot map[string]string, own string, b *browser) (n int) {
	t.Helper()
	method, pattern, _ := strings.Cut(a.route, " ")
	path := a.path
	if path == "" {
		path = strings.ReplaceAll(pattern, ":id", "ID")
		path = strings.ReplaceAll(path, ":version", "ID")
	}
	fill := strings.NewReplacer("ID", loot[a.id], "OWN", own, "DAY", loot["day"], "FETCH", loot["fetch"], "HOLD", loot["hold"], "LOOK", loot["look"], "CURSOR", "MjAyNi0xMi0yNA", "PASS", "no")
	form := make([]string, len(a.form))
	for i := range form {
		form[i] = fill.Replace(a.form[i])
	}
	before := h.rows(t)
	ask := func(what, path string, form []string) {
		t.Helper()
		n++
		var w *httptest.ResponseRecorder
		switch {
		case a.sheet != "":
			w = b.send(path, fill.Replace(a.sheet), form...)
		case method == "GET":
			w = b.get(path)
		default:
			w = b.post(path, form...)
		}
		if w.Code >= 500 {
			t.Errorf("%s %s, %s: %d", method, pattern, what, w.Code)
		}
		if w.Code < 400 && method == "POST" {
			before = h.rows(t)
		}
	}
	head, query, _ := strings.Cut(path, "?")
	values, err := url.ParseQuery(query)
	intaketest.Must(t, err)
	for _, bad := range slices.Concat(unfitCursors, unfit) {
		cursor := slices.Contains(unfitCursors, bad)
		label := fmt.Sprintf("%.12q", bad)
		long := len(bad) > 1000
		if strings.Contains(head, "ID") && !long {
			ask("address "+label, strings.ReplaceAll(strings.ReplaceAll(head, "ID", url.PathEscape(bad)), "OWN", own), form)
		}
		for field := range values {
			if long || cursor && field != "cursor" {
				continue
			}
			changed := url.Values{}
			for f, v := range values {
				changed[f] = []string{fill.Replace(v[0])}
			}
			changed[field] = []string{bad}
			ask(field+"="+label, fill.Replace(head)+"?"+changed.Encode(), form)
		}
		for k := 1; k < len(form) && !cursor; k += 2 {
			changed := slices.Clone(form)
			changed[k] = bad
			ask(form[k-1]+" "+label, fill.Replace(path), changed)
		}
	}
	for i := 1; i < len(form); i += 2 {
		ask(form[i-1]+" twice", fill.Replace(path), append(slices.Clone(form), form[i-1], "\x00"))
		ask("without "+form[i-1], fill.Replace(path), slices.Delete(slices.Clone(form), i-1, i+1))
	}
	if now := h.rows(t); now != before && pattern != "/tips/batch" { // of many, some may be
		t.Errorf("%s %v: something was kept of what was refused:\n%s", a.route, a.form, firstDifference(before, now))
	}
	if method == "POST" {
		n += a.bodies(t, fill.Replace(path), b)
	}
	return n
}

// rows are how many rows stand in each table but the record's, which has looks as well, and that of what was typed,
// which is kept for its writer when it is refused.
func (h *house) rows(t *testing.T) (counts string) {
	t.Helper()
	db := h.store.Database()
	var query []string
	for _, table := range h.tables(t) {
		if table != "audit" && table != "drafts" {
			query = append(query, `SELECT '`+table+` ' || COUNT(*) AS n FROM `+table)
		}
	}
	rows, err := db.Read.Query(strings.Join(query, " UNION ALL "))
	intaketest.Must(t, err)
	defer rows.Close()
	for rows.Next() {
		var n string
		intaketest.Must(t, rows.Scan(&n))
		counts += n + ", "
	}
	intaketest.Must(t, rows.Err())
	return counts
}

// bodies asks a route with bodies that are no form.
func (a asked) bodies(t *testing.T, path string, b *browser) (n int) {
	t.Helper()
	for _, c := range []struct{ kind, body string }{{"text/plain", "text=x"}, {"application/json", `{"text":"\ud800"}`}, {"", "text=x"}, {"multipart/form-data", "x"}, {"multipart/form-data; boundary=b", "--b\r\nContent-"},
		{"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\x00\r\n--b--\r\n"}, {"application/x-www-form-urlencoded", "%zz=%"}, {"application/x-www-form-urlencoded; charset=utf-16", "t\x00e\x00"},
		{"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"\x00\"\r\n\r\n\x00\r\n--b--\r\n"}} {
		r := httptest.NewRequest("POST", path, strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		if w := b.do(r); w.Code >= 500 {
			t.Errorf("%s as %s: %d", a.route, c.kind, w.Code)
		}
		n++
	}
	return n
}

// onPostgres is a house of two desks over a real server.
func onPostgres(t *testing.T) *house {
	t.Helper()
	url, err := servertest.StartPostgres(t).Database()
	intaketest.Must(t, err)
	dir := t.TempDir()
	h := &house{t: t, onPostgres: true, desks: intake.Desks{intaketest.Desk, "county"}, clock: intaketest.NewClock(), limits: &intaketest.Limits{}, logged: &strings.Builder{}}
	h.store, err = store.Open(t.Context(), store.Options{URL: url, Loc: intaketest.Loc(), Now: h.clock.Now})
	intaketest.Must(t, err)
	t.Cleanup(func() { intaketest.Must(t, h.store.Close()) })
	_, err = service(h.store, h.clock, h.desks).Setup(context.Background(), slices.Concat(crew, abroad, allRound), nil)
	intaketest.Must(t, err)
	blobs, err := blob.Open(filepath.Join(dir, "blobs"), blob.Options{Loc: intaketest.Loc(), Now: h.clock.Now})
	intaketest.Must(t, err)
	t.Cleanup(func() { intaketest.Must(t, blobs.Close()) })
	h.members = service(h.store, h.clock, h.desks)
	h.sessions = members.NewSessions(h.members)
	h.work(blobs)
	h.serve(func(o *desk.Options) {
		text := func(s string) page.Text { return page.Text{"zh-CN": s, "en": s} }
		o.Content.Desks = []page.Choice{{Code: intaketest.Desk, Label: text("乡受理台")}, {Code: "county", Label: text("县受理台")}}
	})
	return h
}
