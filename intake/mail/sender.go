package mail

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"blitiri.com.ar/go/spf"
	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-msgauth/dmarc"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/net/publicsuffix"
)

// What sender checks may take.
const (
	checkTime   = 5 * time.Second // all look-ups of one message
	checkRest   = time.Minute     // without checks, after one that took too long
	checkHeader = 256 << 10       // bytes of header that are held for a signature
	checkKeep   = 10 * time.Minute
	signatures  = 5 // of one message that are looked at
)

// Resolver asks DNS; [net.Resolver] is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// Senders checks whether messages come from the domain they name: by SPF (RFC
// 7208), DKIM (RFC 6376) and what the domain asks for by DMARC (RFC 7489). What it
// finds is a fact for the handler and authenticates nobody: it tells of a domain,
// never of a person.
type Senders struct {
	resolver Resolver
	texts    *lru.Cache[string, answer]

	mu    sync.Mutex
	rests time.Time // until then nothing is checked: DNS doesn't answer
}

// answer is what DNS said of a name, and until when that is believed.
type answer struct {
	texts []string
	until time.Time
}

// NewSenders is a check that asks r.
func NewSenders(r Resolver) *Senders {
	texts, err := lru.New[string, answer](1000)
	if err != nil {
		panic(err) // only a size below one
	}
	return &Senders{resolver: r, texts: texts}
}

// checking is one message being checked while it passes by.
type checking struct {
	s      *Senders
	out    *io.PipeWriter
	header int // bytes of it so far, -1 behind its end
	last   [4]byte
	done   chan struct{}
	signed []string // domains whose signature holds
	from   string   // domain that SPF lets the peer speak for
	asked  bool     // SPF was asked, for the peer is known
	late   bool     // see [Envelope]
	failed bool     // something couldn't be looked up

	mu   sync.Mutex    // signatures are looked at side by side
	left time.Duration // of checkTime; the message's own time on its way doesn't count
	slow bool          // it was too little
}

// begin checks a message whose bytes are written to what it returns; nil where
// nothing is checked.
func (s *Senders) begin(e Envelope) *checking {
	if s == nil || s.resting() {
		return nil
	}
	c := &checking{s: s, late: e.Late, done: make(chan struct{}), left: checkTime}
	in, out := io.Pipe()
	c.out = out
	go func() {
		defer close(c.done)
		c.checkPeer(e)
		c.checkSignatures(in)
		_ = in.Close()
	}()
	return c
}

func (s *Senders) resting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Before(s.rests)
}

// Write takes the message's bytes. It never fails: a message isn't lost for a check.
func (c *checking) Write(p []byte) (int, error) {
	if c.header >= 0 {
		c.watch(p)
	}
	_, _ = c.out.Write(p)
	return len(p), nil
}

// watch gives a check up whose header is too long to be held.
func (c *checking) watch(p []byte) {
	for _, b := range p {
		copy(c.last[:], c.last[1:])
		c.last[3] = b
		if c.header++; string(c.last[:]) == "\r\n\r\n" {
			c.header = -1
			return
		}
	}
	if c.header > checkHeader {
		_ = c.out.CloseWithError(errors.New("the header is too long"))
	}
}

// checkPeer asks whether the peer may speak for the return path's domain.
func (c *checking) checkPeer(e Envelope) {
	_, domain, ok := strings.Cut(e.From, "@")
	if !ok || !e.Peer.IsValid() {
		return
	}
	c.asked = true
	c.ask(func(ctx context.Context) {
		result, err := spf.CheckHostWithSender(e.Peer.AsSlice(), e.Helo, e.From, spf.WithContext(ctx), spf.WithResolver(c.s.resolver))
		if result == spf.Pass {
			c.from = strings.ToLower(domain)
		}
		c.failed = c.failed || result == spf.TempError || err != nil && ctx.Err() != nil
	})
}

// ask gives a look-up what the message's others have left of checkTime.
func (c *checking) ask(look func(ctx context.Context)) {
	c.mu.Lock()
	left := c.left
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), left)
	defer cancel()
	began := time.Now()
	look(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left -= time.Since(began)
	c.slow = c.slow || ctx.Err() != nil
}

