package desk_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"image"
	"image/png"
	"math/bits"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
	"tipline/intake/ledger"
	"tipline/intake/members"
	"tipline/web/desk"
)

// Who may, by the seats of a desk.
const (
	handler = 1 << iota
	custodian
	supervisor
	auditor
	administrator
	overseers = handler | supervisor
	anybody   = handler | custodian | supervisor | auditor | administrator
)

// foreign is a route with something of another desk's named in it. In path and form, ID stands
// for it, DAY for a date and OWN for a tip of who asks.
type foreign struct {
	route string
	path  string // "": the route's, with ID for what it takes
	form  []string
	id    string // what it names, by its name in [treasure]
	may   int    // who may, about their own
	then  string // a page that tells what became of it
	sheet string // sent as a file
	same  bool   // what is one's own alone: at its own desk, too, nobody else may, and the owner's answer doesn't differ
}

// foreigners are every route that takes a name of anything, in every place that takes one.
func foreigners() []foreign {
	return []foreign{
		{route: "GET /", path: "/?lane=held&flood=ID", id: "flood", may: handler},
		{route: "GET /map", path: "/map?tip=ID", id: "tip", may: handler},
		{route: "GET /tips/:id", id: "tip", may: handler},
		{route: "GET /tips/:id", id: "destroyed", may: handler},
		{route: "GET /tips/:id/files/:n", path: "/tips/ID/files/1", id: "tip", may: handler},
		{route: "GET /tips/:id/receipt", id: "keyed", may: handler},
		{route: "POST /tips/:id/state", form: []string{"state", "reviewing"}, id: "tip", may: handler},
		{route: "POST /tips/:id/state", form: []string{"state", "spam", "reason", "test"}, id: "held", may: handler},
		{route: "POST /tips/:id/release", id: "held", may: handler},
		{route: "POST /tips/batch", form: []string{"tip", "ID", "act", "release"}, id: "held2", may: handler},
		{route: "POST /tips/batch", form: []string{"tip", "ID", "act", "spam", "reason", "test"}, id: "held3", may: handler},
		{route: "POST /tips/:id/messages", form: []string{"text", "请补充"}, id: "tip", may: handler},
		{route: "POST /tips/:id/notes", form: []string{"text", "看过了"}, id: "tip", may: handler},
		{route: "POST /tips/:id/merge", form: []string{"into", "OWN"}, id: "fresh", may: handler},
		{route: "POST /tips/:id/merge", path: "/tips/OWN/merge", form: []string{"into", "ID"}, id: "fresh", may: handler},
		{route: "POST /tips/:id/unmerge", id: "merged", may: handler},
		{route: "POST /tips/:id/transfer", form: []string{"desk", "county", "why", "属于对方"}, id: "leaving", may: handler},
		{route: "POST /tips/:id/media", form: []string{"file", "FETCH"}, id: "tip", may: handler},
		{route: "POST /tips/:id/media", path: "/tips/OWN/media", form: []string{"file", "ID"}, id: "fetch", may: 0},
		{route: "POST /tips/:id/destruction", form: []string{"reason", "period_over"}, id: "old", may: handler},
		{route: "POST /tips/:id/holds", form: []string{"why", "审计要看"}, id: "tip", may: overseers},
		{route: "POST /tips/:id/holds/:hold/lift", path: "/tips/ID/holds/HOLD/lift", id: "tip", may: overseers},
		{route: "POST /tips/:id/holds/:hold/lift", path: "/tips/OWN/holds/ID/lift", id: "hold", may: 0},
		{route: "POST /tips/:id/looks", form: []string{"kind", "retaliation", "until", "DAY"}, id: "tip", may: handler},
		{route: "POST /tips/:id/looks", path: "/tips/OWN/looks", form: []string{"about", "ID", "kind", "relapse", "until", "DAY"}, id: "done", may: handler},
		{route: "POST /tips/:id/looks/:look", path: "/tips/ID/looks/LOOK", form: []string{"result", "safe"}, id: "tip", may: handler},
		{route: "POST /tips/:id/looks/:look", path: "/tips/OWN/looks/ID", form: []string{"result", "safe"}, id: "look", may: handler},
		{route: "POST /tips/:id/extension", form: []string{"until", "DAY", "reason", "season", "note", "等小麦收割", "letter", "需要更多时间。"}, id: "accepted", may: handler},
		{route: "POST /extensions/:id", form: []string{"do", "refuse", "why", "不必"}, id: "extension", may: overseers},
		{route: "POST /extensions/:id", form: []string{"do", "grant"}, id: "extension", may: overseers},
		{route: "GET /certificates/:id", id: "certificate", may: overseers},
		{route: "GET /certificates/:id", id: "destroyed", may: overseers},
		{route: "GET /certificates/:id", id: "batch done", may: overseers},
		{route: "POST /destructions/:id", form: []string{"do", "approve"}, id: "destruction", may: overseers},
		{route: "POST /destructions/:id", form: []string{"do", "refuse"}, id: "destruction", may: overseers},
		{route: "POST /destructions/:id", form: []string{"do", "approve"}, id: "batch", may: overseers},
		{route: "POST /destructions/:id", form: []string{"do", "refuse"}, id: "batch", may: overseers},
		{route: "POST /reviews", form: []string{"tip", "ID", "do-ID", "confirm"}, id: "refused", may: handler},
		{route: "POST /reviews", form: []string{"tip", "ID", "do-ID", "return", "why-ID", "不对"}, id: "refused2", may: handler},
		{route: "GET /tips/:id/identity", id: "opened", may: handler},
		{route: "POST /tips/:id/reread", id: "opened", may: handler},
		{route: "POST /tips/:id/identity", form: []string{"reason", "需要核实"}, id: "tip", may: handler},
		{route: "POST /custody/:id/approve", id: "request", may: custodian},
		{route: "POST /custody/:id/refuse", form: []string{"reason", "不必"}, id: "request", may: custodian},
		{route: "POST /custody/:id/handover", id: "handover", may: custodian},
		{route: "POST /dispatch", form: []string{"send", "ID"}, id: "dispatch", may: custodian},
		{route: "POST /dispatch", form: []string{"return", "ID", "why-ID", "不对"}, id: "dispatch", may: custodian},
		{route: "GET /parcel", path: "/parcel?batch=ID&number=TB-1", id: "parcels", may: handler},
		{route: "POST /parcel", form: []string{"batch", "ID", "number", "TB-1", "version", "1", "state", "verifying", "reason", "去看"}, id: "parcels", may: handler},
		{route: "GET /parcels", path: "/parcels?batch=ID", id: "parcels", may: overseers},
		{route: "POST /import/maps/drop", form: []string{"kind", "parcels", "name", "ID"}, id: "map", may: handler, same: true},
		{route: "POST /import/:kind", path: "/import/parcels", form: []string{"map", "ID"}, sheet: "图斑编号\nTB-9\n", id: "map", may: handler},
		{route: "POST /ledger/upload", form: []string{"map", "ID"}, sheet: "线索编号\nx\n", id: "ledger map", may: handler},
		{route: "POST /ledger/upload", sheet: "线索编号,备注\nID,看过了\n", then: "/ledger/changes", id: "tip", may: handler},
		{route: "GET /ledger", path: "/ledger?number=ID", id: "number", may: handler},
		{route: "GET /ledger", path: "/ledger?cursor=CURSOR", id: "tip", may: handler, same: true},
		{route: "GET /", path: "/?cursor=CURSOR", id: "tip", may: handler, same: true},
		{route: "GET /audit", path: "/audit?tip=ID", id: "tip", may: anybody},
		{route: "GET /audit", path: "/audit?member=ID", id: "zhao", may: anybody},
		{route: "GET /audit", path: "/audit?before=ID", id: "row", may: anybody},
		{route: "POST /views/:id/drop", id: "view", same: true},
		{route: "POST /account/sessions", form: []string{"session", "ID"}, id: "session", same: true},
		{route: "POST /account/factor/passkey/remove", form: []string{"id", "ID", "passphrase", "PASS"}, id: "passkey", same: true},
		{route: "POST /members/disable", form: []string{"member", "ID"}, id: "zhao", may: administrator},
		{route: "POST /members/enable", form: []string{"member", "ID"}, id: "zhao", may: administrator},
		{route: "POST /members/end", form: []string{"member", "ID"}, id: "zhao", may: supervisor | administrator},
		{route: "POST /members/roles", form: []string{"member", "ID", "role", "auditor"}, id: "zhao", may: administrator},
		{route: "POST /members/rekey", form: []string{"member", "ID", "passphrase", "PASS"}, id: "zhao", may: anybody &^ auditor}, // who sees the list of members may hear that one is on it
		{route: "POST /members/grant", form: []string{"member", "ID", "role", "handler", "passphrase", "PASS"}, id: "zhao", may: handler},
	}
}

