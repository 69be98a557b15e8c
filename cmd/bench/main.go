// Command bench measures the way of a tip against bare gin handlers, in one run,
// because machines are noisy and only ratios last: a handler that does nothing, a
// handler that does the same jobs with none of our code, and tipline itself.
//
//	bench -tipline ./tipline
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	tipline := flag.String("tipline", "./tipline", "the binary to measure")
	serve := flag.String("serve", "", "internal: be the bare or same-jobs server")
	addr := flag.String("addr", "", "internal: where to listen")
	data := flag.String("data", "", "internal: a folder set up by tipline init")
	rounds := flag.Int("rounds", 3, "interleaved rounds; medians are printed")
	each := flag.Duration("each", 4*time.Second, "length of one measurement")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch *serve {
	case "bare":
		return serveBare(*addr)
	case "same":
		return serveSame(ctx, *addr, *data)
	}
	return measure(ctx, *tipline, *rounds, *each)
}
