package outbound

import (
	"context"
	"log/slog"
	"time"
)

// How alerts are paced: a look every few seconds, one alert a minute by each way
// whatever is waiting, and longer pauses while one doesn't get through.
const (
	alertLook  = 5 * time.Second
	alertEvery = time.Minute
	alertFirst = 10 * time.Second
	alertMost  = 10 * time.Minute
	alertBunch = 500 // tips that one alert stands for; the rest are told by the next
)

// Way is one way an alert goes. Send is tried until it succeeds, with the same id as
// long as this process lives.
type Way struct {
	Name string
	Send func(ctx context.Context, id string) error
}

// AlertOptions are what [Alerts] work with. All of them are needed.
type AlertOptions struct {
	Ways []Way
	// Urgent are the urgent tips that weren't announced by a way yet, at most n.
	Urgent func(ctx context.Context, way string, n int) ([]string, error)
	// Done notes that they were.
	Done  func(ctx context.Context, way string, tips []string) error
	NewID func() string
	Now   func() time.Time
	Log   *slog.Logger
}

// Alerts tell that something urgent waits, and nothing more. What is to be told
// stands in the database until it was: a crash between the sending and its note
// tells it twice, never not at all.
type Alerts struct {
	AlertOptions
	ways []*way
}

// way is where one way stands.
type way struct {
	Way
	free  time.Time // before it nothing is sent
	pause time.Duration
	id    string // of the alert that doesn't get through, "" when none
}

// NewAlerts makes them; Run owns their goroutine.
func NewAlerts(o AlertOptions) *Alerts {
	a := &Alerts{AlertOptions: o}
	for _, w := range o.Ways {
		a.ways = append(a.ways, &way{Way: w})
	}
	return a
}

// Run looks and sends until ctx ends.
func (a *Alerts) Run(ctx context.Context) error {
	tick := time.NewTicker(alertLook)
	defer tick.Stop()
	for {
		for _, w := range a.ways {
			a.look(ctx, w)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// look tells by one way what is to be told, if its time has come.
func (a *Alerts) look(ctx context.Context, w *way) {
	if a.Now().Before(w.free) {
		return
	}
	tips, err := a.Urgent(ctx, w.Name, alertBunch)
	if err != nil || len(tips) == 0 {
		if err != nil && ctx.Err() == nil {
			a.Log.Error("urgent tips weren't looked for", "error", err)
		}
		return
	}
	if w.id == "" {
		w.id = a.NewID()
	}
	if err := a.tell(ctx, w, tips); err != nil {
		w.pause = min(max(2*w.pause, alertFirst), alertMost)
		w.free = a.Now().Add(w.pause)
		a.Log.Warn("an urgent alert didn't get through; it is tried again", "way", w.Name, "in", w.pause.String())
		return
	}
	w.id, w.pause, w.free = "", 0, a.Now().Add(alertEvery)
}

func (a *Alerts) tell(ctx context.Context, w *way, tips []string) error {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	if err := w.Send(ctx, w.id); err != nil {
		return err
	}
	return a.Done(ctx, w.Name, tips)
}
