package members

import (
	"context"
	"errors"
	"slices"

	"filippo.io/age"

	"tipline/crypto/keyring"
	"tipline/intake"
)

// ChangePassphrase gives the member a new passphrase and, because whoever
// printed the old one could have opened it, a new key with new grants. Wrong old
// passphrases count as tries: a desk left open is no place to guess.
func (s *Service) ChangePassphrase(ctx context.Context, u *Unlocked, old, fresh string) error {
	if err := s.Confirm(ctx, u, old); err != nil {
		return err
	}
	if err := keyring.CheckPassphrase(fresh); err != nil {
		return err
	}
	// The old one may be typed in several ways, so the lock itself tells.
	if err := s.opens(ctx, u.Member, fresh); err == nil {
		return ErrSame
	} else if !errors.Is(err, ErrLogin) {
		return err
	}
	key, identity, err := s.Vault.NewMemberKey(ctx, u.Member.Name, fresh)
	if err != nil {
		return err
	}
	held, grants, err := s.regrant(ctx, u, identity)
	if err != nil {
		return err
	}
	was, factor, err := s.resealed(ctx, u, identity.Recipient())
	if err != nil {
		return err
	}
	if err := s.Store.SetKey(ctx, intake.Rekeying{Was: u.Member, Key: key, Held: held, Grants: grants, FactorWas: was, Factor: factor}, s.row(u.Member.Desk, u.Member.Name, "passphrase", "")); err != nil {
		return err
	}
	u.Member.Key, u.Member.MustChange, u.Key = key, false, identity
	return nil
}

// Confirm says whether it is still the member who sits there: an act that reaches far
// asks for the passphrase once more. It is [ErrLogin] or [ErrTooMany] if not.
func (s *Service) Confirm(ctx context.Context, u *Unlocked, passphrase string) error {
	if !s.tries.allow(u.Member.Name, "", s.Now()) {
		return ErrTooMany
	}
	if err := s.opens(ctx, u.Member, passphrase); err != nil {
		return err
	}
	s.tries.welcome(u.Member.Name, "", s.Now())
	return nil
}

// opens says whether a passphrase is the member's; [ErrLogin] if not.
func (s *Service) opens(ctx context.Context, m intake.Member, passphrase string) error {
	_, err := s.Vault.Unlock(ctx, m.Name, m.Key, passphrase)
	if errors.Is(err, keyring.ErrPassphrase) {
		return ErrLogin
	}
	return err
}

// regrant is what a member holds, and the same for their new key.
func (s *Service) regrant(ctx context.Context, u *Unlocked, to *age.HybridIdentity) (held, out []keyring.Grant, err error) {
	if held, err = s.Store.Grants(ctx, u.Member.Name); err != nil {
		return nil, nil, err
	}
	keys, err := s.Store.RoleKeys(ctx)
	if err != nil {
		return nil, nil, err
	}
	held = append([]keyring.Grant{}, held...) // of one who holds nothing, nothing is renewed
	out = make([]keyring.Grant, len(held))
	for i, g := range held {
		k := slices.IndexFunc(keys, func(k keyring.RoleKey) bool { return k.Role == g.Role && k.Version == g.Version })
		if k < 0 {
			return nil, nil, ErrNotGranted
		}
		secret, err := g.Open(u.Key, keys[k])
		if err != nil {
			return nil, nil, err
		}
		if out[i], err = keyring.NewGrant(g.Role, g.Version, secret, u.Member.Name, to.Recipient()); err != nil {
			return nil, nil, err
		}
	}
	return held, out, nil
}
