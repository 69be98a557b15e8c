// Package keyring says who can open what. It is cryptography over plain structs; storing them is the
// business of others.
//
//   - A role ("desk:main", "custodian", "ledger:main"; at a further desk "custodian:county") has a key with versions. Its public half is a
//     RoleKey; its secret half exists only in Grants, each sealed to one holder.
//   - A member has a key of their own (MemberKey), kept under a passphrase by a Vault.
//   - Pins are the fingerprints of the role keys that may be sealed to, in a file outside the database,
//     so that a key swapped there is noticed.
//   - A Ring holds the role secrets that one session has unlocked.
//
// About wiping: the slices of this package that held a secret are cleared after use. Go gives no more
// than that: strings (every passphrase, every encoded key) can't be cleared, the runtime may have copied
// a slice, and the key values inside age can't be reached. Whoever reads this process's memory while a
// member is logged in has that member's keys.
package keyring
