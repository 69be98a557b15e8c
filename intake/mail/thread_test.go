package mail

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tipline/intake"
)

func TestThreads(t *testing.T) {
	th, now := newThreads(), time.Unix(1e9, 0)
	ask := func(to, id string, references ...string) bool {
		return th.first(&Facts{ReturnPath: to, MessageID: id, References: references}, now)
	}
	if !ask("a@b.example", "<1@x>") || ask("A@B.example", "<1@x>") || ask("a@b.example", "<2@x>", "<1@x>", "<ack@us>") {
		t.Error("a thread is answered once, whoever's letter case it is")
	}
	if !ask("c@d.example", "<1@x>") || !ask("a@b.example", "<3@x>") {
		t.Error("another address and another thread are answered")
	}
	for i := range 20 {
		ask("a@b.example", fmt.Sprintf("<n%d@x>", i))
	}
	if ask("a@b.example", "<4@x>") {
		t.Error("an address is answered without end")
	}
	now = now.Add(addressSpan)
	if !ask("a@b.example", "<4@x>") || ask("a@b.example", "<1@x>") {
		t.Error("a day later the address is free, the thread isn't")
	}
	now = now.Add(threadSpan)
	if !ask("a@b.example", "<1@x>") {
		t.Error("a week later the thread is free")
	}
}

func TestThreadsAreBounded(t *testing.T) {
	th := newThreads()
	for i := range maxThreads + 10 {
		th.first(&Facts{ReturnPath: fmt.Sprint(i, "@x.example")}, time.Unix(1e9, 0))
	}
	if len(th.known) != maxThreads {
		t.Errorf("%d threads are remembered", len(th.known))
	}
}

// TestWhoIsAcknowledged: one acknowledgement for a tip that is new and open;
// none for a redelivery, a held tip, or one that wasn't kept.
func TestWhoIsAcknowledged(t *testing.T) {
	d := &desk{}
	addr, _ := d.start(t, nil)
	w := dial(t, addr)
	send := func(message, want string) {
		t.Helper()
		w.transaction()
		w.say(message+".", want)
	}
	send(hello, "250 ")
	send(hello, "250 ") // a redelivery
	send("Content-Type: multipart/mixed; boundary=x\r\nMessage-ID: <2@x>\r\n\r\n", "250 ")
	if len(d.acks) != 1 || len(d.all()) != 2 || d.outcome(intake.BecameDuplicate) != 1 {
		t.Errorf("%d acknowledgements of %d reports, %d duplicates", len(d.acks), len(d.all()), d.outcome(intake.BecameDuplicate))
	}
	d.mu.Lock()
	d.fail = errors.New("no disk")
	d.mu.Unlock()
	send(strings.Replace(hello, "<1@", "<9@", 1), "451 ")
	if len(d.acks) != 1 {
		t.Error("a message that wasn't kept was acknowledged")
	}
}

// TestAliases: a message that names an alias is acknowledged, and mail for the alias itself
// isn't taken.
func TestAliases(t *testing.T) {
	d := &desk{}
	addr, _ := d.start(t, func(o *Options) { o.Aliases = []string{"jubao@town.example"} })
	w := dial(t, addr)
	for i, to := range []string{"jubao@town.example", "someone@town.example"} {
		w.transaction()
		w.say(strings.NewReplacer("To: tips@localhost", "To: "+to, "<1@", "<"+to).Replace(hello)+".", "250 ")
		if len(d.acks) != 1 {
			t.Errorf("%d: %d acknowledgements", i, len(d.acks))
		}
	}
	w.say("MAIL FROM:<a@b.example>", "250 ")
	w.say("RCPT TO:<jubao@town.example>", "550 ")
}
