package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"tipline/intake/servertest"
)

// The parts' users, each with a password of its own.
const rolePassword = "password-of-a-part"

// province is an installation in parts over PostgreSQL and Redis.
type province struct {
	*instance
	postgres *servertest.Postgres
	redis    *servertest.Redis
	database string
	ledgers  string // the ledger's database, the same or its own
	second   string // address of the second intake
	parts    map[string]*child
}

// found sets a province up: users, tables by the desk's, grants from the file
// that is handed out. PostgreSQL gets settings.
func found(t *testing.T, env []string, settings ...string) *province {
	t.Helper()
	return foundWith(t, "tipline", env, settings...)
}

// foundApart gives the ledger a database of its own.
func foundApart(t *testing.T, env []string, settings ...string) *province {
	t.Helper()
	return foundWith(t, "ledger", env, settings...)
}

func foundWith(t *testing.T, ledgers string, env []string, settings ...string) *province {
	t.Helper()
	p := &province{postgres: servertest.StartPostgres(t, settings...), redis: servertest.StartRedis(t, "--appendonly", "yes"), database: "tipline",
		ledgers: ledgers, second: freeAddr(t), parts: map[string]*child{}}
	for _, role := range []string{"desk", "intake", "relay", "ledger"} {
		p.asAdmin(t, "postgres", `CREATE ROLE tipline_`+role+` LOGIN PASSWORD '`+rolePassword+`'`)
	}
	for _, name := range slices.Compact([]string{p.database, p.ledgers}) {
		p.asAdmin(t, "postgres", `CREATE DATABASE `+name+` OWNER tipline_desk`)
	}
	p.instance = install(t, slices.Concat(p.as("desk"), []string{"TIPLINE_REDIS=" + p.redis.URL()}, env)...)
	grants, err := os.ReadFile(filepath.Join("..", "..", "configs", "deploy", "postgres-grants.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Compact([]string{p.database, p.ledgers}) {
		p.asAdmin(t, name, string(grants))
	}
	return p
}

// TestGrantsApart: where the ledger has a database of its own, the one file is run on both, and each has its users' grants.
func TestGrantsApart(t *testing.T) {
	t.Parallel()
	p := found(t, nil)
	p.asAdmin(t, "postgres", `CREATE DATABASE ledger OWNER tipline_desk`)
	p.asAdmin(t, "postgres", `CREATE DATABASE tips OWNER tipline_desk`)
	at := func(name string) string { return p.postgres.URL("tipline_desk", rolePassword, name) }
	install(t, "TIPLINE_DATABASE="+at("tips"), "TIPLINE_LEDGER_DATABASE="+at("ledger"))
	grants, err := os.ReadFile(filepath.Join("..", "..", "configs", "deploy", "postgres-grants.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for name, held := range map[string]string{"tips": `has_table_privilege('tipline_intake', 'tips', 'INSERT')`, "ledger": `has_table_privilege('tipline_ledger', 'ledger_rows', 'UPDATE')`} {
		p.asAdmin(t, name, string(grants))
		p.asAdmin(t, name, `DO $$ BEGIN ASSERT `+held+`; END $$`)
	}
}

func (p *province) asAdmin(t *testing.T, database, statements string) {
	t.Helper()
	if err := p.postgres.Exec(t.Context(), database, statements); err != nil {
		t.Fatal(err)
	}
}

func (p *province) url(role string) string {
	return p.postgres.URL("tipline_"+role, rolePassword, p.database)
}

// as are the databases' settings for a role.
func (p *province) as(role string) []string {
	env := []string{"TIPLINE_DATABASE=" + p.url(role)}
	if p.ledgers != p.database {
		env = append(env, "TIPLINE_LEDGER_DATABASE="+p.postgres.URL("tipline_"+role, rolePassword, p.ledgers))
	}
	return env
}

// parts are the names of a province's processes: the command they run, and a
// number where there are two.
var parts = []string{"intake 1", "intake 2", "desk", "relay 1", "relay 2", "ledger follow"}

// start runs one part, also again after it was killed.
func (p *province) start(name string) {
	p.t.Helper()
	role, _, _ := strings.Cut(name, " ")
	env := p.as(role)
	if name != "intake 1" {
		env = append(env, "TIPLINE_OPS_ADDR=")
	}
	if name == "intake 2" {
		env = append(env, "TIPLINE_PUBLIC_ADDR="+p.second, "TIPLINE_SMTP_ADDR=")
	}
	args := []string{role}
	if role == "ledger" {
		args = append(args, "follow")
	}
	p.parts[name] = p.spawn(env, args...)
}

// open runs every part and waits for those that listen.
func (p *province) open() {
	p.t.Helper()
	for _, name := range parts {
		p.start(name)
	}
	p.waitFor("http://"+p.instance.public+"/", http.StatusOK)
	p.waitFor("http://"+p.second+"/", http.StatusOK)
	p.waitFor("http://"+p.instance.desk+"/login", http.StatusOK)
}

// TestProvince: a tip goes in by either intake, through relay and stream into the
// ledger, is decided at the desk, and each part's database user can do its work.
func TestProvince(t *testing.T) {
	p := found(t, nil)
	p.open()
	var receipts []string
	for n := range 20 {
		if n%2 == 1 {
			p.public, p.second = p.second, p.public
		}
		receipts = append(receipts, p.report(url.Values{"text": {"soil is being dug out by night"}}))
	}
	until(t, 20*time.Second, "the ledger has every tip", func() bool { return len(p.ledger()) == len(receipts) })
	for _, r := range receipts {
		if status, got := p.look(r); status != http.StatusOK || got.State != "received" {
			t.Fatalf("receipt: %d, %+v", status, got)
		}
	}
	p.decide(t)
	if out := p.run("doctor"); !strings.Contains(out, "received 20 = in ledger 20 + held 0 + waiting 0") {
		t.Fatal(out)
	}
}

// TestProvinceRights: every channel, right and wrong, the desk's work and the ledger's answer go through the parts'
// own database users, and PostgreSQL refuses none of what they ask.
func TestProvinceRights(t *testing.T) {
	d, mailbox := startMailbox(t)
	p := found(t, append(slices.Clone(generousLimits), smsSendEnv, mailbox, "TIPLINE_SMTP_RELAY=127.0.0.1:1", `TIPLINE_PUBLIC_PROXIES=["127.0.0.1"]`,
		"TIPLINE_FILES_MAX_BYTES=41943040", "TIPLINE_SPOOL_ENABLED=true"))
	p.open()
	put(t, d, "Message-ID: <1@example.org>\r\nSubject: 占用耕地\r\n\r\n村东头的耕地上建了三间房。\r\n")
	receipts := p.sendCanaries()
	p.failCanaries()
	p.workCanaries()
	until(t, 20*time.Second, "the ledger has what was filed", func() bool { return len(p.ledger()) >= 6 })
	for tip := range p.ledger() {
		p.try("ledger", "outcome", tip, "--state", "numbered", "--number", tip[:6])
	}
	until(t, 20*time.Second, "the reporter sees the ledger's answer", func() bool { _, seen := p.look(receipts[0]); return seen.State == "in_ledger" })
	log, err := p.postgres.Log()
	if err != nil || log == "" || strings.Contains(log, "permission denied") {
		t.Errorf("the grants are too narrow: %v\n%s", err, tail(log))
	}
}

// decide accepts one tip at the desk and waits for the ledger to hear of it.
func (p *province) decide(t *testing.T) {
	t.Helper()
	var tip string
	for id := range p.ledger() {
		tip = id
	}
	desk := p.login("li", handlerPass)
	desk.get("/tips/" + tip)
	desk.act("/tips/"+tip+"/state", url.Values{"state": {"reviewing"}})
	desk.act("/tips/"+tip+"/state", url.Values{"state": {"accepted"}, "department": {"natural_resources"}, "summary": {"soil taken from a field"}})
	until(t, 20*time.Second, "the ledger knows the decision", func() bool {
		row := p.ledger()[tip]
		return row.Disposition != nil && *row.Disposition == "accepted"
	})
}

// TestGrants: what a part has no use for, its database user can't read.
func TestGrants(t *testing.T) {
	p := found(t, nil)
	for role, statements := range map[string][]string{
		"intake": {`SELECT sealed FROM grants`, `SELECT locked FROM members`, `SELECT sealed FROM parts`, `SELECT inline FROM containers`, `SELECT * FROM custody`,
			`SELECT * FROM audit`, `SELECT body FROM outbox`, `SELECT * FROM ledger_rows`, `SELECT * FROM drafts`, `SELECT inner_layer FROM dispatches`, `SELECT answer FROM dispatches`, `UPDATE wishes SET done = 1`, `DELETE FROM parts`, `DELETE FROM tips`, `UPDATE tips SET state = 'spam'`,
			`UPDATE role_keys SET recipient = ''`, `DELETE FROM outbox`, `TRUNCATE history`, `CREATE TABLE x (y INT)`},
		"relay": {`SELECT * FROM tips`, `SELECT * FROM receipts`, `SELECT sealed FROM grants`, `SELECT * FROM members`, `INSERT INTO outbox (id) VALUES ('')`,
			`SELECT * FROM ledger_rows`, `CREATE TABLE x (y INT)`},
		"ledger": {`SELECT * FROM tips`, `SELECT sealed FROM grants`, `SELECT * FROM members`, `SELECT * FROM outbox`, `DELETE FROM ledger_rows`, `CREATE TABLE x (y INT)`},
	} {
		c, err := pgx.Connect(t.Context(), p.url(role))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(t.Context())
		for _, s := range statements {
			if _, err := c.Exec(t.Context(), s); err == nil || !strings.Contains(err.Error(), "42501") {
				t.Errorf("%s may %s: %v", role, s, err)
			}
		}
	}
}
