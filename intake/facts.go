package intake

import (
	"slices"
	"time"
)

// Channel is the way a report came in (受理渠道).
type Channel string

// The channels. Web, email and sms come from outside; the rest a handler keys in. By
// [Office] came what no reporter brought: a clue from above, from a satellite, a patrol.
const (
	Web    Channel = "web"
	Email  Channel = "email"
	SMS    Channel = "sms"
	Phone  Channel = "phone"
	Visit  Channel = "visit"
	Letter Channel = "letter"
	Office Channel = "office"
)

// Channels lists every channel in the order they are shown.
func Channels() []Channel { return []Channel{Web, Email, SMS, Phone, Visit, Letter, Office} }

// Keyed says whether a handler keys such reports in.
func (c Channel) Keyed() bool { return slices.Contains(KeyedChannels(), c) }

// KeyedChannels are the ways by which a handler takes down what came.
func KeyedChannels() []Channel { return []Channel{Phone, Visit, Letter, Office} }

// Gateway says whether a machine stands between the reporter and us. What a
// gateway delivers is never refused for its form: the reporter couldn't mend it.
func (c Channel) Gateway() bool { return c == Email || c == SMS }

// Known says whether c is one of the channels.
func (c Channel) Known() bool { return slices.Contains(Channels(), c) }

// SourcePublic (群众举报) is the only source that comes from outside; the other
// codes stand in the pack and are keyed in by a handler.
const SourcePublic = "public"

// Lane is where a tip waits: the normal lane, or apart until somebody releases it.
type Lane string

// The lanes. A held tip (待放行) is committed and sealed but has no ledger event.
const (
	Normal Lane = "normal"
	Held   Lane = "held"
)

// Reply is how the reporter wants to hear from us.
type Reply string

// The reply wishes: under the receipt, at the given contact, or not at all.
const (
	ReplyReceipt Reply = "receipt"
	ReplyContact Reply = "contact"
	ReplyNone    Reply = "none"
)

// Known says whether r is one of the reply wishes.
func (r Reply) Known() bool { return r == ReplyReceipt || r == ReplyContact || r == ReplyNone }

// CategoryUnknown is what a report without a category is filed under.
const CategoryUnknown = "unknown"

// Date is a calendar date "2006-01-02" in the office's time zone. Rows hold
// dates and no time of day, which would help to single a reporter out.
type Date string

// DateOf is t's date in loc.
func DateOf(t time.Time, loc *time.Location) Date { return Date(t.In(loc).Format(time.DateOnly)) }

// Facts are the routing facts of a tip: the little that stands in clear because
// routing, deadlines and statistics need it.
type Facts struct {
	Desk       string   `json:"desk"`
	Channel    Channel  `json:"channel"`
	Source     string   `json:"source"`
	Category   string   `json:"category"`
	Conduct    []string `json:"conduct"`
	Place      string   `json:"place"` // administrative code, "" when unknown
	Urgent     bool     `json:"urgent"`
	Lane       Lane     `json:"lane"`
	RealName   bool     `json:"real_name"`
	Reply      Reply    `json:"reply"`
	ReceivedOn Date     `json:"received_on"`
	Files      int      `json:"files"`
}
