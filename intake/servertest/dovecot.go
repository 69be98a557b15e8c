package servertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// MailUser and MailSecret open the mailbox of a [Dovecot].
const (
	MailUser   = "tips"
	MailSecret = "secret-of-the-test"
)

// Dovecot is a mail server with one mailbox, over TLS.
type Dovecot struct {
	IMAP, POP3 string // host:port
	CA         string // the file of the authority that vouches for it

	dir     string
	process *process
}

// StartDovecot runs a server for a test.
func StartDovecot(tb testing.TB) *Dovecot {
	tb.Helper()
	d, err := NewDovecot()
	skipMissing(tb, "Dovecot", err)
	tb.Cleanup(d.Close)
	return d
}

// NewDovecot runs a server. The caller closes it.
func NewDovecot() (*Dovecot, error) {
	server, err := exec.LookPath("dovecot")
	if err != nil {
		server = "/usr/sbin/dovecot"
	}
	if _, err := os.Stat(server); err != nil {
		return nil, ErrMissing
	}
	d := &Dovecot{}
	if d.dir, err = os.MkdirTemp("", "tipline-dovecot-"); err != nil {
		return nil, err
	}
	if err := d.start(server); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

func (d *Dovecot) start(server string) error {
	imap, err := freePort()
	if err != nil {
		return err
	}
	pop, err := freePort()
	if err != nil {
		return err
	}
	d.IMAP, d.POP3, d.CA = "127.0.0.1:"+imap, "127.0.0.1:"+pop, filepath.Join(d.dir, "cert.pem")
	if err := certify(d.CA, filepath.Join(d.dir, "key.pem")); err != nil {
		return err
	}
	owner, err := d.owner()
	if err != nil {
		return err
	}
	file := filepath.Join(d.dir, "dovecot.conf")
	if err := os.WriteFile(file, []byte(dovecotConf(d.dir, owner, imap, pop)), 0o644); err != nil {
		return err
	}
	if d.process, err = launch(exec.Command(server, "-F", "-c", file)); err != nil {
		return err
	}
	return d.process.answers(func() error {
		c, err := tls.Dial("tcp", d.IMAP, &tls.Config{InsecureSkipVerify: true}) // only whether it answers
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = c.Read(make([]byte, 1))
		return err
	})
}

// owner is whom the server gives its processes to: root can't own mail.
func (d *Dovecot) owner() (*user.User, error) {
	me, err := user.Current()
	if err != nil || me.Uid != "0" {
		return me, err
	}
	owner, err := user.Lookup("dovecot")
	if err != nil {
		return nil, fmt.Errorf("the user dovecot: %w", err)
	}
	uid, _ := strconv.Atoi(owner.Uid)
	gid, _ := strconv.Atoi(owner.Gid)
	if err := os.Chmod(d.dir, 0o755); err != nil {
		return nil, err
	}
	mail := filepath.Join(d.dir, "mail")
	if err := os.Mkdir(mail, 0o700); err != nil {
		return nil, err
	}
	return owner, os.Chown(mail, uid, gid)
}

func dovecotConf(dir string, owner *user.User, imap, pop string) string {
	group := owner.Username
	if g, err := user.LookupGroupId(owner.Gid); err == nil {
		group = g.Name
	}
	return fmt.Sprintf(`protocols = imap pop3
listen = 127.0.0.1
base_dir = %[1]s/run
state_dir = %[1]s/run
log_path = /dev/null
default_internal_user = %[2]s
default_internal_group = %[3]s
default_login_user = %[2]s
first_valid_uid = 1
ssl = required
ssl_cert = <%[1]s/cert.pem
ssl_key = <%[1]s/key.pem
mail_location = maildir:%[1]s/mail/%%u
passdb {
  driver = static
  args = password=%[4]s
}
userdb {
  driver = static
  args = uid=%[2]s gid=%[3]s home=%[1]s/mail/%%u
}
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = %[5]s
    ssl = yes
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = 0
  }
  inet_listener pop3s {
    port = %[6]s
    ssl = yes
  }
}
service stats {
  chroot =
}
`, dir, owner.Username, group, MailSecret, imap, pop)
}

// certify writes a certificate for 127.0.0.1 that vouches for itself.
func certify(certFile, keyFile string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		return err
	}
	return os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600)
}

// Close ends the server and removes its folder.
func (d *Dovecot) Close() {
	if d.process != nil {
		_ = d.process.signal(syscall.SIGTERM) // its children end with it
	}
	d.process.kill()
	if d.dir != "" {
		_ = os.RemoveAll(d.dir) // a folder for temporary files
	}
}
