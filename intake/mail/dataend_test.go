package mail

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// vectors are another project's cases; they aren't part of this tree.
const vectors = "../../../shared/testdata/vectors/smtp-data.json"

// TestLineEnds: what is taken, what is refused after its true end, and that in
// no case a second message comes out. "" in kept means that it is refused.
func TestLineEnds(t *testing.T) {
	for data, kept := range map[string]string{
		"test\r\n":                "test\r\n",
		"":                        "",
		"..dot\r\n":               ".dot\r\n",
		"...\r\n":                 "..\r\n",
		"lone\nlf\n\r\n":          "lone\nlf\n\r\n",
		"lone\n\nlf\n.dot\r\n":    "lone\n\nlf\n.dot\r\n",
		"a\r\n\nb\r\n":            "a\r\n\nb\r\n",
		"nul\x00\xff\r\n":         "nul\x00\xff\r\n",
		"bare\rcr\r\n":            refused,
		"two\r\r\n":               refused,
		"a\n.\nb\r\n":             refused,
		"a\n.\r\nb\r\n":           refused,
		"a\r\n.\nb\r\n":           refused,
		"a\r\n.\rb\r\n":           refused,
		"a\r.\r\nb\r\n":           refused,
		"a\r.\rb\r\n":             refused,
		".\nb\r\n":                refused,
		".\rb\r\n":                refused,
		"a\r\n.\r\r\nb\r\n":       refused,
		"a\r\r\n.\r\r\nb\r\n":     refused,
		"a\r\n\x00.\r\nb\r\n":     "a\r\n\x00.\r\nb\r\n",
		"a\n.\nMAIL FROM:<x>\r\n": refused,
	} {
		checkData(t, data, kept)
	}
}

const refused = "refused"

// checkData sends data as a message of its own, and looks at what came of it.
func checkData(t *testing.T, data, want string) {
	t.Helper()
	d := &desk{}
	addr, _ := d.start(t, nil)
	w := dial(t, addr)
	w.transaction()
	if want == refused {
		w.say(data+".", "554 5.6.0")
		if n := len(d.all()); n != 0 {
			t.Errorf("%q: %d reports of a refused message", data, n)
		}
	} else {
		w.say(data+".", "250 ")
		if got := d.all(); len(got) != 1 || got[0].raw != want {
			t.Errorf("%q is kept as %d reports, want %q", data, len(got), want)
		}
	}
	if strings.HasSuffix(data, "\r\r\n") { // where the message ends is doubtful: see TestDoubtfulEnd
		w.say("NOOP", "421 ")
		return
	}
	w.say("NOOP", "250 ")
}

// TestDoubtfulEnd: CR CR LF . CR LF is an end, or who sends a message that ends with a CR would wait for a reply until they
// give up, and a relay that doesn't take CR CR LF for the end of a line sends it in the middle of one. So the
// message is refused, and no command behind it is heeded: what it smuggles is nobody's mail, and who waited for the
// reply comes again.
func TestDoubtfulEnd(t *testing.T) {
	smuggled := "MAIL FROM:<boss@b.example>\r\nRCPT TO:<tips@localhost>\r\nDATA\r\nSubject: smuggled\r\n\r\nb\r\n.\r\n"
	for _, lmtp := range []bool{false, true} {
		for _, end := range []string{"\r\r\n.\r\n", "\r\r\r\n.\r\n", "\rx\r\r\n.\r\n"} {
			for _, behind := range []string{"", "RSET\r\n", smuggled, "BDAT 5 LAST\r\nx: y\n"} {
				d := &desk{}
				addr, _ := d.start(t, func(o *Options) { o.LMTP = lmtp })
				w := dial(t, addr)
				w.say(map[bool]string{false: "EHLO c", true: "LHLO c"}[lmtp], "250 ")
				w.say("MAIL FROM:<a@b.example>", "250 ")
				w.say("RCPT TO:<tips@localhost>", "250 ")
				w.say("DATA", "354 ")
				w.send("Subject: first\r\n\r\na" + end + behind)
				w.want("554 5.6.0")
				if behind == "" {
					w.send("MAIL FROM:<a@b.example>\r\n")
				}
				w.want("421 ")
				if !w.closed() || len(d.all()) != 0 {
					t.Errorf("%q and %q: %d reports", end, behind, len(d.all()))
				}
				again := dial(t, addr)
				again.say(map[bool]string{false: "EHLO c", true: "LHLO c"}[lmtp], "250 ")
				again.say("MAIL FROM:<a@b.example>", "250 ")
				again.say("RCPT TO:<tips@localhost>", "250 ")
				again.say("DATA", "354 ")
				again.say(hello+".", "250 ")
			}
		}
	}
}

func TestVectors(t *testing.T) {
	raw, err := os.ReadFile(vectors)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the vectors aren't here")
	}
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Data    string
		Want    string
		Err     string
		FakeEOD string `json:"fake_eod"`
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		switch {
		case c.FakeEOD != "":
			oneMessage(t, "a"+c.FakeEOD+"MAIL FROM:<x@y.example>\r\nRCPT TO:<tips@localhost>\r\nDATA\r\nSubject: second\r\n\r\nb\r\n.\r\n")
		case c.Err == "nil":
			checkData(t, strings.TrimSuffix(c.Data, ".\r\n"), c.Want)
		case c.Err == "ErrCRLF":
			checkData(t, strings.TrimSuffix(c.Data, ".\r\n"), refused)
		case c.Err == "":
			oneMessage(t, c.Data)
		}
	}
}

// oneMessage sends everything at once: it is one message, taken or not.
func oneMessage(t *testing.T, data string) {
	t.Helper()
	d := &desk{}
	addr, _ := d.start(t, nil)
	w := dial(t, addr)
	w.transaction()
	w.send(data)
	reply, err := w.reply()
	if err != nil || !strings.HasPrefix(reply, "250 ") && !strings.HasPrefix(reply, "554 5.6.0") {
		t.Errorf("%q: reply %q (%v)", data, reply, err)
	}
	w.say("NOOP", "250 ")
	if n := len(d.all()); n > 1 {
		t.Errorf("%q became %d messages", data, n)
	}
}

// TestDataEndAgrees: whatever the bytes and however they are cut, the end is
// where CRLF . CRLF first stands, and nothing behind it is read.
func TestDataEndAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOf(rapid.SampledFrom([]byte("\r\n.x\x00"))).Draw(t, "data")
		stream := "\r\n" + string(data) + "\r\n.\r\nQUIT\r\n"
		want := strings.Index(stream, "\r\n.\r\n") + 5 - 2
		stream = stream[2:]
		var d dataEnd
		var kept []byte
		read := 0
		for read < len(stream) && !d.ended {
			n := rapid.IntRange(1, len(stream)-read).Draw(t, "n")
			dst := make([]byte, rapid.IntRange(1, 8).Draw(t, "dst"))
			r, out := d.scan([]byte(stream[read:read+n]), dst)
			read += r
			kept = append(kept, dst[:out]...)
		}
		if read != want || !d.ended {
			t.Fatalf("ended %v after %d bytes, want %d", d.ended, read, want)
		}
		if d.doubtful != strings.HasSuffix("\n"+stream[:want], "\r\r\n.\r\n") {
			t.Fatalf("doubtful is %v of %q", d.doubtful, stream[:want])
		}
		if !d.bad && string(kept) != stream[:want] {
			t.Fatalf("kept %q of %q", kept, stream[:want])
		}
	})
}
