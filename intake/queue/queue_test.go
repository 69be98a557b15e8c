package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"tipline/intake"
	"tipline/intake/store"
)

const lease = 300 * time.Millisecond

var maker = intake.Events{Source: "https://tips.example.org", Loc: time.FixedZone("", 8*3600), Now: time.Now}

func event(n int) intake.Event {
	return maker.New(intake.EventReceived, intake.Tip{ID: fmt.Sprintf("%032x", n), Facts: intake.Facts{Desk: "main", ReceivedOn: "2026-11-24"}}, intake.Decision{})
}

// outbox is a real store whose outbox the test fills.
type outbox struct {
	*store.Store
	t *testing.T
}

func newOutbox(t *testing.T) *outbox {
	t.Helper()
	st, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "o.db"), Loc: time.UTC, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return &outbox{st, t}
}

func (o *outbox) add(from, to int) {
	o.t.Helper()
	for n := from; n < to; n++ {
		e := event(n)
		_, err := o.Accept(o.t.Context(), &intake.Acceptance{Tip: intake.Tip{ID: e.Data.Tip, Facts: intake.Facts{Desk: "main", Channel: intake.Web, Lane: intake.Normal, ReceivedOn: "2026-11-24"}, State: intake.StateReceived, KeyVersion: 1},
			ReceiptTag: []byte(e.Data.Tip), Reporter: "r", Event: &e, Parts: []intake.Part{{Compartment: intake.CompartmentReport, Name: intake.PartName, Sealed: []byte("x")}}})
		if err != nil {
			o.t.Fatal(err)
		}
	}
}

// setting is one kind of queue with what feeds it.
type setting struct {
	outbox *outbox
	queue  func(consumer string) Queue[intake.EventData]
	relay  func(ctx context.Context) error // nil: the outbox is the queue
}

// conformance is what every queue must do.
func conformance(t *testing.T, open func(t *testing.T) setting) {
	t.Run("each event arrives and goes with its acknowledgement", func(t *testing.T) {
		s := start(t, open)
		s.outbox.add(0, 250)
		drain(t, s.queue("a"), 250)
		if got, err := s.queue("a").Receive(t.Context(), 10, 50*time.Millisecond); err != nil || len(got) > 0 {
			t.Fatalf("after all were acknowledged %d came, %v", len(got), err)
		}
	})
	t.Run("a dead consumer's events go to another", func(t *testing.T) {
		s := start(t, open)
		s.outbox.add(0, 20)
		dead := s.queue("dead")
		poll(t, "the first consumer has some", func() bool { got, err := dead.Receive(t.Context(), 20, time.Second); return err == nil && len(got) > 0 })
		drain(t, s.queue("heir"), 20)
	})
	t.Run("two consumers share the work", func(t *testing.T) {
		s := start(t, open)
		s.outbox.add(0, 300)
		var mu sync.Mutex
		seen := map[string]int{}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for _, name := range []string{"a", "b"} {
			wg.Go(func() {
				_ = Consume(ctx, s.queue(name), func(_ context.Context, events []intake.Event) error {
					mu.Lock()
					defer mu.Unlock()
					for _, e := range events {
						seen[e.Data.Tip]++
					}
					return nil
				}, slog.New(slog.DiscardHandler))
			})
		}
		poll(t, "all events", func() bool { mu.Lock(); defer mu.Unlock(); return len(seen) == 300 })
		cancel()
		wg.Wait()
	})
	t.Run("a failed commit is tried again", func(t *testing.T) {
		s := start(t, open)
		s.outbox.add(0, 5)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		fails, applied := 2, map[string]bool{}
		_ = Consume(ctx, s.queue("a"), func(_ context.Context, events []intake.Event) error {
			if fails--; fails >= 0 {
				return errors.New("the ledger's disk is full")
			}
			for _, e := range events {
				applied[e.Data.Tip] = true
			}
			if len(applied) == 5 {
				cancel()
			}
			return nil
		}, slog.New(slog.DiscardHandler))
		if len(applied) != 5 {
			t.Fatalf("%d of 5 applied", len(applied))
		}
	})
	t.Run("an empty queue waits and ends with its context", func(t *testing.T) {
		s := start(t, open)
		q := s.queue("a")
		began := time.Now()
		if got, err := q.Receive(t.Context(), 1, 60*time.Millisecond); err != nil || len(got) != 0 || time.Since(began) < 50*time.Millisecond {
			t.Fatalf("%d events, %v after %v", len(got), err, time.Since(began))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := q.Receive(ctx, 1, time.Hour); err == nil {
			t.Fatal("a wait outlived its context")
		}
	})
}

// start opens a setting and runs its relay for the test.
func start(t *testing.T, open func(t *testing.T) setting) setting {
	t.Helper()
	s := open(t)
	if s.relay != nil {
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() { _ = s.relay(ctx) })
		t.Cleanup(func() { cancel(); wg.Wait() })
	}
	return s
}

