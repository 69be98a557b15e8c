package queue

import (
	"context"
	"iter"

	"github.com/redis/go-redis/v9"
)

// page is how many entries one look at a stream takes.
const page = 500

// Waiting are the tips with an event in a stream that the ledger hasn't
// acknowledged: a reconciliation counts them as waiting. It changes nothing.
func Waiting(ctx context.Context, r redis.UniversalClient, name string) (map[string]bool, error) {
	tips := map[string]bool{}
	for e, err := range unacknowledged(ctx, r, name, Group) {
		if err != nil {
			return nil, err
		}
		if event, err := decodeEvent(e.Values[field]); err == nil {
			tips[event.Data.Tip] = true
		}
	}
	return tips, nil
}

// unacknowledged yields first what is handed out, then what nobody has been given.
func unacknowledged(ctx context.Context, r redis.UniversalClient, name, group string) iter.Seq2[redis.XMessage, error] {
	return func(yield func(redis.XMessage, error) bool) {
		g, err := groupOf(ctx, r, name, group)
		if err != nil {
			yield(redis.XMessage{}, err)
			return
		}
		from := "-"
		if g != nil {
			from = "(" + g.LastDeliveredID
			for e, err := range handedOut(ctx, r, name, group) {
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
		walk(ctx, r, name, from, "+")(yield)
	}
}

// handedOut yields what is handed out and not acknowledged.
func handedOut(ctx context.Context, r redis.UniversalClient, name, group string) iter.Seq2[redis.XMessage, error] {
	return func(yield func(redis.XMessage, error) bool) {
		for from := "-"; ; {
			handed, err := r.XPendingExt(ctx, &redis.XPendingExtArgs{Stream: name, Group: group, Start: from, End: "+", Count: page}).Result()
			if err != nil {
				yield(redis.XMessage{}, err)
				return
			}
			if len(handed) == 0 {
				return
			}
			ids := map[string]bool{}
			for _, p := range handed {
				ids[p.ID] = true
			}
			last := handed[len(handed)-1].ID
			for e, err := range walk(ctx, r, name, handed[0].ID, last) {
				if (err != nil || ids[e.ID]) && (!yield(e, err) || err != nil) {
					return
				}
			}
			from = "(" + last
		}
	}
}

// walk yields a range of a stream page by page.
func walk(ctx context.Context, r redis.UniversalClient, name, from, to string) iter.Seq2[redis.XMessage, error] {
	return func(yield func(redis.XMessage, error) bool) {
		for {
			got, err := r.XRangeN(ctx, name, from, to, page).Result()
			if err != nil {
				yield(redis.XMessage{}, err)
				return
			}
			for _, e := range got {
				if !yield(e, nil) {
					return
				}
			}
			if len(got) < page {
				return
			}
			from = "(" + got[len(got)-1].ID
		}
	}
}