// nameless are the routes that take the name of nothing that another desk may have. A member's
// name is one for all desks, as the login asks for no desk: that POST /members refuses one that is
// taken is said in SECURITY.md.
var nameless = []string{
	"GET /login", "POST /login", "POST /login/passkey", "POST /logout", "GET /passphrase", "POST /passphrase", "POST /passphrase/strength", "GET /account", "GET /account/factor",
	"POST /account/factor", "POST /account/factor/remove", "POST /account/factor/passkey", "POST /account/factor/passkey/options", "GET /account/codes", "POST /account/codes", "POST /account/codes/done",
	"GET /members", "POST /members", "GET /members/printed", "POST /members/printed/done", "GET /channels", "GET /count", "GET /map/tiles/:z/:x/:y", "GET /tips/new", "POST /tips/new",
	"POST /tips/new/draft", "POST /views", "GET /reviews", "GET /deadlines", "GET /retention", "POST /retention/spam", "POST /retention/keys/:version", "GET /lookbacks", "GET /ledger/export",
	"GET /ledger/changes", "POST /ledger/changes", "GET /reports", "GET /reports/export", "GET /reports/dispatch", "GET /reports/village", "POST /reports/village", "GET /import", "GET /import/preview", "POST /import/preview",
	"GET /custody", "GET /dispatch",
}

