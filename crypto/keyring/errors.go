package keyring

import "errors"

// The package's errors; test for them with errors.Is. None of them quotes a secret.
var (
	// ErrRole says that a role's name or version can't be.
	ErrRole = errors.New("keyring: not a role")
	// ErrMember says that a member's or holder's name can't be.
	ErrMember = errors.New("keyring: not a name")
	// ErrPassphrase says that the passphrase does not open the member's key. A stored blob that somebody
	// changed in a well-formed way gives the same error, since no one can tell the two apart.
	ErrPassphrase = errors.New("keyring: wrong passphrase")
	// ErrWeakPassphrase says that a passphrase must not be used; the text says why.
	ErrWeakPassphrase = errors.New("keyring: weak passphrase")
	// ErrDamaged says that a stored key or grant is malformed, or asks for more memory than is sane.
	ErrDamaged = errors.New("keyring: damaged")
	// ErrSwapped says that a key is not the one it should be: somebody changed the database.
	ErrSwapped = errors.New("keyring: a key was swapped")
	// ErrUnpinned says that no pin is there for a role's key.
	ErrUnpinned = errors.New("keyring: a key is not pinned")
	// ErrMissing says that the newest pinned key of a role is not there.
	ErrMissing = errors.New("keyring: a pinned key is missing")
	// ErrPins says that the pins file can't be read.
	ErrPins = errors.New("keyring: bad pins file")
)
