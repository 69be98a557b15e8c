package intake

// Resealed is what of a tip was sealed to one version of a desk's role key, sealed anew to
// another. All of it is written in one transaction. A row that was changed, removed or
// sealed anew since it was read fails it with [ErrConflict]; one that came since stays what
// it is.
type Resealed struct {
	Desk       string
	From, To   int    // versions of the desk's role key
	Commitment string // of the report as it is sealed now, "" when it isn't among the parts
	Parts      []StoredPart
	Messages   []Message
	Containers []Container // each with the file it stands in by now
	Requests   []Custody   // their reasons; what they hold of an identity stays as it is
	Reviews    []Review
	Extensions []Extension
	Looks      []Look
	Holds      []Hold
}

// Empty says that nothing of the tip is sealed to the old version.
func (r Resealed) Empty() bool {
	return len(r.Parts)+len(r.Messages)+len(r.Containers)+len(r.Requests)+len(r.Reviews)+len(r.Extensions)+len(r.Looks)+len(r.Holds) == 0
}
