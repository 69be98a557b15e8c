// Command bench measures a tip line against bare handlers, in one run and
// interleaved, because machines are noisy and only ratios last: handlers that do
// nothing, handlers that do the same jobs with libraries alone, and tipline itself
// on SQLite and on PostgreSQL with Redis. It starts servers of its own on free
// ports and leaves nothing behind.
//
//	bench -tipline ./tipline [-only text,photo,receipt,intakes,latency,inbox,desk,start,backup,large,flood] [-short]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is one run.
type bench struct {
	*lab
	rounds  int
	each    time.Duration
	clients []int
	sizes   []int
	share   int    // of a core, in percent, for each of several intakes; 0 is no bound
	seeded  string // folder of seeded installations to use again
}

// parts are what can be measured alone, in the order of a whole run.
var parts = []struct {
	name    string
	measure func(*bench, context.Context) error
}{
	{"text", (*bench).text}, {"photo", (*bench).photo}, {"receipt", (*bench).receipt}, {"intakes", (*bench).intakes},
	{"latency", (*bench).latency}, {"inbox", (*bench).inbox}, {"desk", (*bench).console}, {"start", (*bench).start}, {"backup", (*bench).backup}, {"large", (*bench).large}, {"flood", (*bench).flood},
}

func run() error {
	var s served
	serve := flag.String("serve", "", "internal: be a rival")
	s.flags(flag.CommandLine)
	tipline := flag.String("tipline", "./tipline", "the binary to measure")
	only := flag.String("only", "", "parts to measure, by commas: "+partNames())
	short := flag.Bool("short", false, "one short round, to see that everything works; its figures say nothing")
	b := &bench{}
	flag.IntVar(&b.rounds, "rounds", 5, "interleaved rounds; medians are printed")
	flag.DurationVar(&b.each, "each", 3*time.Second, "length of one measurement")
	clients := flag.String("clients", "1,16,64", "clients at once, for text and photos")
	sizes := flag.String("sizes", "1000,100000,1000000", "tips in the installations of inbox and start")
	flag.IntVar(&b.share, "share", 0, "percent of a core that each of several intakes may take (needs control groups); 0 is no bound")
	flag.StringVar(&b.seeded, "seeded", "", "folder of seeded installations: made when empty, used again when not")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *serve != "" {
		return s.serve(ctx, *serve)
	}
	if *short {
		if err := shorten(flag.CommandLine); err != nil {
			return err
		}
	}
	var err error
	if b.clients, err = numbers(*clients); err != nil {
		return err
	}
	if b.sizes, err = numbers(*sizes); err != nil {
		return err
	}
	if b.lab, err = newLab(*tipline); err != nil {
		return err
	}
	defer b.lab.close()
	return b.measure(ctx, *only)
}

// shorten sets what nobody has set.
func shorten(f *flag.FlagSet) error {
	given := map[string]bool{}
	f.Visit(func(one *flag.Flag) { given[one.Name] = true })
	for name, value := range map[string]string{"rounds": "1", "each": "1s", "clients": "16", "sizes": "1000,10000"} {
		if given[name] {
			continue
		}
		if err := f.Set(name, value); err != nil {
			return err
		}
	}
	return nil
}

func partNames() string {
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	return strings.Join(names, ",")
}

func (b *bench) measure(ctx context.Context, only string) error {
	wanted := strings.Split(only, ",")
	if only == "" {
		wanted = strings.Split(partNames(), ",")
	}
	for _, w := range wanted {
		if !slices.Contains(strings.Split(partNames(), ","), w) {
			return fmt.Errorf("-only: there is no part %q; there are %s", w, partNames())
		}
	}
	fmt.Printf("%s, %d cores, %s/%s, %s; load before the run %s\n", time.Now().Format(time.DateOnly), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), load())
	for _, p := range parts {
		if !slices.Contains(wanted, p.name) {
			continue
		}
		fmt.Printf("\n== %s\n", p.name)
		if err := p.measure(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// load is the system's own average of the last minute, where it tells (Linux).
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

func numbers(list string) (out []int, err error) {
	for f := range strings.SplitSeq(list, ",") {
		var n int
		if _, err := fmt.Sscan(f, &n); err != nil || n <= 0 {
			return nil, fmt.Errorf("%q is no number of anything", f)
		}
		out = append(out, n)
	}
	return out, nil
}

// progress says on one line of stderr what is being done.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "\r%-78s", fmt.Sprintf(format, args...))
}
