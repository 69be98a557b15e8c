package desk_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"

	"tipline/configs/locale"
	"tipline/crypto/keyring"
	"tipline/crypto/pseudonym"
	"tipline/crypto/receipt"
	"tipline/intake"
	"tipline/intake/blob"
	"tipline/intake/book"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
	"tipline/intake/ledger"
	"tipline/intake/members"
	"tipline/intake/store"
	"tipline/web/desk"
	"tipline/web/page"
)

// The members of every house under test. "new" was given a printed passphrase.
var crew = []members.NewMember{
	{Name: "li", Roles: []string{members.Handler}, Passphrase: phrase("li")},
	{Name: "zhao", Roles: []string{members.Handler}, Passphrase: phrase("zhao")},
	{Name: "wang", Roles: []string{members.Custodian}, Passphrase: phrase("wang")},
	{Name: "sun", Roles: []string{members.Supervisor}, Passphrase: phrase("sun")},
	{Name: "qian", Roles: []string{members.Auditor}, Passphrase: phrase("qian")},
	{Name: "boss", Roles: []string{members.Administrator}, Passphrase: phrase("boss")},
	{Name: "new", Roles: []string{members.Handler}, Passphrase: phrase("new"), MustChange: true},
}

func phrase(name string) string { return "granary lantern otter " + name }

// founded is a database with the crew in it. Their keys are slow to make, so it
// is made once and copied for every test.
var founded = sync.OnceValues(func() (string, error) { return found(crew, intaketest.Desk) })

// found makes a database with members in it, for desks.
func found(crew []members.NewMember, desks ...string) (string, error) {
	dir, err := os.MkdirTemp("", "tipline-desk-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "tips.db")
	clock := intaketest.NewClock()
	st, err := store.Open(context.Background(), store.Options{Path: path, Loc: intaketest.Loc(), Now: clock.Now})
	if err != nil {
		return "", err
	}
	if _, err := service(st, clock, desks).Setup(context.Background(), crew, nil); err != nil {
		return "", err
	}
	return path, st.Close()
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, made := range []func() (string, error){founded, foundedTwo} {
		if path, err := made(); err == nil {
			_ = os.RemoveAll(filepath.Dir(path))
		}
	}
	os.Exit(code)
}

const passkeyOrigin = "https://desk.example.org"

func service(st *store.Store, clock *intaketest.Clock, desks intake.Desks) *members.Service {
	passkeys, err := members.NewRelyingParty(passkeyOrigin, "样例")
	if err != nil {
		panic(err)
	}
	return members.New(members.Deps{Store: st, Vault: keyring.NewCheapVault(2), Desks: desks, Loc: intaketest.Loc(), Now: clock.Now, Passkeys: passkeys})
}

// house is a desk over a real store, with everything a test may want to reach.
type house struct {
	t          testing.TB
	onPostgres bool
	desks      intake.Desks
	clock      *intaketest.Clock
	store      *store.Store
	members    *members.Service
	sessions   *members.Sessions
	door       *intake.Service
	casework   *casework.Service
	book       *book.Service
	ledger     *ledger.Ledger
	limits     *intaketest.Limits
	logged     *strings.Builder
	options    desk.Options
	http.Handler
}

func open(t testing.TB, change ...func(*desk.Options)) *house {
	t.Helper()
	return openAt(t, founded, intake.Desks{intaketest.Desk}, change...)
}

// openAt is a house over a copy of a database that was made for desks.
func openAt(t testing.TB, founded func() (string, error), desks intake.Desks, change ...func(*desk.Options)) *house {
	t.Helper()
	path, err := founded()
	intaketest.Must(t, err)
	dir := t.TempDir()
	db, err := os.ReadFile(path)
	intaketest.Must(t, err)
	intaketest.Must(t, os.WriteFile(filepath.Join(dir, "tips.db"), db, 0o600))
	h := &house{t: t, desks: desks, clock: intaketest.NewClock(), limits: &intaketest.Limits{}, logged: &strings.Builder{}}
	h.store, err = store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "tips.db"), Loc: intaketest.Loc(), Now: h.clock.Now})
	intaketest.Must(t, err)
	t.Cleanup(func() { intaketest.Must(t, h.store.Close()) })
	blobs, err := blob.Open(filepath.Join(dir, "blobs"), blob.Options{Loc: intaketest.Loc(), Now: h.clock.Now})
	intaketest.Must(t, err)
	t.Cleanup(func() { intaketest.Must(t, blobs.Close()) })
	h.members = service(h.store, h.clock, h.desks)
	h.sessions = members.NewSessions(h.members)
	h.work(blobs)
	h.serve(change...)
	return h
}

