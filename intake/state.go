package intake

import "slices"

// State is where a tip stands. The names are the contract's.
type State string

// The states of a tip, with the practice's words.
const (
	StateReceived  State = "received"   // 已接收
	StateReviewing State = "reviewing"  // 判定中
	StateNeedsInfo State = "needs_info" // 待补充
	StateAccepted  State = "accepted"   // 受理
	StateDeclined  State = "declined"   // 不予受理
	StateReferred  State = "referred"   // 转送
	StateMerged    State = "merged"     // 重复并单
	StateSpam      State = "spam"       // 垃圾信息
	StateInLedger  State = "in_ledger"  // 已入台账
	StateVerifying State = "verifying"  // 核查中
	StateConcluded State = "concluded"  // 办结
	StateAnswered  State = "answered"   // 已反馈
	StateObjection State = "objection"  // 异议
	StateWithdrawn State = "withdrawn"  // 撤回
)

// States lists every state in the order of a tip's life.
func States() []State {
	return []State{StateReceived, StateReviewing, StateNeedsInfo, StateAccepted, StateDeclined, StateReferred, StateMerged, StateSpam,
		StateInLedger, StateVerifying, StateConcluded, StateAnswered, StateObjection, StateWithdrawn}
}

// Next are the states a member may move a tip to from s. What follows the
// ledger's number (verifying, concluded) comes back from the ledger.
func (s State) Next() []State {
	switch s {
	case StateReceived:
		return []State{StateReviewing, StateNeedsInfo, StateAccepted, StateDeclined, StateReferred, StateSpam}
	case StateReviewing:
		return []State{StateNeedsInfo, StateAccepted, StateDeclined, StateReferred, StateSpam}
	case StateNeedsInfo:
		return []State{StateReviewing, StateAccepted, StateDeclined, StateReferred, StateSpam}
	case StateDeclined, StateReferred, StateSpam:
		return []State{StateReviewing}
	case StateAccepted:
		return []State{StateReviewing, StateInLedger}
	case StateInLedger:
		return []State{StateVerifying, StateConcluded}
	case StateVerifying:
		return []State{StateConcluded}
	case StateConcluded:
		return []State{StateAnswered, StateObjection}
	case StateAnswered:
		return []State{StateObjection}
	case StateObjection:
		return []State{StateVerifying, StateConcluded}
	default:
		return nil
	}
}

// CanBecome says whether a tip in state s may move to next.
func (s State) CanBecome(next State) bool { return slices.Contains(s.Next(), next) }

// Disposition says whether s is what a tip's triage ended with: each tip has
// exactly one at a time.
func (s State) Disposition() bool {
	return slices.Contains([]State{StateAccepted, StateDeclined, StateReferred, StateMerged, StateSpam, StateWithdrawn}, s)
}

// NeedsReason says whether moving to s asks for a reason code.
func (s State) NeedsReason() bool { return s == StateDeclined || s == StateSpam }

// Due is the kind of promise that runs in state s, "" when none does.
func (s State) Due() string {
	switch s {
	case StateReceived, StateReviewing, StateNeedsInfo:
		return "acceptance"
	case StateAccepted, StateInLedger, StateVerifying:
		return "conclusion"
	case StateConcluded:
		return "feedback"
	default:
		return ""
	}
}
