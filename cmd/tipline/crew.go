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
// wholly before the next, so that what a part still needs is there to its end.
type crew struct {
	log    *slog.Logger
	parts  []*running
	failed chan error
}

// running is one running piece. It owns its goroutine, which ends with its context.
type running struct {
	name string
	stop context.CancelFunc
	done chan error
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

// finish stops every part in reverse order. A part that takes longer than grace
// is left behind and named.
func (c *crew) finish(grace time.Duration) error {
	var late error
	for _, p := range slices.Backward(c.parts) {
		p.stop()
		select {
		case err := <-p.done:
			if err != nil && !errors.Is(err, context.Canceled) {
				c.log.Error("stopped with an error", "part", p.name, "error", err)
			}
		case <-time.After(grace):
			late = errors.Join(late, fmt.Errorf("%s did not stop within %v", p.name, grace))
		}
	}
	return late
}