// work puts the door and the casework over the stores.
func (h *house) work(blobs *blob.Dir) {
	keys, err := roleKeys(h.store, h.desks)
	intaketest.Must(h.t, err)
	events := intake.Events{Source: "https://tips.example.org", Loc: intaketest.Loc(), Now: h.clock.Now}
	h.door = intake.NewService(intake.Deps{Store: h.store, Blobs: blobs, Limits: h.limits, Vocabulary: vocabulary{}, Router: keyedDesk{}, Keys: keys,
		Clean: intaketest.Clean, Deadlines: intaketest.Deadlines{}, Pepper: receipt.NewPepper(), Tags: pseudonym.NewKey(), Events: events,
		Loc: intaketest.Loc(), Now: h.clock.Now, MaxFiles: 5, MaxBytes: 1 << 20})
	h.casework = casework.New(casework.Deps{Store: h.store, Blobs: blobs, Keys: keys, Desks: h.desks, Events: events, Deadlines: intaketest.Deadlines{}, Codes: codes{}, Parcel: func(n string) []byte { return []byte("tag " + n) },
		Retention: casework.Retention{Days: map[intake.State]int{intake.StateSpam: 30}, Backups: 35},
		Submit:    h.door.Submit, Loc: intaketest.Loc(), Now: h.clock.Now, Refusals: casework.Refusals{Mode: casework.ReviewAfter}})
	h.ledger, err = ledger.Open(h.t.Context(), h.store.Database())
	intaketest.Must(h.t, err)
	h.book = book.New(book.Deps{Ledger: h.ledger, TakeDown: h.casework.TakeDown, Check: h.door.Check, Keys: keys, Words: sheetWords{}, Mentions: h.casework.Mentions, PutOff: h.casework.PutOff, OfParcel: h.casework.OfParcel, Log: h.store, Tag: pseudonym.NewKey().Tag, Cadres: []string{"村支书"},
		Acceptance: intaketest.Deadlines{}.Acceptance,
		Conclusion: func(d string, from intake.Date, _ ...intake.Pause) intake.Date {
			return intaketest.Deadlines{}.Conclusion(d, from, from)
		}, Record: h.store.AppendAudit, Head: h.store.AuditHead,
		Events: events, Loc: intaketest.Loc(), Now: h.clock.Now})
}

// sheetWords are how sheets name the codes of content.
type sheetWords struct{}

func (sheetWords) Code(kind, text string) (string, bool) {
	code, ok := map[string]string{"category建房": "ok-house", "source媒体报道": "ok-media", "stateverifying": "verifying", "statepending": "pending"}[kind+text]
	return code, ok
}

func (sheetWords) Labels(lang string) ledger.Labels {
	return ledger.Labels{Title: "台账", Heading: func(key string) string { return sheetWords{}.Heading(lang, key) }, Code: func(_, code string) string { return code },
		Place: func(string) (string, string, string) { return "乡", "村", "" }}
}

func (sheetWords) Text(_, id string, _ ...any) string               { return id }
func (sheetWords) Phases(string, intake.Date, intake.Date) []string { return nil }

func (sheetWords) Place(text string) (string, bool) {
	return "411422207201", text == "村" || text == "411422207201"
}
func (sheetWords) Heading(_, column string) string { return column }
func (sheetWords) Languages() []string             { return []string{"zh-CN", "en"} }

