package queue

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"tipline/intake"
)

// The names of the contract, and what a stream entry holds.
const (
	StreamPrefix   = "tipline:ledger"
	Group          = "ledger"
	OutcomesPrefix = "tipline:outcomes"
	DeskGroup      = "desk"
	field          = "event"
)

// longestBlock is how long Redis holds one read: a client that waits there
// doesn't hear that its context has ended.
const longestBlock = 500 * time.Millisecond

// StreamName is the stream of a desk: the first desk's has the plain name, so
// that a further desk's events are apart.
func StreamName(desk, first string) string { return nameOf(StreamPrefix, desk, first) }

// OutcomesName is the stream on which a desk hears of outcomes.
func OutcomesName(desk, first string) string { return nameOf(OutcomesPrefix, desk, first) }

func nameOf(prefix, desk, first string) string {
	if desk == first {
		return prefix
	}
	return prefix + ":" + desk
}

// groupFor is who reads the streams of a kind of event.
func groupFor[D Data]() string {
	if _, ok := any(*new(D)).(intake.OutcomeData); ok {
		return DeskGroup
	}
	return Group
}

// finishLua acknowledges those of the entries that the consumer still holds. What
// another has taken over is that one's to acknowledge; and after a failover the id may
// be another entry's, whose holder hasn't committed it.
//
//	KEYS[1]  the stream
//	ARGV     the group, the consumer, the entries
const finishLua = `
for i = 3, #ARGV do
  if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2]) > 0 then
    redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
  end
end
return 0
`

// Stream is a Redis Stream read as one consumer of its group.
type Stream[D Data] struct {
	redis    redis.UniversalClient
	name     string
	group    string
	consumer string
	parse    func(any) (intake.CloudEvent[D], error)
	idle     time.Duration // after which a dead consumer's entries are taken over
	ready    bool          // the group is there
	trimAt   time.Time     // when old entries are looked for again
	finish   *redis.Script // acknowledges
	own      string        // where the reading of our own unacknowledged entries stands, "" when done
}

// NewStream reads a stream to the ledger as consumer, whose name is unique and
// stays the same when it restarts.
func NewStream(r redis.UniversalClient, name, consumer string, idle time.Duration) *Stream[intake.EventData] {
	return &Stream[intake.EventData]{redis: r, name: name, group: Group, consumer: consumer, parse: decodeEvent, finish: redis.NewScript(finishLua), idle: idle, own: "0"}
}

// NewOutcomes reads a stream of outcomes likewise.
func NewOutcomes(r redis.UniversalClient, name, consumer string, idle time.Duration) *Stream[intake.OutcomeData] {
	return &Stream[intake.OutcomeData]{redis: r, name: name, group: DeskGroup, consumer: consumer, parse: decodeOutcome, finish: redis.NewScript(finishLua), idle: idle, own: "0"}
}

// Receive takes first what this consumer hadn't acknowledged before it
// restarted, then what dead consumers left, then what is new.
func (q *Stream[D]) Receive(ctx context.Context, n int, wait time.Duration) ([]Delivery[D], error) {
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
	left, _, err := q.redis.XAutoClaim(ctx, &redis.XAutoClaimArgs{Stream: q.name, Group: q.group, Consumer: q.consumer, MinIdle: q.idle, Start: "0-0", Count: int64(n)}).Result()
	if err != nil {
		return nil, q.lost(err)
	}
	if len(left) > 0 {
		return q.decode(ctx, left)
	}
	return q.fresh(ctx, n, wait)
}

// fresh waits for what nobody has been given.
func (q *Stream[D]) fresh(ctx context.Context, n int, wait time.Duration) ([]Delivery[D], error) {
	for end := time.Now().Add(wait); ; {
		block := min(time.Until(end), longestBlock)
		if block < time.Millisecond {
			block = -1 // a block of 0 would be for ever
		}
		entries, err := q.read(ctx, n, ">", block)
		if err != nil || len(entries) > 0 {
			got, derr := q.decode(ctx, entries)
			return got, errors.Join(err, derr)
		}
		if block < 0 || ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

// prepare makes the group, reading from the beginning of the stream.
func (q *Stream[D]) prepare(ctx context.Context) error {
	if q.ready {
		return nil
	}
	err := q.redis.XGroupCreateMkStream(ctx, q.name, q.group, "0").Err()
	if err != nil && !strings.HasPrefix(err.Error(), "BUSYGROUP") {
		return err
	}
	q.ready, q.own = true, "0"
	return nil
}

// lost notes that the stream is gone, as after a flush of Redis: the group is
// made again.
func (q *Stream[D]) lost(err error) error {
	if err != nil && strings.HasPrefix(err.Error(), "NOGROUP") {
		q.ready = false
	}
	return err
}

func (q *Stream[D]) read(ctx context.Context, n int, from string, wait time.Duration) ([]redis.XMessage, error) {
	got, err := q.redis.XReadGroup(ctx, &redis.XReadGroupArgs{Group: q.group, Consumer: q.consumer, Streams: []string{q.name, from}, Count: int64(n), Block: wait}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil || len(got) == 0 {
		return nil, q.lost(err)
	}
	return got[0].Messages, nil
}

// Ack tells the group that the entries are committed. They stay for other readers
// of the stream for [Keep].
func (q *Stream[D]) Ack(ctx context.Context, tags ...string) error {
	if len(tags) == 0 {
		return nil
	}
	if err := q.done(ctx, tags...); err != nil {
		return err
	}
	if now := time.Now(); now.After(q.trimAt) {
		q.trimAt = now.Add(trimEvery)
		return trim(ctx, q.redis, q.name, now.Add(-Keep))
	}
	return nil
}

// done acknowledges those of the entries that this consumer still holds.
func (q *Stream[D]) done(ctx context.Context, entries ...string) error {
	args := []any{q.group, q.consumer}
	for _, id := range entries {
		args = append(args, id)
	}
	return q.lost(q.finish.Run(ctx, q.redis, []string{q.name}, args...).Err())
}
