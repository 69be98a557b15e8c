package intake

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Inlet is one way reports come in, as the office configured it.
type Inlet struct {
	Key      string // web, smtp, sms/NAME or mail/NAME: what it is counted under
	Channel  Channel
	Name     string // its name in the configuration, "" for web and smtp
	Provider string
	Polled   bool // a mailbox that this office looks into by itself
	Out      bool // the relay: nothing comes in by it
}

// The keys of the inlets that are always there.
const (
	InletWeb   = "web"
	InletSMTP  = "smtp"
	InletRelay = "relay" // what letters go out by
)

// InletKey is what a gateway, a provider or a mailbox is counted under.
func InletKey(c Channel, name string) string {
	if c == Email {
		return "mail/" + name
	}
	return string(c) + "/" + name
}

// What became of a message that came in, where it isn't a failure.
const (
	BecameStored    = "stored"
	BecameUnparsed  = "unparsed" // kept, held and flagged
	BecameJoined    = "joined"   // a further text of a tip's sender
	BecameWaiting   = "waiting"  // a part of a text that isn't complete
	BecameDuplicate = "duplicate"
	BecameIgnored   = "ignored" // genuine, but no report: a ping, a delivery note
	BecameAsked     = "asked"   // a word alone: where the tip stands
	BecameStop      = "stop"    // a word alone: no more messages
)

// Became names what a submitted report came to.
func (f Filed) Became(r *Report) string {
	switch {
	case f.Duplicate:
		return BecameDuplicate
	case f.Asked == AskedStop:
		return BecameStop
	case f.Asked == AskedState:
		return BecameAsked
	case f.Waiting:
		return BecameWaiting
	case f.Joined:
		return BecameJoined
	case slices.Contains(r.Flags, FlagUnparsed):
		return BecameUnparsed
	default:
		return BecameStored
	}
}

// Kept says whether an outcome is a message that was kept.
func Kept(outcome string) bool {
	switch outcome {
	case BecameStored, BecameUnparsed, BecameJoined, BecameWaiting:
		return true
	default:
		return false
	}
}

// unsent begins an outcome of what an inlet couldn't send.
const unsent = "unsent:"

// Unsent is the outcome of an acknowledgement or a notice that couldn't be handed over, by its
// reason (see [SendError]). A number's or an address's own fault is none: nobody can mend it here.
func Unsent(err error) (outcome string, ok bool) {
	e, ok := errors.AsType[*SendError](err)
	if !ok || e.Reason == SendNumber {
		return "", false
	}
	return unsent + e.Reason, true
}

// UnsentReason is the reason of an outcome that [Unsent] made.
func UnsentReason(outcome string) (reason string, ok bool) { return strings.CutPrefix(outcome, unsent) }

// Failed says whether an outcome is a message, or what passed for one, that was
// turned away.
func Failed(outcome string) bool {
	switch outcome {
	case BecameDuplicate, BecameIgnored, BecameAsked, BecameStop:
		return false
	default:
		return !Kept(outcome)
	}
}

// InletCount is how often something became of what came in by one inlet. It tells
// of nobody: not who, and of the time no more than the hour of the last.
type InletCount struct {
	Inlet, Outcome string
	On             Date // the day, where a count is of one
	N              int
	Recent         int       // of the last days, where they are asked for
	Hour           time.Time // when it was last so; zero: not within memory
}