// before makes refusals wait for a second reviewer.
func (h *house) before(o *desk.Options) {
	d := o.Casework.Deps
	d.Refusals.Mode = casework.ReviewBefore
	o.Casework = casework.New(d)
}

func (h *house) serve(change ...func(*desk.Options)) {
	messages, err := locale.Load()
	intaketest.Must(h.t, err)
	h.options = desk.Options{Casework: h.casework, Book: h.book, Members: h.members, Sessions: h.sessions, Content: content(), BaseURL: "http://desk.example.org", ReceiptURL: "https://t.example.org/receipt", MaxFiles: 5, MaxBytes: 1 << 20,
		Bundle: messages.WithMissing(func(lang, id string) { h.t.Errorf("no message %s in %s", id, lang) }),
		Log:    slog.New(slog.NewTextHandler(h.logged, nil)), Loc: intaketest.Loc(), Now: h.clock.Now,
		Suggest: keyring.Passphrase,
		Origin:  func(r *http.Request) string { return r.RemoteAddr }}
	for _, c := range change {
		c(&h.options)
	}
	h.Handler, err = desk.New(h.options)
	intaketest.Must(h.t, err)
}

func content() desk.Content {
	text := func(s string) page.Text { return page.Text{"zh-CN": s, "en": s} }
	return desk.Content{Office: text("示范乡受理台"),
		Categories:  []page.Choice{{Code: "ok-house", Label: text("建房")}, {Code: "unknown", Label: text("不清楚")}},
		Conduct:     []page.Choice{{Code: "ok-before", Label: text("未批先建")}},
		Sources:     []page.Choice{{Code: "public", Label: text("群众举报")}, {Code: "ok-media", Label: text("媒体报道")}},
		Departments: []page.Choice{{Code: "agriculture", Label: text("农业农村")}, {Code: "housing", Label: text("住建")}},
		Places: page.Places{{Code: "411422", Level: "county", Name: text("县")}, {Code: "411422207", Parent: "411422", Level: "township", Name: text("乡")},
			{Code: "411422207201", Parent: "411422207", Level: "village", Name: text("村")}},
		Answers: []desk.Answer{{Code: "thanks", States: []intake.State{intake.StateReceived}, Label: text("收到"), Text: text("您的反映已经收到。")},
			{Code: "later", States: []intake.State{intake.StateConcluded}, Label: text("办结"), Text: text("已经办结。")}},
		Reasons: []desk.Reason{{Code: "unclear", Label: text("内容不清楚"), Letter: text("谢谢您的反映。请补充。")}}}
}

// vocabulary knows the codes of content.
type vocabulary struct{}

func (vocabulary) Category(c string) bool { return c == "ok-house" || c == intake.CategoryUnknown }
func (vocabulary) Conduct(c string) bool  { return c == "ok-before" }
func (vocabulary) Source(c string) bool   { return c == "ok-media" || c == intake.SourcePublic }
func (vocabulary) Place(c string) bool    { return strings.HasPrefix(c, "411422") }

// codes are those of content.
type codes struct{}

func (codes) Reason(c string) bool      { return c == "unclear" }
func (codes) Department(c string) bool  { return c == "agriculture" || c == "housing" }
func (codes) Route(intake.Facts) string { return "agriculture" }

// keyedDesk leaves a report at the desk it is keyed in at, the first for the others.
type keyedDesk struct{}

func (keyedDesk) Route(r *intake.Report) (string, bool) { return cmp.Or(r.Desk, intaketest.Desk), true }

// keys are the recipients that the set-up made, by desk.
type keys map[string]intake.DeskKeys

func (k keys) DeskKeys(desk string) (intake.DeskKeys, error) { return k[desk], nil }

func roleKeys(st *store.Store, desks intake.Desks) (keys, error) {
	stored, err := st.RoleKeys(context.Background())
	if err != nil {
		return nil, err
	}
	out := keys{}
	for _, desk := range desks {
		k := intake.DeskKeys{Version: 1}
		for role, to := range map[string]**age.HybridRecipient{intake.DeskKey(desk): &k.Desk, intake.LedgerKey(desk): &k.Ledger, desks.CustodianKey(desk): &k.Custodian} {
			i := slices.IndexFunc(stored, func(k keyring.RoleKey) bool { return k.Role == role })
			if i < 0 {
				return nil, fmt.Errorf("no key of %s", role)
			}
			if *to, err = stored[i].Parse(); err != nil {
				return nil, err
			}
		}
		out[desk] = k
	}
	return out, nil
}

