package main

import (
	"database/sql"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tipline/intake/servertest"
)

// older are installations that programs of before left in testdata/older.
var older = []struct {
	file, receipt string
	tips          []string // a word of each
	copies        []string // what the update keeps of what was there
}{
	{"schema-1", "1375 3240 6628 5921 0979 2194", []string{"正在打地基", "在挖鱼塘"}, []string{"tipline.db.before-1", "tipline.db.before-ledger-2"}},
	{"schema-11-postgres", "0722 6742 9523 1291 3771 3359", []string{"正在打地基"}, []string{"tipline.backup.before-11-4-*"}},
	{"schema-16", "3235 3125 0135 6884 5880 8473", []string{"正在打地基"}, []string{"tipline.db.before-16", "tipline.db.before-ledger-6"}},
}

// TestOlderInstallations starts this program on what an older one wrote: a copy is
// kept, every tip opens, what was under way goes on, and the books balance.
func TestOlderInstallations(t *testing.T) {
	for _, o := range older {
		t.Run(o.file, func(t *testing.T) {
			t.Parallel()
			in := placeOn(t, t.TempDir(), smsEnv)
			in.unpack(o.file)
			key := filepath.Join(in.dir, "key")
			if strings.Contains(o.file, "postgres") {
				in.refusesUncopied(key)
				in.copiesOnce("inlet_last", "tipline.backup.before-11-4-*")
			}
			in.start()
			copies, err := filepath.Glob(filepath.Join(in.data(), "*.before-*"))
			fits := func(got, want string) bool {
				ok, err := filepath.Match(want, filepath.Base(got))
				return ok && err == nil
			}
			if err != nil || !slices.EqualFunc(copies, o.copies, fits) {
				t.Fatalf("copies %v, want %v (%v)", copies, o.copies, err)
			}
			status, answer := in.look(o.receipt)
			if status != http.StatusOK || answer.State != "accepted" || len(answer.Messages) != 1 || answer.Messages[0].Text != "已收到，正在核实。" {
				t.Errorf("the receipt: %d %+v", status, answer)
			}
			li := in.login("li", handlerPass)
			for _, word := range o.tips {
				li.find(word)
			}
			in.goOn(li, li.find(o.tips[0]))
			in.balances(len(o.tips) + 1)
			if strings.Contains(o.file, "postgres") {
				in.grantsRecovery(key)
			}
			in.stop()
			in.refusesNewer()
			if strings.Contains(o.file, "postgres") {
				in.goesBack(copies[0], key, o.receipt)
			}
		})
	}
}

// TestUpdateWithoutCopy goes the other way that a refused update names: the database is copied by its own tools,
// and one start goes without.
func TestUpdateWithoutCopy(t *testing.T) {
	t.Parallel()
	in := placeOn(t, t.TempDir(), smsEnv)
	in.unpack("schema-11-postgres")
	if out, err := in.try("doctor"); err == nil || !strings.Contains(out, "TIPLINE_UPDATE_COPY=false") {
		t.Fatalf("without a recovery recipient: %v\n%s", err, out)
	}
	once := *in
	once.env = append(slices.Clone(in.env), "TIPLINE_UPDATE_COPY=false")
	once.run("doctor")
	if out := in.run("doctor"); !strings.Contains(out, "the next update is refused") {
		t.Errorf("nobody is told of the next one:\n%s", out)
	}
}

// unpack makes the data folder of an older installation, its database as well.
func (in *instance) unpack(file string) {
	in.t.Helper()
	if err := os.Mkdir(in.data(), 0o700); err != nil {
		in.t.Fatal(err)
	}
	if out, err := exec.Command("tar", "-xzf", filepath.Join("testdata", "older", file+".tar.gz"), "-C", in.data()).CombinedOutput(); err != nil {
		in.t.Fatalf("%v: %s", err, out)
	}
	rows := filepath.Join(in.data(), "postgres.sql")
	text, err := os.ReadFile(rows)
	if os.IsNotExist(err) {
		return
	}
	if err != nil {
		in.t.Fatal(err)
	}
	server := servertest.StartPostgres(in.t)
	if err := server.Exec(in.t.Context(), "postgres", "CREATE DATABASE older"); err != nil {
		in.t.Fatal(err)
	}
	if err := server.Exec(in.t.Context(), "older", string(text)); err != nil {
		in.t.Fatal(err)
	}
	in.env = append(in.env, "TIPLINE_DATABASE="+server.URL("postgres", servertest.PostgresPassword, "older"))
}

// refusesUncopied wants a start on PostgreSQL to change nothing as long as no copy can be made, and
// gives the installation a recovery recipient then, whose key it writes into a file.
func (in *instance) refusesUncopied(key string) {
	in.t.Helper()
	for part, want := range map[string]string{"up": "no recovery recipient", "intake": "start `tipline desk`", "ledger follow": "start `tipline desk`"} {
		if out, err := in.try(strings.Fields(part)...); err == nil || strings.Count(out, "\n") != 1 || !strings.Contains(out, want) {
			in.t.Errorf("%s before a copy is made: %v\n%s", part, err, out)
		}
	}
	recipient, err := recoveryKey(key)
	if err != nil {
		in.t.Fatal(err)
	}
	if err := writeNew(filepath.Join(in.data(), recoveryFile), "handler "+recipient+"\n"); err != nil {
		in.t.Fatal(err)
	}
}

