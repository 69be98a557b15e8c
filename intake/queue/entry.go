package queue

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Keep is how long an acknowledged entry stays in its stream for readers of their
// own groups. What the ledger hasn't acknowledged stays for as long as it takes.
const Keep = 7 * 24 * time.Hour

// trimEvery is how often a consumer looks for entries older than [Keep].
const trimEvery = time.Hour

// appendEntry adds an entry whose id begins with ms, midnight of its day, so that
// the stream tells no time of day; when the stream is ahead of that, with the
// stream's own last.
func appendEntry(ctx context.Context, r redis.UniversalClient, a *redis.XAddArgs, ms int64) error {
	a.ID = fmt.Sprintf("%d-*", ms)
	err := r.XAdd(ctx, a).Err()
	if err == nil || !strings.Contains(err.Error(), "equal or smaller") {
		return err
	}
	top, err := r.XInfoStream(ctx, a.Stream).Result()
	if err != nil {
		return err
	}
	a.ID = fmt.Sprintf("%d-*", milliseconds(top.LastGeneratedID))
	return r.XAdd(ctx, a).Err()
}

// milliseconds is the first half of an entry's id, 0 when there is none.
func milliseconds(id string) int64 {
	first, _, _ := strings.Cut(id, "-")
	ms, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return 0
	}
	return ms
}

// trim drops entries of days before the given time that the group is done with.
func trim(ctx context.Context, r redis.UniversalClient, name string, before time.Time) error {
	g, err := groupOf(ctx, r, name)
	if err != nil || g == nil {
		return err
	}
	least := min(before.UnixMilli(), milliseconds(g.LastDeliveredID))
	if g.Pending > 0 {
		p, err := r.XPending(ctx, name, Group).Result()
		if err != nil {
			return err
		}
		if p.Count > 0 {
			least = min(least, milliseconds(p.Lower))
		}
	}
	return r.XTrimMinID(ctx, name, strconv.FormatInt(least, 10)).Err()
}

// groupOf is how the ledger's group stands, nil when there is no stream or group.
func groupOf(ctx context.Context, r redis.UniversalClient, name string) (*redis.XInfoGroup, error) {
	groups, err := r.XInfoGroups(ctx, name).Result()
	if err != nil {
		if strings.Contains(err.Error(), "no such key") {
			return nil, nil
		}
		return nil, err
	}
	for i := range groups {
		if groups[i].Name == Group {
			return &groups[i], nil
		}
	}
	return nil, nil
}
