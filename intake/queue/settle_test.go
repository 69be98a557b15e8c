package queue

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"tipline/intake"
)

func toPrefix(string) string { return StreamPrefix }

func relayOf(o Outbox[intake.EventData], r redis.UniversalClient, claimer string) *Relay[intake.EventData] {
	return NewRelay(o, r, claimer, time.Second, toPrefix, slog.New(slog.DiscardHandler))
}

// running runs a relay until the test ends.
func running(t *testing.T, r *Relay[intake.EventData]) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = r.Run(ctx) })
	stop = func() { cancel(); wg.Wait() }
	t.Cleanup(stop)
	return stop
}

func (o *outbox) empties(t *testing.T) {
	t.Helper()
	poll(t, "an empty outbox", func() bool { n, _, err := o.OutboxStats(t.Context(), ""); return err == nil && n == 0 })
}

// TestFlushLosesNothing: what was in the stream and not acknowledged when Redis
// was flushed comes again, and the outbox keeps it until then.
func TestFlushLosesNothing(t *testing.T) {
	o, r := newOutbox(t), startRedis(t)
	running(t, relayOf(o, r, "relay"))
	o.add(0, 60)
	q := NewStream(r, StreamPrefix, "a", lease)
	var tags []string
	applied := map[string]bool{}
	poll(t, "the first events", func() bool {
		more, tips := receive(t, q, 20)
		tags = append(tags, more...)
		for tip := range tips {
			applied[tip] = true
		}
		return len(tags) >= 20
	})
	if err := q.Ack(t.Context(), tags[:10]...); err != nil {
		t.Fatal(err)
	}
	poll(t, "all are relayed, and the acknowledged gone", func() bool {
		n, _, err := o.OutboxStats(t.Context(), "")
		rest, rerr := o.Relayed(t.Context(), 0, 99)
		return err == nil && rerr == nil && n == 50 && len(rest) == 50
	})
	if err := r.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	poll(t, "what was lost comes again", func() bool {
		got, _ := q.Receive(t.Context(), 64, 50*time.Millisecond) // its first error makes the group again
		for _, d := range got {
			applied[d.Event.Data.Tip] = true
			if err := q.Ack(t.Context(), d.Tag); err != nil {
				t.Fatal(err)
			}
		}
		return len(applied) == 60
	})
	o.empties(t)
}

// TestFate: an event is done when its own entry is acknowledged, and lost when the
// entry is gone or holds another event by now.
func TestFate(t *testing.T) {
	r := startRedis(t)
	fill(t, r, "2026-11-24", 0, 6)
	entries, err := r.XRange(t.Context(), StreamPrefix, "-", "+").Result()
	if err != nil {
		t.Fatal(err)
	}
	page := make([]intake.Relayed, len(entries))
	for i, e := range entries {
		event, err := decodeEvent(e.Values[field])
		if err != nil {
			t.Fatal(err)
		}
		page[i] = intake.Relayed{Seq: int64(i + 1), ID: event.ID, Entry: e.ID}
	}
	relay := relayOf(nil, r, "relay")
	check := func(when string, wantDone, wantLost []intake.Relayed) {
		t.Helper()
		done, lost, err := relay.fate(t.Context(), StreamPrefix, page)
		if err != nil || !slices.Equal(done, wantDone) || !slices.Equal(lost, wantLost) {
			t.Errorf("%s: done %v, lost %v, %v", when, done, lost, err)
		}
	}
	check("without a group", nil, nil)
	q := NewStream(r, StreamPrefix, "a", time.Hour)
	tags, _ := receive(t, q, 4)
	check("handed out", nil, nil)
	if err := r.XGroupCreate(t.Context(), StreamPrefix, "other", "$").Err(); err != nil {
		t.Fatal(err)
	}
	check("another group is through", nil, nil)
	if err := r.XAck(t.Context(), StreamPrefix, Group, tags[1], tags[3]).Err(); err != nil {
		t.Fatal(err)
	}
	check("two are acknowledged", []intake.Relayed{page[1], page[3]}, nil)
	page[1].ID, page[2].ID = "another", "another"
	check("Redis gave ids out again", []intake.Relayed{page[3]}, []intake.Relayed{page[1], page[2]})
	if err := r.XDel(t.Context(), StreamPrefix, page[5].Entry).Err(); err != nil {
		t.Fatal(err)
	}
	check("an entry is gone", []intake.Relayed{page[3]}, []intake.Relayed{page[1], page[2], page[5]})
	if err := r.Del(t.Context(), StreamPrefix).Err(); err != nil {
		t.Fatal(err)
	}
	check("the stream is gone", nil, page)
}

// TestPoisonLeavesTheOutbox: what was set aside isn't sent for ever.
func TestPoisonLeavesTheOutbox(t *testing.T) {
	o, r := newOutbox(t), startRedis(t)
	o.add(0, 1)
	if _, err := o.Database().Write.Exec(`UPDATE outbox SET body = replace(body, '"specversion":"1.0"', '"specversion":"9.0"')`); err != nil {
		t.Fatal(err)
	}
	running(t, relayOf(o, r, "relay"))
	q := NewStream(r, StreamPrefix, "a", lease)
	poll(t, "set aside", func() bool {
		got, err := q.Receive(t.Context(), 9, 50*time.Millisecond)
		if err != nil || len(got) > 0 {
			t.Fatal(got, err)
		}
		s, err := Inspect(t.Context(), r, StreamPrefix)
		return err == nil && len(s.Poison) == 1
	})
	o.empties(t)
}

