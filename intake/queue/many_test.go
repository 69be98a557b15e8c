package queue

import (
	"fmt"
	"log/slog"
	"maps"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"tipline/intake"
	"tipline/intake/servertest"
)

// dialed is a client as the program makes it from its configuration.
func dialed(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	r, err := Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	if warning, err := Check(t.Context(), r); err != nil || warning != "" {
		t.Fatalf("check: %q, %v", warning, err)
	}
	return r
}

// TestCluster: streams work whichever node has them, and a batch may go to several
// nodes at once.
func TestCluster(t *testing.T) {
	t.Parallel()
	r := dialed(t, servertest.StartRedisCluster(t).URL())
	conformance(t, streams(r))
	t.Run("one batch to desks on every node", func(t *testing.T) {
		relay := NewRelay[intake.EventData](nil, r, "relay", time.Second, func(desk string) string { return StreamName(desk, "main") }, slog.New(slog.DiscardHandler))
		var batch []intake.Event
		for i := range 40 {
			e := event(i)
			e.Data.Desk = fmt.Sprint("desk", i%8)
			batch = append(batch, e)
		}
		entries, err := relay.add(t.Context(), deliveries(batch))
		if err != nil || len(entries) != len(batch) {
			t.Fatalf("%d entries, %v", len(entries), err)
		}
		for i := range 8 {
			drain(t, NewStream(r, StreamName(fmt.Sprint("desk", i), "main"), "a", lease), 5)
		}
	})
}

// TestFailover: the new master never had what the old one acknowledged last, and
// gives the same ids to other entries. Every event arrives all the same.
func TestFailover(t *testing.T) {
	t.Parallel()
	s := servertest.StartRedisSentinel(t)
	o, r := newOutbox(t), dialed(t, s.URL())
	running(t, relayOf(o, r, "relay"))
	o.add(0, 20)
	q := NewStream(r, StreamPrefix, "a", lease)
	drain(t, q, 20)
	o.empties(t)
	if err := s.Replica.Pause(); err != nil {
		t.Fatal(err)
	}
	o.add(20, 50)
	var taken []string // handed out by the old master, and committed only after its end
	poll(t, "some of what the replica won't know", func() bool { tags, _ := receive(t, q, 10); taken = append(taken, tags...); return len(taken) > 0 })
	poll(t, "the old master has all", func() bool { rest, err := o.Relayed(t.Context(), 0, 99); return err == nil && len(rest) == 30 })
	s.Master.Kill()
	if err := s.Replica.Resume(); err != nil {
		t.Fatal(err)
	}
	poll(t, "the replica is the master", func() bool { return r.Ping(t.Context()).Err() == nil })
	o.add(50, 60)
	heir := NewStream(r, StreamPrefix, "b", lease)
	poll(t, "the heir is given what the failover lost", func() bool { got, _ := heir.Receive(t.Context(), 64, 50*time.Millisecond); return len(got) > 0 })
	if err := q.Ack(t.Context(), taken...); err != nil { // late: these ids are others' now, which the heir has
		t.Fatal(err)
	}
	last, applied := NewStream(r, StreamPrefix, "c", lease), map[string]bool{} // the heir died before its commit
	poll(t, "what the failover lost arrives", func() bool {
		tags, tips := receive(t, last, 64)
		maps.Copy(applied, tips)
		if err := last.Ack(t.Context(), tags...); err != nil {
			t.Fatal(err)
		}
		return len(applied) == 40
	})
	o.empties(t)
}
