package mail

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestAhead: what is read before the rest changes nothing of the message, and an error
// comes where it came.
func TestAhead(t *testing.T) {
	long := "Subject: x\r\n\r\n" + strings.Repeat("body\r\n", 30_000)
	for name, whole := range map[string]string{"empty": "", "no end": "Subject: x", "long": long, "long header": strings.Repeat("X-Y: "+strings.Repeat("z", 900)+"\r\n", 200) + "\r\nbody"} {
		raw, _ := ahead(iotest.OneByteReader(strings.NewReader(whole)))
		if got, err := io.ReadAll(raw); err != nil || string(got) != whole {
			t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(whole), err)
		}
	}
	broken := errors.New("broken")
	raw, _ := ahead(io.MultiReader(strings.NewReader("Subject: x\r\n"), iotest.ErrReader(broken)))
	if got, err := io.ReadAll(raw); !errors.Is(err, broken) || string(got) != "Subject: x\r\n" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestWhereItGoes: the letter that a message answers, and the code behind the plus of the
// address that it was written to.
func TestWhereItGoes(t *testing.T) {
	tag := strings.Repeat("a2", 58)
	for header, want := range map[string][2]string{
		"In-Reply-To: <t." + tag + "@office.example>":                                             {tag, ""},
		"References: <a@b> <t." + strings.ToUpper(tag) + "@office.example>\r\nIn-Reply-To: <c@d>": {tag, ""},
		"In-Reply-To: <t.short@office.example>":                                                   {"", ""},
		"In-Reply-To: <t." + tag + "\r\n @office.example>":                                        {"", ""},
		"To: Office <tips+discipline@163.com>, other@163.com":                                     {"", "discipline"},
		"Delivered-To: tips+county@163.com\r\nTo: tips+discipline@163.com":                        {"", "county"},
		"To: tips@163.com":                     {"", ""},
		"To: other+county@163.com":             {"", ""},
		"To: tips+\"; DROP TABLE\"@163.com":    {"", ""},
		"Subject: answers tips+county@163.com": {"", ""},
	} {
		r, _ := NewReport(Envelope{Polled: true, Mailbox: "tips@163.com"}, strings.NewReader(header+"\r\n\r\nbody"))
		if r.Thread != want[0] || r.Plus != want[1] || r.Category != want[1] {
			t.Errorf("%q: thread %q, plus %q", header, r.Thread, r.Plus)
		}
	}
	if id := ThreadID(tag, "office.example"); !threadForm.MatchString(id) || len(messageIDs(id)) != 1 {
		t.Errorf("our own id %s isn't one", id)
	}
}
