package keyring

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"

	"filippo.io/age"
	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"

	"tipline/crypto/seal"
)

// MemberKey is a member's own key as it is stored.
type MemberKey struct {
	Recipient string // age1pq1…
	Locked    []byte // the identity under the member's passphrase; begins with a line that says how
}

// LogValue is the public half alone.
func (k MemberKey) LogValue() slog.Value { return slog.StringValue(k.Recipient) }

// Vault locks and unlocks member keys, a few at a time: argon2id takes 64 MiB each.
type Vault struct {
	slots  chan struct{}
	cost   cost // for new blobs
	derive func(passphrase []byte, salt []byte, c cost) []byte
}

// NewVault lets at most parallel derivations (at least one) run at once; the others wait.
func NewVault(parallel int) *Vault {
	return &Vault{slots: make(chan struct{}, max(1, parallel)), cost: defaultCost(), derive: argon2id}
}

// NewCheapVault is a vault at the least cost there is: whoever copies its keys guesses the passphrases at once. It is
// for tests, which make members by the hundred; a test of the walls sees to it.
func NewCheapVault(parallel int) *Vault {
	v := NewVault(parallel)
	v.cost = cost{memory: 8, passes: 1, threads: 1}
	return v
}

func argon2id(passphrase, salt []byte, c cost) []byte {
	return argon2.IDKey(passphrase, salt, c.passes, c.memory, c.threads, chacha20poly1305.KeySize)
}

// NewMemberKey makes a member's key and locks it under the passphrase. Errors are those of Lock.
func (v *Vault) NewMemberKey(ctx context.Context, member, passphrase string) (MemberKey, *age.HybridIdentity, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return MemberKey{}, nil, fmt.Errorf("keyring: new member key: %w", err)
	}
	k, err := v.Lock(ctx, member, id, passphrase)
	if err != nil {
		return MemberKey{}, nil, err
	}
	return k, id, nil
}

// Lock puts an identity under a passphrase, for instance a new one. Errors are ErrWeakPassphrase (see
// CheckPassphrase), ErrMember, or the context's while it waits for its turn.
func (v *Vault) Lock(ctx context.Context, member string, id *age.HybridIdentity, passphrase string) (MemberKey, error) {
	if err := checkName(member); err != nil {
		return MemberKey{}, err
	}
	if err := CheckPassphrase(passphrase); err != nil {
		return MemberKey{}, err
	}
	if id == nil {
		return MemberKey{}, fmt.Errorf("keyring: lock: %w", seal.ErrKey)
	}
	l := locked{cost: v.cost}
	rand.Read(l.salt[:]) // never fails (crypto/rand since Go 1.24)
	rand.Read(l.nonce[:])
	key, err := v.key(ctx, passphrase, l)
	if err != nil {
		return MemberKey{}, err
	}
	defer clear(key)
	k := MemberKey{Recipient: id.Recipient().String()}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return MemberKey{}, fmt.Errorf("keyring: lock: %w", err)
	}
	text := []byte(id.String())
	defer clear(text)
	l.box = aead.Seal(nil, l.nonce[:], text, l.bound(member, k.Recipient))
	k.Locked = l.bytes()
	return k, nil
}

// Unlock opens a member's key. Errors are ErrPassphrase, ErrDamaged (found without spending the time of
// a derivation, but for a key that does not fit its recipient), or the context's while it waits for its
// turn. A derivation that has begun runs to its end, about a tenth of a second.
func (v *Vault) Unlock(ctx context.Context, member string, k MemberKey, passphrase string) (*age.HybridIdentity, error) {
	l, err := parseLocked(k.Locked)
	if err != nil {
		return nil, err
	}
	if len(passphrase) > MaxPassphrase {
		return nil, ErrPassphrase
	}
	key, err := v.key(ctx, passphrase, l)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("keyring: unlock: %w", err)
	}
	text, err := aead.Open(nil, l.nonce[:], l.box, l.bound(member, k.Recipient))
	if err != nil {
		return nil, ErrPassphrase
	}
	defer clear(text)
	id, err := seal.ParseIdentity(string(text))
	if err != nil || id.Recipient().String() != k.Recipient {
		return nil, fmt.Errorf("%w: the locked key is not the secret half of the member's recipient", ErrDamaged)
	}
	return id, nil
}

// key derives the key of a blob, when it is its turn.
func (v *Vault) key(ctx context.Context, passphrase string, l locked) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("keyring: waiting for a free slot: %w", err)
	}
	select {
	case v.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("keyring: waiting for a free slot: %w", ctx.Err())
	}
	defer func() { <-v.slots }()
	text := []byte(canonical(passphrase))
	defer clear(text)
	return v.derive(text, l.salt[:], l.cost), nil
}
