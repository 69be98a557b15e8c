package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Stats are how a stream stands.
type Stats struct {
	Name    string
	Entries int64     // in the stream, with those kept for other readers
	Waiting int64     // not handed to a consumer yet
	Pending int64     // handed to a consumer and not acknowledged
	Oldest  time.Time // midnight of the oldest day of both, zero when there are none
	Poison  []Poison
}

// Poison is an entry that no consumer could take, and why.
type Poison struct{ Entry, Reason string }

// Inspect looks at a stream to the ledger without touching it.
func Inspect(ctx context.Context, r redis.UniversalClient, name string) (Stats, error) {
	return inspect(ctx, r, name, Group)
}

// InspectOutcomes looks at a stream of outcomes without touching it.
func InspectOutcomes(ctx context.Context, r redis.UniversalClient, name string) (Stats, error) {
	return inspect(ctx, r, name, DeskGroup)
}

func inspect(ctx context.Context, r redis.UniversalClient, name, group string) (s Stats, err error) {
	s.Name = name
	if s.Entries, err = r.XLen(ctx, name).Result(); err != nil {
		return s, err
	}
	g, err := groupOf(ctx, r, name, group)
	if err != nil {
		return s, err
	}
	if g != nil {
		s.Pending = g.Pending
	}
	if s.Waiting, s.Oldest, err = backlog(ctx, r, name, group, s.Pending); err != nil {
		return s, err
	}
	for e, err := range walk(ctx, r, name+poisonSuffix, "-", "+") {
		if err != nil {
			return s, err
		}
		s.Poison = append(s.Poison, Poison{Entry: fmt.Sprint(e.Values["entry"]), Reason: fmt.Sprint(e.Values["reason"])})
	}
	return s, nil
}

// backlog counts what the group hasn't been given. Redis knows it only while
// nothing was deleted from the middle of the stream, so it is counted.
func backlog(ctx context.Context, r redis.UniversalClient, name, group string, pending int64) (waiting int64, oldest time.Time, err error) {
	for e, err := range unacknowledged(ctx, r, name, group) {
		if err != nil {
			return 0, oldest, err
		}
		if day := time.UnixMilli(milliseconds(e.ID)); oldest.IsZero() || day.Before(oldest) {
			oldest = day
		}
		waiting++
	}
	return max(waiting-pending, 0), oldest, nil
}
