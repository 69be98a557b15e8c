package mail

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-msgauth/dkim"
)

// zone is DNS as a test has it.
type zone struct {
	texts map[string]string
	hang  bool // it never answers

	mu    sync.Mutex
	asked []string
}

func (z *zone) LookupTXT(ctx context.Context, name string) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, &net.DNSError{Err: err.Error(), IsTimeout: true, IsTemporary: true}
	}
	name = strings.TrimSuffix(name, ".")
	z.mu.Lock()
	z.asked = append(z.asked, name)
	z.mu.Unlock()
	if z.hang {
		<-ctx.Done()
		return nil, &net.DNSError{Err: "timeout", IsTimeout: true, IsTemporary: true}
	}
	if text, ok := z.texts[name]; ok {
		return []string{text}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (z *zone) LookupMX(context.Context, string) ([]*net.MX, error)        { return nil, nil }
func (z *zone) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) { return nil, nil }
func (z *zone) LookupAddr(context.Context, string) ([]string, error)       { return nil, nil }

func signedBy(t *testing.T, domain string, key ed25519.PrivateKey, raw string) string {
	t.Helper()
	var out bytes.Buffer
	if err := dkim.Sign(&out, strings.NewReader(raw), &dkim.SignOptions{Domain: domain, Selector: "s", Signer: key}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestSenders: what is proven is told, for the domain that From names and no other.
func TestSenders(t *testing.T) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	z := &zone{texts: map[string]string{
		"s._domainkey.farm.cn": record, "s._domainkey.mail.farm.cn": record, "s._domainkey.other.cn": record,
		"farm.cn": "v=spf1 ip4:192.0.2.7 -all", "_dmarc.strict.cn": "v=DMARC1; p=reject; adkim=s", "s._domainkey.mail.strict.cn": record, "_dmarc.bank.cn": "v=DMARC1; p=reject",
	}}
	message := func(domain string) string {
		return "From: Wang <wang@" + domain + ">\r\nSubject: field\r\n\r\nA house stands on the field.\r\n"
	}
	for _, tt := range []struct {
		name, raw, from, peer, want string
	}{
		{"signed", signedBy(t, "farm.cn", key, message("farm.cn")), "", "", FlagVerified},
		{"signed by a host of the domain", signedBy(t, "mail.farm.cn", key, message("farm.cn")), "", "", FlagVerified},
		{"that a strict domain doesn't take", signedBy(t, "mail.strict.cn", key, message("strict.cn")), "wang@strict.cn", "192.0.2.8", FlagDisowned},
		{"that a strict domain doesn't take, from who knows where", signedBy(t, "mail.strict.cn", key, message("strict.cn")), "", "", FlagUnverified},
		{"changed", strings.Replace(signedBy(t, "farm.cn", key, message("farm.cn")), "house", "horse", 1), "", "", FlagUnverified},
		{"signed by another", signedBy(t, "other.cn", key, message("farm.cn")), "", "", FlagUnverified},
		{"signed by another for a bank", signedBy(t, "other.cn", key, message("bank.cn")), "wang@other.cn", "192.0.2.8", FlagDisowned},
		{"signed by another for a bank, in a mailbox", signedBy(t, "other.cn", key, message("bank.cn")), "", "", FlagUnverified}, // SPF might vouch for it
		{"the domain's peer", message("farm.cn"), "wang@farm.cn", "192.0.2.7", FlagVerified},
		{"another peer", message("farm.cn"), "wang@farm.cn", "192.0.2.8", FlagUnverified},
		{"the peer of another domain", message("other.cn"), "wang@farm.cn", "192.0.2.7", FlagUnverified},
		{"a name that can't be", message("example.org"), "", "", FlagUnverified},
		{"no sender at all", "Subject: field\r\n\r\nx\r\n", "", "", FlagUnverified},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := Envelope{From: tt.from, Senders: NewSenders(z), Helo: "mx.farm.cn"}
			if tt.peer != "" {
				e.Peer = netip.MustParseAddr(tt.peer)
			}
			if got := senderFlags(t, e, tt.raw); !slices.Equal(got, []string{tt.want}) {
				t.Errorf("flags %v, want %s", got, tt.want)
			}
		})
	}
}

