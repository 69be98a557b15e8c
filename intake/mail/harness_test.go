package mail

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"tipline/intake"
)

// desk stands in for the service: it takes reports as Submit does.
type desk struct {
	mu    sync.Mutex
	took  []*taken
	acks  []Ack
	ended map[string]int
	fail  error             // given instead of taking
	each  func() error      // called when a message has been read
	ids   map[string]string // message ids known
}

type taken struct {
	report *intake.Report
	raw    string
	files  []file
}

type file struct{ name, mime, body string }

func (d *desk) submit(_ context.Context, r *intake.Report) (intake.Filed, error) {
	if d.fail != nil {
		return intake.Filed{}, d.fail
	}
	got, err := take(r)
	if err != nil {
		return intake.Filed{}, err
	}
	if d.each != nil {
		if err := d.each(); err != nil {
			return intake.Filed{}, err
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, known := d.ids[r.MessageID]; known {
		return intake.Filed{ID: d.ids[r.MessageID], Duplicate: true}, nil
	}
	if d.ids == nil {
		d.ids = map[string]string{}
	}
	d.ids[r.MessageID] = fmt.Sprint(len(d.took))
	d.took = append(d.took, got)
	return intake.Filed{ID: d.ids[r.MessageID], Held: r.Hold}, nil
}

// take consumes a report in the way of intake's draft: everything is teed, each
// file is read to its end, what Decode leaves is drained.
func take(r *intake.Report) (*taken, error) {
	got := &taken{report: r}
	var raw strings.Builder
	src := &stickyReader{r: io.TeeReader(r.Raw, &raw)}
	for f, err := range r.Decode(src, r) {
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(f.Body)
		if err != nil {
			return nil, err
		}
		got.files = append(got.files, file{f.Name, f.Type, string(body)})
	}
	if _, err := io.Copy(io.Discard, src); err != nil {
		return nil, err
	}
	got.raw = raw.String()
	return got, nil
}

type stickyReader struct {
	r   io.Reader
	err error
}

func (s *stickyReader) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	s.err = err
	return n, err
}

func (d *desk) all() []*taken {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]*taken(nil), d.took...)
}

func (d *desk) count(outcome string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended == nil {
		d.ended = map[string]int{}
	}
	d.ended[outcome]++
}

func (d *desk) outcome(name string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ended[name]
}

func (d *desk) ack(_ context.Context, a Ack) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.acks = append(d.acks, a)
}

// start serves d on the loopback and gives the address.
func (d *desk) start(t testing.TB, change func(*Options)) (addr string, stop func() error) {
	t.Helper()
	return d.startOn(t, func(l net.Listener) net.Listener { return l }, change)
}

func (d *desk) startOn(t testing.TB, over func(net.Listener) net.Listener, change func(*Options)) (addr string, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l = over(l)
	o := Options{Domain: "mx.example", Recipients: []string{"tips@localhost", "Line@Example.ORG"}, MaxBytes: 1 << 20,
		Submit: d.submit, Answers: NewAnswers(d.ack, time.Now), Count: d.count, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&o)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- NewServer(o).Serve(ctx, l) }()
	stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("Serve ended with %v", err)
		}
	})
	return l.Addr().String(), stop
}

// wire is one raw connection.
type wire struct {
	t testing.TB
	net.Conn
	in *bufio.Reader
}

func dial(t testing.TB, addr string) *wire {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	w := &wire{t, c, bufio.NewReader(c)}
	w.want("220 ")
	return w
}

func (w *wire) send(s string) {
	w.t.Helper()
	if _, err := io.WriteString(w.Conn, s); err != nil {
		w.t.Fatalf("sending: %v", err)
	}
}

// reply reads one reply of one or several lines.
func (w *wire) reply() (string, error) {
	var all strings.Builder
	for {
		line, err := w.in.ReadString('\n')
		all.WriteString(line)
		if err != nil {
			return all.String(), err
		}
		if len(line) < 4 || line[3] != '-' {
			return all.String(), nil
		}
	}
}

func (w *wire) want(prefix string) string {
	w.t.Helper()
	got, err := w.reply()
	if err != nil || !strings.HasPrefix(lastLine(got), prefix) {
		w.t.Fatalf("reply %q (%v), want %q", got, err, prefix)
	}
	return got
}

func lastLine(reply string) string {
	lines := strings.Split(strings.TrimSuffix(reply, "\r\n"), "\r\n")
	return lines[len(lines)-1]
}

func (w *wire) say(line, prefix string) string {
	w.t.Helper()
	w.send(line + "\r\n")
	return w.want(prefix)
}

// closed says whether the server ended the connection.
func (w *wire) closed() bool {
	_, err := w.in.ReadByte()
	return errors.Is(err, io.EOF) || err != nil && !errors.Is(err, context.DeadlineExceeded)
}

// transaction opens a message up to DATA's 354.
func (w *wire) transaction() {
	w.t.Helper()
	w.say("EHLO client.example", "250 ")
	w.say("MAIL FROM:<a@client.example>", "250 ")
	w.say("RCPT TO:<tips@localhost>", "250 ")
	w.say("DATA", "354 ")
}
