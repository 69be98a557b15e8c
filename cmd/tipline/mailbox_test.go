package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"

	"tipline/intake/servertest"
)

// TestMailbox: a letter in an ordinary mailbox becomes a tip, once, also when the
// program is killed and starts again; then it lies in the folder that was named.
func TestMailbox(t *testing.T) {
	d, env := startMailbox(t)
	in := install(t, env)
	in.start()
	put(t, d, "Message-ID: <1@example.org>\r\nSubject: 占用耕地\r\n\r\n村东头的耕地上建了三间房。\r\n")
	until(t, time.Minute, "the letter's row", func() bool { return len(in.ledger()) == 1 })
	in.stop()
	in.start()
	put(t, d, "Message-ID: <2@example.org>\r\nSubject: second\r\n\r\nAnother house.\r\n")
	until(t, time.Minute, "the second letter's row", func() bool { return len(in.ledger()) == 2 })
	for _, row := range in.ledger() {
		if row.Channel != "email" {
			t.Errorf("channel %q", row.Channel)
		}
	}
	if out := in.run("doctor"); !strings.Contains(out, "✓ mailboxes") {
		t.Errorf("doctor says %s", out)
	}
}

// startMailbox is a mail server, and the setting by which its mailbox is polled.
func startMailbox(t *testing.T) (d *servertest.Dovecot, env string) {
	t.Helper()
	d = servertest.StartDovecot(t)
	secret := t.TempDir() + "/code"
	if err := os.WriteFile(secret, []byte(servertest.MailSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	boxes, err := json.Marshal([]map[string]any{{"name": "box", "provider": "imap", "host": d.IMAP, "user": servertest.MailUser,
		"secret": "file:" + secret, "ca": d.CA, "after": "move", "folder": "done", "poll": "10s"}})
	if err != nil {
		t.Fatal(err)
	}
	return d, "TIPLINE_MAIL=" + string(boxes)
}

// put lays a letter into the mailbox, as the provider's server would.
func put(t *testing.T, d *servertest.Dovecot, raw string) {
	t.Helper()
	text, err := os.ReadFile(d.CA)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	c, err := imapclient.DialTLS(d.IMAP, &imapclient.Options{TLSConfig: &tls.Config{RootCAs: pool}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(servertest.MailUser, servertest.MailSecret).Wait(); err != nil {
		t.Fatal(err)
	}
	cmd := c.Append("INBOX", int64(len(raw)), nil)
	if _, err := cmd.Write([]byte(raw)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// TestMailHook: a letter by a provider's callback becomes a tip, once, and a wrong
// password brings nothing.
func TestMailHook(t *testing.T) {
	in := install(t, `TIPLINE_MAIL=[{"name":"post","provider":"postmark","secret":"user:password"}]`)
	in.start()
	send := func(password string) int {
		body := `{"RawEmail":"Message-ID: <1@example.org>\r\nSubject: field\r\n\r\nA house stands on the field.\r\n"}`
		r, err := http.NewRequest(http.MethodPost, "http://"+in.public+"/hooks/mail/post", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("user", password)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	for _, tt := range []struct {
		password string
		want     int
	}{{"password", 200}, {"password", 200}, {"guess", 403}} {
		if got := send(tt.password); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.password, got, tt.want)
		}
	}
	until(t, time.Minute, "the letter's row", func() bool { return len(in.ledger()) == 1 })
}
