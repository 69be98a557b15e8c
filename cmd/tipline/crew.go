package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// crew starts the parts of the program in order and stops them in reverse, each
// wholly before the next, so that what a part still needs is there to its end. Only
// listeners need none of each other: they stop together.
type crew struct {
	log    *slog.Logger
	parts  []*running
	failed chan error
}

// running is one running piece. It owns its goroutine, which ends with its context.
type running struct {
	name  string
	stop  context.CancelFunc
	done  chan error
	front bool
}

func newCrew(log *slog.Logger) *crew {
	return &crew{log: log, failed: make(chan error, 1)}
}

// start runs a part. run returns when its context ends, after it has finished
// what it had begun.
func (c *crew) start(ctx context.Context, name string, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p := &running{name: name, stop: cancel, done: make(chan error, 1)}
	c.parts = append(c.parts, p)
	go func() {
		err := run(ctx)
		if ctx.Err() == nil {
			select {
			case c.failed <- fmt.Errorf("%s: %w", name, errors.Join(err, errStoppedEarly)):
			default: // the first that failed ends the program
			}
		}
		p.done <- err
	}()
}

// front runs a listener, which others need not.
func (c *crew) front(ctx context.Context, name string, run func(context.Context) error) {
	c.start(ctx, name, run)
	c.parts[len(c.parts)-1].front = true
}

var errStoppedEarly = errors.New("stopped by itself")

// wait returns nil when ctx ends, or the error of the first part that fails.
func (c *crew) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-c.failed:
		return err
	}
}

// finish stops every part in reverse order, all within grace. What still runs then is
// left behind and named.
func (c *crew) finish(grace time.Duration) error {
	late, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	for _, p := range c.parts {
		if p.front {
			p.stop() // one with a slow client would have the next wait for nothing
		}
	}
	var left error
	for _, p := range slices.Backward(c.parts) {
		p.stop()
		select {
		case err := <-p.done:
			if err != nil && !errors.Is(err, context.Canceled) {
				c.log.Error("stopped with an error", "part", p.name, "error", err)
			}
		case <-late.Done():
			left = errors.Join(left, fmt.Errorf("%s did not stop within %v", p.name, grace))
		}
	}
	return left
}
