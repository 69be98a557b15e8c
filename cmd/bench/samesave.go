package main

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "modernc.org/sqlite"
)

// How many tips share a commit at most, and how many commits go side by side in
// PostgreSQL when they are shared and when they aren't.
const (
	groupMost      = 64
	groupWriters   = 4
	ownConnections = 16
)

// newSaver makes what commits a tip and returns when it is durable.
func newSaver(ctx context.Context, o *served) (func(context.Context, row) error, error) {
	commit, writers, err := newCommitter(ctx, o)
	if err != nil {
		return nil, err
	}
	if !o.group {
		return func(ctx context.Context, r row) error { return commit(ctx, []row{r}) }, nil
	}
	g := &group{jobs: make(chan job, groupMost), commit: commit}
	for range writers {
		go g.write(ctx)
	}
	return g.save, nil
}

func newCommitter(ctx context.Context, o *served) (commit func(context.Context, []row) error, writers int, err error) {
	if o.database == "" {
		db, err := newSQLite(ctx, filepath.Join(o.data, "tipline.db"))
		if err != nil {
			return nil, 0, err
		}
		return db.commit, 1, nil
	}
	config, err := pgxpool.ParseConfig(o.database)
	if err != nil {
		return nil, 0, err
	}
	if config.MaxConns = ownConnections; o.group {
		config.MaxConns = groupWriters
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, 0, err
	}
	return func(ctx context.Context, rows []row) error { return commitPostgres(ctx, pool, rows) }, groupWriters, nil
}

// commitPostgres sends everything in one round trip, which is one transaction.
func commitPostgres(ctx context.Context, pool *pgxpool.Pool, rows []row) error {
	var b pgx.Batch
	for _, s := range batch(rows) {
		b.Queue(s.text, s.args...)
	}
	return pool.SendBatch(ctx, &b).Close()
}

// sqlite is one connection with tipline's own settings, and its statements, each
// prepared once.
type sqlite struct {
	mu       sync.Mutex
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

func newSQLite(ctx context.Context, file string) (*sqlite, error) {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)&_pragma=secure_delete(1)"+
		"&_pragma=temp_store(MEMORY)&_pragma=cache_size(-4096)&_pragma=wal_autocheckpoint(4000)&_busy_timeout=10000&_synchronous=FULL")
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	return &sqlite{conn: conn, prepared: map[string]*sql.Stmt{}}, err
}

// commit writes rows in one transaction. A caller that goes away doesn't stop it.
func (s *sqlite) commit(ctx context.Context, rows []row) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx = context.WithoutCancel(ctx)
	if err := s.exec(ctx, statement{text: "BEGIN IMMEDIATE"}); err != nil {
		return err
	}
	for _, st := range batch(rows) {
		if err := s.exec(ctx, st); err != nil {
			return errors.Join(err, s.exec(ctx, statement{text: "ROLLBACK"}))
		}
	}
	return s.exec(ctx, statement{text: "COMMIT"})
}

func (s *sqlite) exec(ctx context.Context, st statement) (err error) {
	p := s.prepared[st.text]
	if p == nil {
		if p, err = s.conn.PrepareContext(ctx, st.text); err != nil {
			return err
		}
		s.prepared[st.text] = p
	}
	_, err = p.ExecContext(ctx, st.args...)
	return err
}

// group lets those who wait share a commit.
type group struct {
	jobs   chan job
	commit func(context.Context, []row) error
}

type job struct {
	row
	done chan error
}

func (g *group) save(_ context.Context, r row) error {
	j := job{r, make(chan error, 1)}
	g.jobs <- j
	return <-j.done
}

// write commits what waits, until ctx ends.
func (g *group) write(ctx context.Context) {
	for {
		var jobs []job
		select {
		case <-ctx.Done():
			return
		case j := <-g.jobs:
			jobs = append(jobs, j)
		}
		jobs = g.more(jobs)
		rows := make([]row, len(jobs))
		for i, j := range jobs {
			rows[i] = j.row
		}
		err := g.commit(ctx, rows)
		for _, j := range jobs {
			j.done <- err
		}
	}
}

func (g *group) more(jobs []job) []job {
	for len(jobs) < groupMost {
		select {
		case j := <-g.jobs:
			jobs = append(jobs, j)
		default:
			return jobs
		}
	}
	return jobs
}
