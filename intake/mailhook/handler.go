package mailhook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"tipline/intake"
	"tipline/intake/hookbody"
	"tipline/intake/mail"
)

// Channel is one provider as it is configured.
type Channel struct {
	Name     string
	Provider string   // a name of [Providers]
	Secrets  []string // each is accepted, so that one can be rotated out
	Topic    string   // of ses: the only topic messages are taken from
	MaxBytes int64    // of one message
}

// String keeps the secrets out of logs and error texts.
func (c Channel) String() string { return c.Name + " (" + c.Provider + ")" }

// LogValue keeps the secrets out of structured logs.
func (c Channel) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Options are what a handler works with. Submit, Log, Now and Count are needed.
type Options struct {
	Submit  func(ctx context.Context, r *intake.Report) (intake.Filed, error)
	Answers *mail.Answers
	Aliases []string      // addresses of ours: a message that names one is acknowledged as well
	Senders *mail.Senders // checks signatures; nil checks nothing
	Log     *slog.Logger  // gets the channel's name and an outcome, never what a person sent
	Now     func() time.Time
	Count   func(outcome string)
	// Client fetches what a provider's own servers offer: certificates, and the
	// confirmation of a subscription. It is needed for ses.
	Client *http.Client
}

// delivery is one message as a provider brought it. It holds a person's data.
type delivery struct {
	raw     []byte
	from    string   // return path; "" for none
	polled  bool     // the return path is the header's
	to      []string // the recipients
	nonce   string   // what was signed in place of the message, good for one
	nothing bool     // genuine, and no message in it
	unread  bool     // genuine, and raw isn't a message but what the provider sent in its place
	partial bool     // files of it stayed with the provider
}

// String keeps a message out of logs and error texts.
func (delivery) String() string { return "[delivery]" }

// provider is one provider's wire format. It is safe for concurrent use.
type provider interface {
	// open says whether the provider sent this body, and reads it. Its errors wrap
	// [errSignature], [errStale] or [errForm].
	open(ctx context.Context, r *http.Request, body []byte) (delivery, error)
}

// kind is how a provider is set up.
type kind struct {
	build func(Channel, Options) (provider, error)
	// stop is the status after which the provider doesn't try again, for what will
	// never fit; busy the one after which it does.
	stop, busy int
}

func kinds() map[string]kind {
	return map[string]kind{
		"mailgun":  {newMailgun, http.StatusNotAcceptable, http.StatusTooManyRequests},
		"postmark": {newPostmark, http.StatusForbidden, http.StatusTooManyRequests},
		"sendgrid": {newSendGrid, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable}, // no 4xx is tried again
		"ses":      {newSES, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests},
	}
}

// Providers lists the names a channel's provider may have, sorted.
func Providers() []string { return slices.Sorted(maps.Keys(kinds())) }

// ErrChannel is wrapped by every error of [NewHandler]: the configuration must be
// mended.
var ErrChannel = errors.New("the mail channel can't be used")

// together is how many messages a channel reads at once, and as many of the largest callbacks there is room
// for: each is held in memory, for nothing in clear goes to a disk.
const together = 4

// bodyTime is how long a callback may take to come: of the largest, over a slow line.
const bodyTime = 5 * time.Minute

type handler struct {
	channel  Channel
	kind     kind
	provider provider
	bodies   *hookbody.Room
	room     chan struct{}
	Options
}

// NewHandler is the callback handler of one channel. Its errors wrap
// [ErrChannel] and say how to mend the configuration.
func NewHandler(c Channel, o Options) (http.Handler, error) {
	k, ok := kinds()[c.Provider]
	if !ok {
		return nil, fmt.Errorf("%w: %q: provider must be one of %s", ErrChannel, c.Name, strings.Join(Providers(), ", "))
	}
	p, err := k.build(c, o)
	if err != nil {
		return nil, fmt.Errorf("%w: %q: %w", ErrChannel, c.Name, err)
	}
	largest := c.MaxBytes*3/2 + 1<<20 // base64 and JSON make a message half as large again
	return &handler{channel: c, kind: k, provider: p, bodies: hookbody.NewRoom(together*largest, largest, bodyTime, time.Now), room: make(chan struct{}, together), Options: o}, nil
}