// TestEveryRouteStandsInATable: a route that is new says what it takes of another desk's, or that it takes
// nothing, and what it costs whom to be refused.
func TestEveryRouteStandsInATable(t *testing.T) {
	all, err := desk.RoutesOf(open(t).options)
	intaketest.Must(t, err)
	told, asked := slices.Clone(nameless), map[string]bool{}
	for _, f := range foreigners() {
		told = append(told, f.route)
	}
	for _, r := range routes {
		path, _, _ := strings.Cut(r.path, "?")
		asked[r.method+" "+path] = true
	}
	for _, route := range all {
		if !slices.Contains(told, route) {
			t.Errorf("%s stands neither in foreigners nor in nameless", route)
		}
		if strings.Contains(route, " /log") || route == "GET /count" || route == "GET /tips/:id/receipt" {
			continue // for anybody, or of its member alone
		}
		like := regexp.MustCompile("^" + regexp.MustCompile(`:[a-z]+`).ReplaceAllString(route, "[^/]+") + "$")
		if !slices.ContainsFunc(routes, func(r struct {
			method, path                                           string
			handler, custodian, supervisor, auditor, administrator int
		}) bool {
			path, _, _ := strings.Cut(r.path, "?")
			return like.MatchString(r.method + " " + path)
		}) {
			t.Errorf("%s has no line in routes", route)
		}
	}
	for _, route := range told {
		if !slices.Contains(all, route) {
			t.Errorf("%s is no route", route)
		}
	}
}

