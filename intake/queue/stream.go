package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"tipline/intake"
)

// The names of the contract, and what a stream entry holds.
const (
	StreamPrefix = "tipline:ledger"
	Group        = "ledger"
	field        = "event"
	poisonSuffix = ":poison"
	maxPoison    = 10_000
)

// StreamName is the stream of a desk: the first desk's has the plain name, so
// that a further desk's events are apart.
func StreamName(desk, first string) string {
	if desk == first {
		return StreamPrefix
	}
	return StreamPrefix + ":" + desk
}

// Stream is a Redis Stream read as one consumer of the group "ledger".
type Stream struct {
	redis    redis.UniversalClient
	name     string
	consumer string
	idle     time.Duration // after which a dead consumer's entries are taken over
	ready    bool          // the group is there
	own      string        // where the reading of our own unacknowledged entries stands, "" when done
}

// NewStream reads a stream as consumer, whose name is unique and stays the same
// when it restarts.
func NewStream(r redis.UniversalClient, name, consumer string, idle time.Duration) *Stream {
	return &Stream{redis: r, name: name, consumer: consumer, idle: idle, own: "0"}
}

// Receive takes first what this consumer hadn't acknowledged before it
// restarted, then what dead consumers left, then what is new.
func (q *Stream) Receive(ctx context.Context, n int, wait time.Duration) ([]Delivery, error) {
	if err := q.prepare(ctx); err != nil {
		return nil, err
	}
	if q.own != "" {
		entries, err := q.read(ctx, n, q.own, -1)
		if err != nil {
			return nil, err
		}
		if len(entries) > 0 {
			q.own = entries[len(entries)-1].ID
			return q.decode(ctx, entries)
		}
		q.own = ""
	}
	left, _, err := q.redis.XAutoClaim(ctx, &redis.XAutoClaimArgs{Stream: q.name, Group: Group, Consumer: q.consumer, MinIdle: q.idle, Start: "0-0", Count: int64(n)}).Result()
	if err != nil {
		return nil, q.lost(err)
	}
	if len(left) > 0 {
		return q.decode(ctx, left)
	}
	entries, err := q.read(ctx, n, ">", wait)
	if err != nil {
		return nil, err
	}
	return q.decode(ctx, entries)
}

// prepare makes the group, reading from the beginning of the stream.
func (q *Stream) prepare(ctx context.Context) error {
	if q.ready {
		return nil
	}
	err := q.redis.XGroupCreateMkStream(ctx, q.name, Group, "0").Err()
	if err != nil && !strings.HasPrefix(err.Error(), "BUSYGROUP") {
		return err
	}
	q.ready, q.own = true, "0"
	return nil
}

// lost notes that the stream is gone, as after a flush of Redis: the group is
// made again.
func (q *Stream) lost(err error) error {
	if err != nil && strings.HasPrefix(err.Error(), "NOGROUP") {
		q.ready = false
	}
	return err
}

func (q *Stream) read(ctx context.Context, n int, from string, wait time.Duration) ([]redis.XMessage, error) {
	got, err := q.redis.XReadGroup(ctx, &redis.XReadGroupArgs{Group: Group, Consumer: q.consumer, Streams: []string{q.name, from}, Count: int64(n), Block: wait}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil || len(got) == 0 {
		return nil, q.lost(err)
	}
	return got[0].Messages, nil
}

// decode sets entries aside that no consumer could ever take.
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

func decodeEvent(v any) (e intake.Event, err error) {
	text, ok := v.(string)
	if !ok {
		return e, fmt.Errorf("the entry has no field %q", field)
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return e, errors.New("not a JSON event")
	}
	switch {
	case e.SpecVersion != "1.0":
		return e, errors.New("not a CloudEvent 1.0")
	case e.ID == "" || e.Type == "":
		return e, errors.New("an event without id or type")
	case e.Data.Tip == "" || e.Subject != e.Data.Tip:
		return e, errors.New("an event that names no tip")
	}
	return e, nil
}

// setAside moves an entry to the poison stream with the reason, in one step.
func (q *Stream) setAside(ctx context.Context, e redis.XMessage, reason error) error {
	_, err := q.redis.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.XAdd(ctx, &redis.XAddArgs{Stream: q.name + poisonSuffix, MaxLen: maxPoison, Approx: true,
			Values: map[string]any{"reason": reason.Error(), "entry": e.ID, field: fmt.Sprint(e.Values[field])}})
		p.XAck(ctx, q.name, Group, e.ID)
		p.XDel(ctx, q.name, e.ID)
		return nil
	})
	return err
}

// Ack tells the group that the entries are committed.
func (q *Stream) Ack(ctx context.Context, tags ...string) error {
	if len(tags) == 0 {
		return nil
	}
	return q.redis.XAck(ctx, q.name, Group, tags...).Err()
}
