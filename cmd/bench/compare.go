package main

import (
	"context"
	"fmt"
	"time"
)

// rival is one server under measurement.
type rival struct {
	name string
	on   setting
	bare bool // needs no installation
	run  func(*house, context.Context) (*running, error)
}

// kind is one way to load a rival.
type kind struct {
	name    string
	body    body
	clients int
}

var (
	onSQLite        = setting{}
	onSQLiteRedis   = setting{redis: true}
	onPostgresRedis = setting{postgres: true, redis: true}
)

func handler(serve string, more ...string) func(*house, context.Context) (*running, error) {
	return func(h *house, ctx context.Context) (*running, error) { return h.bare(ctx, serve, more...) }
}

// sameJobs are the handlers that do a submission's jobs with libraries alone: a
// transaction each, and sharing one as tipline does.
func sameJobs() []rival {
	return []rival{
		{"same jobs, shared commit", onSQLite, false, handler("same", "-group")},
		{"same jobs, own commit", onSQLiteRedis, false, handler("same")},
		{"same jobs, shared commit", onSQLiteRedis, false, handler("same", "-group")},
		{"same jobs, own commit", onPostgresRedis, false, handler("same")},
		{"same jobs, shared commit", onPostgresRedis, false, handler("same", "-group")},
	}
}

// ours is tipline on everything it runs on, in one process.
func ours() []rival {
	var out []rival
	for _, s := range []setting{onSQLite, onSQLiteRedis, onPostgresRedis} {
		out = append(out, rival{"tipline up", s, false, (*house).up})
	}
	return out
}

func textRivals() []rival {
	out := append([]rival{{"bare gin", onSQLite, true, handler("bare")}}, sameJobs()...)
	return append(append(out, ours()...), split)
}

// split is one intake with relay and ledger as processes of their own.
var split = rival{"tipline in parts", onPostgresRedis, false, func(h *house, ctx context.Context) (*running, error) { return h.parts(ctx, 1) }}

func (b *bench) text(ctx context.Context) error {
	var kinds []kind
	for _, c := range b.clients {
		kinds = append(kinds, kind{"text 2 KB", textBody, c})
	}
	t, err := b.compare(ctx, kinds, textRivals())
	if err != nil {
		return err
	}
	t.print()
	for _, k := range kinds {
		if k.clients != 16 {
			continue
		}
		t.against(k, ours()[1], sameJobs()[2], 0.75, 1.5)
		t.against(k, ours()[2], sameJobs()[4], 0.75, 1.5)
		t.against(k, ours()[1], sameJobs()[1], 0.75, 1.5)
		t.against(k, ours()[2], sameJobs()[3], 0.75, 1.5)
		mustReach("peak MB of tipline up on SQLite", median(t.all[t.key(k, ours()[0])]).peakMB, 0, 64)
		mustReach("peak MB of tipline up on PostgreSQL+Redis", median(t.all[t.key(k, ours()[2])]).peakMB, 0, 64)
	}
	return nil
}

// synced writes and syncs every file and does nothing else.
var synced = rival{"bare gin, files synced", onSQLite, true, handler("synced")}

func (b *bench) photo(ctx context.Context) error {
	photo := photo()
	same := sameJobs()
	rivals := append([]rival{synced, same[0], same[4]}, ours()[0], ours()[2])
	var kinds []kind
	for _, c := range append([]int{8}, b.clients...) {
		kinds = append(kinds, kind{fmt.Sprintf("photos 3×%d KB", len(photo)/1000), filesBody(3, photo), c})
	}
	t, err := b.compare(ctx, kinds, rivals)
	if err != nil {
		return err
	}
	t.print()
	t.against(kinds[0], ours()[0], synced, 1, 0)
	t.against(kinds[0], ours()[2], synced, 1, 0)
	return nil
}

// table are the figures of one comparison.
type table struct {
	kinds  []kind
	rivals []rival
	all    map[string][]figures
}

