package intake

// Tally is how many lines of the state log say the same: tips of the normal lane that
// came into a state.
type Tally struct {
	State    State
	Channel  Channel
	Source   string
	Category string
	Place    string // the village, or what is known instead
	N        int
}

// Pace is how many tips took from one day to another, with the same pauses and the same
// later date behind them.
type Pace struct {
	From, To Date
	Stood    []Pause // in which the clock stood still: From and Until alone
	PutOff   Date    // up to when the end was put off, "" when it wasn't
	N        int
}
