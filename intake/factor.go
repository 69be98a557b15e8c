package intake

// Factor is a member's second factor as it is stored: a code app's secret,
// passkeys, and what printed codes are checked with, sealed to the member's own key. Whoever
// copies the database learns neither.
type Factor struct {
	Holder    string // a member's name
	Sealed    []byte
	LastStep  int64 // of the code used last (RFC 6238 §4.2); an older one or the same is refused
	CreatedOn Date
}
