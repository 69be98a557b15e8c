package queue

import (
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"tipline/intake/servertest"
)

const canary = "Zk7canaryQ2"

func TestDial(t *testing.T) {
	one := func(u redis.UniversalClient) *redis.Options { return u.(*redis.Client).Options() }
	cluster := func(u redis.UniversalClient) *redis.ClusterOptions { return u.(*redis.ClusterClient).Options() }
	for url, ok := range map[string]func(redis.UniversalClient) bool{
		"redis://:pw@r.example:6380/2": func(u redis.UniversalClient) bool {
			o := one(u)
			return o.Addr == "r.example:6380" && o.Password == "pw" && o.DB == 2 && o.TLSConfig == nil
		},
		"redis://127.0.0.1": func(u redis.UniversalClient) bool { return one(u).Addr == "127.0.0.1:6379" },
		"rediss://u:p%2Fw@r.example": func(u redis.UniversalClient) bool {
			o := one(u)
			return o.Username == "u" && o.Password == "p/w" && o.TLSConfig.ServerName == "r.example" && !o.TLSConfig.InsecureSkipVerify
		},
		"unix:///run/redis.sock?db=1": func(u redis.UniversalClient) bool {
			o := one(u)
			return o.Network == "unix" && o.Addr == "/run/redis.sock" && o.DB == 1
		},
		"redis://localhost?read_timeout=9s&dial_timeout=-1&max_retries=5": func(u redis.UniversalClient) bool {
			o := one(u)
			return o.ReadTimeout == 9*time.Second && o.DialTimeout == dialTime && o.MaxRetries == 5
		},
		"rediss://:pw@a:1?addr=b:2&addr=c:3": func(u redis.UniversalClient) bool {
			o := cluster(u)
			return len(o.Addrs) == 3 && o.Password == "pw" && o.TLSConfig != nil && o.ReadTimeout == answerTime && o.ContextTimeoutEnabled
		},
		"redis://:sentinel@s:26379/3?master_name=m&addr=t:26379&password=pw": func(u redis.UniversalClient) bool {
			o := one(u)
			return o.Addr == "FailoverClient" && o.Password == "pw" && o.DB == 3 && o.WriteTimeout == answerTime
		},
	} {
		u, err := Dial(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if !ok(u) {
			t.Errorf("%s isn't what it says", url)
		}
		u.Close()
	}
}

func TestDialRefusesWithoutThePassword(t *testing.T) {
	for _, url := range []string{"", "localhost:6379", "http://:" + canary + "@h", "redis://:" + canary + "%@h", "redis://:" + canary + "@h:x", "redis://:" + canary + "@h/db",
		"redis://:" + canary + "@h?what=" + canary, "redis://:" + canary + "@h?read_timeout=" + canary, "unix://:" + canary + "@", "unix://h?addr=" + canary,
		"redis://:" + canary + "@h?master_name=", "redis://:" + canary + "@h?master_name=m&db=" + canary, "rediss://:" + canary + "@h?skip_verify=true",
		"redis://:" + canary + "@h:1?addr=i:1&read_only=true", "redis://:" + canary + "@h:1?master_name=m&replica_only=true"} {
		u, err := Dial(url)
		if err == nil {
			u.Close()
			t.Errorf("%s is taken", url)
		} else if strings.Contains(err.Error(), canary) {
			t.Errorf("the error holds the password: %v", err)
		}
	}
}

// check dials and checks, and holds the line to the rules of every error here.
func check(t *testing.T, url string, change ...func(*redis.Options)) (string, error) {
	t.Helper()
	u, err := Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	for _, c := range change {
		c(u.(*redis.Client).Options())
	}
	warning, err := Check(t.Context(), u)
	if err != nil && (strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), canary) || strings.Contains(err.Error(), servertest.RedisPassword)) {
		t.Errorf("not one line without the password: %v", err)
	}
	return warning, err
}

