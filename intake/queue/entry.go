package queue

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Keep is how long an acknowledged entry stays in its stream for readers of their
// own groups. What a group hasn't acknowledged stays for as long as it takes.
const Keep = 7 * 24 * time.Hour

// trimEvery is how often a consumer looks for entries older than [Keep].
const trimEvery = time.Hour

// appendEntry adds an entry whose id begins with ms, midnight of its day, so that
// the stream tells no time of day; when the stream is ahead of that, with the
// stream's own last.
func appendEntry(ctx context.Context, r redis.UniversalClient, a *redis.XAddArgs, ms int64) (id string, err error) {
	a.ID = fmt.Sprintf("%d-*", ms)
	id, err = r.XAdd(ctx, a).Result()
	if !ahead(err) {
		return id, err
	}
	return appendLast(ctx, r, a)
}

// ahead says that the stream's last entry is of a later day.
func ahead(err error) bool { return err != nil && strings.Contains(err.Error(), "equal or smaller") }

// appendLast adds an entry on the day of the stream's last.
func appendLast(ctx context.Context, r redis.UniversalClient, a *redis.XAddArgs) (id string, err error) {
	top, err := r.XInfoStream(ctx, a.Stream).Result()
	if err != nil {
		return "", err
	}
	a.ID = fmt.Sprintf("%d-*", milliseconds(top.LastGeneratedID))
	return r.XAdd(ctx, a).Result()
}

// place is an entry's id as two numbers, which compare as Redis compares them.
type place struct{ ms, n uint64 }

func placeOf(id string) (p place) {
	first, second, _ := strings.Cut(id, "-")
	p.ms, _ = strconv.ParseUint(first, 10, 64) // 0 when it is none
	p.n, _ = strconv.ParseUint(second, 10, 64)
	return p
}

func (p place) compare(o place) int { return cmp.Or(cmp.Compare(p.ms, o.ms), cmp.Compare(p.n, o.n)) }

// milliseconds is the first half of an entry's id, 0 when there is none.
func milliseconds(id string) int64 {
	first, _, _ := strings.Cut(id, "-")
	ms, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return 0
	}
	return ms
}

// trim drops entries of days before the given time that every group of the
// stream is done with: the slowest decides.
func trim(ctx context.Context, r redis.UniversalClient, name string, before time.Time) error {
	groups, err := groupsOf(ctx, r, name)
	if err != nil || len(groups) == 0 {
		return err
	}
	least := before.UnixMilli()
	for _, g := range groups {
		least = min(least, milliseconds(g.LastDeliveredID))
		if g.Pending == 0 {
			continue
		}
		p, err := r.XPending(ctx, name, g.Name).Result()
		if err != nil {
			return err
		}
		if p.Count > 0 {
			least = min(least, milliseconds(p.Lower))
		}
	}
	return r.XTrimMinID(ctx, name, strconv.FormatInt(least, 10)).Err()
}

// groupsOf are the groups of a stream, none when there is no stream.
func groupsOf(ctx context.Context, r redis.UniversalClient, name string) ([]redis.XInfoGroup, error) {
	groups, err := r.XInfoGroups(ctx, name).Result()
	if err != nil && strings.Contains(err.Error(), "no such key") {
		return nil, nil
	}
	return groups, err
}

// groupOf is how one group of a stream stands, nil when there is no stream or
// group.
func groupOf(ctx context.Context, r redis.UniversalClient, name, group string) (*redis.XInfoGroup, error) {
	groups, err := groupsOf(ctx, r, name)
	for i := range groups {
		if groups[i].Name == group {
			return &groups[i], err
		}
	}
	return nil, err
}