// drain receives and acknowledges until n different tips came.
func drain(t *testing.T, q Queue[intake.EventData], n int) {
	t.Helper()
	seen := map[string]bool{}
	poll(t, fmt.Sprintf("%d tips", n), func() bool {
		got, err := q.Receive(t.Context(), 64, 100*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		var tags []string
		for _, d := range got {
			seen[d.Event.Data.Tip] = true
			tags = append(tags, d.Tag)
		}
		if err := q.Ack(t.Context(), tags...); err != nil {
			t.Fatal(err)
		}
		return len(seen) == n
	})
}

func poll(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatal(what + ": not in time")
		case <-tick.C:
		}
	}
}

func TestEmbedded(t *testing.T) {
	conformance(t, func(t *testing.T) setting {
		o := newOutbox(t)
		return setting{outbox: o, queue: func(consumer string) Queue[intake.EventData] { return NewEmbedded(o, consumer, time.Second) }}
	})
}

func TestStream(t *testing.T) { conformance(t, streams(startRedis(t))) }

// streams are settings of a Redis, each with a stream of its own.
func streams(r redis.UniversalClient) func(t *testing.T) setting {
	n := 0
	return func(t *testing.T) setting {
		o := newOutbox(t)
		n++
		name := fmt.Sprint("tipline:ledger:", n)
		return setting{outbox: o, queue: func(consumer string) Queue[intake.EventData] { return NewStream(r, name, consumer, lease) },
			relay: NewRelay(o, r, "relay", time.Second, func(string) string { return name }, slog.New(slog.DiscardHandler)).Run}
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestStreamTellsNoTime: entry ids begin at midnight, whatever the time of day,
// and days may come out of order.
func TestStreamTellsNoTime(t *testing.T) {
	r := startRedis(t)
	relay := NewRelay[intake.EventData](nil, r, "relay", time.Second, nil, slog.New(slog.DiscardHandler))
	relay.name = func(desk string) string { return StreamName(desk, "main") }
	for i, day := range []string{"2026-11-25T00:00:00+08:00", "2026-11-24T00:00:00+08:00", "2026-11-26T00:00:00+08:00", "2026-11-26T00:00:00+08:00"} {
		e := event(i)
		e.Time = day
		if _, err := relay.add(t.Context(), deliveries([]intake.Event{e})); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := r.XRange(t.Context(), StreamPrefix, "-", "+").Result()
	if err != nil || len(entries) != 4 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	for _, e := range entries {
		var ms, n int64
		if _, err := fmt.Sscanf(e.ID, "%d-%d", &ms, &n); err != nil || (ms+8*3600*1000)%(24*3600*1000) != 0 {
			t.Errorf("entry %s tells a time of day", e.ID)
		}
	}
}

// TestPoison: what no consumer could take is set aside with its reason, and what
// stands behind it goes through.
func TestPoison(t *testing.T) {
	r := startRedis(t)
	good, _ := event(1).JSON()
	for _, v := range []string{"not json", `{"specversion":"0.3"}`, `{"specversion":"1.0","id":"a","type":"b"}`, string(good)} {
		if err := r.XAdd(t.Context(), &redis.XAddArgs{Stream: StreamPrefix, Values: []string{field, v}}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	drain(t, NewStream(r, StreamPrefix, "a", lease), 1)
	aside, err := r.XRange(t.Context(), StreamPrefix+poisonSuffix, "-", "+").Result()
	if err != nil || len(aside) != 3 {
		t.Fatalf("%d set aside, %v", len(aside), err)
	}
	for _, e := range aside {
		if e.Values["reason"] == "" || e.Values["entry"] == "" {
			t.Errorf("set aside without a reason: %v", e.Values)
		}
	}
}

// TestWhatNoTableTakes: an event that PostgreSQL would refuse for ever is set aside, and holds up nothing behind it.
func TestWhatNoTableTakes(t *testing.T) {
	long, zero := strings.Repeat("x", 3000), "a\x00b"
	text := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	outcome := func() intake.OutcomeEvent {
		return intake.OutcomeEvent{SpecVersion: "1.0", ID: "o", Type: intake.EventOutcome, Subject: "tip", Data: intake.OutcomeData{Tip: "tip", Desk: "main", State: intake.LedgerStates()[0]}}
	}
	if _, err := decodeEvent(text(event(1))); err != nil {
		t.Fatal(err)
	}
	if _, err := decodeOutcome(text(outcome())); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{long, zero} {
		for name, spoil := range map[string]func(*intake.Event){
			"id": func(e *intake.Event) { e.ID = bad }, "time": func(e *intake.Event) { e.Time = bad }, "tip": func(e *intake.Event) { e.Data.Tip, e.Subject = bad, bad },
			"desk": func(e *intake.Event) { e.Data.Desk = bad }, "category": func(e *intake.Event) { e.Data.Category = bad }, "into": func(e *intake.Event) { e.Data.Into = bad },
			"department": func(e *intake.Event) { e.Data.Department = bad }, "due_on": func(e *intake.Event) { e.Data.DueOn = intake.Date(bad) },
		} {
			e := event(1)
			spoil(&e)
			if _, err := decodeEvent(text(e)); err == nil {
				t.Errorf("an event whose %s has %d bytes", name, len(bad))
			}
		}
		for name, spoil := range map[string]func(*intake.OutcomeEvent){
			"id": func(e *intake.OutcomeEvent) { e.ID = bad }, "tip": func(e *intake.OutcomeEvent) { e.Data.Tip, e.Subject = bad, bad }, "number": func(e *intake.OutcomeEvent) { e.Data.Number = bad },
		} {
			e := outcome()
			spoil(&e)
			if _, err := decodeOutcome(text(e)); err == nil {
				t.Errorf("an outcome whose %s has %d bytes", name, len(bad))
			}
		}
	}
}

// TestRedisAwayAndFlushed: the outbox waits for Redis, and a flushed Redis is
// set up again.
func TestRedisAwayAndFlushed(t *testing.T) {
	o := newOutbox(t)
	s := newServer(t)
	r := s.client(t)
	s.kill()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = NewRelay(o, r, "relay", time.Second, func(string) string { return StreamPrefix }, slog.New(slog.DiscardHandler)).Run(ctx)
	})
	defer func() { cancel(); wg.Wait() }()
	o.add(0, 30)
	if n, _, err := o.OutboxStats(t.Context(), ""); err != nil || n != 30 {
		t.Fatalf("%d events wait, %v; want 30", n, err)
	}
	s.start(t)
	q := NewStream(r, StreamPrefix, "a", lease)
	drain(t, q, 30)
	if err := r.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	o.add(30, 40)
	seen := map[string]bool{}
	poll(t, "the events after the flush", func() bool {
		got, _ := q.Receive(t.Context(), 64, 50*time.Millisecond) // the first error makes the group again
		for _, d := range got {
			seen[d.Event.Data.Tip] = true
		}
		for n := 30; n < 40; n++ {
			if !seen[event(n).Data.Tip] {
				return false
			}
		}
		return true
	})
}

// server is a real Redis of the test's own.
type server struct {
	addr, port, dir string
	cmd             *exec.Cmd
}

func startRedis(t testing.TB) *redis.Client { return newServer(t).client(t) }

func newServer(t testing.TB) *server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("redis-server is missing: .ci/tools installs it")
		}
		t.Skip("redis-server is missing: run make tools")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{addr: ln.Addr().String(), dir: t.TempDir()}
	ln.Close()
	s.port = s.addr[strings.LastIndexByte(s.addr, ':')+1:]
	s.start(t)
	t.Cleanup(s.kill)
	return s
}

func (s *server) start(t testing.TB) {
	t.Helper()
	s.cmd = exec.Command("redis-server", "--port", s.port, "--bind", "127.0.0.1", "--requirepass", "pw", "--dir", s.dir, "--save", "")
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := redis.NewClient(&redis.Options{Addr: s.addr, Password: "pw"})
	defer r.Close()
	poll(t, "redis answers", func() bool { return r.Ping(t.Context()).Err() == nil })
}

func (s *server) client(t testing.TB) *redis.Client {
	r := redis.NewClient(&redis.Options{Addr: s.addr, Password: "pw"})
	t.Cleanup(func() { r.Close() })
	return r
}

func (s *server) kill() { _ = s.cmd.Process.Kill(); _ = s.cmd.Wait() }
