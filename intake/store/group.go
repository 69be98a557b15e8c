package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"tipline/intake"
	"tipline/intake/database"
)

// groupMax is the most writes one transaction takes.
const groupMax = 64

// tries is how often a lone write is begun.
const tries = 3

// group are the writers: each takes all who wait into one transaction. When one
// fails it begins again with each behind a savepoint, so that nobody is taken along.
// SQLite has one writer.
type group struct {
	db         *database.DB
	dialect    dialect
	jobs       chan *job
	quit, done chan struct{}
	stop       sync.Once
}

// writer is one goroutine of a group, with the statements of its own.
type writer struct {
	*group
	statements *statements
}

// job is one write. It runs again when the transaction it shared failed.
type job struct {
	do func(*tx) error
	// twice says that running it after a commit of unknown outcome is harmless.
	twice bool
	// leaves says that the caller goes when its context ends, whether the writer is at it or
	// not: it reads nothing that do writes then.
	leaves  bool
	taken   atomic.Bool // by the writer, or by a caller that gave up
	ours    bool        // the writer's to know: it was the writer
	doubt   bool        // a commit of it had no answer
	err     error
	outcome chan struct{} // closed once err holds
}

// doubted notes a commit that may have been made all the same.
func (j *job) doubted(err error) { j.doubt = j.doubt || errors.Is(err, intake.ErrInDoubt) }

// take says whether the job is the writer's. Its caller may go until then, and nothing is kept.
func (j *job) take() bool {
	j.ours = j.ours || j.taken.CompareAndSwap(false, true)
	return j.ours
}

// left says whether the caller gave up in time.
func (j *job) left() bool { return !j.ours && j.taken.Load() }

// takeAll are the jobs of a batch whose callers are still there.
func takeAll(batch []*job) (ours []*job) {
	for _, j := range batch {
		if j.take() {
			ours = append(ours, j)
		}
	}
	return ours
}

// end tells the outcome. That a commit is in doubt outlasts what later tries ran into.
func (j *job) end() {
	if j.doubt && j.err != nil {
		j.err = inDoubt(j.err)
	}
	close(j.outcome)
}

func newGroup(db *database.DB) *group {
	g := &group{db: db, dialect: dialectOf(db.Dialect), jobs: make(chan *job, groupMax), quit: make(chan struct{}), done: make(chan struct{})}
	var writers sync.WaitGroup
	for range db.Writers {
		w := &writer{group: g}
		if g.dialect.prepares {
			w.statements = newStatements(db.Write)
		}
		writers.Go(w.run)
	}
	go func() { writers.Wait(); close(g.done) }()
	return g
}

func (g *group) close() {
	g.stop.Do(func() { close(g.quit) })
	<-g.done
}

// write runs do in a transaction and returns after its commit. Once the
// transaction has begun the outcome is waited for, even past the end of ctx, so
// that an error means that nothing is kept, unless it wraps [intake.ErrInDoubt].
func (g *group) write(ctx context.Context, twice bool, do func(*tx) error) error {
	return g.run(ctx, &job{do: do, twice: twice})
}

// writeInTime is write for what may be run twice and whose caller has to answer when ctx ends.
// Where the writer is at it by then the error wraps [intake.ErrInDoubt], and nothing that
// do writes may be read.
func (g *group) writeInTime(ctx context.Context, do func(*tx) error) error {
	return g.run(ctx, &job{do: do, twice: true, leaves: true})
}

func (g *group) run(ctx context.Context, j *job) error {
	j.outcome = make(chan struct{})
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
	if j.leaves {
		select {
		case <-j.outcome: // it came just then, or before the writers ended
			return j.err
		default:
			return inDoubt(gaveUp)
		}
	}
	<-j.outcome
	return j.err
}

// run is the writer's goroutine; it ends with close.
func (w *writer) run() {
	defer w.statements.close()
	for {
		select {
		case <-w.quit:
			return
		case j := <-w.jobs:
			w.commit(w.gather(j))
		}
	}
}

// gather takes what waits behind the first job, but waits for nobody. Those whom
// the last commit woke get a chance to line up: a group holds half as many again.
func (w *writer) gather(first *job) []*job {
	var batch []*job
	runtime.Gosched()
	for j := first; ; {
		if !j.left() {
			batch = append(batch, j)
		}
		if len(batch) == groupMax {
			return batch
		}
		select {
		case j = <-w.jobs:
		default:
			return batch
		}
	}
}

