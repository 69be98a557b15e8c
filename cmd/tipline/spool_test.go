package main

import (
	"net/http"
	"net/smtp"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tipline/intake/servertest"
)

// TestSpool stops the database where it stands: mail and SMS are taken into the
// spool, the web keeps the form, and when the database goes on every tip is there
// once, also that which was delivered again meanwhile.
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
	wg.Go(func() {
		resp, err := http.PostForm("http://"+in.public+"/report", url.Values{"text": {"村北的地上正在打地基"}})
		if err != nil {
			t.Error(err)
			return
		}
		if page := readAll(t, resp); resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(page, "村北的地上正在打地基") {
			t.Errorf("web: %d", resp.StatusCode)
		}
	})
	wg.Wait()
	if out := in.spooledFiles(); out != 2 {
		t.Errorf("%d files in the spool, want 2", out)
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	until(t, 60*time.Second, "both tips in the ledger", func() bool { return len(in.ledger()) == 2 })
	until(t, 20*time.Second, "the spool is empty", func() bool { return in.spooledFiles() == 0 })
	if out := in.run("doctor"); !strings.Contains(out, "received 2 = in ledger 2") {
		t.Error(out)
	}
}
