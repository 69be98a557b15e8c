package intake

import "log/slog"

// Pause is a time in which a tip's clock stands still, while its reporter is asked
// for more: the days after From, up to and with Until, don't count.
type Pause struct {
	Tip   string
	From  Date // the day of the question
	Wait  Date // the last day it stands still without an answer
	Until Date // the day it went on, "" while it stands
	// Answered is the day the reporter wrote since, "" as long as they didn't.
	Answered Date
}

// ClockMark is what an act does to a tip's clock beside moving the tip.
type ClockMark struct {
	Stop  *Pause // the clock stands still from now on
	Go    Date   // it goes on: the last day that doesn't count. "" changes nothing
	DueOn Date   // the date that runs from now on, when the act moves nothing; "" leaves it
}

// Extending is the rule by which a conclusion is put off.
type Extending struct {
	Role   string // whose holder decides, never the asker; "": nothing is put off
	Latest Date   // "" when who decides names the date
}

// Extension is one request to put a tip's conclusion off (延期).
type Extension struct {
	ID      string
	Tip     string
	Desk    string
	Asker   string // who may not decide it
	AskedOn Date
	From    Date   // the date that ran
	To      Date   // the date asked for
	Reason  string // a code
	// Note is the reason in words, sealed to the desk, and KeyVersion of the desk's role
	// key it is sealed to.
	Note       []byte
	KeyVersion int
	// LetterID and Letter are what the reporter is told once it is granted, sealed like
	// an answer when it was written.
	LetterID  string
	Letter    []byte
	State     ExtensionState
	Decider   string
	DecidedOn Date
}

// String keeps a request's words out of logs and error texts.
func (Extension) String() string { return "[extension]" }

// LogValue keeps a request's words out of structured logs.
func (Extension) LogValue() slog.Value { return slog.StringValue("[extension]") }

// ExtensionState is where a request to put a date off stands.
type ExtensionState string

// The states of such a request.
const (
	ExtensionAsked   ExtensionState = "asked"
	ExtensionGranted ExtensionState = "granted"
	ExtensionRefused ExtensionState = "refused"
)
