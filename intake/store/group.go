package store

import (
	"context"
	"database/sql"
	"runtime"
	"sync"
	"sync/atomic"
)

// groupMax is the most writes one transaction takes.
const groupMax = 64

// group is the one writer: it takes all who wait into one transaction, each
// behind a savepoint, so that one that fails takes nobody with it.
type group struct {
	db         *sql.DB
	statements *statements
	jobs       chan *job
	quit, done chan struct{}
	stop       sync.Once
}

// job is one write. It runs again when the transaction it shared failed.
type job struct {
	do func(*tx) error
	// twice says that running it after a commit of unknown outcome is harmless.
	twice   bool
	taken   atomic.Bool // by the writer, or by a caller that gave up
	err     error
	outcome chan struct{} // closed once err holds
}

func newGroup(db *sql.DB) *group {
	g := &group{db: db, statements: newStatements(db), jobs: make(chan *job, groupMax), quit: make(chan struct{}), done: make(chan struct{})}
	go g.run()
	return g
}

func (g *group) close() {
	g.stop.Do(func() { close(g.quit) })
	<-g.done
}

// write runs do in a transaction and returns after its commit. Once the
// transaction has begun the outcome is waited for, even past the end of ctx, so
// that an error means that nothing is kept.
func (g *group) write(ctx context.Context, twice bool, do func(*tx) error) error {
	j := &job{do: do, twice: twice, outcome: make(chan struct{})}
	if err := cause(ctx); err != nil {
		return err
	}
	select {
	case <-g.quit:
		return ErrClosed
	default:
	}
	select {
	case g.jobs <- j:
	case <-ctx.Done():
		return cause(ctx)
	case <-g.quit:
		return ErrClosed
	}
	return g.await(ctx, j)
}

func (g *group) await(ctx context.Context, j *job) error {
	var gaveUp error
	select {
	case <-j.outcome:
		return j.err
	case <-ctx.Done():
		gaveUp = cause(ctx)
	case <-g.done:
		gaveUp = ErrClosed
	}
	if j.taken.CompareAndSwap(false, true) {
		return gaveUp
	}
	<-j.outcome
	return j.err
}

// run is the writer's goroutine; it ends with close.
func (g *group) run() {
	defer close(g.done)
	defer g.statements.close()
	for {
		select {
		case <-g.quit:
			return
		case j := <-g.jobs:
			g.commit(g.gather(j))
		}
	}
}

// gather takes what waits behind the first job, but waits for nobody. Those whom
// the last commit woke get a chance to line up: a group holds half as many again.
func (g *group) gather(first *job) []*job {
	var batch []*job
	runtime.Gosched()
	for j := first; ; {
		if j.taken.CompareAndSwap(false, true) {
			batch = append(batch, j)
		}
		if len(batch) == groupMax {
			return batch
		}
		select {
		case j = <-g.jobs:
		default:
			return batch
		}
	}
}

// commit runs a batch in one transaction, and each alone when that fails.
func (g *group) commit(batch []*job) {
	again := batch
	if len(batch) > 1 {
		again = g.together(batch)
	}
	for _, j := range again {
		g.alone(j)
	}
	g.statements.prepare()
}

// together returns the jobs that are to run again, alone.
func (g *group) together(batch []*job) (again []*job) {
	t, err := g.begin()
	if err != nil {
		return batch
	}
	for _, j := range batch {
		var whole bool
		if j.err, whole = t.guarded(j.do); !whole {
			t.rollback()
			return batch
		}
	}
	err = t.commit()
	for _, j := range batch {
		// A job's own error may rest on what a neighbour wrote, so it counts only
		// when the neighbours are committed.
		if err != nil && (j.twice || j.err != nil) {
			again = append(again, j)
			continue
		}
		if err != nil {
			j.err = err
		}
		close(j.outcome)
	}
	return again
}

func (g *group) alone(j *job) {
	defer close(j.outcome)
	t, err := g.begin()
	if err != nil {
		j.err = err
		return
	}
	if j.err = j.do(t); j.err != nil {
		t.rollback()
		return
	}
	j.err = t.commit()
}

// begin has no caller's context: the transaction belongs to several callers, and
// the wait for another process's lock has its own limit.
func (g *group) begin() (*tx, error) {
	t, err := g.db.BeginTx(context.Background(), nil)
	if err != nil {
		return nil, err
	}
	return &tx{tx: t, statements: g.statements}, nil
}
