package outbound

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tipline/intake"
)

// TestTexter: a number gets five texts a day and no more, the others aren't kept from
// theirs, and what fails is logged without the number.
func TestTexter(t *testing.T) {
	now := time.Unix(1_795_500_000, 0)
	var log strings.Builder
	sent, dropped := make(chan string, 100), 0
	texter := NewTexter(func(_ context.Context, n Note) error {
		sent <- n.To
		if n.To == "bad" {
			return &intake.SendError{Reason: intake.SendNumber}
		}
		return nil
	}, slog.New(slog.NewTextHandler(&log, nil)), func() { dropped++ }, func() time.Time { return now })
	for range 8 {
		texter.Tell(Note{To: "+8613800138000", Gateway: "city"})
	}
	if dropped != 3 {
		t.Errorf("%d of eight were dropped", dropped)
	}
	now = now.Add(25 * time.Hour)
	texter.Tell(Note{To: "+8613800138000"})
	texter.Tell(Note{To: "bad", Gateway: "city"})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- texter.Run(ctx) }()
	for range 7 {
		<-sent
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if s := log.String(); strings.Contains(s, "bad") || !strings.Contains(s, "city") {
		t.Errorf("logged %s", s)
	}
	if s := fmt.Sprint(Note{To: "+8613800138000"}); strings.Contains(s, "138") {
		t.Error(s)
	}
}
