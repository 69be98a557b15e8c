package queue

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"tipline/intake"
)

// How often the entries that aren't acknowledged yet are looked at, and how many
// at once.
const (
	settleEvery = 500 * time.Millisecond
	settlePage  = 500
)

// settle looks what became of the relayed events: first the oldest, on as long as
// there is something to do, and then one page of a sweep over all of them, so that
// a long backlog costs no more than a short one.
func (r *Relay[D]) settle(ctx context.Context) error {
	after := int64(0)
	for changed := true; changed; {
		last, some, err := r.settlePage(ctx, after)
		if err != nil {
			return err
		}
		if last == 0 {
			return nil
		}
		after, changed = last, some
	}
	last, _, err := r.settlePage(ctx, max(r.swept, after))
	r.swept = last
	return err
}

// settlePage settles one page and returns the place of its last event, 0 at the
// end of the outbox.
func (r *Relay[D]) settlePage(ctx context.Context, after int64) (last int64, changed bool, err error) {
	page, err := r.outbox.Relayed(ctx, after, settlePage)
	if err != nil || len(page) == 0 {
		return 0, false, err
	}
	desks := map[string][]intake.Relayed{}
	for _, e := range page {
		desks[e.Desk] = append(desks[e.Desk], e)
	}
	for desk, of := range desks {
		done, lost, err := r.fate(ctx, r.name(desk), of)
		if err != nil {
			return 0, false, err
		}
		if err := r.outbox.ConfirmRelayed(ctx, done...); err != nil {
			return 0, false, err
		}
		if err := r.outbox.ResetRelayed(ctx, lost...); err != nil {
			return 0, false, err
		}
		if len(lost) > 0 {
			r.log.Warn("the stream lost events that nobody had acknowledged; they go again", "stream", r.name(desk), "events", len(lost))
		}
		changed = changed || len(done)+len(lost) > 0
	}
	if len(page) < settlePage {
		return 0, changed, nil
	}
	return page[len(page)-1].Seq, changed, nil
}

// fate says which entries of a stream its reader has acknowledged, and which the
// stream no longer holds. An entry counts as an event's only if it still holds
// that event: a Redis that came back without its newest entries gives their ids
// out again.
func (r *Relay[D]) fate(ctx context.Context, stream string, page []intake.Relayed) (done, lost []intake.Relayed, err error) {
	group := groupFor[D]()
	g, err := groupOf(ctx, r.redis, stream, group)
	if err != nil {
		return nil, nil, err
	}
	var delivered place
	if g != nil {
		delivered = placeOf(g.LastDeliveredID)
	}
	pending, held := make([]*redis.XPendingExtCmd, len(page)), make([]*redis.XMessageSliceCmd, len(page))
	_, err = r.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, e := range page {
			if g != nil && placeOf(e.Entry).compare(delivered) <= 0 {
				pending[i] = p.XPendingExt(ctx, &redis.XPendingExtArgs{Stream: stream, Group: group, Start: e.Entry, End: e.Entry, Count: 1})
			}
		}
		for i, e := range page { // behind the others: what is held then was held at their time
			held[i] = p.XRangeN(ctx, stream, e.Entry, e.Entry, 1)
		}
		return nil
	})
	if err != nil && !strings.HasPrefix(err.Error(), "NOGROUP") { // NOGROUP: it went in between, and the entries with it
		return nil, nil, err
	}
	for i, e := range page {
		switch {
		case held[i].Err() != nil:
			return nil, nil, held[i].Err()
		case !holds(held[i].Val(), e.ID):
			lost = append(lost, e)
		case pending[i] != nil && pending[i].Err() == nil && len(pending[i].Val()) == 0:
			done = append(done, e)
		}
	}
	return done, lost, nil
}

// holds says whether the entry found is the event.
func holds(found []redis.XMessage, id string) bool {
	if len(found) == 0 {
		return false
	}
	text, _ := found[0].Values[field].(string)
	var e struct {
		ID string `json:"id"`
	}
	return json.Unmarshal([]byte(text), &e) == nil && e.ID == id
}
