package main

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/mail"
)

// TestSimulateLMTP: a simulation speaks LMTP to a server that speaks nothing else, and is
// told what a stranger's address is told.
func TestSimulateLMTP(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	took := 0
	s := mail.NewServer(mail.Options{Domain: "localhost", Recipients: []string{"tips@localhost"}, MaxBytes: 1 << 20, LMTP: true,
		Answers: mail.NewAnswers(func(context.Context, mail.Ack) {}, time.Now),
		Submit: func(_ context.Context, r *intake.Report) (intake.Filed, error) {
			mu.Lock()
			defer mu.Unlock()
			took++
			_, err := io.Copy(io.Discard, r.Raw)
			return intake.Filed{ID: "x"}, err
		}})
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Serve(ctx, ln) })
	t.Cleanup(func() { stop(); running.Wait() })
	c := simulateMailCmd{To: ln.Addr().String(), Rcpt: "tips@localhost", From: "sample@example.org", LMTP: true}
	m := simulated{id: "<a@simulation.invalid>", envelope: "a@example.org", header: "a@example.org", rcpt: c.Rcpt, written: time.Now()}
	if got, said := c.send(t.Context(), m); got != taken || took != 1 {
		t.Errorf("%s, %d taken", said, took)
	}
	m.rcpt = "somebody@elsewhere.example"
	if got, said := c.send(t.Context(), m); got != refused || said != "answered 550" {
		t.Errorf("a stranger's address: %s", said)
	}
	c.LMTP = false
	if got, _ := c.send(t.Context(), m); got == taken {
		t.Error("SMTP is taken where LMTP is spoken")
	}
}
