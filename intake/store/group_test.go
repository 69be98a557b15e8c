package store

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/database"
)

// batch runs jobs as one group on the test's own goroutine.
func batch(t *testing.T, s *Store, jobs ...*job) []error {
	t.Helper()
	for _, j := range jobs {
		j.outcome = make(chan struct{})
	}
	w := &writer{group: &group{db: s.db, dialect: dialectOf(s.db.Dialect)}, statements: newStatements(s.db.Write)}
	w.commit(jobs)
	errs := make([]error, len(jobs))
	for i, j := range jobs {
		<-j.outcome
		errs[i] = j.err
	}
	return errs
}

func draft(member string) *job {
	return &job{do: func(t *tx) error {
		_, err := t.exec(`INSERT INTO drafts (member, sealed) VALUES ($1, $2)`, member, []byte("x"))
		return err
	}}
}

func breaking(query string) *job {
	return &job{do: func(t *tx) error {
		_, err := t.exec(query)
		return err
	}}
}

func acceptance() *intake.Acceptance {
	return &intake.Acceptance{ReceiptTag: []byte("receipt"), Tip: intake.Tip{ID: intake.NewID(), Facts: intake.Facts{Lane: intake.Held}}}
}

func accepting(a *intake.Acceptance, got *intake.Accepted) *job {
	return &job{twice: true, do: func(t *tx) (err error) {
		*got, err = t.accept(a)
		return err
	}}
}

