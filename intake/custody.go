package intake

import (
	"time"
)

// Custody is one request to open a tip's identity (身份信息开启).
type Custody struct {
	ID      string
	Tip     string
	Desk    string
	Asker   string
	AskedOn Date
	Reason  []byte // sealed to the desk and the custodians
	// KeyVersion is of the desk's role key the reason is sealed to; 0 is the tip's.
	KeyVersion int
	Inner      []byte // the identity with its outer layer removed, still sealed to the custodians
	State      CustodyState
	Decider    string
	DecidedOn  Date
	// Raw goes with a request about a message that couldn't be read: the head of its sealed
	// original (see [seal.Head]), and once approved the key of that one file, sealed to the
	// asker as View is. nil for every other request.
	Raw       []byte
	View      []byte    // re-sealed to the asker's member key
	ViewUntil time.Time // when View is deleted
	// ForDesk makes it a handover: the desk the tip went to, to whose custodians Desk's
	// custodians give what they hold of the reporter. "" is a request to see the identity.
	ForDesk string
}

// CustodyState is where a request stands.
type CustodyState string

// The states of a custody request.
const (
	CustodyAsked    CustodyState = "asked"
	CustodyApproved CustodyState = "approved"
	CustodyRefused  CustodyState = "refused"
	CustodyClosed   CustodyState = "closed" // the view ran out
	CustodyHanded   CustodyState = "handed" // the identity is with the custodians of the tip's own desk
)
