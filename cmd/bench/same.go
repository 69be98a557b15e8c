package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
)

// served is what a rival of this program is told.
type served struct {
	addr, data, database, redis string
	group                       bool
}

func (s *served) flags(f *flag.FlagSet) {
	f.StringVar(&s.addr, "addr", "", "internal: where to listen")
	f.StringVar(&s.data, "data", "", "internal: a folder")
	f.StringVar(&s.database, "database", "", "internal: a PostgreSQL URL, or empty for SQLite in the folder")
	f.StringVar(&s.redis, "redis", "", "internal: a Redis URL, or empty for none")
	f.BoolVar(&s.group, "group", false, "internal: submissions share a commit")
}

func (s *served) serve(ctx context.Context, name string) error {
	if err := os.MkdirAll(s.data, 0o700); err != nil {
		return err
	}
	switch name {
	case "bare":
		return serveReport(s.addr, readReport)
	case "synced":
		return serveReport(s.addr, syncFiles(s.data))
	case "same":
		same, err := newSame(ctx, s)
		if err != nil {
			return err
		}
		return serveReport(s.addr, same.report)
	default:
		return fmt.Errorf("-serve: there is no rival %q", name)
	}
}

// same does the jobs of a submission with libraries alone: a limit counted in
// Redis, the same seals, the receipt's key, the same rows in the same tables, the
// files synced, renamed and their folder synced, the event in the stream. It
// validates, renders and cleans nothing, and has no housekeeping beside it.
type same struct {
	dir             string
	desk, custodian *age.HybridRecipient
	limits          *redis_rate.Limiter // nil without Redis
	redis           *redis.Client
	save            func(context.Context, row) error
}

// row is one tip to be written.
type row struct {
	id, reporter, commitment  string
	tag, report, names, event []byte
	files                     int
}

func newSame(ctx context.Context, o *served) (*same, error) {
	s := &same{dir: filepath.Join(o.data, "same")}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	for _, to := range []**age.HybridRecipient{&s.desk, &s.custodian} {
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			return nil, err
		}
		*to = id.Recipient()
	}
	if o.redis != "" {
		opt, err := redis.ParseURL(o.redis)
		if err != nil {
			return nil, err
		}
		s.redis = redis.NewClient(opt)
		s.limits = redis_rate.NewLimiter(s.redis)
	}
	var err error
	s.save, err = newSaver(ctx, o)
	return s, err
}

func (s *same) report(req *http.Request) error {
	if err := s.limit(req); err != nil {
		return err
	}
	r, err := s.take(req)
	if err != nil {
		return err
	}
	if err := s.save(req.Context(), r); err != nil {
		return err
	}
	return s.tell(req.Context(), r)
}

// limit counts the sender's reports of this hour.
func (s *same) limit(req *http.Request) error {
	if s.limits == nil {
		return nil
	}
	host, _, err := net.SplitHostPort(req.RemoteAddr)
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, []byte("salt"))
	mac.Write([]byte(host))
	got, err := s.limits.Allow(req.Context(), hex.EncodeToString(mac.Sum(nil)), redis_rate.PerHour(100_000_000))
	if err == nil && got.Allowed == 0 {
		err = fmt.Errorf("limited")
	}
	return err
}

// tell puts the event into the stream.
func (s *same) tell(ctx context.Context, r row) error {
	if s.redis == nil {
		return nil
	}
	return s.redis.XAdd(ctx, &redis.XAddArgs{Stream: "same:ledger", Values: []any{"event", r.event}}).Err()
}

// take reads and seals one submission.
func (s *same) take(req *http.Request) (r row, err error) {
	r.id = randomHex()
	fields := map[string]string{}
	if m, err := req.MultipartReader(); err == nil {
		if r.files, err = s.takeParts(m, r.id, fields); err != nil {
			return r, err
		}
	} else if err := req.ParseForm(); err != nil {
		return r, err
	} else {
		for k := range req.PostForm {
			fields[k] = req.PostForm.Get(k)
		}
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return r, err
	}
	if r.report, err = seal(text, s.desk); err != nil {
		return r, err
	}
	if r.files > 0 {
		if r.names, err = s.nested([]byte(`["a.jpg","b.jpg","c.jpg"]`)); err != nil {
			return r, err
		}
	}
	sum := sha256.Sum256(r.report)
	r.commitment = hex.EncodeToString(sum[:])
	mac := hmac.New(sha256.New, []byte("pepper"))
	mac.Write([]byte(fields["token"]))
	r.tag = mac.Sum(nil)
	if r.reporter, err = reporterKey(r.tag); err != nil {
		return r, err
	}
	r.event, err = json.Marshal(map[string]any{"id": r.id, "type": "tipline.tip.received.v1", "data": map[string]string{"tip": r.id, "commitment": r.commitment}})
	return r, err
}

func randomHex() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func today() string { return time.Now().Format(time.DateOnly) }
