// Package crypto holds nothing but this page, so that no name of ours shadows the standard library's
// crypto. The work is done in four rooms below it:
//
//   - seal: age envelopes bound to a context; everything tipline stores under a key is one of these.
//   - receipt: the 24 digits a reporter keeps, the lookup tag and the reporter's key made from them.
//   - pseudonym: keyed tags for what must be compared but never stored (a number, an address, an origin).
//   - keyring: role keys, member keys, grants and pins: who can open what.
//
// receipt and keyring stand on seal; seal and pseudonym stand on nothing of ours. internal/keyline is
// the one text form that the keys of receipt and pseudonym have in a key file. None of them reads a
// configuration, a file or a database: they take and give plain values.
package crypto
