package queue

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/redis/go-redis/v9"

	"tipline/intake"
)

// fill adds events n of [from, to) to a stream, as of a day.
func fill(t *testing.T, r redis.UniversalClient, day string, from, to int) {
	t.Helper()
	relay := NewRelay[intake.EventData](nil, r, "relay", time.Second, func(string) string { return StreamPrefix }, slog.New(slog.DiscardHandler))
	for n := from; n < to; n++ {
		e := event(n)
		e.Time = day + "T00:00:00+08:00"
		if _, err := relay.add(t.Context(), deliveries([]intake.Event{e})); err != nil {
			t.Fatal(err)
		}
	}
}

func receive(t *testing.T, q Queue[intake.EventData], n int) (tags []string, tips map[string]bool) {
	t.Helper()
	tips = map[string]bool{}
	got, err := q.Receive(t.Context(), n, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range got {
		tags, tips[d.Event.Data.Tip] = append(tags, d.Tag), true
	}
	return tags, tips
}

// TestRestartTakesItsOwnFirst: a consumer that comes back under its name needs no
// idle time to pass.
func TestRestartTakesItsOwnFirst(t *testing.T) {
	r := startRedis(t)
	fill(t, r, "2026-11-24", 0, 8)
	_, before := receive(t, NewStream(r, StreamPrefix, "a", time.Hour), 5)
	back := NewStream(r, StreamPrefix, "a", time.Hour)
	tags, after := receive(t, back, 5)
	if d := cmp.Diff(before, after); d != "" || len(after) != 5 {
		t.Fatal(d)
	}
	if err := back.Ack(t.Context(), tags...); err != nil {
		t.Fatal(err)
	}
	drain(t, back, 3)
}

// TestReceiveHearsTheEnd: a wait in Redis doesn't outlast its context for long.
func TestReceiveHearsTheEnd(t *testing.T) {
	r := startRedis(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	began := time.Now()
	if _, err := NewStream(r, StreamPrefix, "a", time.Hour).Receive(ctx, 1, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v to hear", took)
	}
}

// forgetful is an outbox that loses the word that its events are delivered, as
// when the relay is killed between the two.
type forgetful struct {
	*outbox
	asked chan struct{}
	once  sync.Once
}

func (f *forgetful) MarkRelayed(context.Context, string, ...intake.Relayed) error {
	f.once.Do(func() { close(f.asked) })
	return errors.New("killed")
}

// TestRelayKilledBeforeItFinished: what is in the stream already comes again, and
// nothing is lost.
func TestRelayKilledBeforeItFinished(t *testing.T) {
	o, r := newOutbox(t), startRedis(t)
	o.add(0, 40)
	name := func(string) string { return StreamPrefix }
	run := func(box Outbox[intake.EventData], claimer string, until func()) {
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = NewRelay(box, r, claimer, time.Second, name, slog.New(slog.DiscardHandler)).Run(ctx) })
		until()
		cancel()
		wg.Wait()
	}
	f := &forgetful{outbox: o, asked: make(chan struct{})}
	run(f, "killed", func() { <-f.asked })
	run(o, "heir", func() {
		poll(t, "all events relayed", func() bool { got, err := o.Relayed(t.Context(), 0, 99); return err == nil && len(got) == 40 })
	})
	if n, err := r.XLen(t.Context(), StreamPrefix).Result(); err != nil || n < 80 {
		t.Errorf("%d entries, %v: the first relay's were to be there too", n, err)
	}
	drain(t, NewStream(r, StreamPrefix, "a", lease), 40)
}

// once is a queue that hands its events out a single time.
type once struct {
	left  []Delivery[intake.EventData]
	acked []string
}

func (q *once) Receive(ctx context.Context, _ int, _ time.Duration) ([]Delivery[intake.EventData], error) {
	got := q.left
	q.left = nil
	return got, ctx.Err()
}

func (q *once) Ack(_ context.Context, tags ...string) error {
	q.acked = append(q.acked, tags...)
	return nil
}

// TestConsumeKeepsTheBatchThatFailed: it doesn't wait for the queue to hand the
// batch out again.
func TestConsumeKeepsTheBatchThatFailed(t *testing.T) {
	q := &once{left: deliveries([]intake.Event{event(1), event(2)})}
	want := []string{q.left[0].Tag, q.left[1].Tag}
	ctx, cancel := context.WithCancel(t.Context())
	tries := 0
	err := Consume(ctx, q, func(_ context.Context, events []intake.Event) error {
		if tries++; tries < 3 {
			return errors.New("the ledger's disk is full")
		}
		cancel()
		return nil
	}, slog.New(slog.DiscardHandler))
	if d := cmp.Diff(want, q.acked); err != nil || tries != 3 || d != "" {
		t.Errorf("%v after %d tries: %s", err, tries, d)
	}
}

