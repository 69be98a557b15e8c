package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestADestructionOutlivesItsBackups: a backup is made, then a tip is destroyed by two. Whoever restores that
// backup, with the register beside it or given later, gets all else and not that tip: its words are in no
// file and no row, its receipt opens nothing, its end and the counts stay.
func TestADestructionOutlivesItsBackups(t *testing.T) {
	t.Parallel()
	in := placeOn(t, t.TempDir(), generousLimits...)
	in.init("li:handler", "wang:custodian", "sun:supervisor")
	in.start()
	known := map[string]bool{}
	receipt := in.photoReport("村北有人连夜打地基，请尽快来看")
	tip := in.tipOf(known)
	other := in.report(url.Values{"text": {"村南的水塘被填了一半"}})
	in.tipOf(known)
	in.oldSpam(tip)
	in.stop()
	key, folder := filepath.Join(in.dir, "recovery"), filepath.Join(in.dir, "backups")
	recipient, err := recoveryKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(folder, "before.age")
	in.run("backup", "--out", archive, "--recipient", recipient)
	words, counts := in.sealedOf(tip), in.counters()

	li, sun := in.as("li", handlerPass), in.as("sun", secondPass)
	if out, err := in.try(append([]string{"retention", "approve", tip}, sun...)...); err == nil {
		t.Fatalf("one alone destroyed: %s", out)
	}
	in.run(append([]string{"tip", "show", tip}, li...)...)
	in.run(append([]string{"retention", "ask", tip}, li...)...)
	in.run(append([]string{"retention", "approve", tip}, sun...)...)
	in.isDestroyed(tip, words, counts)

	away := filepath.Join(in.dir, "away.age") // a copy without its register
	if err := os.Link(archive, away); err != nil {
		t.Fatal(err)
	}
	register := filepath.Join(folder, registerFile)
	for name, restore := range map[string]func(twin *instance){
		"beside": func(twin *instance) {
			if out := twin.run("restore", "--in", archive, "--identity", key); !strings.Contains(out, "destroyed again  1 tip,") {
				t.Errorf("%s", out)
			}
		},
		"later": func(twin *instance) {
			if out := twin.run("restore", "--in", away, "--identity", key, "--keys", folder); !strings.Contains(out, "no register of destructions") {
				t.Errorf("%s", out)
			}
			if got := twin.sealedOf(tip); len(got) != len(words) {
				t.Errorf("the backup held %d sealed texts of %d", len(got), len(words))
			}
			twin.run("retention", "replay", "--destroyed", register)
		},
	} {
		t.Run(name, func(t *testing.T) {
			twin := in.beside()
			restore(twin)
			twin.isDestroyed(tip, words, counts)
			if out, err := twin.try(append([]string{"tip", "show", tip}, li...)...); err == nil || !strings.Contains(out, "destroyed") {
				t.Errorf("it shows: %v %s", err, out)
			}
			if out := twin.run(append([]string{"retention", "certificate", tip}, sun...)...); !strings.Contains(out, "approved by") || !strings.Contains(out, "sun") {
				t.Errorf("its certificate: %s", out)
			}
			if out := twin.run("audit", "verify"); !strings.Contains(out, "1 more is a register's, behind a restore: who asked and approved stands in no row here: "+tip) {
				t.Errorf("%s", out)
			}
			twin.start()
			defer twin.stop()
			if status, _ := twin.look(receipt); status != http.StatusNotFound {
				t.Errorf("its receipt: %d", status)
			}
			if status, _ := twin.look(other); status != http.StatusOK {
				t.Errorf("the other tip's receipt: %d", status)
			}
			twin.run("doctor")
		})
	}
}

// oldSpam marks a tip as spam, long ago, and waits until the ledger knows.
func (in *instance) oldSpam(tip string) {
	in.t.Helper()
	in.login("li", handlerPass).act("/tips/"+tip+"/state", url.Values{"state": {"spam"}, "reason": {"test"}})
	until(in.t, 10*time.Second, "the ledger has what was decided", func() bool { return in.disposed(tip) == "spam" })
	in.write(`UPDATE history SET day = '2020-01-01' WHERE tip = $1`, tip)
	in.write(`UPDATE tips SET received_on = '2020-01-01' WHERE id = $1`, tip)
	in.write(`DELETE FROM reviews WHERE tip = $1`, tip)
	in.write(`UPDATE tips SET unread = 0 WHERE id = $1`, tip)
}

// write changes rows beside the program.
func (in *instance) write(query string, args ...any) {
	in.t.Helper()
	if _, err := in.sqlite().ExecContext(in.t.Context(), query, args...); err != nil {
		in.t.Fatal(err)
	}
}

