package mail

import (
	"io"
	"iter"
	"net/netip"
	"slices"
	"strings"

	"tipline/intake"
)

// What is read of one message. More is kept in the raw message only.
const (
	maxDepth = 50      // multiparts and messages within one another
	maxParts = 10_000  // of all levels
	maxFiles = 200     // handed on as files
	maxText  = 1 << 20 // bytes of text kept, and of one text part
	maxTexts = 4 << 20 // bytes of text parts read, alternatives included

	maxPacked = 20 // texts out of a winmail.dat, each of which is held against all before it
)

// Envelope is what is known of a message before it is read.
type Envelope struct {
	Gateway string // see [intake.Report]
	From    string // return path, "" for none
	Plus    string // code behind the plus of the address written to, "" when there is none
	Origin  string // comparable form of the peer's address, "" when it tells nothing
	// Mailbox is the address of the mailbox that the message lay in, where its header has
	// to tell whether a plus was written behind it; "" where Plus tells.
	Mailbox string
	// Own are our addresses that the message may have been written to: one that names
	// none of them isn't acknowledged. None says that they aren't known.
	Own []string
	// Polled says that the message lay in a mailbox: its return path is what the
	// server that delivered it wrote into the header (RFC 5321 §4.4).
	Polled bool
	// Senders checks where the message comes from; nil checks nothing. Peer and
	// Helo are the sending server's, where they are known; they are not kept.
	Senders *Senders
	Peer    netip.Addr
	Helo    string
	// Late says that the message came long ago: a signature that holds is a fact still, and
	// one that doesn't may have held then, for keys are changed. Nothing else is said.
	Late bool
}

// NewReport makes a report of a raw RFC 5322 message that is decoded while it is
// sealed. The facts are complete when Submit has returned.
//
// All header fields but Subject go to the identity. The text begins with the
// subject. The message's id is its Message-ID with a hash of the content, so that
// a redelivery is known again and a forged id loses nothing.
func NewReport(e Envelope, raw io.Reader) (*intake.Report, *Facts) {
	facts := &Facts{ReturnPath: e.From, polled: e.Polled, own: e.Own}
	raw, h := ahead(raw)
	if e.Mailbox != "" {
		e.Plus = plusOf(h, e.Mailbox)
	}
	return &intake.Report{
		Channel: intake.Email, Gateway: e.Gateway, Category: e.Plus, Plus: e.Plus, Thread: threadTag(h), Origin: e.Origin,
		Sender: strings.ToLower(e.From), Raw: raw,
		Decode: func(raw io.Reader, into *intake.Report) iter.Seq2[intake.File, error] {
			return (&decoder{raw: raw, report: into, facts: facts, envelope: e, sum: newSameness(), left: maxTexts}).files
		},
	}, facts
}

// decoder reads one message. Nothing in a message makes it fail.
type decoder struct {
	raw    io.Reader
	report *intake.Report
	facts  *Facts
	sum    sameness

	envelope Envelope
	from     string // the address of From
	doubled  bool   // see [header.doubled]

	yield    func(intake.File, error) bool
	yielding bool
	enough   bool // no further parts are looked at
	parts    int
	yielded  int
	packed   int // texts out of a winmail.dat
	left     int // bytes of text that may still be read
	odd      bool
	subject  string
	texts    []text
}

// text is one text part as UTF-8.
type text struct {
	s       string
	html    bool
	repeats bool // it may be what another part says, and is left out then
}

func (d *decoder) files(yield func(intake.File, error) bool) {
	d.yield = yield
	if check := d.envelope.Senders.begin(d.envelope); check != nil {
		d.raw = io.TeeReader(d.raw, check)
		defer func() {
			if flag := check.end(d.from, d.doubled); flag != "" {
				d.flag(flag)
			}
		}()
	}
	s := newScanner(d.raw, d.sum)
	d.guard(func() { d.message(s) })
	_, _ = io.Copy(d.sum, s.in) // a read error is Submit's to see
	d.guard(d.finish)
	d.report.MessageID = d.sum.id(d.facts.MessageID)
}

// guard keeps a fault of the decoder from losing the message. What panics while
// a file is with the consumer isn't ours.
func (d *decoder) guard(do func()) {
	defer func() {
		if d.yielding {
			return
		}
		if recover() != nil {
			d.odd = true
			d.flag(FlagFault)
		}
	}()
	do()
}