// ServeHTTP takes one callback.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	outcome, err := h.receive(w, r)
	if err == nil {
		h.Count(outcome)
		return
	}
	o := outcomeOf(err)
	h.Count(o.name)
	level := slog.LevelInfo
	if o.err == intake.ErrNotDurable { // anything else may be a stranger's doing
		level = slog.LevelError
	}
	h.Log.Log(r.Context(), level, "mail callback refused", "channel", h.channel.Name, "outcome", o.name)
	h.refuse(w, err, o)
}

func (h *handler) receive(w http.ResponseWriter, r *http.Request) (outcome string, err error) {
	if r.Method != http.MethodPost {
		return "", errMethod
	}
	body, done, err := h.bodies.Read(w, r)
	defer done()
	if err != nil {
		return "", unread(err)
	}
	select {
	case h.room <- struct{}{}:
		defer func() { <-h.room }()
	default:
		return "", errBusy
	}
	d, err := h.provider.open(r.Context(), r, body)
	if err != nil {
		return "", err
	}
	if d.nothing {
		return intake.BecameIgnored, nil
	}
	return h.file(r.Context(), d)
}

// unread is why a callback's body isn't here.
func unread(err error) error {
	_, big := errors.AsType[*http.MaxBytesError](err)
	switch {
	case big:
		return intake.ErrTooLarge
	case errors.Is(err, hookbody.ErrFull), errors.Is(err, hookbody.ErrSlow):
		return errBusy
	default:
		return errBroken
	}
}

func (h *handler) file(ctx context.Context, d delivery) (outcome string, err error) {
	if int64(len(d.raw)) > h.channel.MaxBytes {
		return "", intake.ErrTooLarge
	}
	if d.unread {
		return h.keep(ctx, d.raw)
	}
	e := mail.Envelope{Gateway: "mail/" + h.channel.Name, From: d.from, Polled: d.polled, Own: h.own(d), Senders: h.Senders}
	for _, to := range d.to {
		if e.Plus == "" {
			e.Plus = mail.PlusCode(to)
		}
	}
	report, facts := mail.NewReport(e, bytes.NewReader(d.raw))
	report.Nonce = d.nonce
	if d.partial {
		report.Flags = append(report.Flags, mail.FlagMalformed)
	}
	filed, err := h.Submit(ctx, report)
	if err != nil {
		return "", err
	}
	h.Answers.Taken(ctx, filed, report, facts)
	return filed.Became(report), nil
}

// maxShown is how much of what can't be read stands with the identity, in bytes.
const maxShown = 8 << 10

// keep files what can't be read, held. It may name who sent the mail anywhere, so that no word
// of it goes to the desk.
func (h *handler) keep(ctx context.Context, raw []byte) (outcome string, err error) {
	sum := sha256.Sum256(raw)
	report := &intake.Report{Channel: intake.Email, Category: intake.CategoryUnknown, Reply: intake.ReplyNone,
		Gateway: "mail/" + h.channel.Name, MessageID: "sha256:" + hex.EncodeToString(sum[:]), Flags: []string{intake.FlagUnparsed}, Hold: true,
		Identity: intake.Identity{Notes: []string{strings.ToValidUTF8(string(raw[:min(len(raw), maxShown)]), "\uFFFD")}}, Raw: bytes.NewReader(raw)}
	filed, err := h.Submit(ctx, report)
	if err != nil {
		return "", err
	}
	return filed.Became(report), nil
}

// own are the addresses that a message may name: those it was delivered to, and ours that may be
// redirected here. Where the provider doesn't say the former, they aren't known.
func (h *handler) own(d delivery) []string {
	if len(d.to) == 0 {
		return nil
	}
	return slices.Concat(d.to, h.Aliases)
}

// same compares without telling by time how much of it was right.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// basic says whether the request has one of the secrets, each "user:password", as
// an address with them in front of the host sends it (RFC 7617).
func basic(r *http.Request, secrets []string) bool {
	user, password, ok := r.BasicAuth()
	found := false
	for _, s := range secrets {
		found = same(user+":"+password, s) || found
	}
	return ok && found
}
