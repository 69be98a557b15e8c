package sms

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"iter"
	"log/slog"
	"strconv"
	"strings"

	"tipline/intake"
)

// message is one text as a provider delivered it. It holds a person's data and
// prints as "[message]".
type message struct {
	id       string // the provider's, the same in every delivery; "" where it has none
	from, to string
	text     string
	sent     string       // when, as the provider says it
	media    []string     // addresses of the files that wait at the provider; one may be ""
	files    []file       // that came along
	part     intake.Piece // its place in a longer one
	nonce    string       // signed in place of the body: good for one message
	flags    []string
	raw      []byte // what of the callback belongs to this message alone
	unparsed bool
}

// file is one that a callback carries.
type file struct {
	name, kind string
	data       []byte
}

// maxShown is how much of what can't be read stands with the identity, in bytes.
const maxShown = 8 << 10

// maxMedia is more files than any carrier lets through.
const maxMedia = 50

// String keeps a message out of logs and error texts.
func (message) String() string { return "[message]" }

// LogValue keeps a message out of structured logs.
func (message) LogValue() slog.Value { return slog.StringValue("[message]") }

// unparsed keeps what couldn't be read, so that a person can look at it. Its id
// comes from its bytes unless the provider named one; blank bytes are nothing.
func unparsed(id string, raw []byte) []message {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	if id == "" {
		id = contentID(string(raw))
	}
	return []message{{id: id, raw: raw, unparsed: true}}
}

// contentID stands in for an id that the provider didn't give: the same content
// has the same one.
func contentID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)[:16])
}

// report makes the report of m. The gateway's own address says nothing about
// the reporter, so Origin stays empty.
func (h *handler) report(m message) *intake.Report {
	r := &intake.Report{
		Channel: intake.SMS, Lang: h.channel.Lang, Category: intake.CategoryUnknown, Reply: h.replyTo(m),
		Words:    intake.Words{Text: m.text},
		Identity: intake.Identity{Sender: m.from, Notes: m.notes()},
		Gateway:  h.channel.Name, MessageID: cmp.Or(m.id, contentID(m.from, m.to, m.text, m.sent)), Nonce: m.nonce, Sender: intake.Number(m.from),
		Piece: m.part, Converse: intake.Dialable(m.from) && len(m.media)+len(m.files) == 0 && !m.unparsed,
		Media: m.media, Flags: m.flags, Hold: m.unparsed, Raw: bytes.NewReader(m.raw),
	}
	if len(m.files) > 0 {
		r.Decode = m.decode
	}
	if m.unparsed {
		r.Flags = append(r.Flags, intake.FlagUnparsed)
	}
	if len(m.media) > 0 {
		r.Flags = append(r.Flags, "media:"+strconv.Itoa(len(m.media)))
	}
	return r
}

// decode hands the files on that the callback carries, once and again where it is read again.
func (m message) decode(io.Reader, *intake.Report) iter.Seq2[intake.File, error] {
	return func(yield func(intake.File, error) bool) {
		for _, f := range m.files {
			if !yield(intake.File{Name: f.name, Type: f.kind, Body: bytes.NewReader(f.data)}, nil) {
				return
			}
		}
	}
}

// notes go with the identity: when a text was sent, and to which of our
// numbers, helps to tell who sent it. What can't be read goes there as it came.
func (m message) notes() []string {
	var out []string
	if m.to != "" {
		out = append(out, "to "+m.to)
	}
	if m.sent != "" {
		out = append(out, "sent "+m.sent)
	}
	if m.unparsed { // else nobody at the desk could ever read it
		out = append(out, strings.ToValidUTF8(string(m.raw[:min(len(m.raw), maxShown)]), "\uFFFD"))
	}
	return out
}

// replyTo: who got a receipt can ask under it. Everybody else only has the
// number the text came from, which is a real contact; a sender's name is none,
// for nothing can be sent to it.
func (h *handler) replyTo(m message) intake.Reply {
	switch {
	case !intake.Dialable(m.from):
		return intake.ReplyNone
	case h.acks && h.channel.Ack == AckReceipt:
		return intake.ReplyReceipt
	default:
		return intake.ReplyContact
	}
}