func (d *decoder) flag(code string) {
	if !slices.Contains(d.report.Flags, code) {
		d.report.Flags = append(d.report.Flags, code)
	}
}

// message reads the top of the message and all its parts.
func (d *decoder) message(s *scanner) {
	s.header = true
	h, odd, cut := readHeader(s)
	s.header = false
	d.odd = odd || len(h) == 0
	if cut {
		d.flag(FlagMalformed)
	}
	d.top(h)
	d.texts = d.content(s, 0, h, "text/plain")
}

// top takes who sent the message out of its header.
func (d *decoder) top(h header) {
	size := 0
	for _, f := range h {
		d.sum.field(f.name, f.value)
		if strings.EqualFold(f.name, "Subject") {
			continue
		}
		if size += len(f.name) + len(f.value); size <= maxHeader {
			d.report.Identity.Headers = append(d.report.Identity.Headers, f.name+": "+decodeWords(f.value))
		}
	}
	d.subject = decodeWords(h.get("Subject"))
	contentType, p := parseParams(h.get("Content-Type"))
	d.facts.read(h, contentType, p)
	if d.facts.polled {
		d.report.Sender = strings.ToLower(d.facts.ReturnPath)
	}
	d.identify(h)
}

func (d *decoder) identify(h header) {
	name, address := splitMailbox(h.get("From"))
	d.from, d.doubled = tidyLine(address), h.doubled()
	id := &d.report.Identity
	id.Name = name
	if id.Sender = d.facts.ReturnPath; id.Sender == "" {
		id.Sender = tidyLine(toUTF8([]byte(address), ""))
	}
	d.report.Reply = intake.ReplyContact // nothing but the mailbox reaches who has no receipt
	if id.Sender == "" || d.facts.Bounce || d.facts.Auto || d.facts.Bulk {
		d.report.Reply = intake.ReplyNone
	}
	if d.facts.Bounce {
		d.flag(FlagBounce)
		d.report.Hold = true
	}
	if d.facts.Auto {
		d.flag(FlagAuto)
	}
	if d.facts.Bulk {
		d.flag(FlagBulk)
	}
}

// signed says whether a signature line stands in the text (RFC 3676 §4.3), with
// its space or, as some mailers have it, without.
func signed(body string) bool {
	body = "\n" + body + "\n"
	return strings.Contains(body, "\n-- \n") || strings.Contains(body, "\n--\n")
}

// finish puts the text together.
func (d *decoder) finish() {
	var b strings.Builder
	for _, t := range d.texts {
		s := t.s
		if t.html {
			s = htmlText(strings.NewReader(s))
		}
		s = tidyText(s)
		if t.repeats && strings.Contains(strings.Join(strings.Fields(b.String()), ""), strings.Join(strings.Fields(s), "")) {
			continue
		}
		if t.html {
			d.flag(FlagHTML)
		}
		if s != "" {
			if b.Len() > 0 {
				b.WriteString("\n\n")
			}
			b.WriteString(s)
		}
	}
	body := b.String()
	if signed(body) {
		d.flag(FlagSignature)
	}
	if strings.Contains(body, "-----BEGIN PGP ") {
		d.flag(FlagPGP)
	}
	d.report.Lang = language(d.subject, body)
	d.report.Words.Text = d.withSubject(body)
	d.judge(body)
}

func (d *decoder) withSubject(body string) string {
	if d.subject != "" {
		body = d.subject + "\n\n" + body
	}
	if len(body) > maxText {
		d.flag(FlagTruncated)
		body = strings.ToValidUTF8(body[:maxText], "")
	}
	return strings.TrimSpace(body)
}

// judge says whether the message could be read. One of files alone could.
func (d *decoder) judge(body string) {
	if !d.odd {
		return
	}
	if strings.TrimSpace(body) == "" && d.yielded == 0 {
		d.flag(FlagUnparsed)
		d.report.Hold = true
		return
	}
	d.flag(FlagMalformed)
}

// tidyText ends lines with LF and drops what a text can't hold.
func tidyText(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case r < ' ' || r == 0x7f || r == '\uFEFF':
			return -1
		default:
			return r
		}
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Trim(s, "\n")
}
