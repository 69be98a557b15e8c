package intake

import "log/slog"

// LookKind is why a tip is looked at again.
type LookKind string

// The kinds.
const (
	LookBack        LookKind = "look_back"           // 回头看: is it still as it was left
	LookRelapse     LookKind = "relapse"             // 反弹: a new tip says that it came back
	LookFalse       LookKind = "false_rectification" // 虚假整改: a new tip says that it was never put right
	LookRetaliation LookKind = "retaliation"         // 防止打击报复: is its reporter left alone
)

// LookKinds lists them.
func LookKinds() []LookKind { return []LookKind{LookBack, LookRelapse, LookFalse, LookRetaliation} }

// Results are the codes of what a look of this kind may find, nil for no kind.
func (k LookKind) Results() []string {
	switch k {
	case LookBack, LookRelapse, LookFalse:
		return []string{"kept", "relapsed", "false", "unclear"}
	case LookRetaliation:
		return []string{"safe", "threatened", "unreached"}
	default:
		return nil
	}
}

// Look is one appointment to look at a tip again.
type Look struct {
	ID    string
	Tip   string // the one that is looked at
	Desk  string
	Kind  LookKind
	DueOn Date
	From  string // the tip that gave the reason, "" for none
	// Number is the ledger's number that is contradicted (线索编号), "" for none.
	Number     string
	By         string
	On         Date
	Note       []byte // sealed to the desk, nil without one
	KeyVersion int
	// LetterID and Letter are what the reporter is asked on the day, sealed like an
	// answer; AskedOn is when that was.
	LetterID string
	Letter   []byte
	AskedOn  Date
	Result   string // a code, "" while it is open
	DoneBy   string
	DoneOn   Date
}

// String keeps an appointment's words out of logs and error texts.
func (Look) String() string { return "[look]" }

// LogValue keeps an appointment's words out of structured logs.
func (Look) LogValue() slog.Value { return slog.StringValue("[look]") }

// Numbered is a tip with the number that the ledger gave it, "" without one.
type Numbered struct {
	Tip
	Number string
}

// Closed says whether the work on a tip in state s is done.
func (s State) Closed() bool {
	return s == StateConcluded || s == StateAnswered || s == StateObjection
}
