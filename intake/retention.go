package intake

import (
	"fmt"
	"log/slog"
)

// Hold keeps a tip from being destroyed (暂缓销毁).
type Hold struct {
	ID         string
	Tip        string
	Desk       string
	By         string
	On         Date
	Note       []byte // why, sealed to the desk
	KeyVersion int    // of the desk's role key it is sealed to
	LiftedBy   string
	LiftedOn   Date // "" while it holds
}

// String keeps a hold's words out of logs and error texts.
func (Hold) String() string { return "[hold]" }

// LogValue keeps a hold's words out of structured logs.
func (Hold) LogValue() slog.Value { return slog.StringValue("[hold]") }

// DestructionState is where the destruction of a tip stands.
type DestructionState string

// The states: a second member approves or refuses what one asked for, and then it is
// carried out.
const (
	DestructionAsked    DestructionState = "asked"
	DestructionRefused  DestructionState = "refused"
	DestructionApproved DestructionState = "approved"
	DestructionDone     DestructionState = "done"
)

// Destruction is the destruction of one tip (销毁), and its certificate for ever.
type Destruction struct {
	ID          string
	Tip         string
	Desk        string
	State       DestructionState
	Disposition State  // where the tip stood
	Since       Date   // since when
	Reason      string // a code
	Asker       string // who may not decide it
	AskedOn     Date
	Decider     string
	DecidedOn   Date
	DoneOn      Date
	BackupsEnd  Date // the last backup that may hold the tip is gone after it
	ScrubbedOn  Date // when the database's files were written anew, "" before
	// What was destroyed: sealed texts, messages, and containers of files.
	Texts, Messages, Files int
	Batch                  string // of spam that is destroyed together: one certificate is about all of them
	KeyVersion             int    // of the desk's key that the tip was sealed to at last
	// What stays of the tip.
	Channel    Channel
	Source     string
	Category   string
	ReceivedOn Date
}

// Counts are what was destroyed as the record has it: texts, messages, containers.
func (d Destruction) Counts() string { return fmt.Sprint(d.Texts, d.Messages, d.Files) }

// GoneKey is a version of a role's key that was destroyed for ever.
type GoneKey struct {
	Role    string
	Version int
	Asker   string
	AskedOn Date
	On      Date
}

// Final says whether a tip in state s is at its end: nothing moves it any more but
// somebody's wish to take it up anew.
func (s State) Final() bool {
	switch s {
	case StateDeclined, StateReferred, StateMerged, StateSpam, StateWithdrawn, StateConcluded, StateAnswered:
		return true
	default:
		return false
	}
}
