package intake

import "log/slog"

// OutcomeEvent is what the ledger tells the desk about a tip.
type OutcomeEvent = CloudEvent[OutcomeData]

// OutcomeData is how a tip stands in the ledger after a change. It repeats what
// still holds, so that the newest outcome of a tip says everything.
type OutcomeData struct {
	Tip    string      `json:"tip"`
	Desk   string      `json:"desk"`
	State  LedgerState `json:"state"`
	Number string      `json:"number,omitempty"` // the ledger's (线索编号)
	DueOn  Date        `json:"due_on,omitempty"` // as the ledger put it off
	Sealed []byte      `json:"sealed,omitempty"` // a note to the desk: an age file to the desk's and the ledger's role keys
}

// Address is what the outcome is about and whose stream it goes to.
func (d OutcomeData) Address() (tip, desk string) { return d.Tip, d.Desk }

// String keeps an outcome out of logs and error texts.
func (OutcomeData) String() string { return "[outcome]" }

// LogValue keeps an outcome out of structured logs.
func (OutcomeData) LogValue() slog.Value { return slog.StringValue("[outcome]") }

// Outcome is the event that tells the desk; sequence counts a tip's outcomes
// from 1.
func (e Events) Outcome(d OutcomeData, sequence int) OutcomeEvent {
	return wrap(e, EventOutcome, d.Tip, sequence, d)
}

// LedgerState is where a row of the working ledger stands.
type LedgerState string

// The ledger's own states, with the practice's words.
const (
	LedgerPending         LedgerState = "pending"         // 待核查
	LedgerNumbered        LedgerState = "numbered"        // 已编号
	LedgerVerifying       LedgerState = "verifying"       // 核查中
	LedgerSubstantiated   LedgerState = "substantiated"   // 属实
	LedgerUnsubstantiated LedgerState = "unsubstantiated" // 不属实
	LedgerFiled           LedgerState = "filed"           // 立案
	LedgerRectifying      LedgerState = "rectifying"      // 整改中
	LedgerExtended        LedgerState = "extended"        // 延期
	LedgerConcluded       LedgerState = "concluded"       // 销号
	LedgerLookBack        LedgerState = "look_back"       // 回头看
	LedgerRelapse         LedgerState = "relapse"         // 反弹
)

// LedgerStates lists them in the order of the ledger's work.
func LedgerStates() []LedgerState {
	return []LedgerState{LedgerPending, LedgerNumbered, LedgerVerifying, LedgerSubstantiated, LedgerUnsubstantiated, LedgerFiled,
		LedgerRectifying, LedgerExtended, LedgerConcluded, LedgerLookBack, LedgerRelapse}
}

// Tip is the state a tip has while its row stands in s, "" where the row says
// nothing about it.
func (s LedgerState) Tip() State {
	switch s {
	case LedgerNumbered:
		return StateInLedger
	case LedgerVerifying, LedgerSubstantiated, LedgerUnsubstantiated, LedgerFiled, LedgerRectifying:
		return StateVerifying
	case LedgerConcluded:
		return StateConcluded
	default:
		return ""
	}
}
