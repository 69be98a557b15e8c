package mail

import (
	"log/slog"
	"net/mail"
	"strings"
	"time"

	"tipline/intake"
)

// Facts are what a message's header says about answering it. They are complete
// once the report's Decode has run to its end.
type Facts struct {
	ReturnPath string // envelope sender, "" for none
	MessageID  string
	References []string
	Auto       bool // a machine's own answer, such as out-of-office (RFC 3834 §5)
	Bounce     bool // a delivery status notification
	Bulk       bool // a list's or a mass mailing
	Machine    bool // the sender is no person's mailbox

	polled bool      // the return path is the header's
	sent   time.Time // by the Date field, zero when that can't be read
}

// ShouldAck says whether an acknowledgement may go to the return path (RFC 3834
// §2): never to a machine, a list, a bounce or nobody.
func (f *Facts) ShouldAck() bool {
	return f.ReturnPath != "" && !f.Auto && !f.Bounce && !f.Bulk && !f.Machine
}

// recent says whether a polled message is new enough to be answered; one that is
// delivered to us is new.
func (f *Facts) recent(now time.Time) bool {
	return !f.polled || !f.sent.IsZero() && now.Sub(f.sent).Abs() < answerWithin
}

// String keeps a sender out of logs and error texts.
func (*Facts) String() string { return "[mail facts]" }

// LogValue keeps a sender out of structured logs.
func (*Facts) LogValue() slog.Value { return slog.StringValue("[mail facts]") }

// Ack is what an acknowledgement needs to know of a message.
type Ack struct {
	To         string // the return path
	MessageID  string
	References []string
	Lang       string // "" when unknown
	Filed      intake.Filed
	Receipt    bool // the receipt may be told
}

// String keeps a sender out of logs and error texts.
func (Ack) String() string { return "[acknowledgement]" }

// LogValue keeps a sender out of structured logs.
func (Ack) LogValue() slog.Value { return slog.StringValue("[acknowledgement]") }

// read takes the facts from the top header.
func (f *Facts) read(h header, contentType string, p params) {
	if f.polled {
		f.ReturnPath = strings.Trim(strings.TrimSpace(h.get("Return-Path")), "<>")
	}
	f.sent, _ = mail.ParseDate(h.get("Date"))
	f.MessageID = messageID(h.get("Message-ID"))
	f.References = messageIDs(h.get("References"))
	if len(f.References) == 0 {
		f.References = messageIDs(h.get("In-Reply-To"))
	}
	precedence := strings.ToLower(h.get("Precedence"))
	f.Bulk = precedence == "bulk" || precedence == "list" || precedence == "junk"
	for _, field := range h {
		f.Bulk = f.Bulk || len(field.name) > 5 && strings.EqualFold(field.name[:5], "List-")
	}
	submitted, _ := parseParams(h.get("Auto-Submitted"))
	f.Auto = submitted != "" && submitted != "no" || precedence == "auto_reply" ||
		h.has("X-Autoreply") || h.has("X-Autorespond") || h.has("X-Auto-Response-Suppress")
	from := mailbox(h.get("From"))
	f.Machine = machine(f.ReturnPath) || machine(from)
	f.Bounce = contentType == "multipart/report" && p["report-type"] != "disposition-notification" ||
		contentType == "message/delivery-status" || f.ReturnPath == "" && daemon(from) || h.has("X-Failed-Recipients")
	f.Auto = f.Auto || contentType == "multipart/report" && p["report-type"] == "disposition-notification"
}

func daemon(address string) bool {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	return local == "mailer-daemon" || local == "postmaster"
}

// machine says whether an address is one that nobody reads (RFC 3834 §2).
func machine(address string) bool {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	switch local {
	case "noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "listserv", "majordomo":
		return true
	}
	return daemon(address) || strings.HasPrefix(local, "owner-") || strings.HasSuffix(local, "-owner") ||
		strings.HasSuffix(local, "-request") || strings.HasPrefix(local, "bounce")
}

// messageID is the first <id> of a field.
func messageID(v string) string {
	if ids := messageIDs(v); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

// messageIDs are the ids of a field, each with its brackets. An id with anything
// but printable ASCII is left out: it goes into a header of ours.
func messageIDs(v string) []string {
	var out []string
	for len(out) < 20 {
		_, after, ok := strings.Cut(v, "<")
		if !ok {
			return out
		}
		id, rest, ok := strings.Cut(after, ">")
		if !ok {
			return out
		}
		if id != "" && len(id) < 250 && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' }) {
			out = append(out, "<"+id+">")
		}
		v = rest
	}
	return out
}

// mailbox is the address of a From field, "" when there is none to be read.
func mailbox(v string) string {
	_, address := splitMailbox(v)
	return address
}

// splitMailbox reads the first mailbox of a field, leniently.
func splitMailbox(v string) (name, address string) {
	if before, after, ok := strings.Cut(v, "<"); ok {
		address, _, _ = strings.Cut(after, ">")
		return strings.TrimSpace(decodeWords(unquote(strings.TrimSpace(before)))), strings.TrimSpace(address)
	}
	address, comment, _ := strings.Cut(v, "(")
	address, _, _ = strings.Cut(address, ",")
	comment, _, _ = strings.Cut(comment, ")")
	if address = strings.TrimSpace(address); strings.Contains(address, "@") && !strings.Contains(address, " ") {
		return decodeWords(comment), address
	}
	return decodeWords(v), ""
}
