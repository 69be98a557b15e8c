package mailbox

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"tipline/intake"
	"tipline/intake/mail"
)

// What becomes of a message once its tip is durable.
const (
	Keep   = "keep"   // it stays as it is
	Move   = "move"   // to another folder (IMAP alone)
	Delete = "delete" // it goes for good
)

// The protocols spoken.
const (
	IMAP = "imap"
	POP3 = "pop3"
)

// Options are what a [Poller] works with. All but CA, Folder, SkipBacklog and
// Version are needed.
type Options struct {
	// Name is the mailbox's own; senders are limited under it.
	Name string
	// Provider is IMAP or POP3, both over TLS from the first byte on.
	Provider string
	Addr     string // host:port
	User     string
	Address  string   // as it is written to, where a code behind a plus is looked for
	Aliases  []string // further addresses of ours: a message that names one is acknowledged as well
	Secrets  []string // each is tried, so that one can be rotated out
	// CA are the only authorities that may vouch for the server; nil takes the
	// system's.
	CA       *x509.CertPool
	Poll     time.Duration // how often the mailbox is looked into
	After    string        // Keep, Move or Delete
	Folder   string        // where Move puts messages
	MaxBytes int64         // larger messages are left where they are
	// SkipBacklog leaves alone what is there at the very first look.
	SkipBacklog bool
	Version     string // told to the server (RFC 2971)

	Memory Memory
	// Tag makes a keyed tag of what tells messages apart.
	Tag     func(text string) []byte
	Submit  func(ctx context.Context, r *intake.Report) (intake.Filed, error)
	Answers *mail.Answers
	Senders *mail.Senders        // checks signatures; nil checks nothing
	Count   func(outcome string) // is told what became of each message, by mail's codes
	Log     *slog.Logger         // gets the mailbox's name and a cause, never what a person sent
	Now     func() time.Time
}

// String keeps the secrets out of logs and error texts.
func (o Options) String() string { return o.Name + " (" + o.Provider + ")" }

// LogValue keeps the secrets out of structured logs.
func (o Options) LogValue() slog.Value { return slog.StringValue(o.String()) }

// Memory is what is known of a mailbox beyond a process's life.
type Memory interface {
	// MailboxMarks are the messages that were done with and may still be there.
	// known is false when the mailbox was never looked into.
	MailboxMarks(ctx context.Context, mailbox string) (marks []intake.MailboxMark, known bool, err error)
	// MarkMailbox adds marks.
	MarkMailbox(ctx context.Context, mailbox string, marks ...intake.MailboxMark) error
	// UnmarkMailbox removes marks by their ids.
	UnmarkMailbox(ctx context.Context, mailbox string, ids ...[]byte) error
	// NoteChannel replaces what is shown of the mailbox.
	NoteChannel(ctx context.Context, s intake.ChannelState) error
}

// box is an open connection to a mailbox. Its errors end it, save [errGone] and
// those that a caller's own function gave.
type box interface {
	// list gives what the mailbox holds, oldest first. Unless all is wanted, what
	// stood before the last list's end may be left out.
	list(all bool) ([]entry, error)
	// fetch hands a message to take; what it leaves is not read.
	fetch(e entry, take func(io.Reader) error) error
	// settle moves or deletes a message; sure says that it is gone already, not
	// only when the connection ends well.
	settle(e entry) (sure bool, err error)
	// wait returns when there may be something new, at the latest after d. again
	// says whether the connection can be asked then.
	wait(ctx context.Context, d time.Duration) (again bool, err error)
	// close ends the connection in good order.
	close() error
}

// entry is one message as the server lists it.
type entry struct {
	id      string // the same at every visit
	n       uint32 // the server's number for it in this connection
	size    int64
	deleted bool // it is marked to be deleted (IMAP)
}

// errGone: the message isn't there any more.
var errGone = errors.New("the message is gone")

// Poller looks after one mailbox. Only one process at a time may run one.
type Poller struct {
	Options
	open     func(context.Context) (box, error)
	connect  func(ctx context.Context, protocol string) (net.Conn, error)
	known    map[string]intake.MailboxMark // by the text of their ids
	first    bool                          // nothing is known of the mailbox yet
	most     int                           // messages of a mailbox that are looked through
	left     map[string]bool               // too large to be taken, by entry id
	tries    map[string]int                // failures by entry id, so that one bad message holds up no others
	failures int                           // rounds that failed one after another
	noted    intake.ChannelState
}

// New is a poller over o. It doesn't connect yet; its errors say how to mend the
// configuration.
func New(o Options) (*Poller, error) {
	p := &Poller{Options: o, most: maxListed, left: map[string]bool{}, tries: map[string]int{}}
	p.connect = p.byTLS
	switch o.Provider {
	case IMAP:
		p.open = p.openIMAP
	case POP3:
		p.open = p.openPOP3
	default:
		return nil, fmt.Errorf("mailbox %q: provider must be imap or pop3", o.Name)
	}
	if o.After == Move && (o.Provider == POP3 || o.Folder == "") {
		return nil, fmt.Errorf("mailbox %q: only IMAP has folders to move a message to; use keep or delete", o.Name)
	}
	if _, _, err := net.SplitHostPort(o.Addr); err != nil {
		return nil, fmt.Errorf("mailbox %q: host must be host:port", o.Name)
	}
	if len(o.Secrets) == 0 {
		return nil, fmt.Errorf("mailbox %q: secret is missing", o.Name)
	}
	return p, nil
}
