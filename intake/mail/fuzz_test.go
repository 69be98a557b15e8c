package mail

import (
	"bytes"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"tipline/intake"
)

var replyLine = regexp.MustCompile(`^[2-5][0-9][0-9][ -]`)

// FuzzServer throws bytes at the server in each state of a connection. Every
// line it says is a reply, it ends when the sender does, and there are never more
// reports than ends of messages.
func FuzzServer(f *testing.F) {
	const open = "EHLO c\r\nMAIL FROM:<a@b.example>\r\n"
	states := []string{"", "EHLO c\r\n", open, open + "RCPT TO:<tips@localhost>\r\n", open + "RCPT TO:<tips@localhost>\r\nDATA\r\n",
		open + "RCPT TO:<tips@localhost>\r\nBDAT 5\r\nab\r\nc", "LHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<tips@localhost>\r\nDATA\r\n"}
	for i, seed := range []string{"QUIT\r\n", "MAIL FROM:<\"a b\"@c.example> SIZE=9 BODY=8BITMIME\r\nRSET\r\n", "RCPT TO:<tips+x@localhost>\r\nDATA\r\n" + hello + ".\r\n",
		"BDAT 4\r\nabcdBDAT 0 LAST\r\nNOOP\r\n", hello + ".\r\nMAIL FROM:<x>\r\n", "BDAT 99999999999 LAST\r\n", "a\r.\r\n\n.\n\r\n.\r\nDATA\r\n"} {
		f.Add(uint8(i), []byte(seed))
	}
	d := &desk{}
	smtp, _ := d.start(f, func(o *Options) { o.MaxBytes = 4096 })
	lmtp, _ := d.start(f, func(o *Options) { o.MaxBytes, o.LMTP = 4096, true })
	f.Fuzz(func(t *testing.T, state uint8, data []byte) {
		if len(data) > 32<<10 {
			t.Skip("long inputs find nothing new")
		}
		prefix := states[int(state)%len(states)]
		addr := smtp
		if strings.HasPrefix(prefix, "LHLO") {
			addr = lmtp
		}
		before := d.outcome(intake.BecameStored) + d.outcome(intake.BecameUnparsed) + d.outcome(intake.BecameDuplicate)
		stream := prefix + string(data)
		for line := range strings.Lines(converse(t, addr, stream)) {
			if !replyLine.MatchString(line) {
				t.Fatalf("the server said %q", line)
			}
		}
		ends := strings.Count(stream, "\r\n.\r\n") + bytes.Count(bytes.ToUpper([]byte(stream)), []byte("LAST"))
		if got := d.outcome(intake.BecameStored) + d.outcome(intake.BecameUnparsed) + d.outcome(intake.BecameDuplicate) - before; got > ends {
			t.Fatalf("%d reports of %d messages", got, ends)
		}
		if d.outcome(OutcomePanic) > 0 {
			t.Fatal("a session panicked")
		}
	})
}

// converse sends everything, ends, and gives what the server said.
func converse(t *testing.T, addr, stream string) string {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	go func() {
		_, _ = io.WriteString(c, stream)
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	said, err := io.ReadAll(c)
	if nerr, ok := err.(net.Error); ok && nerr.Timeout() {
		t.Fatalf("the server doesn't end; it said %q", said)
	}
	return string(said)
}
