package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"tipline/intake"
)

// Entries that no consumer could ever take go to the stream's own poison stream;
// a flood of them can't fill Redis.
const (
	poisonSuffix = ":poison"
	maxPoison    = 10_000
)

// decode turns entries into deliveries, and sets aside what is no event of ours.
func (q *Stream) decode(ctx context.Context, entries []redis.XMessage) ([]Delivery, error) {
	var out []Delivery
	for _, e := range entries {
		event, err := decodeEvent(e.Values[field])
		if err != nil {
			if err := q.setAside(ctx, e, err); err != nil {
				return nil, err
			}
			continue
		}
		out = append(out, Delivery{Event: event, Tag: e.ID})
	}
	return out, nil
}

// decodeEvent reads the fields the ledger stands on; others are a later version's
// and do no harm. Its errors never quote the entry.
func decodeEvent(v any) (e intake.Event, err error) {
	text, ok := v.(string)
	if !ok {
		return e, fmt.Errorf("the entry has no field %q", field)
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return e, errors.New("not a JSON event")
	}
	if _, err := time.Parse(time.DateOnly, string(e.Data.ReceivedOn)); err != nil {
		return e, errors.New("an event without the date received")
	}
	if _, err := strconv.ParseUint(e.Sequence, 10, 31); e.Sequence != "" && err != nil {
		return e, errors.New("an event whose sequence is no number")
	}
	switch {
	case e.SpecVersion != "1.0":
		return e, errors.New("not a CloudEvent 1.0")
	case e.ID == "":
		return e, errors.New("an event without id")
	case !slices.Contains(tipEvents(), e.Type):
		return e, errors.New("an event of a type the ledger doesn't know")
	case e.Data.Tip == "" || e.Subject != e.Data.Tip || e.Data.Desk == "":
		return e, errors.New("an event that names no tip or no desk")
	}
	return e, nil
}

// tipEvents are the types that travel on the ledger queue.
func tipEvents() []intake.EventType {
	return []intake.EventType{intake.EventReceived, intake.EventAccepted, intake.EventDeclined, intake.EventReferred,
		intake.EventMerged, intake.EventUnmerged, intake.EventSpam, intake.EventWithdrawn}
}

// setAside moves an entry to the poison stream with the reason. Killed between
// the two steps it is there twice, never nowhere.
func (q *Stream) setAside(ctx context.Context, e redis.XMessage, reason error) error {
	err := appendEntry(ctx, q.redis, &redis.XAddArgs{Stream: q.name + poisonSuffix, MaxLen: maxPoison, Approx: true,
		Values: map[string]any{"reason": reason.Error(), "entry": e.ID, field: fmt.Sprint(e.Values[field])}}, milliseconds(e.ID))
	if err != nil {
		return err
	}
	_, err = q.redis.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.XAck(ctx, q.name, Group, e.ID)
		p.XDel(ctx, q.name, e.ID)
		return nil
	})
	return err
}
