package main

import (
	"net/http"
	"net/smtp"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tipline/crypto/receipt"
	"tipline/intake/servertest"
)

// TestSpool stops the database where it stands: mail and SMS are taken into the
// spool, the web keeps the form and says so in time, and when the database goes on every tip is there
// once, also that which was delivered again meanwhile, and the form that is sent again.
func TestSpool(t *testing.T) {
	t.Parallel()
	server := servertest.StartPostgres(t)
	database, err := server.Database()
	if err != nil {
		t.Fatal(err)
	}
	in := install(t, smsEnv, "TIPLINE_DATABASE="+database, "TIPLINE_SPOOL_ENABLED=true")
	in.start()
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	const callback = `[{"phone_number":"13800000001","content":"河边在挖鱼塘","send_time":"2026-11-24 08:00:00","dest_code":"1069","sequence_id":7}]`
	var wg sync.WaitGroup
	wg.Go(func() { in.sms(callback); in.sms(callback) })
	wg.Go(func() {
		if err := smtp.SendMail(in.smtp, nil, "a@example.org", []string{"tips@localhost"}, []byte("Subject: x\r\n\r\nx\r\n")); err != nil {
			t.Error(err)
		}
	})
	report := url.Values{"text": {"村北的地上正在打地基"}, "token": {"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"}}
	look := url.Values{"receipt": {receipt.New().Grouped()}, "text": {"又来了一台挖掘机"}}
	for path, form := range map[string]url.Values{"/report": report, "/receipt": look} {
		wg.Go(func() {
			began := time.Now()
			resp, err := http.PostForm("http://"+in.public+path, form)
			if err != nil {
				t.Error(err)
				return
			}
			page, took := readAll(t, resp), time.Since(began)
			if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" || !strings.Contains(page, form.Get("text")) || took > 12*time.Second {
				t.Errorf("%s: %d after %v", path, resp.StatusCode, took)
			}
		})
	}
	wg.Wait()
	if out := in.spooledFiles(); out != 2 {
		t.Errorf("%d files in the spool, want 2", out)
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.PostForm("http://"+in.public+"/report", report)
	if err != nil {
		t.Fatal(err)
	}
	if page := readAll(t, resp); resp.StatusCode != http.StatusOK || !strings.Contains(page, `<output id="receipt"`) {
		t.Errorf("web, sent again: %d", resp.StatusCode)
	}
	until(t, 60*time.Second, "each tip in the ledger", func() bool { return len(in.ledger()) == 3 })
	until(t, 20*time.Second, "the spool is empty", func() bool { return in.spooledFiles() == 0 })
	if out := in.run("doctor"); !strings.Contains(out, "received 3 = in ledger 3") {
		t.Error(out)
	}
}

// TestRestoreBesideSpool: what waits in the spool when the database is lost reaches the restored one, its files too.
// A restore never takes place over it unsaid: it may be another office's.
func TestRestoreBesideSpool(t *testing.T) {
	t.Parallel()
	server := servertest.StartPostgres(t)
	var urls [2]string
	for i := range urls {
		var err error
		if urls[i], err = server.Database(); err != nil {
			t.Fatal(err)
		}
	}
	in := install(t, "TIPLINE_DATABASE="+urls[0], "TIPLINE_SPOOL_ENABLED=true")
	key, file := filepath.Join(in.dir, "key"), filepath.Join(in.dir, "backup")
	recipient, err := recoveryKey(key)
	if err != nil {
		t.Fatal(err)
	}
	in.run("backup", "--out", file, "--recipient", recipient)
	in.start()
	if err := server.Exec(t.Context(), "postgres", "DROP DATABASE t1 WITH (FORCE)"); err != nil {
		t.Fatal(err)
	}
	in.mail("a@example.org", strings.ReplaceAll("Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: text/csv\nContent-Disposition: attachment; filename=a.csv\n\n"+
		strings.Repeat("field,house\n", 20_000)+"--b--\n", "\n", "\r\n"))
	if n := in.spooledFiles(); n != 1 {
		t.Fatalf("%d files in the spool", n)
	}
	in.kill()

	twin := in.beside()
	twin.env = append(without(in.env, "TIPLINE_DATABASE"), "TIPLINE_DATABASE="+urls[1])
	carry := func() {
		t.Helper()
		if out, err := exec.Command("cp", "-an", filepath.Join(in.data(), spoolFolder), filepath.Join(in.data(), blobFolder), twin.data()).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if err := os.Mkdir(twin.data(), 0o700); err != nil {
		t.Fatal(err)
	}
	carry()
	if err := os.RemoveAll(filepath.Join(twin.data(), blobFolder)); err != nil {
		t.Fatal(err)
	}
	if out, err := twin.try("restore", "--in", file, "--identity", key); err == nil || !strings.Contains(out, "1 tip waits in its spool") {
		t.Errorf("%v: %s", err, out)
	}
	if err := os.RemoveAll(filepath.Join(twin.data(), spoolFolder)); err != nil {
		t.Fatal(err)
	}
	twin.run("restore", "--in", file, "--identity", key)
	carry()
	twin.start()
	until(t, time.Minute, "the tip in the ledger", func() bool { return len(twin.ledger()) == 1 && twin.spooledFiles() == 0 })
	for _, row := range twin.ledger() {
		if row.Files != 1 {
			t.Errorf("%d files", row.Files)
		}
	}
	twin.run("doctor")
}
