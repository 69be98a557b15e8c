package main

import (
	"database/sql"
	"net/http"
	"net/smtp"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// sqlite opens the instance's database beside the running program.
func (in *instance) sqlite() *sql.DB {
	in.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(in.data(), databaseFile)+"?_busy_timeout=20000")
	if err != nil {
		in.t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	in.t.Cleanup(func() { db.Close() })
	return db
}

// TestDatabaseAway holds the database's lock for longer than anybody waits: the
// web keeps the form and says when to come back, SMTP and hook ask for another
// delivery, and nothing of it was kept.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	in := install(t, smsEnv)
	in.start()
	db := in.sqlite()
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	const words = "村北的地上正在打地基"
	const callback = `[{"phone_number":"13800000001","content":"河边在挖鱼塘","send_time":"2026-11-24 08:00:00","dest_code":"1069","sequence_id":7}]`
	var wg sync.WaitGroup
	wg.Go(func() {
		resp, err := http.PostForm("http://"+in.public+"/report", url.Values{"text": {words}, "name": {"张三"}})
		if err != nil {
			t.Error(err)
			return
		}
		if page := readAll(t, resp); resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" || !strings.Contains(page, words) || !strings.Contains(page, "张三") {
			t.Errorf("web: %d, Retry-After %q, the form kept: %v", resp.StatusCode, resp.Header.Get("Retry-After"), strings.Contains(page, words))
		}
	})
	wg.Go(func() {
		err := smtp.SendMail(in.smtp, nil, "a@example.org", []string{"tips@localhost"}, []byte("Subject: x\r\n\r\nx\r\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "451") {
			t.Errorf("SMTP answered %v, want 451", err)
		}
	})
	wg.Go(func() {
		resp, err := http.Post("http://"+in.public+"/hooks/sms/city?key=k3y-of-the-city-gateway", "application/json", strings.NewReader(callback))
		if err != nil {
			t.Error(err)
			return
		}
		if readAll(t, resp); resp.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("the hook answered %d, want 503", resp.StatusCode)
		}
	})
	wg.Wait()
	if _, err := db.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	in.report(url.Values{"text": {words}})
	in.sms(callback)
	in.mail("a@example.org", "Subject: x\r\n\r\nx\r\n")
	until(t, 15*time.Second, "three tips in the ledger", func() bool { return len(in.ledger()) >= 3 })
	if n := len(in.ledger()); n != 3 {
		t.Errorf("%d tips, want 3: what was refused was kept as well", n)
	}
}

// TestRedisAway: tips are taken while Redis is away and reach the ledger when it
// is back.
func TestRedisAway(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	in := install(t, "TIPLINE_REDIS="+r.URL())
	in.start()
	in.report(url.Values{"text": {"一"}})
	until(t, 15*time.Second, "the first tip in the ledger", func() bool { return len(in.ledger()) == 1 })
	r.Kill()
	receipt := in.report(url.Values{"text": {"二"}})
	if status, _ := in.look(receipt); status != http.StatusOK {
		t.Errorf("the receipt doesn't open: %d", status)
	}
	in.waitFor("http://"+in.ops+"/readyz", http.StatusServiceUnavailable)
	if n := strings.Count(in.log(), "Redis is away"); n == 0 {
		t.Error("the log doesn't tell that Redis is away")
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, 60*time.Second, "both tips in the ledger", func() bool { return len(in.ledger()) == 2 })
	if out := in.run("doctor"); !strings.Contains(out, "received 2 = in ledger 2") {
		t.Errorf("doctor:\n%s", out)
	}
	if out := in.run("queue"); !strings.Contains(out, "tipline:ledger") {
		t.Errorf("queue:\n%s", out)
	}
}

// TestDoctorNamesWhatIsMissing takes a row out of the ledger, and has it told again.
func TestDoctorNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.start()
	in.report(url.Values{"text": {"一"}})
	in.report(url.Values{"text": {"二"}})
	until(t, 15*time.Second, "both tips in the ledger", func() bool { return len(in.ledger()) == 2 })
	in.stop()
	var lost string
	for lost = range in.ledger() {
		break
	}
	if _, err := in.sqlite().Exec("DELETE FROM ledger_rows WHERE tip = $1", lost); err != nil {
		t.Fatal(err)
	}
	out, err := in.try("doctor")
	if err == nil || !strings.Contains(out, "missing from the ledger (`tipline ledger retell` tells it again): "+lost) {
		t.Errorf("doctor: %v\n%s", err, out)
	}
	in.start()
	in.run("ledger", "retell", "--member", "li", "--passphrase-file", filepath.Join(in.dir, "pass"))
	until(t, 15*time.Second, "both tips in the ledger again", func() bool { return len(in.ledger()) == 2 })
	if out := in.run("doctor"); !strings.Contains(out, "received 2 = in ledger 2") {
		t.Errorf("doctor:\n%s", out)
	}
}
