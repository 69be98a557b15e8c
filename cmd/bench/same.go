package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
	"github.com/gin-gonic/gin"
	_ "modernc.org/sqlite"
)

// same does the jobs of a submission with libraries alone: the same seals, the
// receipt's key, the same rows in the same tables with group commit, the files
// synced, renamed and their folder synced. It validates, limits and renders
// nothing.
type same struct {
	dir             string
	desk, custodian *age.HybridRecipient
	db              *sql.DB
	jobs            chan row
}

// row is one tip to be written.
type row struct {
	id, reporter, commitment  string
	tag, report, names, event []byte
	files                     int
	done                      chan error
}

func serveSame(ctx context.Context, addr, data string) error {
	s := &same{dir: filepath.Join(data, "same"), jobs: make(chan row, 64)}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	for _, to := range []**age.HybridRecipient{&s.desk, &s.custodian} {
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			return err
		}
		*to = id.Recipient()
	}
	var err error
	s.db, err = sql.Open("sqlite", "file:"+filepath.Join(data, "tipline.db")+"?_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_pragma=secure_delete(1)"+
		"&_pragma=temp_store(MEMORY)&_pragma=cache_size(-4096)&_busy_timeout=10000&_synchronous=FULL&_txlock=immediate")
	if err != nil {
		return err
	}
	s.db.SetMaxOpenConns(1)
	go s.write(ctx)
	gin.SetMode(gin.ReleaseMode)
	g := gin.New()
	g.GET("/", func(c *gin.Context) { c.Status(http.StatusOK) })
	g.POST("/report", s.report)
	return http.ListenAndServe(addr, g)
}

func (s *same) report(c *gin.Context) {
	r, err := s.take(c.Request)
	if err != nil {
		c.String(http.StatusInternalServerError, err.Error())
		return
	}
	r.done = make(chan error, 1)
	s.jobs <- r
	if err := <-r.done; err != nil {
		c.String(http.StatusInternalServerError, err.Error())
		return
	}
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(answer))
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

// write commits what waits in one transaction.
func (s *same) write(ctx context.Context) {
	for {
		var batch []row
		select {
		case <-ctx.Done():
			return
		case r := <-s.jobs:
			batch = append(batch, r)
		}
		for more := true; more && len(batch) < 64; {
			select {
			case r := <-s.jobs:
				batch = append(batch, r)
			default:
				more = false
			}
		}
		err := s.commit(batch)
		for _, r := range batch {
			r.done <- err
		}
	}
}

func (s *same) commit(batch []row) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, r := range batch {
		if err := insert(tx, r); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func insert(tx *sql.Tx, r row) error {
	day := time.Now().Format(time.DateOnly)
	type stmt struct {
		text string
		args []any
	}
	all := []stmt{
		{`INSERT INTO tips (id, desk, key_version, channel, source, category, conduct, place, town, village, urgent, lane, state, real_name, reply,
			received_on, files, commitment, unread, department, due_on)
			VALUES ($1,'main',1,'web','public','housing_on_farmland','','','','',0,'normal','received',0,'receipt',$2,$3,$4,1,'',$2)`, []any{r.id, day, r.files, r.commitment}},
		{`INSERT INTO receipts (tag, tip, reporter) VALUES ($1, $2, $3)`, []any{r.tag, r.id, r.reporter}},
		{`INSERT INTO history (tip, n, state, day) VALUES ($1, 1, 'received', $2)`, []any{r.id, day}},
		{`INSERT INTO counters (desk, lane, state, n, unread) VALUES ('main','normal','received',1,1)
			ON CONFLICT (desk, lane, state) DO UPDATE SET n = counters.n + 1, unread = counters.unread + 1`, nil},
		{`INSERT INTO parts (tip, compartment, name, n, desk, key_version, sealed) VALUES ($1,'report','1',1,'main',1,$2)`, []any{r.id, r.report}},
		{`INSERT INTO outbox (id, type, tip, desk, day, body, claimed_by, claimed_until) VALUES ($1,'tipline.tip.received.v1',$2,'main',$3,$4,'',0)`, []any{randomHex(), r.id, day, r.event}},
	}
	if r.files > 0 {
		all = append(all, stmt{`INSERT INTO parts (tip, compartment, name, n, desk, key_version, sealed) VALUES ($1,'originals','1',1,'main',1,$2)`, []any{r.id, r.names}})
		for _, compartment := range []string{"originals", "clean"} {
			all = append(all, stmt{`INSERT INTO containers (tip, compartment, desk, key_version) VALUES ($1,$2,'main',1)`, []any{r.id, compartment}})
			for n := range r.files {
				all = append(all, stmt{`INSERT INTO streams (tip, compartment, n, name, start, length) VALUES ($1,$2,$3,$4,0,0)`, []any{r.id, compartment, n + 1, fmt.Sprint(n + 1)}})
			}
		}
	}
	for _, q := range all {
		if _, err := tx.Exec(q.text, q.args...); err != nil {
			return err
		}
	}
	return nil
}

// syncTo makes a temporary file durable under its name.
func syncTo(f *os.File, name string) error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func discard(c io.Closer) { _ = c.Close() }