// TestWhatIsAnothersIsNothing: whatever is named of another desk's, who asks hears what they would
// hear of nothing at all, by whatever roles they hold; so does who holds the wrong role at its own desk, and who
// isn't logged in. Nothing changes by it, and no row of the record is written about it.
func TestWhatIsAnothersIsNothing(t *testing.T) {
	h := twoDesks(t)
	loot := h.treasure()
	own := map[string]string{"county": h.tip(reachable("county")).ID, intaketest.Desk: h.tip(reachable(intaketest.Desk)).ID, "": "0"}
	crews := seats(h)
	hu := h.login("hu")
	crews["county"][0].page("/tips/" + own["county"])
	crews[intaketest.Desk][0].page("/tips/" + own[intaketest.Desk])
	county := crews["county"]
	strangers := append(county[:], h.login("gao"), h.login("tian"))
	for _, f := range foreigners() {
		if loot[f.id] == "" {
			t.Fatalf("there is no %s", f.id)
		}
		for i, b := range strangers {
			f.alike(t, h, loot, b, own["county"], fmt.Sprint("stranger ", i))
		}
		for i, b := range crews[intaketest.Desk] {
			if f.may&(1<<i) == 0 && !(f.same && i == 0) {
				f.alike(t, h, loot, b, own[intaketest.Desk], fmt.Sprint("colleague ", i))
			}
		}
		if f.same && f.may == 0 {
			f.alike(t, h, loot, hu, own[intaketest.Desk], "another handler")
		}
		f.alike(t, h, loot, &browser{h: h}, own[""], "nobody")
	}
	all, li := [5]*browser{hu, h.login("ma"), crews[intaketest.Desk][2], crews[intaketest.Desk][3], crews[intaketest.Desk][4]}, crews[intaketest.Desk]
	for _, f := range foreigners() {
		if f.id == "opened" || f.id == "keyed" { // what one member alone was given
			f.owned(t, loot, own[intaketest.Desk], li)
			continue
		}
		f.owned(t, loot, own[intaketest.Desk], all)
	}
}

// owned holds a row of the table against whom it is about: who may gets another answer about it than about
// nothing, or the strangers would have been asked in vain.
func (f foreign) owned(t *testing.T, loot map[string]string, own string, seats [5]*browser) {
	t.Helper()
	if f.may == 0 || f.same || f.route == "POST /tips/:id/reread" { // its message was read when it came
		return
	}
	b := seats[bits.TrailingZeros(uint(f.may))]
	none := f.ask(loot, f.nothing(loot), b, own)
	if there := f.ask(loot, loot[f.id], b, own); there == none {
		t.Errorf("%s %s %v: who may hears of it what they hear of nothing:\n%s", f.route, f.path, f.form, there)
	}
}

// nothing is a name like the one that f asks for, of nothing.
func (f foreign) nothing(loot map[string]string) string {
	id := loot[f.id]
	if len(id) < 16 {
		return "nobody"
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])[:min(len(id), 64)]
}

// alike wants the answer about something to be the answer about nothing, and nothing to change.
func (f foreign) alike(t *testing.T, h *house, loot map[string]string, b *browser, own, who string) {
	t.Helper()
	before := h.everything(t, loot)
	there := f.ask(loot, loot[f.id], b, own)
	if after := h.everything(t, loot); after != before {
		t.Errorf("%s %s %v by %s changed something:\n%s", f.route, f.path, f.form, who, firstDifference(before, after))
	}
	if none := f.ask(loot, f.nothing(loot), b, own); there != none {
		t.Errorf("%s %s %v by %s:\n%s", f.route, f.path, f.form, who, firstDifference(there, none))
	}
}

