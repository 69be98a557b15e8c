package intake

// Change is one line of a tip's history.
type Change struct {
	State State
	On    Date
}

// Message is one text between the desk and a reporter, as stored.
type Message struct {
	ID     string
	Tip    string
	From   string // "desk" or "reporter"
	On     Date
	Sealed []byte
	Files  int // that came with it, empty ones not counted

	KeyVersion int // of the desk's role key it is sealed to; 0 is the tip's
	// Desk is whose key that is, as long as the message isn't stored. A tip that went to
	// another desk meanwhile takes it no more. "" says that it doesn't matter.
	Desk string
}

// Who wrote a message.
const (
	FromDesk     = "desk"
	FromReporter = "reporter"
)

// Thread is what a receipt leads to.
type Thread struct {
	Tip      Tip
	Reporter string // recipient of the receipt key
	History  []Change
	Messages []Message
	Wishes   []Wish
	Identity bool // something about the reporter is kept
	// Dispatches are the tip's, oldest first, with no more than state and day.
	Dispatches []Dispatch
	OpenedOn   Date // when the receipt was last opened, "" for never
	// Waits is the last day on which the clock stands still for the reporter's answer, ""
	// when it runs or they have written.
	Waits Date
	// Additions is how often files were added to the tip.
	Additions int
}