// TestBacklog: what isn't acknowledged is named and counted, and no trimming
// touches it, however old it is.
func TestBacklog(t *testing.T) {
	r := startRedis(t)
	fill(t, r, "2026-11-01", 0, 4)
	fill(t, r, "2026-11-02", 4, 6)
	fill(t, r, "2026-11-03", 6, 9)
	if s, err := Inspect(t.Context(), r, StreamPrefix); err != nil || s.Waiting != 9 || s.Pending != 0 {
		t.Fatalf("before there is a group: %+v, %v", s, err)
	}
	q := NewStream(r, StreamPrefix, "a", time.Hour)
	tags, _ := receive(t, q, 6)
	if err := q.redis.XAck(t.Context(), StreamPrefix, Group, tags[:5]...).Err(); err != nil {
		t.Fatal(err)
	}
	check := func(entries int64) {
		t.Helper()
		s, err := Inspect(t.Context(), r, StreamPrefix)
		want := Stats{Name: StreamPrefix, Entries: entries, Waiting: 3, Pending: 1, Oldest: time.Date(2026, 11, 1, 16, 0, 0, 0, time.UTC)}
		if d := cmp.Diff(want, s); err != nil || d != "" {
			t.Error(err, d)
		}
		tips, err := Waiting(t.Context(), r, StreamPrefix)
		wantTips := map[string]bool{event(5).Subject: true, event(6).Subject: true, event(7).Subject: true, event(8).Subject: true}
		if d := cmp.Diff(wantTips, tips); err != nil || d != "" {
			t.Error(err, d)
		}
	}
	check(9)
	if err := trim(t.Context(), r, StreamPrefix, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	check(5) // the day of the oldest that isn't acknowledged stays whole
}

func TestInspectOfNothing(t *testing.T) {
	r := startRedis(t)
	s, err := Inspect(t.Context(), r, StreamPrefix)
	if d := cmp.Diff(Stats{Name: StreamPrefix}, s); err != nil || d != "" {
		t.Error(err, d)
	}
	if tips, err := Waiting(t.Context(), r, StreamPrefix); err != nil || len(tips) != 0 {
		t.Error(tips, err)
	}
}

// TestWhatIsNoEvent: each entry that the ledger couldn't take has its reason, and
// no reason quotes it.
func TestWhatIsNoEvent(t *testing.T) {
	const canary = "canary-13800138000"
	good := event(1)
	change := func(f func(*intake.Event)) string {
		e := good
		f(&e)
		text, err := e.JSON()
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for name, text := range map[string]string{
		"no JSON": canary, "another object": `{"a":"` + canary + `"}`, "a number": "1", "null": "null",
		"version":  change(func(e *intake.Event) { e.SpecVersion = canary }),
		"id":       change(func(e *intake.Event) { e.ID = "" }),
		"type":     change(func(e *intake.Event) { e.Type = canary }),
		"outcome":  change(func(e *intake.Event) { e.Type = intake.EventOutcome }),
		"subject":  change(func(e *intake.Event) { e.Subject = canary }),
		"tip":      change(func(e *intake.Event) { e.Subject, e.Data.Tip = "", "" }),
		"desk":     change(func(e *intake.Event) { e.Data.Desk = "" }),
		"date":     change(func(e *intake.Event) { e.Data.ReceivedOn = canary }),
		"sequence": change(func(e *intake.Event) { e.Sequence = canary }),
	} {
		if _, err := decodeEvent(text); err == nil || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "138001") {
			t.Errorf("%s: %v", name, err)
		}
	}
	got, err := decodeEvent(change(func(e *intake.Event) { e.Sequence = "" }))
	if err != nil || got.Data.Tip != good.Data.Tip {
		t.Errorf("an event without a sequence: %v", err)
	}
}

// again decodes an event that is taken once more from its own JSON: it is the same, it names its tip, and a table takes its codes.
func again[D Data](t *testing.T, text string, decode func(any) (intake.CloudEvent[D], error), codes func(D) []string) {
	e, err := decode(text)
	if err != nil {
		return
	}
	tip, desk := e.Data.Address()
	for _, c := range append(codes(e.Data), e.ID, e.Time, tip, desk) {
		if len(c) > maxCode || strings.ContainsRune(c, 0) || !utf8.ValidString(c) {
			t.Errorf("a code that no table takes went through: %q", c)
		}
	}
	own, err := e.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if twice, err := decode(string(own)); tip == "" || e.ID == "" || err != nil || !cmp.Equal(e, twice, cmpopts.EquateEmpty()) {
		t.Errorf("%q: %v\n%s", text, err, cmp.Diff(e, twice))
	}
}

func FuzzDecodeEvent(f *testing.F) {
	text, err := event(1).JSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add("null")
	f.Add(`{"specversion":"1.0","id":"o","type":"tipline.ledger.outcome.v1","subject":"t","sequence":"7","data":{"tip":"t","desk":"main","state":"numbered","number":"7","due_on":"2026-11-24"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		again(t, text, decodeEvent, func(d intake.EventData) []string {
			return []string{d.Source, d.Category, d.Place, d.Commitment, d.Department, d.Reason, string(d.DueOn), d.Into}
		})
		again(t, text, decodeOutcome, func(d intake.OutcomeData) []string { return []string{d.Number, string(d.State), string(d.DueOn)} })
	})
}

func BenchmarkRelay(b *testing.B) {
	r := startRedis(b)
	relay := NewRelay[intake.EventData](nil, r, "relay", time.Second, func(string) string { return StreamPrefix }, slog.New(slog.DiscardHandler))
	e := deliveries([]intake.Event{event(1)})
	for b.Loop() {
		if _, err := relay.add(b.Context(), e); err != nil {
			b.Fatal(err)
		}
	}
}