func (c *checking) checkSignatures(r io.Reader) {
	found, err := dkim.VerifyWithOptions(r, &dkim.VerifyOptions{LookupTXT: c.text, MaxVerifications: signatures})
	_, _ = io.Copy(io.Discard, r)
	for _, v := range found {
		if v.Err == nil {
			c.signed = append(c.signed, strings.ToLower(v.Domain))
		}
		c.failed = c.failed || dkim.IsTempFail(v.Err)
	}
	c.failed = c.failed || err != nil && !errors.Is(err, dkim.ErrTooManySignatures)
}

// text looks a name up, and keeps the answer for a while.
func (c *checking) text(name string) (out []string, err error) {
	if kept, ok := c.s.texts.Get(name); ok && time.Now().Before(kept.until) {
		return kept.texts, nil
	}
	c.ask(func(ctx context.Context) { out, err = c.s.resolver.LookupTXT(ctx, name) })
	if err == nil {
		c.s.texts.Add(name, answer{out, time.Now().Add(checkKeep)})
	}
	return out, err
}

// end says what was found of a message from an address, as a flag; "" when nothing
// could be. No signature counts for a message whose header is doubled.
func (c *checking) end(from string, doubled bool) string {
	_ = c.out.Close()
	<-c.done
	if doubled {
		c.signed = nil
	}
	_, domain, _ := strings.Cut(strings.ToLower(from), "@")
	flag := c.judge(domain)
	if c.slow {
		c.s.mu.Lock()
		c.s.rests = time.Now().Add(checkRest)
		c.s.mu.Unlock()
	}
	return flag
}

func (c *checking) judge(domain string) string {
	switch {
	case c.late && len(c.signed) == 0:
		return ""
	case domain == "" || reserved(domain):
		return FlagUnverified
	}
	policy, err := dmarc.LookupWithOptions(domain, &dmarc.LookupOptions{LookupTXT: c.text})
	if errors.Is(err, dmarc.ErrNoPolicy) {
		if parent := organization(domain); parent != domain {
			policy, err = dmarc.LookupWithOptions(parent, &dmarc.LookupOptions{LookupTXT: c.text})
		}
	}
	if err != nil {
		policy = &dmarc.Record{Policy: dmarc.PolicyNone}
		c.failed = c.failed || dmarc.IsTempFail(err)
	}
	for _, d := range c.signed {
		if aligned(d, domain, policy.DKIMAlignment) {
			return FlagVerified
		}
	}
	switch {
	case aligned(c.from, domain, policy.SPFAlignment):
		return FlagVerified
	case c.failed || c.late:
		return ""
	case !c.asked: // SPF might have vouched for it
		return FlagUnverified
	case policy.Policy == dmarc.PolicyReject || policy.Policy == dmarc.PolicyQuarantine:
		return FlagDisowned
	default:
		return FlagUnverified
	}
}

// aligned says whether a domain that was proven is the one that From names (RFC
// 7489 §3.1).
func aligned(proven, named string, mode dmarc.AlignmentMode) bool {
	if proven == "" {
		return false
	}
	return proven == named || mode != dmarc.AlignmentStrict && organization(proven) == organization(named)
}

// reserved says whether nobody can have a name (RFC 6761): DNS isn't asked for it.
func reserved(domain string) bool {
	domain = "." + domain
	for _, end := range []string{".localhost", ".test", ".invalid", ".example", ".example.com", ".example.net", ".example.org", ".local"} {
		if strings.HasSuffix(domain, end) {
			return true
		}
	}
	return strings.Count(domain, ".") < 2
}

// organization is the domain that somebody registered (RFC 7489 §3.2).
func organization(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return org
}

// usable is an address of the peer that SPF can be asked about.
func usable(a net.Addr) netip.Addr {
	ip, public := publicAddr(a)
	if !public {
		return netip.Addr{}
	}
	return ip
}
