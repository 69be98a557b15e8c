package queue

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// How long Redis is waited for, unless its URL says otherwise (dial_timeout=,
// read_timeout=, max_retries= and the like, as in the go-redis documentation). A
// command that failed is tried again after a pause with jitter.
const (
	dialTime   = 3 * time.Second
	answerTime = 3 * time.Second
	poolTime   = 4 * time.Second
	retries    = 2
	firstRetry = 50 * time.Millisecond
	lastRetry  = 500 * time.Millisecond
)

// stale are the settings of go-redis that let a replica answer: what it doesn't know
// yet would count as lost, and what it still knows as acknowledged.
var stale = []string{"read_only", "replica_only", "route_by_latency", "route_randomly", "use_disconnected_replicas"}

// ErrURL says that a Redis URL can't be read. It never holds the URL.
var ErrURL = errors.New("must look like redis://:PASSWORD@host:6379/0, rediss:// for TLS, unix:///path?db=0, ?addr=host:port for each further " +
	"node of a cluster, or ?master_name=NAME at a sentinel; write other signs than letters and digits of a password as %XX")

// Dial is a client of the Redis at an URL: one server (redis://, rediss:// with
// TLS, unix://), a cluster (?addr= names further nodes), or what sentinels watch
// (?master_name=; user and password of the URL are the sentinels' then, ?username=
// and ?password= the server's). It doesn't connect yet; [Check] does.
func Dial(address string) (redis.UniversalClient, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, ErrURL // the parser's error quotes the URL, and its password
	}
	q := u.Query()
	switch {
	case q.Has("skip_verify"):
		return nil, errors.New("skip_verify would send the password to anybody who answers: give the system the server's CA instead (SSL_CERT_FILE)")
	case slices.ContainsFunc(stale, q.Has):
		return nil, fmt.Errorf("%s would ask replicas, which are behind their master: leave it out", strings.Join(stale, ", "))
	case q.Has("master_name"):
		return dialSentinel(address)
	case q.Has("addr"):
		return dialCluster(address)
	default:
		return dialOne(address)
	}
}

func dialOne(address string) (redis.UniversalClient, error) {
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, ErrURL
	}
	o.ContextTimeoutEnabled, o.DisableIdentity = true, true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	patient(&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout, &o.MinRetryBackoff, &o.MaxRetryBackoff, &o.MaxRetries, &o.DialerRetries)
	lean(&o.ReadBufferSize, &o.WriteBufferSize, &o.PipelineReadBufferSize, &o.PipelineWriteBufferSize)
	return redis.NewClient(o), nil
}

func dialCluster(address string) (redis.UniversalClient, error) {
	o, err := redis.ParseClusterURL(address)
	if err != nil {
		return nil, ErrURL
	}
	o.ContextTimeoutEnabled, o.DisableIdentity = true, true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	patient(&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout, &o.MinRetryBackoff, &o.MaxRetryBackoff, &o.MaxRetries, &o.DialerRetries)
	lean(&o.ReadBufferSize, &o.WriteBufferSize, &o.PipelineReadBufferSize, &o.PipelineWriteBufferSize)
	return redis.NewClusterClient(o), nil
}

func dialSentinel(address string) (redis.UniversalClient, error) {
	o, err := redis.ParseFailoverURL(address)
	if err != nil || o.MasterName == "" {
		return nil, ErrURL
	}
	o.ContextTimeoutEnabled, o.DisableIdentity = true, true
	patient(&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout, &o.MinRetryBackoff, &o.MaxRetryBackoff, &o.MaxRetries, &o.DialerRetries)
	lean(&o.ReadBufferSize, &o.WriteBufferSize, &o.PipelineReadBufferSize, &o.PipelineWriteBufferSize)
	return redis.NewFailoverClient(o), nil
}

// patient fills in what the URL left open.
func patient(dial, read, write, pool, first, last *time.Duration, tries, dials *int) {
	for _, w := range []struct {
		at   *time.Duration
		unit time.Duration
	}{{dial, dialTime}, {read, answerTime}, {write, answerTime}, {pool, poolTime}, {first, firstRetry}, {last, lastRetry}} {
		if *w.at <= 0 { // "no timeout" isn't to be had
			*w.at = w.unit
		}
	}
	if *tries == 0 {
		*tries = retries
	}
	*dials = 1
}

// lean makes a connection's buffers fit what goes through them, which is some hundred bytes, and a batch of events
// in a pipeline: go-redis takes 64 KiB and 256 KiB for each.
func lean(read, write, pipelineRead, pipelineWrite *int) {
	*read, *write, *pipelineRead, *pipelineWrite = 4<<10, 4<<10, 16<<10, 32<<10
}
