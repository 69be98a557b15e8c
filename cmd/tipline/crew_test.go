package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// TestAllPartsFail: however many mailboxes there are, each part that stops by itself can say so and is gone when the
// crew is finished.
func TestAllPartsFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		c := newCrew(slog.New(slog.DiscardHandler))
		for range 40 {
			c.start(t.Context(), "mailbox", func(context.Context) error { return broken })
		}
		synctest.Wait()
		if err := c.wait(t.Context()); !errors.Is(err, broken) || !errors.Is(err, errStoppedEarly) {
			t.Errorf("the crew heard %v", err)
		}
		if err := c.finish(time.Minute); err != nil {
			t.Errorf("left behind: %v", err)
		}
	})
}
