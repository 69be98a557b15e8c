package intake

import "tipline/crypto/keyring"

// Factor is a member's second factor as it is stored: a code app's secret,
// passkeys, and what printed codes are checked with, sealed to the member's own key. Whoever
// copies the database learns neither.
type Factor struct {
	Holder    string // a member's name
	Sealed    []byte
	LastStep  int64 // of the code used last (RFC 6238 §4.2); an older one or the same is refused
	CreatedOn Date
}

// Rekeying replaces a member's own key and what was granted to it.
type Rekeying struct {
	Was        Member // as the change was made from: their key and roles are still these
	Key        keyring.MemberKey
	MustChange bool
	// Held are the grants that Grants renew, no more and no fewer; nil when Grants are new ones, whatever
	// was held: then the second factor goes.
	Held, Grants []keyring.Grant
	// FactorWas is the second factor that Factor is sealed anew from, to the new key; nil when there was none.
	FactorWas, Factor []byte
}
