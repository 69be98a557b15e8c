package intake

// DueFilter leaves tips by the date that runs.
type DueFilter string

// The ways to filter by date. All but [DueNone] are pages in the order of a
// date, the oldest first.
const (
	DueOverdue DueFilter = "overdue" // the day is over
	DueToday   DueFilter = "today"
	DueWeek    DueFilter = "week" // today and the seven days after it
	DueNone    DueFilter = "none" // no clock runs
	// DueUnsent is what was taken up and should be with who deals with it by now (应移送未移送):
	// the ledger hasn't numbered it. It is in the order of the day it was taken up.
	DueUnsent DueFilter = "unsent"
)

// DueFilters lists them in the order they are shown.
func DueFilters() []DueFilter { return []DueFilter{DueOverdue, DueToday, DueWeek, DueUnsent, DueNone} }

// Dated says whether its pages are in the order of the date that runs.
func (d DueFilter) Dated() bool { return d == DueOverdue || d == DueToday || d == DueWeek }

// Between are the first and the last date that d leaves, both included, seen from
// today. "" is no bound.
func (d DueFilter) Between(today Date, add func(Date, int) Date) (from, to Date) {
	switch d {
	case DueOverdue:
		return "", add(today, -1)
	case DueToday:
		return today, today
	case DueWeek:
		return today, add(today, 7)
	default:
		return "", ""
	}
}

// Merge says that a tip is handled together with another (重复并单).
type Merge struct {
	Tip, Into string
	Back      State // where the tip stood, and goes back to
	On        Date
	By        string
}

// ReviewKind is when a second reviewer sees a refusal.
type ReviewKind string

// The kinds: the refusal waits for the reviewer, or has taken effect already.
const (
	ReviewBefore ReviewKind = "before"
	ReviewAfter  ReviewKind = "after"
)

// Review is one refusal that a second reviewer is to see. A tip has at most one.
type Review struct {
	ID      string
	Tip     string
	Desk    string
	Kind    ReviewKind
	Asker   string // who may not decide it
	AskedOn Date
	To      State  // declined or spam
	Reason  string // a code
	// Sealed holds, for the desk's role key, what takes effect with it: the reason in
	// words and the letter to the reporter.
	Sealed     []byte
	KeyVersion int // of the desk's role key Sealed is sealed to
}

// NoteInside begins the names of the parts that hold the desk's own notes.
const NoteInside = "inside."

// SavedView is one saved view of the inbox, sealed to its member: its name may tell
// something.
type SavedView struct {
	ID     string
	Sealed []byte
}
