package mailbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"tipline/intake/servertest"
)

// reader is an ordinary mail program's connection to the mailbox.
func reader(t *testing.T, d *servertest.Dovecot) *imapclient.Client {
	t.Helper()
	c, err := imapclient.DialTLS(d.IMAP, &imapclient.Options{TLSConfig: &tls.Config{RootCAs: authority(t, d)}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Login(servertest.MailUser, servertest.MailSecret).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

func authority(t *testing.T, d *servertest.Dovecot) *x509.CertPool {
	t.Helper()
	text, err := os.ReadFile(d.CA)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return pool
}

func deliver(t *testing.T, c *imapclient.Client, raw string) {
	t.Helper()
	cmd := c.Append(inbox, int64(len(raw)), nil)
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

func messages(t *testing.T, c *imapclient.Client, folder string) int {
	t.Helper()
	data, err := c.Select(folder, nil).Wait()
	if err != nil {
		return 0
	}
	return int(data.NumMessages)
}

// TestDovecot: a real server, by both protocols and with all that may become of a
// message.
func TestDovecot(t *testing.T) {
	d := servertest.StartDovecot(t)
	for _, tt := range []struct {
		provider, after string
		left, moved     int
	}{
		{IMAP, Keep, 3, 0}, {IMAP, Move, 0, 3}, {IMAP, Delete, 0, 3}, {POP3, Keep, 3, 3}, {POP3, Delete, 0, 3},
	} {
		t.Run(tt.provider+" "+tt.after, func(t *testing.T) {
			c, o := reader(t, d), newOffice()
			at := func(c *Options) {
				c.Provider, c.Addr, c.CA, c.After = tt.provider, d.IMAP, authority(t, d), tt.after
				c.User, c.Secrets, c.Poll = servertest.MailUser, []string{servertest.MailSecret}, 50*time.Millisecond
				if tt.provider == POP3 {
					c.Addr = d.POP3
				}
			}
			big := letter(2) + strings.Repeat(".a line that begins with a dot\r\n", 5000)
			deliver(t, c, letter(1))
			deliver(t, c, big)
			p := o.poller(t, at)
			runUntil(t, p, func() bool { return o.count() >= 2 })
			deliver(t, c, letter(3))
			runUntil(t, p, func() bool { return o.count() >= 3 })
			runUntil(t, o.poller(t, at), func() bool { return messages(t, c, inbox) == tt.left })
			if !slices.Equal(o.raws, []string{letter(1), big, letter(3)}) {
				t.Errorf("%d taken, %d bytes of the second", len(o.raws), len(o.raws[1]))
			}
			if got := messages(t, c, "tipline"); got != tt.moved {
				t.Errorf("%d in the folder, want %d", got, tt.moved)
			}
			empty(t, c)
		})
	}
}

// runUntil runs a poller as the program does, until what is wanted is so.
func runUntil(t *testing.T, p *Poller, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { p.Run(ctx); close(ended) }()
	defer func() { cancel(); <-ended }()
	for deadline := time.Now().Add(20 * time.Second); !so(); {
		if time.Now().After(deadline) {
			t.Fatalf("not within its time; noted %+v", p.noted)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func empty(t *testing.T, c *imapclient.Client) {
	t.Helper()
	if n := messages(t, c, inbox); n > 0 {
		if err := c.Store(everything(), deletedFlag(), nil).Close(); err != nil {
			t.Fatal(err)
		}
		if err := c.Expunge().Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func everything() imap.SeqSet { return imap.SeqSet{imap.SeqRange{Start: 1, Stop: 0}} }

func deletedFlag() *imap.StoreFlags {
	return &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
}