// grantsRecovery grants the recovery key that only stands in the file so far, as the refusal said.
func (in *instance) grantsRecovery(key string) {
	in.t.Helper()
	const want = "one handler and no recovery key"
	if out := in.run("doctor"); !strings.Contains(out, want) {
		in.t.Errorf("a key that was granted nothing recovers nothing:\n%s", out)
	}
	text, err := os.ReadFile(filepath.Join(in.data(), recoveryFile))
	if err != nil {
		in.t.Fatal(err)
	}
	pass := filepath.Join(in.dir, "pass")
	if err := os.WriteFile(pass, []byte(handlerPass), 0o600); err != nil {
		in.t.Fatal(err)
	}
	in.run("keys", "recovery", "--role", "handler", "--recipient", strings.Fields(string(text))[1], "--member", "li", "--passphrase-file", pass)
	if out := in.run("doctor"); strings.Contains(out, want) {
		in.t.Errorf("doctor:\n%s", out)
	}
	in.run("member", "rekey", "li", "--identity", key)
}

// copiesOnce wants starts that fail, because a table stands in the way, to write one copy, and another in its
// place once the tables hold more.
func (in *instance) copiesOnce(table, name string) {
	in.t.Helper()
	db := in.database()
	do := func(query string) {
		in.t.Helper()
		if _, err := db.ExecContext(in.t.Context(), query); err != nil {
			in.t.Fatal(err)
		}
	}
	copied := func() string {
		in.t.Helper()
		if out, err := in.try("up"); err == nil || !strings.Contains(out, "nothing was changed") {
			in.t.Fatalf("a table stands in the way: %v\n%s", err, out)
		}
		files, err := filepath.Glob(filepath.Join(in.data(), name))
		if err != nil || len(files) != 1 {
			in.t.Fatalf("copies %v, want one (%v)", files, err)
		}
		return files[0]
	}
	do(`CREATE TABLE ` + table + ` (in_its_way TEXT)`)
	first := copied()
	then := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := os.Chtimes(first, time.Time{}, then); err != nil {
		in.t.Fatal(err)
	}
	if info, err := os.Stat(copied()); err != nil || info.Name() != filepath.Base(first) || !info.ModTime().Equal(then) {
		in.t.Errorf("what was copied already was copied again: %v (%v)", info, err)
	}
	do(`INSERT INTO alerted (tip, way) SELECT id, 'meanwhile' FROM tips`)
	if copied() == first {
		in.t.Error("the copy lacks what came in since")
	}
	do(`DELETE FROM alerted WHERE way = 'meanwhile'`)
	do(`DROP TABLE ` + table)
}

// goesBack restores the copy of before the update into an empty place.
func (in *instance) goesBack(file, key, receipt string) {
	in.t.Helper()
	then := in.beside()
	then.env = without(then.env, "TIPLINE_DATABASE")
	if out := then.run("restore", "--in", file, "--identity", key); !strings.Contains(out, "received 1 = in ledger 1") {
		in.t.Errorf("the copy:\n%s", out)
	}
	then.run("doctor")
	then.start()
	if status, answer := then.look(receipt); status != http.StatusOK || answer.State != "accepted" {
		in.t.Errorf("the receipt in the copy: %d %+v", status, answer)
	}
	then.stop()
}

// find is the tip of the inbox whose page holds a word.
func (b *browser) find(word string) string {
	b.in.t.Helper()
	for tip := range b.tips() {
		if _, page := b.get("/tips/" + tip); strings.Contains(page, word) {
			return tip
		}
	}
	b.in.t.Fatalf("no tip says %q", word)
	return ""
}

// goOn finishes what was under way in the older program: the identity that was asked
// for is approved and opens. And a new report comes in.
func (in *instance) goOn(li *browser, tip string) {
	in.t.Helper()
	in.login("wang", custodianPass).approve("需要联系举报人核实")
	if status, page := li.get("/tips/" + tip + "/identity"); status != http.StatusOK || !strings.Contains(page, "13900000009") {
		in.t.Errorf("the identity: %d\n%s", status, page)
	}
	in.report(url.Values{"text": {"更新以后的一件"}})
	li.find("更新以后的一件")
}

// balances wants every check to pass and n tips in the ledger.
func (in *instance) balances(n int) {
	in.t.Helper()
	in.run("audit", "verify")
	until(in.t, 20*time.Second, "the ledger", func() bool { return len(in.ledger()) == n })
	if out := in.run("doctor"); !strings.Contains(out, "+ waiting 0") {
		in.t.Errorf("doctor:\n%s", out)
	}
}

// database is the tips', until the test's end.
func (in *instance) database() *sql.DB {
	in.t.Helper()
	driver, source := "sqlite", "file:"+filepath.Join(in.data(), databaseFile)
	for _, v := range in.env {
		if url, ok := strings.CutPrefix(v, "TIPLINE_DATABASE="); ok {
			driver, source = "pgx", url
		}
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		in.t.Fatal(err)
	}
	in.t.Cleanup(func() { db.Close() })
	return db
}

// refusesNewer wants this program to keep its hands off a schema it doesn't know.
func (in *instance) refusesNewer() {
	in.t.Helper()
	if _, err := in.database().Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, TRUE)`); err != nil {
		in.t.Fatal(err)
	}
	out, err := in.try("up")
	if err == nil || strings.Count(out, "\n") != 1 || !strings.Contains(out, "run the newer program") {
		in.t.Errorf("up on a newer schema: %v\n%s", err, out)
	}
}
