package intake_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"tipline/crypto/receipt"
	"tipline/intake"
	"tipline/intake/intaketest"
)

// mute is a store that keeps silent: whom it makes wait goes when their own time is up.
type mute struct {
	intake.Store
	reads bool // receipts are found
}

func (mute) Accept(ctx context.Context, _ *intake.Acceptance) (intake.Accepted, error) {
	<-ctx.Done()
	return intake.Accepted{}, ctx.Err()
}

func (s mute) Thread(ctx context.Context, _ []byte) (intake.Thread, error) {
	if s.reads {
		return intake.Thread{Tip: intake.Tip{ID: "t", Facts: intake.Facts{Desk: intaketest.Desk}}}, nil
	}
	<-ctx.Done()
	return intake.Thread{}, ctx.Err()
}

func (mute) AddFollowUp(ctx context.Context, _ intake.FollowUp) (bool, error) {
	<-ctx.Done()
	return false, intake.ErrNotDurable
}

func (mute) Wish(ctx context.Context, _ intake.Wish) error { <-ctx.Done(); return intake.ErrNotDurable }
func (mute) Opened(ctx context.Context, _ []byte, _ intake.Date) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestSilentStore: whoever waits at a page is told within eight seconds that nothing was kept, and gets
// an answer that can be read all the same.
func TestSilentStore(t *testing.T) {
	o := intaketest.Open(t)
	code := receipt.New()
	for _, c := range []struct {
		name  string
		reads bool
		most  time.Duration
		do    func(*intake.Service) error
		want  error
	}{
		{"a report", true, 8 * time.Second, func(s *intake.Service) error { _, err := s.Submit(t.Context(), web()); return err }, intake.ErrNotDurable},
		{"a text", true, 8 * time.Second, func(s *intake.Service) error { _, err := s.Submit(t.Context(), sms("1", "挖沙")); return err }, intake.ErrNotDurable},
		{"an addition", true, 8 * time.Second, func(s *intake.Service) error { return s.Say(t.Context(), code, "还在挖") }, intake.ErrNotDurable},
		{"an addition to nobody knows what", false, 8 * time.Second, func(s *intake.Service) error { return s.Say(t.Context(), code, "还在挖") }, intake.ErrNotDurable},
		{"a wish", true, 8 * time.Second, func(s *intake.Service) error { return s.Wish(t.Context(), code, intake.WishNoContact) }, intake.ErrNotDurable},
		{"a look", false, 8 * time.Second, func(s *intake.Service) error { _, err := s.Look(t.Context(), code); return err }, intake.ErrNotDurable},
		{"a look that can't be noted", true, 2 * time.Second, func(s *intake.Service) error { _, err := s.Look(t.Context(), code); return err }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := o.Deps
				d.Store, d.Texts = mute{reads: c.reads}, nil
				began := time.Now()
				err := c.do(intake.NewService(d))
				if took := time.Since(began); !errors.Is(err, c.want) || took > c.most {
					t.Errorf("after %v: %v", took, err)
				}
			})
		})
	}
}
