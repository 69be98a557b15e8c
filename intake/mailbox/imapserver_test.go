package mailbox

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// certificate is one for 127.0.0.1, and the pool that trusts it alone.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mailbox"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// stored is one message of a server of the tests.
type stored struct {
	uid     uint32
	raw     string
	deleted bool
}

// imapServer is a small IMAP server that is as strict, and as unreliable, as a
// test asks.
type imapServer struct {
	addr string
	ca   *x509.CertPool

	mu       sync.Mutex
	caps     string
	needsID  bool
	secret   string
	validity uint32
	next     uint32
	inbox    []*stored
	folders  map[string][]string
	cut      int // the next message breaks off after so many bytes; 0 sends all
	said     []string
	news     chan struct{} // is closed when a message comes
}

func startIMAP(t testing.TB) *imapServer {
	s := &imapServer{caps: "IMAP4rev1 ID IDLE MOVE UIDPLUS", needsID: true, secret: "code", validity: 7, next: 1, folders: map[string][]string{}, news: make(chan struct{})}
	s.addr, s.ca = serveTLS(t, s.serve)
	return s
}

// serveTLS runs a server for each connection until the test ends.
func serveTLS(t testing.TB, serve func(net.Conn)) (addr string, ca *x509.CertPool) {
	t.Helper()
	cert, ca := certificate(t)
	ln, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	var conns sync.WaitGroup
	conns.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			conns.Go(func() {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(4 * time.Minute))
				serve(c)
			})
		}
	})
	t.Cleanup(func() { _ = ln.Close(); conns.Wait() })
	return ln.Addr().String(), ca
}

func (s *imapServer) add(raw string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inbox = append(s.inbox, &stored{uid: s.next, raw: raw})
	s.next++
	close(s.news)
	s.news = make(chan struct{})
}

// renumber gives every message a new number, as a restored server does.
func (s *imapServer) renumber() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.validity++
	for _, m := range s.inbox {
		m.uid += 1000
	}
	s.next += 1000
}

func (s *imapServer) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *imapServer) left() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.inbox)
}

func (s *imapServer) heard(prefix string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.said {
		if strings.HasPrefix(c, prefix) {
			n++
		}
	}
	return n
}

// imapConn is one connection's state.
type imapConn struct {
	*imapServer
	c      net.Conn
	in     *bufio.Reader
	ided   bool
	logged bool
}

func (s *imapServer) serve(c net.Conn) {
	k := &imapConn{imapServer: s, c: c, in: bufio.NewReader(c)}
	k.send("* OK ready")
	for {
		line, err := k.in.ReadString('\n')
		if err != nil {
			return
		}
		tag, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		verb, args, _ := strings.Cut(rest, " ")
		if strings.EqualFold(verb, "UID") {
			sub, more, _ := strings.Cut(args, " ")
			verb, args = "UID "+sub, more
		}
		s.set(func() { s.said = append(s.said, strings.ToUpper(verb)) })
		if !k.command(tag, strings.ToUpper(verb), args) {
			return
		}
	}
}

func (k *imapConn) send(format string, args ...any) {
	fmt.Fprintf(k.c, format+"\r\n", args...)
}

// command answers one command; false ends the connection.
func (k *imapConn) command(tag, verb, args string) bool {
	switch verb {
	case "CAPABILITY":
		k.send("* CAPABILITY %s", k.caps)
	case "LOGIN":
		if args != `"user" "`+k.secret+`"` {
			k.send("%s NO LOGIN failed", tag)
			return true
		}
		k.logged = true
	case "ID":
		k.ided = strings.Contains(args, `"name" "tipline"`)
		k.send(`* ID ("name" "strict")`)
	case "SELECT":
		if k.needsID && !k.ided {
			k.send("%s NO SELECT Unsafe Login. Please contact kefu@188.com for help", tag)
			return true
		}
		k.set(func() {
			k.send("* %d EXISTS\r\n* OK [UIDVALIDITY %d] valid\r\n* FLAGS (\\Deleted)", len(k.inbox), k.validity)
		})
	case "UID FETCH":
		return k.fetch(tag, args)
	case "IDLE":
		k.idle()
	case "LOGOUT":
		k.send("* BYE\r\n%s OK", tag)
		return false
	default:
		if !k.change(tag, verb, args) {
			return true
		}
	}
	k.send("%s OK done", tag)
	return true
}

func (k *imapConn) idle() {
	k.mu.Lock()
	news := k.news
	k.mu.Unlock()
	k.send("+ idling")
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = k.in.ReadString('\n')
	}()
	select {
	case <-news:
		k.set(func() { k.send("* %d EXISTS", len(k.inbox)) })
		<-done
	case <-done:
	}
}

// fetch answers what the client asks: numbers with sizes, or one whole message.
func (k *imapConn) fetch(tag, args string) bool {
	set, items, _ := strings.Cut(args, " ")
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, m := range k.inbox {
		if !inSet(set, m.uid) && (i != len(k.inbox)-1 || !strings.HasSuffix(set, "*")) {
			continue
		}
		flags := map[bool]string{true: `\Deleted`, false: ""}[m.deleted]
		if !strings.Contains(items, "BODY") {
			k.send("* %d FETCH (UID %d FLAGS (%s) RFC822.SIZE %d)", i+1, m.uid, flags, len(m.raw))
			continue
		}
		fmt.Fprintf(k.c, "* %d FETCH (UID %d BODY[] {%d}\r\n", i+1, m.uid, len(m.raw))
		if cut := k.cut; cut > 0 {
			k.cut = 0
			_, _ = io.WriteString(k.c, m.raw[:cut])
			return false
		}
		k.send("%s)", m.raw)
	}
	k.send("%s OK done", tag)
	return true
}

func inSet(set string, uid uint32) bool {
	from, to, ranged := strings.Cut(set, ":")
	low, _ := strconv.ParseUint(from, 10, 32)
	high, err := strconv.ParseUint(to, 10, 32)
	switch {
	case !ranged:
		return uint64(uid) == low
	case err != nil:
		return uint64(uid) >= low
	default:
		return uint64(uid) >= low && uint64(uid) <= high
	}
}

// change does what alters the mailbox; false says that it has answered itself.
func (k *imapConn) change(tag, verb, args string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	set, rest, _ := strings.Cut(args, " ")
	switch verb {
	case "CREATE":
		k.folders[strings.Trim(args, `"`)] = []string{}
	case "UID COPY", "UID MOVE":
		folder := strings.Trim(rest, `"`)
		if _, ok := k.folders[folder]; !ok {
			k.send("%s NO [TRYCREATE] no such folder", tag)
			return false
		}
		k.inbox = slices.DeleteFunc(k.inbox, func(m *stored) bool {
			if inSet(set, m.uid) {
				k.folders[folder] = append(k.folders[folder], m.raw)
				return verb == "UID MOVE"
			}
			return false
		})
	case "UID STORE":
		for _, m := range k.inbox {
			m.deleted = m.deleted || inSet(set, m.uid)
		}
	case "UID EXPUNGE":
		k.inbox = slices.DeleteFunc(k.inbox, func(m *stored) bool { return m.deleted && inSet(set, m.uid) })
	case "EXPUNGE":
		k.inbox = slices.DeleteFunc(k.inbox, func(m *stored) bool { return m.deleted })
	}
	return true
}
