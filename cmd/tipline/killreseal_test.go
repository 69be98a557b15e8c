package main

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
)

// TestKillWhileResealing kills the command at random moments until one run comes to its end. Nothing is
// lost or left: every sealed text opens with the new key alone, the record holds, the old key can be
// destroyed, and a backup finds every file.
func TestKillWhileResealing(t *testing.T) {
	t.Parallel()
	in := placeOn(t, t.TempDir(), generousLimits...)
	in.init("li:handler", "wang:custodian", "sun:handler")
	in.run("sample", "--tips", "150", "--days", "20", "--seed", "3")
	li, sun := in.as("li", handlerPass), in.as("sun", secondPass)
	in.run(append([]string{"keys", "rotate", "--role", "handler"}, li...)...)
	before := in.sealed()
	args := append([]string{"keys", "reseal", "--role", "desk", "--epoch", "1"}, li...)
	kills := 0
	for in.killed(kills, args...) {
		kills++
	}
	if kills < 3 {
		t.Fatalf("%d kills: it was done too soon", kills)
	}
	in.opensWithNewest(before, li)
	in.run("audit", "verify")
	in.run(append([]string{"keys", "destroy", "--role", "desk", "--epoch", "1"}, li...)...)
	in.run(append([]string{"keys", "destroy", "--role", "desk", "--epoch", "1"}, sun...)...)
	in.run("doctor")
	recipient, err := recoveryKey(filepath.Join(in.dir, "recovery"))
	if err != nil {
		t.Fatal(err)
	}
	in.run("backup", "--out", filepath.Join(in.dir, "after.age"), "--recipient", recipient) // fails when a file is missing
	t.Logf("%d kills, %d sealed texts", kills, len(before))
}

// as are the flags by which a member gives a command.
func (in *instance) as(member, passphrase string) []string {
	in.t.Helper()
	file := filepath.Join(in.dir, member+".pass")
	if err := os.WriteFile(file, []byte(passphrase+"\n"), 0o600); err != nil {
		in.t.Fatal(err)
	}
	return []string{"--member", member, "--passphrase-file", file}
}

// killed runs a command and kills it, each time a little later; false is one that came to its end.
func (in *instance) killed(time int, args ...string) bool {
	in.t.Helper()
	var out bytes.Buffer
	c := exec.Command(in.bin, append(args, "--data", in.data())...)
	c.Env, c.Stdout, c.Stderr = in.env, &out, &out
	if err := c.Start(); err != nil {
		in.t.Fatal(err)
	}
	timer := afterMoment(time, func() { c.Process.Kill() })
	err := c.Wait()
	timer.Stop()
	var exit *exec.ExitError
	if err == nil {
		return false
	}
	if !errors.As(err, &exit) || exit.ExitCode() != -1 {
		in.t.Fatalf("%v\n%s", err, &out)
	}
	return true
}

// afterMoment does something at a random moment, behind the time that a passphrase takes.
func afterMoment(n int, do func()) *time.Timer {
	return time.AfterFunc(time.Duration(200+15*n+rand.IntN(150))*time.Millisecond, do)
}

// sealed are the sealed texts of the desk's rows, by their place.
func (in *instance) sealed() map[string][]byte {
	in.t.Helper()
	db, out := in.sqlite(), map[string][]byte{}
	for _, query := range []string{`SELECT tip || compartment || name || n, sealed FROM parts`, `SELECT 'message' || id, sealed FROM messages`, `SELECT 'note' || id, note FROM extensions`,
		`SELECT 'letter' || id, letter FROM extensions WHERE letter IS NOT NULL`, `SELECT 'look' || id, note FROM looks WHERE note IS NOT NULL`,
		`SELECT tip || s.compartment || s.name, SUBSTR(inline, s.start + 1, s.length) FROM containers c JOIN streams s USING (tip, compartment) WHERE inline IS NOT NULL`} {
		rows, err := db.QueryContext(in.t.Context(), query)
		if err != nil {
			in.t.Fatal(err)
		}
		for rows.Next() {
			var place string
			var text []byte
			if err := rows.Scan(&place, &text); err != nil {
				in.t.Fatal(err)
			}
			out[place] = text
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			in.t.Fatal(err)
		}
	}
	return out
}

// opensWithNewest: all that was there opens with the desk's newest key, and with no older one.
func (in *instance) opensWithNewest(before map[string][]byte, as []string) {
	in.t.Helper()
	file := filepath.Join(in.dir, "desk.key")
	in.run(append([]string{"keys", "export", "--role", "desk", "--out", file}, as...)...)
	text, err := os.ReadFile(file)
	if err != nil {
		in.t.Fatal(err)
	}
	ids, err := age.ParseIdentities(strings.NewReader(string(text)))
	if err != nil || len(ids) != 2 {
		in.t.Fatalf("%d versions, %v", len(ids), err)
	}
	after := in.sealed()
	for place := range before {
		for i, id := range ids {
			if _, err := age.Decrypt(bytes.NewReader(after[place]), id); (err == nil) != (i == 0) {
				in.t.Errorf("%s with key %d: %v", place, i, err)
			}
		}
	}
}