// ask is what f is answered about id, with the name taken out of it.
func (f foreign) ask(loot map[string]string, id string, b *browser, own string) string {
	cursor := base64.RawURLEncoding.EncodeToString([]byte("2026-12-24" + id))
	if strings.HasPrefix(f.path, "/ledger") {
		cursor = base64.RawURLEncoding.EncodeToString([]byte("2026-12-24\x00" + id))
	}
	pass := ""
	if b.cookie != nil {
		pass = phrase(b.name)
	}
	fill := strings.NewReplacer("ID", id, "OWN", own, "DAY", loot["day"], "FETCH", loot["fetch"], "HOLD", loot["hold"], "LOOK", loot["look"], "CURSOR", cursor, "PASS", pass)
	path := f.path
	method, pattern, _ := strings.Cut(f.route, " ")
	if path == "" {
		path = strings.ReplaceAll(pattern, ":id", "ID")
	}
	head, query, found := strings.Cut(path, "?")
	if path = fill.Replace(head); found {
		path += "?" + strings.ReplaceAll(fill.Replace(query), " ", "%20")
	}
	form := make([]string, len(f.form))
	for i := range f.form {
		form[i] = fill.Replace(f.form[i])
	}
	var w *httptest.ResponseRecorder
	switch {
	case f.sheet != "":
		w = b.send(path, fill.Replace(f.sheet), form...)
	case method == "GET":
		w = b.get(path)
	default:
		w = b.post(path, form...)
	}
	out := fmt.Sprintln(w.Code, w.Header()["Location"], w.Header()["Refresh"], w.Header().Get("Content-Type")) + w.Body.String()
	if f.then != "" && w.Code == 303 {
		out += b.get(f.then).Body.String()
	}
	if len(id) >= 16 {
		out = strings.NewReplacer(cursor, "ID", id, "ID", id[:8], "ID").Replace(out)
	} else if method == "GET" { // a filter comes back; else a member's name is on a page for another reason
		out = strings.NewReplacer(`value="`+id+`"`, "ID", "member%3D"+id, "ID").Replace(out)
	}
	return steady(out)
}

// everything is what stands in the database, and the sessions, but for the rows of the record that are about neither
// desk's things: who asks after their own leaves those.
func (h *house) everything(t *testing.T, loot map[string]string) string {
	t.Helper()
	var out strings.Builder
	for _, table := range h.tables(t) {
		rows, err := h.store.Database().Read.Query(`SELECT * FROM ` + table)
		intaketest.Must(t, err)
		columns, err := rows.Columns()
		intaketest.Must(t, err)
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			intaketest.Must(t, rows.Scan(values...))
			line := table
			for i, v := range values {
				if b, ok := (*v.(*any)).([]byte); ok {
					line += fmt.Sprintf(" %s=%x", columns[i], sha256.Sum256(b))
					continue
				}
				line += fmt.Sprintf(" %s=%v", columns[i], *v.(*any))
			}
			if table == "audit" && !speaks(line, loot) {
				continue
			}
			out.WriteString(line + "\n")
		}
		intaketest.Must(t, rows.Err())
		rows.Close()
	}
	for _, m := range slices.Concat(crew, abroad, allRound) {
		fmt.Fprintln(&out, m.Name, len(h.sessions.List(m.Name)))
	}
	return out.String()
}

// speaks says whether a line of the record is about something of the treasure.
func speaks(line string, loot map[string]string) bool {
	for _, id := range loot {
		if len(id) >= 16 && strings.Contains(line, id) {
			return true
		}
	}
	return false
}

func (h *house) tables(t *testing.T) (out []string) {
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`
	if h.onPostgres {
		query = `SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename`
	}
	rows, err := h.store.Database().Read.Query(query)
	intaketest.Must(t, err)
	defer rows.Close()
	for rows.Next() {
		var name string
		intaketest.Must(t, rows.Scan(&name))
		out = append(out, name)
	}
	intaketest.Must(t, rows.Err())
	return out
}

// firstDifference is the first place in which two texts differ, with what stands around it.
func firstDifference(a, b string) string {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	around := func(s string) string {
		return strings.ToValidUTF8(s[max(0, at-200):min(len(s), at+100)], "")
	}
	return around(a) + "\n---\n" + around(b)
}

// treasure is something of everything that the house's first desk has, by its name.
func (h *house) treasure() map[string]string {
	h.t.Helper()
	loot := map[string]string{"li": "li", "zhao": "zhao"}
	h.endings(loot)
	li, wang := h.login("li"), h.login("wang")
	h.waiting(loot, li, wang)
	h.bookish(loot, li)
	zhao := h.login("zhao")
	zhao.device("办公室")
	loot["passkey"] = passkeyID.FindStringSubmatch(zhao.page("/account"))[1]
	h.login("li")
	loot["session"] = cut(h.t, li.page("/account"), `name="session" value="`)
	li.act("/views", "query", "urgent=1", "name", "急")
	loot["view"] = cut(h.t, li.page("/?urgent=1"), "/views/")
	loot["keyed"] = cut(h.t, li.act("/tips/new", "channel", "phone", "source", "public", "category", "ok-house", "place", "411422207201", "text", "来电反映", "reply", "receipt"), "/tips/")
	row, err := h.store.AuditPage(h.t.Context(), intake.AuditFilter{Desk: intaketest.Desk, Member: "li", Limit: 1})
	intaketest.Must(h.t, err)
	loot["row"] = row[0].Hash
	loot["day"] = h.clock.Now().AddDate(0, 0, 40).Format(time.DateOnly)
	return loot
}

