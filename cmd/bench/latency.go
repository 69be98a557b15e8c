package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// The steady stream of reports: so many a second, whether they are answered or
// not.
const (
	steady      = 200
	steadyTime  = 20 * time.Second
	ledgerLook  = 3 * time.Millisecond // between two looks at the ledger
	ledgerGrace = 30 * time.Second     // after the last report
)

// latency is the time from a report's answer to its row in the ledger.
func (b *bench) latency(ctx context.Context) error {
	fmt.Printf("%-18s %-16s %8s %30s %36s %7s %7s\n", "server", "on", "sent/s", "answered, ms: p50 p99 max", "then in the ledger, ms: p50 p99 max", "errors", "missing")
	worst := map[setting]time.Duration{}
	for _, r := range []rival{ours()[0], ours()[2], split} {
		var answers, arrivals []figures
		var missing int
		for round := range max(1, b.rounds-2) {
			progress("round %d: latency, %s on %s", round+1, r.name, r.on)
			a, l, lost, err := b.steadily(ctx, r)
			if err != nil {
				return fmt.Errorf("%s on %s: %w", r.name, r.on, err)
			}
			answers, arrivals, missing = append(answers, a), append(arrivals, l), missing+lost
		}
		progress("")
		a, l := median(answers), median(arrivals)
		fmt.Printf("%-18s %-16s %8.1f %10.2f %9.2f %9.2f %14.2f %9.2f %11.2f %7d %7d\n", r.name, r.on, a.perSecond, ms(a.p50), ms(a.p99), ms(a.max), ms(l.p50), ms(l.p99), ms(l.max), a.errors, missing)
		if a.first != nil {
			fmt.Println("  first error:", a.first)
		}
		worst[r.on] = max(worst[r.on], l.p99)
	}
	for _, s := range []setting{onSQLite, onPostgresRedis} {
		mustReach(fmt.Sprintf("receipt to ledger at %d/s on %s, p99 in s", steady, s), worst[s].Seconds(), 0, 1)
	}
	return nil
}

// steadily files reports at a steady rate and watches the ledger.
func (b *bench) steadily(ctx context.Context, r rival) (answers, arrivals figures, missing int, err error) {
	h, err := b.house(ctx, r.on)
	if err != nil {
		return answers, arrivals, 0, err
	}
	defer h.remove()
	up, err := r.run(h, ctx)
	if err != nil {
		return answers, arrivals, 0, err
	}
	defer up.stop()
	fire(ctx, up.sites, textBody, 2, time.Second)
	w, err := h.watch()
	if err != nil {
		return answers, arrivals, 0, err
	}
	defer w.db.Close()
	watching, done := context.WithCancel(ctx)
	var ended sync.WaitGroup
	ended.Go(func() { err = w.run(watching) })
	answers = b.open(ctx, up.sites[0], w)
	w.settle(ctx)
	done()
	ended.Wait()
	w.arrived.finish(steadyTime)
	return answers, w.arrived, len(w.waiting), err
}

// open sends reports by the clock. An answer's time counts from when its report
// was due.
func (b *bench) open(ctx context.Context, site string, w *watcher) (f figures) {
	client := newClient(steady)
	defer client.CloseIdleConnections()
	length := min(steadyTime, 7*b.each)
	began := time.Now()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for n := range int(length.Seconds() * steady) {
		due := began.Add(time.Duration(n) * time.Second / steady)
		time.Sleep(time.Until(due))
		wg.Go(func() {
			got, err := file(ctx, client, site)
			now := time.Now()
			if err == nil {
				w.expect(got.ID, now)
			}
			mu.Lock()
			defer mu.Unlock()
			f.add(now.Sub(due), err)
		})
	}
	wg.Wait()
	f.finish(time.Since(began))
	return f
}

// watcher looks for rows in the ledger's database.
type watcher struct {
	db      *sql.DB
	mu      sync.Mutex
	waiting map[string]time.Time // tips by when they were answered
	arrived figures
}

func (h *house) watch() (*watcher, error) {
	db, err := h.openDatabase()
	return &watcher{db: db, waiting: map[string]time.Time{}}, err
}

// openDatabase opens the house's database beside its processes.
func (h *house) openDatabase() (*sql.DB, error) {
	if h.database != "" {
		return sql.Open("pgx", h.database)
	}
	return sql.Open("sqlite", "file:"+filepath.Join(h.dir, "tipline.db")+"?_busy_timeout=10000&_query_only=1")
}

func (w *watcher) expect(tip string, answered time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting[tip] = answered
}

func (w *watcher) tips() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]string, 0, len(w.waiting))
	for tip := range w.waiting {
		out = append(out, tip)
	}
	return out
}

// run looks until ctx ends.
func (w *watcher) run(ctx context.Context) error {
	tick := time.NewTicker(ledgerLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		for part := range slices.Chunk(w.tips(), 500) {
			if err := w.look(ctx, part); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

func (w *watcher) look(ctx context.Context, tips []string) error {
	marks, args := make([]string, len(tips)), make([]any, len(tips))
	for i, tip := range tips {
		marks[i], args[i] = fmt.Sprintf("$%d", i+1), tip
	}
	rows, err := w.db.QueryContext(ctx, `SELECT tip FROM ledger_rows WHERE tip IN (`+strings.Join(marks, ",")+`)`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var tip string
		if err := rows.Scan(&tip); err != nil {
			return err
		}
		w.note(tip)
	}
	return rows.Err()
}

func (w *watcher) note(tip string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.arrived.add(time.Since(w.waiting[tip]), nil)
	delete(w.waiting, tip)
}

// settle waits until nothing is waited for, or the grace is over.
func (w *watcher) settle(ctx context.Context) {
	for end := time.Now().Add(ledgerGrace); len(w.tips()) > 0 && time.Now().Before(end) && ctx.Err() == nil; {
		time.Sleep(ledgerLook)
	}
}
