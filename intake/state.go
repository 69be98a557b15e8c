package intake

import "slices"

// State is where a tip stands. The names are the contract's.
type State string

// The states of a tip, with the practice's words.
const (
	Received  State = "received"   // 已接收
	Reviewing State = "reviewing"  // 判定中
	NeedsInfo State = "needs_info" // 待补充
	Accepted  State = "accepted"   // 受理
	Declined  State = "declined"   // 不予受理
	Referred  State = "referred"   // 转送
	Merged    State = "merged"     // 重复并单
	Spam      State = "spam"       // 垃圾信息
	InLedger  State = "in_ledger"  // 已入台账
	Verifying State = "verifying"  // 核查中
	Concluded State = "concluded"  // 办结
	Answered  State = "answered"   // 已反馈
	Objection State = "objection"  // 异议
	Withdrawn State = "withdrawn"  // 撤回
)

// States lists every state in the order of a tip's life.
func States() []State {
	return []State{Received, Reviewing, NeedsInfo, Accepted, Declined, Referred, Merged, Spam,
		InLedger, Verifying, Concluded, Answered, Objection, Withdrawn}
}

// Next are the states a member may move a tip to from s. What follows the
// ledger's number (verifying, concluded) comes back from the ledger.
func (s State) Next() []State {
	switch s {
	case Received:
		return []State{Reviewing, NeedsInfo, Accepted, Declined, Referred, Spam}
	case Reviewing:
		return []State{NeedsInfo, Accepted, Declined, Referred, Spam}
	case NeedsInfo:
		return []State{Reviewing, Accepted, Declined, Referred, Spam}
	case Declined, Referred, Spam:
		return []State{Reviewing}
	case Accepted:
		return []State{Reviewing, InLedger}
	case InLedger:
		return []State{Verifying, Concluded}
	case Verifying:
		return []State{Concluded}
	case Concluded:
		return []State{Answered, Objection}
	case Answered:
		return []State{Objection}
	case Objection:
		return []State{Verifying, Concluded}
	default:
		return nil
	}
}

// CanBecome says whether a tip in state s may move to next.
func (s State) CanBecome(next State) bool { return slices.Contains(s.Next(), next) }

// Disposition says whether s is what a tip's triage ended with: each tip has
// exactly one at a time.
func (s State) Disposition() bool {
	return slices.Contains([]State{Accepted, Declined, Referred, Merged, Spam, Withdrawn}, s)
}

// NeedsReason says whether moving to s asks for a reason code.
func (s State) NeedsReason() bool { return s == Declined || s == Spam }

// Due is the kind of promise that runs in state s, "" when none does.
func (s State) Due() string {
	switch s {
	case Received, Reviewing, NeedsInfo:
		return "acceptance"
	case Accepted, InLedger, Verifying:
		return "conclusion"
	default:
		return ""
	}
}