// endings are what is destroyed, may be, or is to be.
func (h *house) endings(loot map[string]string) {
	li := h.login("li")
	spam := func() string {
		tip := h.tip().ID
		li.page("/tips/" + tip) // what nobody opened isn't destroyed alone
		li.act("/tips/"+tip+"/state", "state", "spam", "reason", "test")
		return tip
	}
	later, together := spam(), spam()
	loot["old"], loot["destroyed"], loot["doomed"] = spam(), spam(), spam()
	h.forget()
	h.clock.Add(31 * 24 * time.Hour)
	li = h.login("li")
	sun := h.login("sun")
	asked := func(path string) string {
		li.act(path, "reason", "period_over")
		return cut(h.t, sun.page("/retention"), `/destructions/`)
	}
	lift := map[string]string{}
	for _, tip := range []string{loot["old"], later} { // so that they aren't destroyed together with the first
		li.act("/tips/"+tip+"/holds", "why", "先留着")
		lift[tip] = "/tips/" + tip + "/holds/" + cut(h.t, li.page("/tips/"+tip), "/tips/"+tip+"/holds/") + "/lift"
	}
	loot["certificate"] = asked("/tips/" + loot["destroyed"] + "/destruction")
	sun.act("/destructions/"+loot["certificate"], "do", "approve")
	loot["destruction"] = asked("/tips/" + loot["doomed"] + "/destruction")
	li.act("/retention/spam", "reason", "period_over")
	batch := func(tip string) (id string) {
		intaketest.Must(h.t, h.store.Database().Read.QueryRow(`SELECT batch FROM destructions WHERE tip = $1`, tip).Scan(&id))
		return id
	}
	loot["batch done"] = batch(together)
	sun.act("/destructions/"+loot["batch done"], "do", "approve")
	li.act(lift[later])
	li.act("/retention/spam", "reason", "period_over")
	loot["batch"] = batch(later)
	li.act(lift[loot["old"]])
}