func TestCheck(t *testing.T) {
	s := servertest.StartRedis(t, "--maxmemory", "100mb")
	if warning, err := check(t, s.URL()); err != nil || warning != "" {
		t.Fatalf("a Redis as it should be: %q, %v", warning, err)
	}
	for url, want := range map[string]error{
		"redis://:" + canary + "@" + s.Addr:                             ErrRefused,
		"redis://nobody:" + canary + "@" + s.Addr:                       ErrRefused,
		"redis://" + s.Addr:                                             ErrRefused,
		"rediss://:" + canary + "@" + s.Addr:                            ErrTLS,
		"redis://:" + canary + "@127.0.0.1:1":                           ErrAway,
		"redis://:" + canary + "@127.0.0.1:1?addr=127.0.0.1:2":          ErrAway,
		"redis://:" + canary + "@127.0.0.1:1?master_name=m&password=pw": ErrAway,
		"unix:///none/such.sock":                                        ErrAway,
	} {
		if _, err := check(t, url); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", strings.ReplaceAll(url, s.Addr, "S"), err, want)
		}
	}
	c := s.Client()
	defer c.Close()
	if err := c.ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err(); err != nil {
		t.Fatal(err)
	}
	if warning, err := check(t, s.URL()); err != nil || !strings.Contains(warning, "allkeys-lru") {
		t.Errorf("a Redis that throws events away: %q, %v", warning, err)
	}
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	_, err := check(t, s.URL()+"?read_timeout=300ms&max_retries=-1")
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, ErrAway) {
		t.Errorf("a Redis that hangs: %v", err)
	}
}

// TestCheckOpen: a server without a password takes any, so a password in the URL
// proves nothing; on this machine it is let be.
func TestCheckOpen(t *testing.T) {
	s := servertest.StartRedis(t, "--bind", "0.0.0.0", "--protected-mode", "no")
	_, port, _ := net.SplitHostPort(s.Addr)
	outside := "redis://:" + servertest.RedisPassword + "@" + net.JoinHostPort(outsideAddress(t), port)
	if _, err := check(t, outside); err != nil {
		t.Fatalf("with a password: %v", err)
	}
	c := s.Client()
	defer c.Close()
	if err := c.ConfigSet(t.Context(), "requirepass", "").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := check(t, outside); !errors.Is(err, ErrOpen) {
		t.Errorf("open to the network: %v", err)
	}
	if _, err := check(t, s.URL()); err != nil {
		t.Errorf("open on this machine: %v", err)
	}
}

// outsideAddress is an address of this machine that isn't loopback.
func outsideAddress(t *testing.T) string {
	t.Helper()
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			return n.IP.String()
		}
	}
	t.Skip("this machine has no network")
	return ""
}

func TestCheckTLS(t *testing.T) {
	dir, pool := servertest.Certificate(t)
	_, port, err := net.SplitHostPort(freeAddr(t))
	if err != nil {
		t.Fatal(err)
	}
	servertest.StartRedis(t, "--tls-port", port, "--tls-cert-file", filepath.Join(dir, "cert"), "--tls-key-file", filepath.Join(dir, "key"), "--tls-auth-clients", "no")
	at := ":" + servertest.RedisPassword + "@127.0.0.1:" + port
	if warning, err := check(t, "rediss://"+at, func(o *redis.Options) { o.TLSConfig.RootCAs = pool }); err != nil || warning != "" {
		t.Errorf("over TLS: %q, %v", warning, err)
	}
	for _, url := range []string{"redis://" + at, "rediss://" + at} {
		if _, err := check(t, url); !errors.Is(err, ErrTLS) {
			t.Errorf("%.8s: %v", url, err)
		}
	}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

func TestTooOld(t *testing.T) {
	for version, want := range map[string]bool{"6.2.14": true, "5.0.7": true, "7.0.0": false, "8.2.1": false, "": false, "255.255.255": false} {
		if tooOld(version) != want {
			t.Errorf("%q", version)
		}
	}
}
