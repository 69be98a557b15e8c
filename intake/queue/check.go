package queue

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// The ways a Redis can't be used. [ErrAway] passes by itself, so nothing needs to
// stop for it; the others are settings to mend.
var (
	ErrAway    = errors.New("doesn't answer")
	ErrRefused = errors.New("refuses the user or the password: mend them in the URL")
	ErrOpen    = errors.New("lets anybody in without a password, from the network: set requirepass there, or users with ACL")
	ErrTLS     = errors.New("TLS doesn't fit: rediss:// is TLS, redis:// is none")
	ErrTooOld  = errors.New("is too old: tipline needs Redis 7.0 or newer")
)

// checkTime is how long one check may take in all.
const checkTime = 5 * time.Second

// Check asks a Redis whether it can be used, and how: err is one line that wraps
// one of this package's sentinels, warning is what would better be mended.
func Check(ctx context.Context, r redis.UniversalClient) (warning string, err error) {
	if err := ping(ctx, r); err != nil {
		reason := explain(err)
		if errors.Is(reason, ErrAway) && speaksPlain(ctx, r) {
			reason = ErrTLS // such a server waits for the rest of what it takes for a command
		}
		return "", fmt.Errorf("the server at %s %w", where(r), reason)
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	if err := checkOpen(ctx, r); err != nil {
		return "", fmt.Errorf("the server at %s %w", where(r), err)
	}
	info, err := r.InfoMap(ctx, "server", "memory").Result()
	if err != nil {
		return "", nil // this user may not ask, which is no fault
	}
	if v := info["Server"]["redis_version"]; tooOld(v) {
		return "", fmt.Errorf("the server at %s %w, and it is %s", where(r), ErrTooOld, v)
	}
	if policy := info["Memory"]["maxmemory_policy"]; strings.HasPrefix(policy, "allkeys") {
		warning = fmt.Sprintf("the server at %s throws events away when its memory is full (maxmemory-policy %s): set it to noeviction. What is lost is sent again", where(r), policy)
	}
	return warning, nil
}

func ping(ctx context.Context, r redis.UniversalClient) error {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	return r.Ping(ctx).Err()
}

func tooOld(version string) bool {
	major, err := strconv.Atoi(strings.SplitN(version, ".", 2)[0])
	return err == nil && major < 7
}

// explain says what a failure means.
func explain(err error) error {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var unknown x509.UnknownAuthorityError
	switch text := err.Error(); {
	case refused(text):
		return ErrRefused
	case strings.HasPrefix(text, "DENIED"):
		return fmt.Errorf("%w (it runs in protected mode)", ErrOpen)
	case errors.As(err, &unknown):
		return fmt.Errorf("%w: nobody this system trusts signed its certificate", ErrTLS)
	case errors.As(err, &certificate):
		return fmt.Errorf("%w: its certificate isn't valid, or is for another name", ErrTLS)
	case errors.As(err, &record), errors.Is(err, io.EOF), strings.Contains(text, "tls: "):
		return ErrTLS
	default:
		return fmt.Errorf("%w: %w", ErrAway, plain(err))
	}
}

func refused(text string) bool {
	for _, code := range []string{"WRONGPASS", "NOAUTH", "NOPERM", "ERR AUTH", "ERR invalid password"} {
		if strings.Contains(text, code) {
			return true
		}
	}
	return false
}

// plain is the innermost reason of a connection that failed.
func plain(err error) error {
	var op *net.OpError
	switch {
	case errors.As(err, &op) && op.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return errors.New("no answer in time")
	case errors.As(err, &op):
		return op.Err
	default:
		return err
	}
}

// checkOpen tries to come in without the password: a server that has none takes
// every password there is. On this machine that does no harm.
func checkOpen(ctx context.Context, r redis.UniversalClient) error {
	o := bare(r)
	if o == nil || here(o) {
		return nil
	}
	c := redis.NewClient(o)
	defer c.Close()
	if c.Ping(ctx).Err() == nil {
		return ErrOpen
	}
	return nil
}

// speaksPlain says whether a server that was to speak TLS answers without.
func speaksPlain(ctx context.Context, r redis.UniversalClient) bool {
	o := bare(r)
	if o == nil || o.TLSConfig == nil {
		return false
	}
	o.TLSConfig, o.Dialer = nil, nil
	c := redis.NewClient(o)
	defer c.Close()
	var answer redis.Error
	err := ping(ctx, c)
	return err == nil || errors.As(err, &answer)
}

// bare are the options of a connection without user and password.
func bare(r redis.UniversalClient) *redis.Options {
	switch c := r.(type) {
	case *redis.Client:
		o := *c.Options()
		o.Username, o.Password, o.DB, o.MaxRetries = "", "", 0, -1
		return &o
	case *redis.ClusterClient:
		o := c.Options()
		return &redis.Options{Addr: o.Addrs[0], TLSConfig: o.TLSConfig, DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, ContextTimeoutEnabled: true, MaxRetries: -1}
	default:
		return nil
	}
}

// here says whether only this machine reaches the server.
func here(o *redis.Options) bool {
	host, _, err := net.SplitHostPort(o.Addr)
	ip, notIP := netip.ParseAddr(host)
	return o.Network == "unix" || err == nil && (host == "localhost" || notIP == nil && ip.Unmap().IsLoopback())
}

// where is the address of a server, or of the first node.
func where(r redis.UniversalClient) string {
	switch c := r.(type) {
	case *redis.Client:
		return c.Options().Addr
	case *redis.ClusterClient:
		return strings.Join(c.Options().Addrs, ", ")
	default:
		return "its address"
	}
}
