package intake

import "log/slog"

// The reasons why an answer didn't go out, as codes: they stand in clear and are
// worded by the console.
const (
	SendRefused     = "refused"     // the gateway or relay won't take it
	SendNumber      = "number"      // nothing can be sent to this number or address
	SendCredentials = "credentials" // the gateway doesn't know us, or there is no credit
	SendLimited     = "limited"     // too many at once
	SendUnreachable = "unreachable" // it was never reached
	SendUnclear     = "unclear"     // it was reached, and what it did with it isn't known
	SendTooLong     = "too_long"    // more than it carries
	SendNoContact   = "no_contact"  // the identity holds no number or address that anything can be sent to
	SendNoChannel   = "no_channel"  // nothing is set up that carries an answer there
)

// SendError says why an answer didn't go out. It never holds an address or a word
// of the answer.
type SendError struct {
	Reason string // one of the codes above
	// Uncertain says that it may have gone out nevertheless: whoever sends it again
	// may send it twice.
	Uncertain bool
}

func (e *SendError) Error() string { return "not sent: " + e.Reason }

// Outgoing is an answer on its way to a phone or a mailbox.
type Outgoing struct {
	Text  string
	Lang  string
	Tip   string `json:",omitempty"` // whose reporter it goes to; known when it is handed over
	State State  // where the tip stands: what a gateway with templates tells
	On    Date
}

// String keeps an answer out of logs and error texts.
func (Outgoing) String() string { return "[answer]" }

// LogValue keeps an answer out of structured logs.
func (Outgoing) LogValue() slog.Value { return slog.StringValue("[answer]") }
