package public

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"tipline/configs/locale"
	"tipline/crypto/receipt"
	"tipline/intake"
)

// Service is what the site asks of the domain; [intake.Service] is one.
type Service interface {
	Submit(ctx context.Context, r *intake.Report) (intake.Filed, error)
	Look(ctx context.Context, code receipt.Receipt) (intake.Conversation, error)
	Add(ctx context.Context, code receipt.Receipt, a intake.Addition) ([]intake.SealedFile, error)
	Wish(ctx context.Context, code receipt.Receipt, kind intake.WishKind) error
}

// Options are what a site is made of. Service, Bundle, BaseURL and Log are
// needed.
type Options struct {
	Service Service
	Bundle  *locale.Bundle
	Content Content
	BaseURL string // as citizens type it; may hold a path prefix
	Log     *slog.Logger

	// Proxies are the peers whose X-Forwarded-For counts.
	Proxies []netip.Prefix
	// Origin makes of an address what limits count and reports carry, e.g. an
	// IPv6 network. nil: the address itself.
	Origin func(netip.Addr) string
	// AllowReceipt counts a look-up of a receipt from an origin and says how long
	// to wait when there were too many. nil: no limit.
	AllowReceipt func(ctx context.Context, origin string) time.Duration
	// Count hears of each report, receipt and message and how it ended ("ok" or a
	// kind of failure). nil: nobody does.
	Count func(what, outcome string)

	// Seal marks a task of the form as ours, in every process of this office; nil:
	// none is ever set.
	Seal func(text string) []byte

	// Extra are the office's own files: its logo ("logo.svg" or .png), and a
	// recording of the first page by language ("voice.zh-CN.mp3", .m4a, .ogg, .wav).
	Extra map[string][]byte

	// FormTime is the least time that a person needs for the form: a report that
	// comes sooner is held. 0: none is.
	FormTime time.Duration

	MaxFiles int   // of one report, and of one addition
	MaxBytes int64 // of one file
	// Hooks are the gateways' handlers by path below the base, "/hooks/sms/city".
	Hooks map[string]http.Handler
	// Now is the clock; nil: [time.Now].
	Now func() time.Time
}

func (o *Options) defaults() {
	if o.Origin == nil {
		o.Origin = func(a netip.Addr) string { return a.String() }
	}
	if o.AllowReceipt == nil {
		o.AllowReceipt = func(context.Context, string) time.Duration { return 0 }
	}
	if o.Count == nil {
		o.Count = func(string, string) {}
	}
	if o.Seal == nil {
		o.Seal = func(string) []byte { return nil }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}
