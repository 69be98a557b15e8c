package intake

// ReasonTransferred is the reason code by which a ledger hears that a tip went to
// another desk: its row there is over, whatever it says.
const ReasonTransferred = "transferred"

// Transfer moves a tip to another desk, with everything of it sealed anew to that
// desk. All of it is written in one transaction. Rows that were added or removed since it was
// read fail it with [ErrConflict], and so does a tip that others are merged into,
// or one with an answer that is still to be sent.
type Transfer struct {
	From, To   string
	On         Date
	KeyVersion int    // of To's role key
	Commitment string // of the report as it is sealed now
	DueOn      Date
	Parts      []StoredPart
	Messages   []Message
	Containers []Container // each with the file it stands in by now
	Holds      []Hold      // those that hold
	// Handover is left to custodians of another desk, nil when there is nothing they
	// hold.
	Handover       *Custody
	Left, Received *Event // for From's ledger and for To's; nil while the tip is held
	Arrived        Audit  // the row in To's record
}

// StoredPart is a part with the number of its row.
type StoredPart struct {
	Part
	N int
}

// Handover ends the request of that id: what the custodians of a desk held of a tip's
// reporter is sealed to those of the desk it went to.
type Handover struct {
	ID         string
	To         string // the desk the tip is at; at another one by now, nothing is written
	KeyVersion int    // of To's role key
	Decider    string
	On         Date
	Parts      []StoredPart
	Containers []Container
	Dispatches []Dispatch // with the inner layer sealed anew
	Arrived    Audit      // the row in To's record
}

// Transferred is a tip's way from one desk to another.
type Transferred struct {
	From, To string
	On       Date
}