// TestFieldsPutBeforeASignedMessage: a signature covers the last field of a name (RFC 6376, 5.4.2), and what we read and
// show is the first. Whoever has one signed message would put words of their own before it.
func TestFieldsPutBeforeASignedMessage(t *testing.T) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := NewSenders(&zone{texts: map[string]string{"s._domainkey.farm.cn": "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}})
	real := signedBy(t, "farm.cn", key, "From: Wang <wang@farm.cn>\r\nSubject: field\r\nContent-Type: text/plain\r\n\r\nA house stands on the field.\r\n")
	for before, want := range map[string]string{
		"":                                    FlagVerified,
		"Received: by mx.here\r\n":            FlagVerified,
		"Subject: the mayor is bribed\r\n":    FlagUnverified,
		"From: The mayor <mayor@farm.cn>\r\n": FlagUnverified,
		"CONTENT-TYPE : multipart/mixed; boundary=field\r\n": FlagUnverified,
	} {
		if got := senderFlags(t, Envelope{Senders: s}, before+real); !slices.Contains(got, want) {
			t.Errorf("%q before it: %v, want %s", before, got, want)
		}
	}
}

// TestSendersLate: of a message that is read again long after it came, a signature that
// still holds is told, and nothing else: keys are changed, and who delivered it isn't known.
func TestSendersLate(t *testing.T) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := NewSenders(&zone{texts: map[string]string{"s._domainkey.farm.cn": "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public), "_dmarc.farm.cn": "v=DMARC1; p=reject"}})
	message := "From: Wang <wang@farm.cn>\r\nSubject: field\r\n\r\nA house stands on the field.\r\n"
	for raw, want := range map[string][]string{
		signedBy(t, "farm.cn", key, message): {FlagVerified},
		message:                              nil,
		strings.Replace(signedBy(t, "farm.cn", key, message), "house", "horse", 1):     nil,
		signedBy(t, "farm.cn", key, strings.Replace(message, "farm.cn", "pond.cn", 1)): nil,
		"Subject: x\r\n\r\nnobody\r\n": nil,
	} {
		if got := senderFlags(t, Envelope{Senders: s, Late: true}, raw); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", raw[:40], got, want)
		}
	}
}

// TestSlowSender: how long a message is on its way is no time of DNS. A sender on a thin line is verified, and one that
// trickles on purpose gets nobody else's message past the checks.
func TestSlowSender(t *testing.T) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	message := "From: Wang <wang@farm.cn>\r\nSubject: field\r\n\r\nA house stands on the field.\r\n"
	synctest.Test(t, func(t *testing.T) {
		s := NewSenders(&zone{texts: map[string]string{"s._domainkey.farm.cn": "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}})
		for _, raw := range []io.Reader{&trickle{strings.NewReader(signedBy(t, "farm.cn", key, message))}, strings.NewReader(signedBy(t, "farm.cn", key, message))} {
			r, _ := NewReport(Envelope{Senders: s}, raw)
			if _, err := take(r); err != nil || !slices.Contains(r.Flags, FlagVerified) {
				t.Errorf("flags %v, %v", r.Flags, err)
			}
		}
	})
}

// TestSendersRemember: what DNS said of a name is believed for ten minutes, and nothing runs on to forget it.
func TestSendersRemember(t *testing.T) {
	const raw = "From: wang@farm.cn\r\n\r\nx\r\n"
	synctest.Test(t, func(t *testing.T) {
		z := &zone{texts: map[string]string{"_dmarc.farm.cn": "v=DMARC1; p=reject"}}
		s := NewSenders(z)
		for _, c := range []struct {
			later time.Duration
			asked int
		}{{0, 1}, {checkKeep - time.Second, 1}, {time.Second, 2}, {time.Second, 2}} {
			time.Sleep(c.later)
			if senderFlags(t, Envelope{Senders: s}, raw); len(z.asked) != c.asked {
				t.Errorf("asked %d times after %s more, want %d", len(z.asked), c.later, c.asked)
			}
		}
	})
}

// trickle takes longer for each read than all look-ups may.
type trickle struct{ io.Reader }

func (t *trickle) Read(p []byte) (int, error) {
	time.Sleep(2 * checkTime)
	return t.Reader.Read(p[:min(len(p), 32)])
}

// senderFlags are what a message's report says of its sender.
func senderFlags(t *testing.T, e Envelope, raw string) (out []string) {
	t.Helper()
	r, _ := NewReport(e, strings.NewReader(raw))
	got, err := take(r)
	if err != nil || got.raw != raw {
		t.Fatalf("the message wasn't taken whole: %v", err)
	}
	for _, f := range r.Flags {
		if strings.HasPrefix(f, "sender_") {
			out = append(out, f)
		}
	}
	return out
}

// TestSendersAway: a resolver that doesn't answer costs one message five seconds,
// says nothing about it, and isn't asked again for a while; an endless header is
// no reason to hold it.
func TestSendersAway(t *testing.T) {
	z := &zone{hang: true}
	s := NewSenders(z)
	raw := "DKIM-Signature: v=1; a=rsa-sha256; d=farm.cn; s=s; h=From; bh=x; b=x\r\nFrom: wang@farm.cn\r\n\r\nx\r\n"
	if got := senderFlags(t, Envelope{Senders: s}, raw); got != nil {
		t.Errorf("flags %v though nobody could be asked", got)
	}
	asked := len(z.asked)
	if got := senderFlags(t, Envelope{Senders: s}, raw); got != nil || len(z.asked) != asked {
		t.Errorf("asked again at once; flags %v", got)
	}
	long := "From: wang@farm.cn\r\nX: " + strings.Repeat("a", 2*checkHeader) + "\r\n\r\nx\r\n"
	if got := senderFlags(t, Envelope{Senders: NewSenders(&zone{})}, long); got != nil {
		t.Errorf("flags %v for a header that wasn't held", got)
	}
}