// waiting is what waits for somebody, and a tip in every state that a route asks for.
func (h *house) waiting(loot map[string]string, li, wang *browser) {
	at := intaketest.Desk
	var picture bytes.Buffer
	intaketest.Must(h.t, png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 2, 2))))
	loot["tip"] = h.tip(reachable(at), func(r *intake.Report) {
		r.Files = files(intake.File{Name: "a.png", Type: "image/png", Body: &picture})
	}).ID
	for _, name := range []string{"fresh", "leaving", "merged", "done", "accepted", "extended", "refused", "refused2", "opened", "asked", "told"} {
		loot[name] = h.tip(reachable(at)).ID
	}
	h.limits.Verdict = intake.Verdict{Hold: true}
	for _, name := range []string{"held", "held2", "held3"} {
		loot[name] = h.tip().ID
	}
	h.limits.Verdict = intake.Verdict{}
	loot["fetch"], loot["flood"] = intake.NewID(), intake.NewID()
	for _, row := range []struct {
		query string
		args  []any
	}{{`INSERT INTO fetches (id, tip, gateway, n, day, state, cause, tries, again) VALUES ($1, $2, 'city', 1, '2026-12-25', 'failed', 'gone', 3, 0)`, []any{loot["fetch"], loot["tip"]}},
		{`INSERT INTO floods (tip, grp, until) VALUES ($1, $2, '2027-12-31')`, []any{loot["held"], loot["flood"]}}} {
		_, err := h.store.Database().Write.Exec(row.query, row.args...)
		intaketest.Must(h.t, err)
	}
	for _, name := range []string{"done", "accepted", "extended"} {
		li.act("/tips/"+loot[name]+"/state", "state", "accepted", "department", "agriculture")
	}
	li.act("/tips/"+loot["done"]+"/state", "state", "in_ledger")
	li.act("/tips/"+loot["done"]+"/state", "state", "concluded")
	li.act("/tips/"+loot["merged"]+"/merge", "into", loot["tip"])
	li.act("/tips/"+loot["tip"]+"/holds", "why", "审计要看")
	loot["hold"] = cut(h.t, li.page("/tips/"+loot["tip"]), "/tips/"+loot["tip"]+"/holds/")
	li.act("/tips/"+loot["tip"]+"/looks", "kind", "retaliation", "until", "2027-02-01")
	loot["look"] = cut(h.t, li.page("/tips/"+loot["tip"]), "/tips/"+loot["tip"]+"/looks/")
	li.act("/tips/"+loot["extended"]+"/extension", "until", "2027-02-20", "reason", "season", "note", "等小麦收割", "letter", "需要更多时间。")
	loot["extension"] = cut(h.t, h.login("sun").page("/deadlines"), "/extensions/")
	loot["handover"] = h.handover(at, "county", li)
	li.act("/tips/"+loot["opened"]+"/identity", "reason", "需要核实")
	wang.act("/custody/" + cut(h.t, wang.page("/custody"), "/custody/") + "/approve")
	li.act("/tips/"+loot["asked"]+"/identity", "reason", "需要核实")
	loot["request"] = cut(h.t, wang.page("/custody"), "/custody/")
	li.act("/tips/"+loot["told"]+"/messages", "text", "请补充材料")
	answers, err := h.store.Dispatches(h.t.Context(), at, loot["told"], 9)
	intaketest.Must(h.t, err)
	loot["dispatch"] = answers[0].ID
	for _, name := range []string{"refused", "refused2"} {
		li.act("/tips/"+loot[name]+"/state", "state", "declined", "reason", "unclear")
	}
}

// bookish is what the ledger has.
func (h *house) bookish(loot map[string]string, li *browser) {
	loot["parcels"], loot["map"], loot["ledger map"], loot["number"] = "spring-batch-2026-11", "county-template-parcels", "county-template-ledger", "2026-farmland-0007"
	_, err := h.ledger.ImportParcels(h.t.Context(), []ledger.Parcel{{Desk: intaketest.Desk, Batch: loot["parcels"], Number: "TB-1", Place: "411422207201", Category: "ok-house", DueOn: "2027-01-01", State: "pending", ImportedOn: "2026-12-25"}}, nil)
	intaketest.Must(h.t, err)
	for kind, name := range map[book.Kind]string{book.Parcels: loot["map"], book.Ledger: loot["ledger map"]} {
		by := casework.Actor{Name: "li", Desk: intaketest.Desk, Roles: []string{members.Handler}}
		intaketest.Must(h.t, h.book.SaveMap(h.t.Context(), by, kind, book.SavedMap{Name: name, Mapping: book.Mapping{"a": "number"}}))
	}
	h.followed()
	events := intake.Events{Source: "https://tips.example.org", Loc: intaketest.Loc(), Now: h.clock.Now}
	intaketest.Must(h.t, h.ledger.Outcome(h.t.Context(), ledger.Outcome{Tip: loot["accepted"], Desk: intaketest.Desk, State: intake.LedgerNumbered, Number: loot["number"]}, events))
}

// cut is what stands on a page behind a text, up to what can't be of a name.
func cut(t testing.TB, page, behind string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, behind)
	name, _, _ := strings.Cut(rest, `"`)
	name, _, _ = strings.Cut(name, "/")
	if !ok || name == "" {
		t.Fatalf("nothing behind %s on\n%s", behind, page)
	}
	return name
}