func (*table) key(k kind, r rival) string { return fmt.Sprint(k.name, k.clients, r.name, r.on) }

// compare runs every rival under every kind of load, interleaved.
func (b *bench) compare(ctx context.Context, kinds []kind, rivals []rival) (*table, error) {
	t := &table{kinds, rivals, map[string][]figures{}}
	for round := range b.rounds {
		for _, k := range kinds {
			for _, r := range rivals {
				progress("round %d of %d: %s c=%d, %s on %s", round+1, b.rounds, k.name, k.clients, r.name, r.on)
				f, err := b.once(ctx, r, k)
				if err != nil {
					return nil, fmt.Errorf("%s on %s: %w", r.name, r.on, err)
				}
				t.all[t.key(k, r)] = append(t.all[t.key(k, r)], f)
			}
		}
	}
	progress("")
	return t, nil
}

// once starts a rival on a fresh installation, warms it, loads it and stops it.
func (b *bench) once(ctx context.Context, r rival, k kind) (figures, error) {
	make := b.house
	if r.bare {
		make = b.site
	}
	h, err := make(ctx, r.on)
	if err != nil {
		return figures{}, err
	}
	defer h.remove()
	up, err := r.run(h, ctx)
	if err != nil {
		return figures{}, err
	}
	defer up.stop()
	fire(ctx, up.sites, k.body, k.clients, b.each/3)
	before := up.cpu()
	f := fire(ctx, up.sites, k.body, k.clients, b.each)
	f.cpu = time.Duration(float64(up.cpu()-before) / max(1, f.perSecond*b.each.Seconds()))
	f.peakMB = up.peak()
	return f, ctx.Err()
}

func (t *table) print() {
	fmt.Printf("%-15s %3s  %-24s %-16s %8s %9s %9s %6s %8s %7s\n", "load", "c", "server", "on", "req/s", "p50 ms", "p99 ms", "errors", "peak MB", "cpu ms")
	for _, k := range t.kinds {
		for _, r := range t.rivals {
			f := median(t.all[t.key(k, r)])
			on := r.on.String()
			if r.bare {
				on = "-"
			}
			fmt.Printf("%-15s %3d  %-24s %-16s %8.1f %9.2f %9.2f %6d %8.1f %7.3f\n", k.name, k.clients, r.name, on, f.perSecond, ms(f.p50), ms(f.p99), f.errors, f.peakMB, ms(f.cpu))
			if f.first != nil {
				fmt.Println("  first error:", f.first)
			}
		}
	}
}

// against holds one rival to another's throughput and, with most, to its p99.
func (t *table) against(k kind, one, other rival, least, most float64) {
	t.ratio(k, one, other, least)
	if most > 0 {
		mustReach(t.title(k, one, other)+", p99", t.beside(k, one, other, func(f figures) float64 { return f.p99.Seconds() }), 0, most)
	}
	mustReach(fmt.Sprintf("%s c=%d, %s on %s, errors", k.name, k.clients, one.name, one.on), float64(median(t.all[t.key(k, one)]).errors), 0, none)
}

// ratio holds one rival to another's throughput.
func (t *table) ratio(k kind, one, other rival, least float64) {
	mustReach(t.title(k, one, other)+", req/s", t.beside(k, one, other, func(f figures) float64 { return f.perSecond }), least, 0)
}

func (*table) title(k kind, one, other rival) string {
	return fmt.Sprintf("%s c=%d, %s / %s, %s", k.name, k.clients, one.name, other.name, one.on)
}

// beside is the median of the rounds' ratios.
func (t *table) beside(k kind, one, other rival, get func(figures) float64) float64 {
	var ratios []float64
	theirs := t.all[t.key(k, other)]
	for i, f := range t.all[t.key(k, one)] {
		ratios = append(ratios, get(f)/get(theirs[i]))
	}
	return middle(ratios, func(v float64) float64 { return v })
}
