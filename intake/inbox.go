package intake

// Filter narrows the inbox. Empty fields don't.
type Filter struct {
	Desk     string
	State    State
	Category string
	Place    string // this code and everything below it
	Channel  Channel
	Source   string
	Lane     Lane
	Urgent   bool
	RealName bool
	Unread   bool
	Due      DueFilter
	Today    Date   // what Due counts from
	Unsent   Date   // [DueUnsent]: what was taken up on this day or before; "" is nothing
	Flood    string // the held tips of one flood
	Waiting  bool   // without what was judged to be spam
	Cursor   string // where the next page begins, opaque
	Limit    int
}

// Flood is a group of held tips that one origin or one sender sent.
type Flood struct {
	Group string
	Tips  int
}

// Page is one page of the inbox, newest day first.
type Page struct {
	Tips []Tip
	Next string // "" on the last page
	// Broken says that the page isn't full because so many tips were looked through for
	// it: Next looks further.
	Broken bool
}

// Standing is one tip for the reconciliation: where it must be found.
type Standing struct {
	Tip     string
	Desk    string
	Lane    Lane
	Waiting bool // an event by which it enters or leaves this ledger is still in the outbox
	Gone    bool // it went to another desk: this one's ledger lets go of it
}

// Counts are the kept numbers of a desk's tips.
type Counts struct {
	ByState map[State]int // normal lane only
	Unread  int           // normal lane only
	Held    int           // those that wait to be released or judged
	Spam    int           // the held ones that were judged: they stay in that lane
}