func opened(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "tips.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func drafts(t *testing.T, s *Store) (n int) {
	t.Helper()
	if err := s.read.QueryRow(`SELECT COUNT(*) FROM drafts`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestGroupUndoesOnlyWhatFailed(t *testing.T) {
	s := opened(t)
	sorry := errors.New("sorry")
	half := draft("c")
	do := half.do
	half.do = func(t *tx) error { return errors.Join(do(t), sorry) }
	errs := batch(t, s, draft("a"), draft("a"), half, draft("d"))
	if errs[0] != nil || errs[1] == nil || !errors.Is(errs[2], sorry) || errs[3] != nil || drafts(t, s) != 2 {
		t.Fatalf("errors %v, %d drafts", errs, drafts(t, s))
	}
}

// The database may give a whole transaction up with the statement that fails, as it
// does when the disk is full.
func TestGroupRunsEachAloneWhenTheTransactionIsLost(t *testing.T) {
	s := opened(t)
	lost := breaking(`ROLLBACK`)
	do := lost.do
	lost.do = func(t *tx) error { return errors.Join(do(t), errors.New("disk full")) }
	errs := batch(t, s, draft("a"), lost, draft("b"))
	if errs[0] != nil || errs[1] == nil || errs[2] != nil || drafts(t, s) != 2 {
		t.Fatalf("errors %v, %d drafts", errs, drafts(t, s))
	}
}

// TestBehindADoubt: what wasn't asked, because the one before had no answer, isn't in doubt.
func TestBehindADoubt(t *testing.T) {
	t.Parallel()
	s := opened(t)
	lost := breaking(`ROLLBACK`)
	errs := batch(t, s, lost, &job{do: func(*tx) error { return inDoubt(context.DeadlineExceeded) }}, draft("a"))
	if !errors.Is(errs[1], intake.ErrInDoubt) || errs[2] == nil || errors.Is(errs[2], intake.ErrInDoubt) || drafts(t, s) != 0 {
		t.Fatalf("errors %v, %d drafts", errs, drafts(t, s))
	}
}

// A commit that fails may have reached the disk all the same: what is accepted
// twice then is accepted once, and isn't called a duplicate.
func TestGroupAfterCommitOfUnknownOutcome(t *testing.T) {
	s := opened(t)
	a := acceptance()
	var got, second intake.Accepted
	errs := batch(t, s, accepting(a, &got), breaking(`COMMIT`))
	if !errors.Is(errs[0], errDuplicate) || got.ID != a.Tip.ID || got.Duplicate || errs[1] == nil {
		t.Fatalf("errors %v, accepted %+v", errs, got)
	}
	errs = batch(t, s, accepting(acceptance(), &second))
	if !errors.Is(errs[0], errDuplicate) || second.ID != a.Tip.ID || !second.Duplicate {
		t.Fatalf("errors %v, accepted %+v", errs, second)
	}
}

// TestWhatMayNotRunTwice: a commit without an answer may have been made, so only what is harmless twice is tried again.
func TestWhatMayNotRunTwice(t *testing.T) {
	t.Parallel()
	s := opened(t)
	for twice, want := range map[bool]int{true: tries, false: 1} {
		runs := 0
		errs := batch(t, s, &job{twice: twice, do: func(*tx) error { runs++; return inDoubt(errors.New("the connection broke")) }})
		if runs != want || !errors.Is(errs[0], intake.ErrInDoubt) {
			t.Errorf("twice %v: ran %d times, %v", twice, runs, errs[0])
		}
	}
}

// TestTheOutcomeIsWaitedFor: whose context ends while the transaction runs hears of success only behind the commit.
func TestTheOutcomeIsWaitedFor(t *testing.T) {
	t.Parallel()
	s := opened(t)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	err := s.group.write(ctx, false, func(tx *tx) error {
		leave()
		<-time.After(100 * time.Millisecond) // for who wouldn't wait; who does needs none of it
		return draft("a").do(tx)
	})
	if err != nil || drafts(t, s) != 1 {
		t.Errorf("%v, %d drafts", err, drafts(t, s))
	}
}

func TestGroupAfterFailedCommit(t *testing.T) {
	s := opened(t)
	late := &job{do: func(t *tx) error {
		if _, err := t.exec(`PRAGMA defer_foreign_keys = 1`); err != nil {
			return err
		}
		_, err := t.exec(`INSERT INTO history (tip, n, state, day) VALUES ('none', 1, '', '')`)
		return err
	}}
	var got, again intake.Accepted
	a := acceptance()
	errs := batch(t, s, accepting(a, &got), draft("a"), late, accepting(acceptance(), &again))
	if errs[0] != nil || errs[1] == nil || errs[2] == nil || got.Duplicate || drafts(t, s) != 0 {
		t.Fatalf("errors %v, accepted %+v, %d drafts", errs, got, drafts(t, s))
	}
	// its neighbour was told so only once the first was stored
	if !errors.Is(errs[3], errDuplicate) || again.ID != a.Tip.ID {
		t.Fatalf("error %v, accepted %+v", errs[3], again)
	}
}

// TestLeavingWithTheOutcome: who leaves when the outcome is there takes it along, and isn't told of a doubt.
func TestLeavingWithTheOutcome(t *testing.T) {
	t.Parallel()
	g := &group{done: make(chan struct{})}
	close(g.done)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 { // a select takes any that is ready
		j := &job{leaves: true, outcome: make(chan struct{})}
		j.taken.Store(true)
		close(j.outcome)
		if err := g.await(ctx, j); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLeavingALockedDatabase: who gives up while somebody else holds the database's lock is told that nothing is kept,
// and nothing is: not even once the lock is free.
func TestLeavingALockedDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tips.db")
	s, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	other, err := database.Open(t.Context(), database.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	lock, err := other.Write.Begin() // IMMEDIATE
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, err := s.Accept(ctx, acceptance()); !errors.Is(err, intake.ErrNotDurable) || errors.Is(err, intake.ErrInDoubt) {
				t.Errorf("told %v", err)
			}
		})
	}
	wg.Wait()
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := s.group.write(t.Context(), false, draft("a").do); err != nil { // behind whatever was begun
		t.Fatal(err)
	}
	var n int
	if err := s.read.QueryRow(`SELECT COUNT(*) FROM tips`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d tips are kept, %v", n, err)
	}
}
