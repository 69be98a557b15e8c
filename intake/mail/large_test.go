package mail_test

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/mail"
)

// Limits of one message, whatever is in it.
const (
	mostTime   = 2 * time.Second
	mostMemory = 64 << 20
)

// monsters are messages made to take time or memory.
func monsters() map[string]io.Reader {
	head := func(kind string) string {
		return "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: " + kind + "\r\n\r\n"
	}
	part := "--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx\r\n"
	var deep strings.Builder
	deep.WriteString("Subject: x\r\n")
	for i := range 2000 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	var messages strings.Builder
	for range 2000 {
		messages.WriteString("Subject: x\r\nContent-Type: message/rfc822\r\n\r\n")
	}
	return map[string]io.Reader{
		"10,000 parts":        strings.NewReader(head("multipart/mixed; boundary=b") + strings.Repeat(part, 10_000) + "--b--\r\n"),
		"2,000 deep":          strings.NewReader(deep.String() + "\r\nthe end\r\n"),
		"2,000 messages deep": strings.NewReader(messages.String() + "the end\r\n"),
		"50 MB of text":       io.MultiReader(strings.NewReader(head("text/plain")), repeated(strings.Repeat("words and words ", 60)+"\r\n", 50<<20)),
		"50 MB in a file":     io.MultiReader(strings.NewReader(head("application/octet-stream; name=a.bin")+""), repeated(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7, 8, 9}, 19))+"\r\n", 50<<20)),
		"a zip bomb":          strings.NewReader(bombMail(head)),
		"50 MB of HTML":       io.MultiReader(strings.NewReader(head("text/html")), repeated(strings.Repeat("<div><b>", 12)+"\r\n", 50<<20)),
		"50 MB of header":     io.MultiReader(strings.NewReader("Subject: x\r\n"), repeated("X-Y: "+strings.Repeat("z", 70)+"\r\n", 50<<20)),
		"50 MB of one line":   io.MultiReader(strings.NewReader(head("text/plain")), repeated(strings.Repeat("z", 1900), 50<<20), strings.NewReader("\r\n")),
	}
}

// repeated is a text over and over, about size bytes.
func repeated(s string, size int) io.Reader {
	readers := make([]io.Reader, 0, size/len(s))
	for range size / len(s) {
		readers = append(readers, strings.NewReader(s))
	}
	return io.MultiReader(readers...)
}

// bombMail has a Word file of which one part unfolds to a gigabyte.
func bombMail(head func(string) string) string {
	var packed bytes.Buffer
	w, _ := flate.NewWriter(&packed, flate.BestCompression)
	zeros := make([]byte, 1<<20)
	for range 1024 {
		_, _ = w.Write(zeros)
	}
	_ = w.Close()
	name := "word/document.xml"
	var file bytes.Buffer
	file.WriteString("PK\x03\x04\x14\x00\x08\x00\x08\x00\x00\x00\x00\x00")
	file.Write(make([]byte, 12)) // sum and sizes stand behind
	file.Write([]byte{byte(len(name)), 0, 0, 0})
	file.WriteString(name)
	file.Write(packed.Bytes())
	coded := base64.StdEncoding.EncodeToString(file.Bytes())
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(head("application/octet-stream; name=a.docx"), "\r\n") + "Content-Transfer-Encoding: base64\r\n\r\n")
	for len(coded) > 76 {
		b.WriteString(coded[:76] + "\r\n")
		coded = coded[76:]
	}
	return b.String() + coded + "\r\n"
}

// TestMonsters sends each through the real server into the real office: it is taken and
// kept, within 64 MB and two seconds, or as much of the processor where others hold it.
func TestMonsters(t *testing.T) {
	if testing.Short() {
		t.Skip("it sends half a gigabyte")
	}
	o := intaketest.Open(t)
	o.Deps.MaxBytes = 64 << 20
	door := o.Door()
	addr := serve(t, door.Submit)
	defer debug.SetGCPercent(debug.SetGCPercent(50))
	for name, m := range monsters() {
		runtime.GC()
		before := heap()
		done := make(chan uint64)
		stop := make(chan struct{})
		go func() { done <- highest(stop) }()
		began := time.Now()
		work := busy()
		if err := send(addr, m); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		took, worked := time.Since(began), busy()-work
		close(stop)
		used := max(<-done, before) - before
		t.Logf("%-20s %6.2f s, %5.2f s of processor, %5.1f MB", name, took.Seconds(), worked.Seconds(), float64(used)/(1<<20))
		if used > mostMemory {
			t.Errorf("%s took %d MB", name, used>>20)
		}
		if worked > mostTime && took > mostTime && !raced() {
			t.Errorf("%s took %v, %v of it work", name, took, worked)
		}
	}
	counts, err := o.Store.Counts(t.Context(), intaketest.Desk)
	intaketest.Must(t, err)
	if n := counts.ByState[intake.StateReceived] + counts.Held; n != len(monsters()) {
		t.Errorf("%d of %d were kept", n, len(monsters()))
	}
}

// raced says that the race detector watches, which takes ten times the processor's time: no bound of time says anything then.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// busy is the processor's time that this process has taken, the test's own share
// included.
func busy() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// highest is the most the heap holds until stop is closed.
func highest(stop chan struct{}) (most uint64) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return most
		case <-tick.C:
			most = max(most, heap())
		}
	}
}

// serve is the mail server over a door's Submit.
func serve(t *testing.T, submit func(context.Context, *intake.Report) (intake.Filed, error)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	intaketest.Must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	s := mail.NewServer(mail.Options{Domain: "localhost", Recipients: []string{"tips@localhost"}, MaxBytes: 64 << 20, Submit: submit,
		Answers: mail.NewAnswers(func(context.Context, mail.Ack) {}, time.Now)})
	var running sync.WaitGroup
	running.Go(func() { _ = s.Serve(ctx, ln) })
	t.Cleanup(func() { stop(); running.Wait() })
	return ln.Addr().String()
}

// send speaks one transaction, streaming the message.
func send(addr string, message io.Reader) error {
	conn, err := textproto.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, step := range []struct {
		say  string
		want int
	}{{"", 220}, {"EHLO test", 250}, {"MAIL FROM:<a@example.org>", 250}, {"RCPT TO:<tips@localhost>", 250}, {"DATA", 354}} {
		if step.say != "" {
			if err := conn.PrintfLine("%s", step.say); err != nil {
				return err
			}
		}
		if _, _, err := conn.ReadResponse(step.want); err != nil {
			return err
		}
	}
	if _, err := io.Copy(conn.W, message); err != nil {
		return err
	}
	if err := conn.PrintfLine("."); err != nil {
		return err
	}
	_, _, err = conn.ReadResponse(250)
	return err
}