// tip files a web report.
func (h *house) tip(change ...func(*intake.Report)) intake.Filed {
	h.t.Helper()
	r := &intake.Report{Channel: intake.Web, Category: "ok-house", Place: "411422207201", Words: intake.Words{Text: "村北在打地基"}}
	for _, c := range change {
		c(r)
	}
	f, err := h.door.Submit(h.t.Context(), r)
	intaketest.Must(h.t, err)
	return f
}

// row is a tip's row as it stands.
func (h *house) row(tip string) intake.Tip {
	h.t.Helper()
	t, err := h.store.Tip(h.t.Context(), tip)
	intaketest.Must(h.t, err)
	return t
}

// acts are the acts of the audit chain about a tip, in order.
func (h *house) acts(tip string) (out []string) {
	h.t.Helper()
	rows, err := h.store.AuditRows(h.t.Context(), 0, 100_000)
	intaketest.Must(h.t, err)
	for _, a := range rows {
		if a.Tip == tip {
			out = append(out, a.Member+" "+a.Act)
		}
	}
	return out
}

// browser is one member's browser: it keeps the cookie and follows nothing.
type browser struct {
	h      *house
	cookie *http.Cookie
	name   string // whose it is, once they are in
}

// login opens a session over the login page.
func (h *house) login(name string) *browser {
	h.t.Helper()
	b := &browser{h: h, name: name}
	if w := b.post("/login", "member", name, "passphrase", phrase(name)); w.Code != http.StatusSeeOther || b.cookie == nil {
		h.t.Fatalf("login of %s: %d\n%s", name, w.Code, w.Body)
	}
	return b
}

func (b *browser) do(r *http.Request) *httptest.ResponseRecorder {
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.cookie = c
		if c.MaxAge < 0 {
			b.cookie = nil
		}
	}
	return w
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	return b.do(httptest.NewRequest(http.MethodGet, path, nil))
}

// post sends a form of name, value, name, value.
func (b *browser) post(path string, pairs ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// page gets a page and wants it to be there.
func (b *browser) page(path string) string {
	b.h.t.Helper()
	w := b.get(path)
	if w.Code != http.StatusOK {
		b.h.t.Fatalf("GET %s: %d to %q\n%s", path, w.Code, w.Header().Get("Location"), w.Body)
	}
	return w.Body.String()
}

// act posts and wants the 303 of an act that worked; it returns where to.
func (b *browser) act(path string, pairs ...string) string {
	b.h.t.Helper()
	w := b.post(path, pairs...)
	if w.Code != http.StatusSeeOther || strings.Contains(w.Header().Get("Location"), "/login") {
		b.h.t.Fatalf("POST %s: %d to %q\n%s", path, w.Code, w.Header().Get("Location"), w.Body)
	}
	return w.Header().Get("Location")
}

// insist posts what repeats a report, is warned, and posts it once more. It returns
// where to.
func (b *browser) insist(path string, pairs ...string) string {
	b.h.t.Helper()
	w := b.post(path, pairs...)
	m := regexp.MustCompile(`name="sure" value="(\w+)"`).FindStringSubmatch(w.Body.String())
	if w.Code != http.StatusUnprocessableEntity || m == nil {
		b.h.t.Fatalf("POST %s isn't warned of: %d", path, w.Code)
	}
	return b.act(path, append(pairs, "sure", m[1])...)
}

// forget takes every event out of the outbox, and the reviews that wait.
func (h *house) forget() {
	h.t.Helper()
	for _, table := range []string{"outbox", "reviews"} {
		_, err := h.store.Database().Write.Exec(`DELETE FROM ` + table)
		intaketest.Must(h.t, err)
	}
}
