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

// Pace is how many tips took from one day to another.
type Pace struct {
	From, To Date
	N        int
}
