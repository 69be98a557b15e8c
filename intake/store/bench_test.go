package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"tipline/intake"
	"tipline/intake/store"
)

// BenchmarkAccept sets Accept beside the least that a store could do on the same
// settings: three short inserts in a transaction, alone or sharing its commit.
func BenchmarkAccept(b *testing.B) {
	for _, senders := range []int{1, 16} {
		for _, c := range []struct {
			name string
			with func(b *testing.B, s *store.Store) (func() error, func())
		}{{"tip", acceptTips}, {"bare", bareInserts}, {"bare-grouped", bareGrouped}} {
			b.Run(fmt.Sprintf("%s/%d", c.name, senders), func(b *testing.B) {
				s := open(b, filepath.Join(b.TempDir(), "tips.db"))
				one, end := c.with(b, s)
				shared(b, senders, one)
				end()
			})
		}
	}
}

// BenchmarkFilterIndexes is what the five indexes of dates, flags and sources cost an insert.
func BenchmarkFilterIndexes(b *testing.B) {
	for _, drop := range []string{"", "DROP INDEX tips_due; DROP INDEX tips_undue; DROP INDEX tips_urgent; DROP INDEX tips_real_name; DROP INDEX tips_source"} {
		b.Run(map[bool]string{true: "with", false: "without"}[drop == ""], func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "tips.db"))
			if _, err := s.Database().Write.Exec(drop); err != nil {
				b.Fatal(err)
			}
			one, end := acceptTips(b, s)
			shared(b, 16, one)
			end()
		})
	}
}

// shared runs b.N times one, from so many sides.
func shared(b *testing.B, senders int, one func() error) {
	b.ReportAllocs()
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var wait sync.WaitGroup
	for range senders {
		wait.Go(func() {
			for left.Add(-1) >= 0 {
				if err := one(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
}

// sealedSize is what a report of a few lines has once it is sealed.
const sealedSize = 6 << 10

func acceptTips(_ *testing.B, s *store.Store) (func() error, func()) {
	sealed := make([]byte, sealedSize)
	return func() error {
		id := intake.NewID()
		t := intake.Tip{ID: id, KeyVersion: 1, Commitment: id + id, Unread: true, State: intake.StateReceived, DueOn: "2026-03-16",
			Facts: intake.Facts{Desk: "d", Channel: intake.Web, Source: "public", Category: "dumping", Place: "411422207201", Lane: intake.Normal,
				Reply: intake.ReplyReceipt, ReceivedOn: "2026-03-01"}}
		_, err := s.Accept(context.Background(), &intake.Acceptance{Tip: t, ReceiptTag: []byte(id), Reporter: "age1pq1",
			Parts: []intake.Part{{Compartment: "report", Name: "1", Sealed: sealed}}, Event: &intake.Event{ID: id, Data: intake.EventData{Tip: id}}})
		return err
	}, func() {}
}

func bareTables(b *testing.B, s *store.Store) {
	b.Helper()
	if _, err := s.Database().Write.Exec(`CREATE TABLE a (id TEXT PRIMARY KEY, v TEXT); CREATE TABLE b (id TEXT PRIMARY KEY, v BLOB); CREATE TABLE c (id TEXT PRIMARY KEY, v TEXT)`); err != nil {
		b.Fatal(err)
	}
}

// inserts are the three, prepared: a row, a sealed text, an event.
func inserts(b *testing.B, s *store.Store) (func(tx *sql.Tx) error, func()) {
	b.Helper()
	bareTables(b, s)
	var st [3]*sql.Stmt
	for i, table := range []string{"a", "b", "c"} {
		var err error
		if st[i], err = s.Database().Write.Prepare(`INSERT INTO ` + table + ` (id, v) VALUES ($1, $2)`); err != nil {
			b.Fatal(err)
		}
	}
	sealed, body := make([]byte, sealedSize), string(make([]byte, 500))
	run := func(tx *sql.Tx) error {
		id := intake.NewID()
		for i, v := range []any{"some facts", sealed, body} {
			if _, err := tx.Stmt(st[i]).Exec(id, v); err != nil {
				return err
			}
		}
		return nil
	}
	return run, func() {
		for _, x := range st {
			x.Close()
		}
	}
}

func bareInserts(b *testing.B, s *store.Store) (func() error, func()) {
	run, end := inserts(b, s)
	return func() error {
		tx, err := s.Database().Write.Begin()
		if err != nil {
			return err
		}
		if err := run(tx); err != nil {
			return err
		}
		return tx.Commit()
	}, end
}

func bareGrouped(b *testing.B, s *store.Store) (func() error, func()) {
	run, end := inserts(b, s)
	jobs := make(chan chan error, 64)
	var writer sync.WaitGroup
	writer.Go(func() {
		for first := range jobs {
			batch := []chan error{first}
			for more := true; more && len(batch) < 64; {
				select {
				case j, open := <-jobs:
					if more = open; open {
						batch = append(batch, j)
					}
				default:
					more = false
				}
			}
			tx, err := s.Database().Write.Begin()
			for range batch {
				if err == nil {
					err = run(tx)
				}
			}
			if err == nil {
				err = tx.Commit()
			}
			for _, j := range batch {
				j <- err
			}
		}
	})
	one := func() error {
		j := make(chan error)
		jobs <- j
		return <-j
	}
	return one, func() {
		close(jobs)
		writer.Wait()
		end()
	}
}
