package public

import "crypto/rand"

// newToken is a form's one-time token: 130 random bits. Nothing is stored for
// it; with the same content it leads to the same receipt, or the same addition.
func newToken() string { return rand.Text() }