// sealedOf are the ends of a tip's sealed texts and small files, which no other text has, and the names of its files.
func (in *instance) sealedOf(tip string) (out [][]byte) {
	in.t.Helper()
	db := in.sqlite()
	defer db.Close()
	rows, err := db.QueryContext(in.t.Context(), `SELECT sealed FROM parts WHERE tip = $1 UNION ALL SELECT inline FROM containers WHERE tip = $1 AND inline IS NOT NULL`, tip)
	if err != nil {
		in.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text sql.RawBytes
		if err := rows.Scan(&text); err != nil {
			in.t.Fatal(err)
		}
		out = append(out, bytes.Clone(text[len(text)-32:]))
	}
	return out
}

// counters are what the program keeps of counts, as text.
func (in *instance) counters() (out string) {
	in.t.Helper()
	db := in.sqlite()
	defer db.Close()
	if err := db.QueryRowContext(in.t.Context(), `SELECT GROUP_CONCAT(desk || lane || state || n) FROM (SELECT desk, lane, state, n FROM counters WHERE n > 0 ORDER BY 1, 2, 3)`).Scan(&out); err != nil {
		in.t.Fatal(err)
	}
	return out
}

// isDestroyed: nothing of a tip's words stands in the data folder, and its end does in both lists.
func (in *instance) isDestroyed(tip string, words [][]byte, counts string) {
	in.t.Helper()
	if len(words) < 3 {
		in.t.Fatalf("%d sealed texts: too few to look for", len(words))
	}
	err := filepath.WalkDir(in.data(), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, w := range words {
			if bytes.Contains(content, w) {
				in.t.Errorf("%s holds what was destroyed", path)
			}
		}
		if strings.Contains(path, tip) {
			in.t.Errorf("%s is there", path)
		}
		return err
	})
	if err != nil {
		in.t.Fatal(err)
	}
	db := in.sqlite()
	defer db.Close()
	var state, on, texts string
	if err := db.QueryRowContext(in.t.Context(), `SELECT state, destroyed_on, (SELECT COUNT(*) FROM parts WHERE tip = id) || (SELECT COUNT(*) FROM receipts WHERE tip = id) FROM tips WHERE id = $1`, tip).Scan(&state, &on, &texts); err != nil {
		in.t.Fatal(err)
	}
	if got := in.counters(); state != "spam" || on == "" || texts != "00" || got != counts || in.disposed(tip) != "spam" {
		in.t.Errorf("%s, destroyed on %q, %s rows, counts %s and before %s, in the ledger %s", state, on, texts, got, counts, in.disposed(tip))
	}
}

// TestScrubIsRepeated: a reader keeps the file from being written anew behind a key's destruction. It is noted in the
// rows, doctor says so, and the next start does it: then the secret's copies stand in no byte of the file.
func TestScrubIsRepeated(t *testing.T) {
	t.Parallel()
	in := placeOn(t, t.TempDir(), generousLimits...)
	in.init("li:handler", "wang:custodian", "sun:supervisor")
	li, sun := in.as("li", handlerPass), in.as("sun", secondPass)
	copies := in.grants()
	in.run(append([]string{"keys", "rotate", "--role", "handler"}, li...)...)
	destroy := []string{"keys", "destroy", "--role", "desk", "--epoch", "1"}
	in.run(append(destroy, li...)...)
	db := in.sqlite()
	reader, err := db.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reader.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM grants`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	in.run(append(destroy, sun...)...)
	if out := in.run("doctor"); !strings.Contains(out, "for the database's files to be written anew") {
		t.Errorf("doctor: %s", out)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	if !in.holds(copies) {
		t.Error("nothing is left of the copies: the test holds nothing up")
	}
	in.start()
	until(t, 20*time.Second, "the file written anew", func() bool {
		err := db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM epochs WHERE scrubbed_on = ''`).Scan(&n)
		return err == nil && n == 0
	})
	in.stop()
	if in.holds(copies) {
		t.Error("the secret's copies stand in the file")
	}
	if out := in.run("doctor"); !strings.Contains(out, "nothing of it is left") {
		t.Errorf("doctor: %s", out)
	}
}

// grants are the sealed copies of the desk's first key.
func (in *instance) grants() (out [][]byte) {
	in.t.Helper()
	rows, err := in.sqlite().QueryContext(in.t.Context(), `SELECT sealed FROM grants WHERE role = 'desk:main' AND version = 1`)
	if err != nil {
		in.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text []byte
		if err := rows.Scan(&text); err != nil {
			in.t.Fatal(err)
		}
		out = append(out, text[len(text)-32:])
	}
	if len(out) == 0 {
		in.t.Fatal(fmt.Errorf("no grants"))
	}
	return out
}

// holds says whether the database's files hold any of the texts.
func (in *instance) holds(texts [][]byte) bool {
	in.t.Helper()
	files, err := filepath.Glob(filepath.Join(in.data(), databaseFile+"*"))
	if err != nil {
		in.t.Fatal(err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			in.t.Fatal(err)
		}
		for _, text := range texts {
			if bytes.Contains(content, text) {
				return true
			}
		}
	}
	return false
}
