package intake

// Relayed is an event of the outbox that went to a stream and that the ledger may
// not have yet: it stays in the outbox until the ledger's group acknowledged it,
// because a stream can be lost.
type Relayed struct {
	Seq  int64 // orders the outbox
	ID   string
	Desk string
	// Entry is the stream entry's id.
	Entry string
}
