package store

import (
	"errors"
	"testing"

	"tipline/intake"
	"tipline/intake/servertest"
)

// onPostgres is a writer of a store on a real server.
func onPostgres(t *testing.T) *writer {
	t.Helper()
	url, err := servertest.StartPostgres(t).Database()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &writer{group: &group{db: s.db, dialect: dialectOf(s.db.Dialect)}}
}

// kept are the tips there are, and those that the counters say there are.
func kept(t *testing.T, w *writer) (tips, counted int) {
	t.Helper()
	if err := w.db.Read.QueryRow(`SELECT (SELECT COUNT(*) FROM tips), (SELECT COALESCE(SUM(n), 0) FROM counters)`).Scan(&tips, &counted); err != nil {
		t.Fatal(err)
	}
	return tips, counted
}

func ready(jobs ...*job) []*job {
	for _, j := range jobs {
		j.outcome = make(chan struct{})
	}
	return jobs
}

func TestAhead(t *testing.T) {
	w := onPostgres(t)
	fresh := func(receipt string) *job {
		a := acceptance()
		a.ReceiptTag = []byte(receipt)
		return accepting(a, new(intake.Accepted))
	}
	asking := acceptance()
	asking.ReceiptTag, asking.Audit = []byte("asking"), &intake.Audit{Member: "li", Act: "typed"}
	once := &job{do: func(t *tx) error { // it asks for no answer: only that it mustn't run twice keeps it back
		return t.put(`INSERT INTO drafts (member, sealed) VALUES ($1, $2)`, "a", []byte("x"))
	}}
	broken := acceptance()
	broken.ReceiptTag, broken.Parts = []byte("broken"), []intake.Part{{Name: "1"}, {Name: "1"}}
	for _, c := range []struct {
		name   string
		jobs   []*job
		others int // that aren't done
		fails  bool
		kept   int // from then on
	}{
		{"several", ready(fresh("1"), fresh("2"), fresh("3")), 0, false, 3},
		{"one that reads and one that mustn't run twice are left, and nothing of them is kept", ready(fresh("4"), accepting(asking, new(intake.Accepted)), once, fresh("5")), 2, false, 5},
		{"a receipt that is there undoes all", ready(fresh("6"), fresh("1")), 2, true, 5},
		{"a receipt that comes twice undoes all", ready(fresh("6"), fresh("6")), 2, true, 5},
		{"a row that can't be undoes all", ready(fresh("6"), accepting(broken, new(intake.Accepted))), 2, true, 5},
		{"the same goes through without it", ready(fresh("6")), 0, false, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			others, err := w.ahead(c.jobs)
			if len(others) != c.others || (err != nil) != c.fails {
				t.Errorf("%d are left and the error is %v, want %d, %v", len(others), err, c.others, c.fails)
			}
			if tips, counted := kept(t, w); tips != c.kept || counted != c.kept {
				t.Errorf("%d tips, %d counted, want %d", tips, counted, c.kept)
			}
		})
	}
	if tips, _ := kept(t, w); tips == 6 && w.commitAll(ready(fresh("6"), fresh("7"), accepting(asking, new(intake.Accepted)), once)) != 1 {
		t.Error("what failed together isn't told apart one by one")
	}
	if tips, counted := kept(t, w); tips != 8 || counted != 8 {
		t.Errorf("%d tips, %d counted, want 8", tips, counted)
	}
}

// commitAll counts the duplicates.
func (w *writer) commitAll(jobs []*job) (duplicates int) {
	w.commit(jobs)
	for _, j := range jobs {
		<-j.outcome
		if errors.Is(j.err, errDuplicate) {
			duplicates++
		}
	}
	return duplicates
}
