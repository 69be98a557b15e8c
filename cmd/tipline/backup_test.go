package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/rogpeppe/go-internal/testscript"

	"tipline/intake/servertest"
)

// recoveryKey makes a recovery key and writes its identity file.
func recoveryKey(file string) (recipient string, err error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return "", err
	}
	return id.Recipient().String(), os.WriteFile(file, fmt.Appendf(nil, "# public key: %s\n%s\n", id.Recipient(), id), 0o600)
}

// TestBackupScripts runs backup and restore as an administrator types them; the
// files key and other hold two recovery keys.
func TestBackupScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/backup", Cmds: map[string]func(*testscript.TestScript, bool, []string){"rc": wantCode},
		Setup: func(e *testscript.Env) error {
			if _, err := recoveryKey(filepath.Join(e.WorkDir, "other")); err != nil {
				return err
			}
			recipient, err := recoveryKey(filepath.Join(e.WorkDir, "key"))
			e.Setenv("RECIPIENT", recipient)
			return err
		}})
}

// beside is an empty place for the same office; only one of the two may run.
func (in *instance) beside() *instance {
	twin := *in
	twin.t, twin.dir = in.t, in.t.TempDir()
	twin.logFile = filepath.Join(twin.dir, "log")
	return &twin
}

// load files reports from several sides until stop is called; receipts are those
// that were answered so far.
func (in *instance) load(sides int) (receipts func() []string, stop func()) {
	var mu sync.Mutex
	var answered []string
	var wg sync.WaitGroup
	quit := make(chan struct{})
	for range sides {
		wg.Go(func() {
			for {
				select {
				case <-quit:
					return
				default:
				}
				if r := tryReport(in.public); r != "" {
					mu.Lock()
					answered = append(answered, r)
					mu.Unlock()
				}
			}
		})
	}
	return func() []string { mu.Lock(); defer mu.Unlock(); return slices.Clone(answered) }, func() { close(quit); wg.Wait() }
}

// TestBackupUnderLoad backs up while reports come in. What was answered before it
// began opens in the restored place, and every tip is where it must be.
func TestBackupUnderLoad(t *testing.T) {
	in := install(t, generousLimits...)
	in.start()
	in.backUpUnderLoad(in.beside())
}

// TestBackupAcrossDatabases goes from PostgreSQL to SQLite under load, and back.
func TestBackupAcrossDatabases(t *testing.T) {
	server := servertest.StartPostgres(t)
	var urls [3]string
	for i := range urls {
		var err error
		if urls[i], err = server.Database(); err != nil {
			t.Fatal(err)
		}
	}
	in := install(t, append([]string{"TIPLINE_DATABASE=" + urls[0]}, generousLimits...)...)
	in.start()
	twin := in.beside()
	twin.env = without(in.env, "TIPLINE_DATABASE")
	in.backUpUnderLoad(twin)

	third := twin.beside() // tips and ledger apart
	third.env = append(slices.Clone(twin.env), "TIPLINE_DATABASE="+urls[1], "TIPLINE_LEDGER_DATABASE="+urls[2])
	key := filepath.Join(twin.dir, "key")
	recipient, err := recoveryKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(twin.dir, "again.age")
	twin.run("backup", "--out", file, "--recipient", recipient)
	third.run("restore", "--in", file, "--identity", key)
	if out := third.run("doctor"); !strings.Contains(out, "the next update is refused") {
		t.Errorf("nobody says that an update will be refused:\n%s", out)
	}
	if out, err := third.beside().try("restore", "--in", file, "--identity", key); err == nil || !strings.Contains(out, "isn't empty") {
		t.Errorf("a database with rows was restored into: %v\n%s", err, out)
	}
	if had, has := indexesAt(t, urls[0]), indexesAt(t, urls[1:]...); !slices.Equal(had, has) || len(had) < 50 {
		t.Errorf("%d indexes, and %d before: a restore makes them behind its rows", len(has), len(had))
	}
	third.start() // its events and audit rows are numbered on
	third.report(url.Values{"text": {"再一条"}})
	third.login("li", handlerPass)
	third.run("doctor")
	third.stop()

	fourth := third.beside() // from two databases, as they are apart
	fourth.env = twin.env
	file = filepath.Join(third.dir, "apart.age")
	third.run("backup", "--out", file, "--recipient", recipient)
	fourth.run("restore", "--in", file, "--identity", key)
	fourth.run("doctor")
}

// indexesAt are the indexes of PostgreSQL databases.
func indexesAt(t *testing.T, urls ...string) (out []string) {
	t.Helper()
	for _, url := range urls {
		db, err := sql.Open("pgx", url)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		rows, err := db.QueryContext(t.Context(), `SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()`)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var def string
			if err := rows.Scan(&def); err != nil {
				t.Fatal(err)
			}
			out = append(out, def)
		}
	}
	slices.Sort(out)
	return out
}

// without is an environment without one name.
func without(env []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(e string) bool { return strings.HasPrefix(e, name+"=") })
}

func (in *instance) backUpUnderLoad(twin *instance) {
	t := in.t
	t.Helper()
	key := filepath.Join(in.dir, "pass-key")
	recipient, err := recoveryKey(key)
	if err != nil {
		t.Fatal(err)
	}
	kind, form := canaryUpload(300_000)
	resp, err := http.Post("http://"+in.public+"/report", kind, form)
	if err != nil {
		t.Fatal(err)
	}
	if body := readAll(t, resp); resp.StatusCode != http.StatusOK {
		t.Fatalf("upload: %d\n%s", resp.StatusCode, body)
	}
	receipts, stop := in.load(4)
	until(t, 20*time.Second, "reports come in", func() bool { return len(receipts()) >= 20 })
	before := receipts()
	file := filepath.Join(in.dir, "backup.age")
	said := in.run("backup", "--out", file, "--recipient", recipient)
	stop()
	after := len(receipts())
	in.stop()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	report(t, "backup.age", content, canaryNeedles(before))

	said += twin.run("restore", "--in", file, "--identity", key)
	twin.start()
	for _, r := range before {
		if status, _ := twin.look(r); status != http.StatusOK {
			t.Errorf("a receipt answered before the backup doesn't open: %d", status)
		}
	}
	until(t, 30*time.Second, "the ledger catches up", func() bool { return len(twin.ledger()) >= len(before)+1 })
	twin.run("doctor")
	t.Logf("%d answered before, %d until the end\n%s", len(before), after, said)
	if r := twin.report(url.Values{"text": {"又一条"}}); r == "" {
		t.Error("the restored place takes no report")
	}
	twin.stop()
	if left, err := os.ReadDir(filepath.Join(in.dir, "tmp")); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
	if strings.Contains(said, "files   0,") {
		t.Errorf("the sealed files aren't in it:\n%s", said)
	}
}
