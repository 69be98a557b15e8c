package intake

// Dispatch is one answer on its way to a reporter's phone or mailbox, and the proof
// that it was told (告知). A handler writes it, a custodian sends it, and neither
// sees where to.
type Dispatch struct {
	ID      string
	Tip     string
	Desk    string
	Message string // the answer under the receipt that it repeats
	Asker   string // who wrote it, and may not send it
	AskedOn Date
	// Inner is the identity with its outer layer removed, Text the answer; both are
	// sealed to the custodians, and gone once nothing is left to send.
	Inner, Text []byte
	State       DispatchState
	Channel     Channel // where it went: sms or email; "" before the first try
	Result      string  // a code, see [SendError]; "" when it went out
	Decider     string
	On          Date // of the last step
	Tries       int
	// Keeper is the desk whose custodians the identity was sealed to when the answer
	// was written, "" for the tip's own. It isn't stored: it says whether a handover was
	// to come, and one that was made meanwhile refuses the answer.
	Keeper string
}

// DispatchState is where a dispatch stands.
type DispatchState string

// The states. Nobody sends what is being sent or was; who sends again what is
// unclear may send it twice.
const (
	DispatchPending  DispatchState = "pending" // its words hold once something else is granted
	DispatchWaiting  DispatchState = "waiting"
	DispatchSending  DispatchState = "sending"
	DispatchSent     DispatchState = "sent"
	DispatchFailed   DispatchState = "failed"   // it didn't go out, and may be tried again
	DispatchUnclear  DispatchState = "unclear"  // it may have gone out
	DispatchReturned DispatchState = "returned" // the custodian gave it back, with a reason
	DispatchStopped  DispatchState = "stopped"  // the reporter doesn't want it, or nobody sent it in time
)

// OpenDispatches are the states in which something may be left to do.
func OpenDispatches() []DispatchState {
	return []DispatchState{DispatchWaiting, DispatchSending, DispatchFailed, DispatchUnclear}
}

// The results that no gateway gives.
const (
	ResultInterrupted = "interrupted" // the program ended while it was sending
	ResultStopped     = "stopped"     // the reporter wished so
	ResultLapsed      = "lapsed"      // nobody sent it in time
)

// Claim makes a dispatch one member's to send, before anything is sent: whoever
// presses twice, or at the same moment, has nothing left to claim.
type Claim struct {
	ID, Member string
	On         Date
	At         int64 // Unix seconds: when the sending began
	Again      bool  // also one that may have gone out already
}

// Wish is what a reporter decides under their receipt, after the report. It holds
// from the moment it is stored.
type Wish struct {
	Tip  string
	Kind WishKind
	On   Date
}

// WishKind is a code of a wish.
type WishKind string

// The wishes.
const (
	// WishNoContact: nobody writes or calls any more ("do not contact").
	WishNoContact WishKind = "no_contact"
	// WishWithdraw: the identity is destroyed, and with it the originals, which may
	// hold it as well.
	WishWithdraw WishKind = "withdraw"
)

// Known says whether k is one of the wishes.
func (k WishKind) Known() bool { return k == WishNoContact || k == WishWithdraw }
