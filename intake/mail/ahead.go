package mail

import (
	"bytes"
	"io"
	"regexp"
	"strings"
)

// maxAhead is how much of a message is read before it is decoded.
const maxAhead = 64 << 10

// ahead reads a message's header, and gives it together with the whole message: what
// decides where a message goes must be known before it is sealed.
func ahead(raw io.Reader) (io.Reader, header) {
	p := &replayed{src: raw}
	block := make([]byte, 4<<10)
	for len(p.head) < maxAhead && p.err == nil && !bytes.Contains(p.head, []byte("\n\n")) && !bytes.Contains(p.head, []byte("\r\n\r\n")) {
		var n int
		n, p.err = raw.Read(block)
		p.head = append(p.head, block[:n]...)
	}
	s := newScanner(bytes.NewReader(p.head), nil)
	s.header = true
	h, _, _ := readHeader(s)
	return p, h
}

// replayed gives what was read ahead, then the rest, with the error it met.
type replayed struct {
	head []byte
	err  error
	src  io.Reader
}

func (p *replayed) Read(b []byte) (int, error) {
	if len(p.head) > 0 {
		n := copy(b, p.head)
		p.head = p.head[n:]
		return n, nil
	}
	if p.err != nil {
		return 0, p.err
	}
	return p.src.Read(b)
}

// threadForm is the Message-ID of a letter of ours; see [ThreadID].
var threadForm = regexp.MustCompile(`^<t\.([a-z2-7]{40,160})@[^<>]+>$`)

// ThreadID is the Message-ID of a letter that can be answered into its tip.
func ThreadID(tag, domain string) string { return "<t." + tag + "@" + domain + ">" }

// threadTag is the tag of the letter that a message answers: the last of ours it
// names.
func threadTag(h header) (tag string) {
	for _, id := range append(messageIDs(h.get("References")), messageIDs(h.get("In-Reply-To"))...) {
		if m := threadForm.FindStringSubmatch(strings.ToLower(id)); m != nil {
			tag = m[1]
		}
	}
	return tag
}

// plusOf is the code behind the plus of the address that a message was written to, as
// the server that delivered it noted, or as the header's To says.
func plusOf(h header, mailbox string) string {
	own := newRecipients([]string{mailbox})
	for _, name := range []string{"X-Original-To", "Delivered-To", "Envelope-To", "To", "Cc"} {
		for address := range strings.SplitSeq(h.get(name), ",") {
			_, address = splitMailbox(address)
			if plus, ok := own.match(address); ok && plus != "" {
				return plus
			}
		}
	}
	return ""
}