// TestEmbeddedTakesWhatARelayLeft: Redis was taken out of the configuration.
func TestEmbeddedTakesWhatARelayLeft(t *testing.T) {
	o, r := newOutbox(t), startRedis(t)
	o.add(0, 5)
	stop := running(t, relayOf(o, r, "relay"))
	poll(t, "all are relayed", func() bool { got, err := o.Relayed(t.Context(), 0, 9); return err == nil && len(got) == 5 })
	stop()
	drain(t, NewEmbedded(o, "a", time.Minute), 5)
	o.empties(t)
}

// TestTrimWaitsForTheSlowest: no group loses what it hasn't acknowledged, however
// old, and behind the slowest of them the stream gets shorter.
func TestTrimWaitsForTheSlowest(t *testing.T) {
	r := startRedis(t)
	for i, day := range []string{"2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"} {
		fill(t, r, day, 3*i, 3*i+3)
	}
	later := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	check := func(when string, want int64) {
		t.Helper()
		if err := trim(t.Context(), r, StreamPrefix, later); err != nil {
			t.Fatal(err)
		}
		if n, err := r.XLen(t.Context(), StreamPrefix).Result(); err != nil || n != want {
			t.Errorf("%s: %d entries stay, not %d; %v", when, n, want, err)
		}
	}
	check("nobody reads", 12)
	if err := r.XGroupCreate(t.Context(), StreamPrefix, "statistics", "0").Err(); err != nil {
		t.Fatal(err)
	}
	drain(t, NewStream(r, StreamPrefix, "a", lease), 12) // each acknowledgement may trim
	check("a second group has read nothing", 12)
	read := func(n int64) []string {
		got, err := r.XReadGroup(t.Context(), &redis.XReadGroupArgs{Group: "statistics", Consumer: "s", Streams: []string{StreamPrefix, ">"}, Count: n}).Result()
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, m := range got[0].Messages {
			ids = append(ids, m.ID)
		}
		return ids
	}
	ids := read(5)
	check("it has acknowledged nothing", 12)
	if err := r.XAck(t.Context(), StreamPrefix, "statistics", ids[:4]...).Err(); err != nil {
		t.Fatal(err)
	}
	check("the second day is in its hands", 9)
	if err := r.XAck(t.Context(), StreamPrefix, "statistics", ids[4]).Err(); err != nil {
		t.Fatal(err)
	}
	check("it has the rest of that day to read", 9)
	if got := read(99); len(got) != 7 {
		t.Errorf("%d are left for it, not 7", len(got))
	}
}

// TestOneRelayLeads: several relays add each event once, and when the one that
// leads ends another goes on.
func TestOneRelayLeads(t *testing.T) {
	o, r := newOutbox(t), startRedis(t)
	stops := map[string]func(){}
	for _, name := range []string{"a", "b", "c"} {
		stops[name] = running(t, relayOf(o, r, name))
	}
	q := NewStream(r, StreamPrefix, "a", time.Hour)
	for n := range 3 {
		o.add(40*n, 40*n+40)
		drain(t, q, 40)
		o.empties(t)
		if n > 0 {
			continue
		}
		if err := r.Del(t.Context(), "tipline:relay:ledger").Err(); err != nil { // the leader loses it
			t.Fatal(err)
		}
		stops["a"]()
		stops["b"]()
	}
	if n, err := r.XLen(t.Context(), StreamPrefix).Result(); err != nil || n != 120 {
		t.Errorf("%d entries of 120 events, %v", n, err)
	}
}

// TestOutcomesTravelToo: the way back is the same queue with another reader.
func TestOutcomesTravelToo(t *testing.T) {
	r := startRedis(t)
	want := maker.Outcome(intake.OutcomeData{Tip: event(1).Data.Tip, Desk: "main", State: intake.LedgerNumbered, Number: "2026-7"}, 1)
	relay := NewRelay[intake.OutcomeData](nil, r, "relay", time.Second, func(desk string) string { return OutcomesName(desk, "main") }, slog.New(slog.DiscardHandler))
	if _, err := relay.add(t.Context(), deliveries([]intake.OutcomeEvent{want})); err != nil {
		t.Fatal(err)
	}
	got, err := NewOutcomes(r, "tipline:outcomes", "desk-1", lease).Receive(t.Context(), 9, time.Second)
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	if d := cmp.Diff(want, got[0].Event); d != "" {
		t.Error(d)
	}
	if s, err := InspectOutcomes(t.Context(), r, "tipline:outcomes"); err != nil || s.Pending != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	for name, change := range map[string]func(*intake.OutcomeEvent){
		"another type": func(e *intake.OutcomeEvent) { e.Type = intake.EventReceived }, "a state of no ledger": func(e *intake.OutcomeEvent) { e.Data.State = "done" },
		"no sequence": func(e *intake.OutcomeEvent) { e.Sequence = "first" }, "no date": func(e *intake.OutcomeEvent) { e.Data.DueOn = "soon" },
	} {
		e := want
		change(&e)
		text, err := e.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeOutcome(string(text)); err == nil {
			t.Errorf("%s goes through", name)
		}
	}
}