// commit runs what it can of a batch ahead, the rest in one transaction, and each
// alone when that fails. Once the database doesn't answer, those behind aren't kept
// waiting for the same outcome.
func (w *writer) commit(batch []*job) {
	again, err := w.ahead(batch)
	if len(again) > 1 && !database.Away(err) {
		again = w.together(again)
	}
	var away error
	for _, j := range again {
		if away == nil {
			w.alone(j)
		} else {
			j.err = away
		}
		if database.Away(j.err) {
			away = fmt.Errorf("the database doesn't answer: %v", j.err) // in doubt is only what was asked
		}
		j.end()
	}
	w.statements.prepare()
}

// ahead runs the jobs whose statements need no answer, all in one round trip, and
// returns the others: every job when a claim failed or anything else was in the way,
// because then nothing is kept, or it is unknown whether all is. So only jobs that
// may run twice are tried.
func (w *writer) ahead(batch []*job) (others []*job, err error) {
	if !w.db.Pipelines() {
		return batch, nil
	}
	batch = takeAll(batch) // what is sent is done
	queue := &ahead{db: w.db}
	t := &tx{executor: queue, dialect: w.dialect, counts: counts{}}
	var sent []*job
	for _, j := range batch {
		if j.twice && t.queues(queue, j.do) {
			sent = append(sent, j)
		} else {
			others = append(others, j)
		}
	}
	if len(sent) == 0 {
		return batch, nil
	}
	err = t.commit()
	for _, j := range sent {
		if j.doubted(err); err == nil {
			j.end()
		}
	}
	if err != nil {
		return batch, err
	}
	return others, nil
}

// together returns the jobs that are to run again, alone. A savepoint costs each job
// copies of the pages it changes, so they are set only once a job of the batch failed.
func (w *writer) together(batch []*job) (again []*job) {
	for _, run := range []func(*tx, func(*tx) error) (error, bool){(*tx).bare, (*tx).guarded} {
		if again, whole := w.share(batch, run); whole {
			return again
		}
	}
	return batch
}

// share runs a batch in one transaction. whole is false when that had to be given up:
// then nothing is kept.
func (w *writer) share(batch []*job, run func(*tx, func(*tx) error) (error, bool)) (again []*job, whole bool) {
	t, err := w.begin()
	if err != nil {
		return batch, true
	}
	if batch = takeAll(batch); len(batch) == 0 {
		t.rollback()
		return nil, true
	}
	for _, j := range batch {
		if j.err, whole = run(t, j.do); !whole {
			t.rollback()
			return nil, false
		}
	}
	err = t.commit()
	for _, j := range batch {
		// A job's own error may rest on what a neighbour wrote, so it counts only
		// when the neighbours are committed. One that another transaction was in
		// the way of gets its turn alone.
		j.doubted(err)
		if err != nil && (j.twice || j.err != nil) || database.Undone(j.err) {
			again = append(again, j)
			continue
		}
		if err != nil {
			j.err = err
		}
		j.end()
	}
	return again, true
}

// alone runs one job, again when another transaction was in its way or the connection
// broke under its commit.
func (w *writer) alone(j *job) {
	for range tries {
		j.err = w.once(j)
		j.doubted(j.err)
		broke := j.twice && errors.Is(j.err, intake.ErrInDoubt) && !database.Away(j.err)
		if !broke && !database.Undone(j.err) {
			return
		}
	}
}

func (w *writer) once(j *job) error {
	if j.left() {
		return nil
	}
	t, err := w.begin()
	if err != nil {
		return err
	}
	if !j.take() {
		t.rollback()
		return nil
	}
	if err := j.do(t); err != nil {
		t.rollback()
		return err
	}
	return t.commit()
}

// begin has no caller's context: the transaction belongs to several callers, and
// the wait for another process's lock has its own limit.
func (w *writer) begin() (*tx, error) {
	t, err := w.db.Write.BeginTx(context.Background(), nil)
	if err != nil {
		return nil, err
	}
	return &tx{executor: &steps{tx: t, statements: w.statements}, dialect: w.dialect, counts: counts{}}, nil
}
