package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tipline/crypto/keyring"
	"tipline/intake"
)

// Factor is a member's second factor, or [intake.ErrNotFound].
func (s *Store) Factor(ctx context.Context, holder string) (f intake.Factor, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT holder, sealed, last_step, created_on FROM factors WHERE holder = $1`, holder).
		Scan(&f.Holder, &f.Sealed, &f.LastStep, &f.CreatedOn)
	return f, missing(err, intake.ErrNotFound)
}

// FactorHolders are the members who have a second factor, with how many printed
// codes each has left.
func (s *Store) FactorHolders(ctx context.Context) (map[string]int, error) {
	type left struct {
		holder string
		n      int
	}
	rows, err := s.read.QueryContext(ctx, `SELECT holder, (SELECT COUNT(*) FROM factor_codes c WHERE c.holder = f.holder) FROM factors f`)
	all, err := collect(rows, err, func(row scanner) (l left, err error) { return l, row.Scan(&l.holder, &l.n) })
	out := map[string]int{}
	for _, l := range all {
		out[l.holder] = l.n
	}
	return out, err
}

// SetFactor gives a member a second factor and its printed codes. One that is there
// is replaced. When its holder isn't as sealedTo by now it is [intake.ErrConflict]: sealed to a key
// that was replaced it would keep them out. An unknown member is [intake.ErrNotFound].
func (s *Store) SetFactor(ctx context.Context, f intake.Factor, sealedTo intake.Member, codes [][]byte, a intake.Audit) error {
	return s.withAudit(ctx, a, func(t *tx) error {
		if err := t.unchanged(sealedTo); err != nil {
			return err
		}
		if err := t.dropFactor(f.Holder); err != nil {
			return err
		}
		if _, err := t.exec(`INSERT INTO factors (holder, sealed, last_step, created_on) VALUES ($1, $2, $3, $4)`,
			f.Holder, f.Sealed, f.LastStep, f.CreatedOn); err != nil {
			return err
		}
		return t.addCodes(f.Holder, codes)
	})
}

// ReplaceFactor puts fresh in the place of what a member's factor held; when that is no
// longer was, it is [intake.ErrConflict].
func (s *Store) ReplaceFactor(ctx context.Context, holder string, was, fresh []byte, a intake.Audit) error {
	return s.withAudit(ctx, a, func(t *tx) error {
		return t.replaceFactor(holder, was, fresh)
	})
}

func (t *tx) replaceFactor(holder string, was, fresh []byte) error {
	n, err := t.exec(`UPDATE factors SET sealed = $3 WHERE holder = $1 AND sealed = $2`, holder, was, fresh)
	if err == nil && n == 0 {
		err = otherFactor(holder)
	}
	return err
}

// noFactor is [intake.ErrConflict] when a member has a second factor.
func (t *tx) noFactor(holder string) error {
	var n int
	err := t.row(`SELECT COUNT(*) FROM factors WHERE holder = $1`, holder).Scan(&n)
	if err == nil && n > 0 {
		err = otherFactor(holder)
	}
	return err
}

func otherFactor(holder string) error {
	return fmt.Errorf("the second factor of %s changed meanwhile: %w", holder, intake.ErrConflict)
}

// SetCodes replaces a member's printed codes. A member without a factor is
// [intake.ErrNotFound].
func (s *Store) SetCodes(ctx context.Context, holder string, codes [][]byte, a intake.Audit) error {
	return s.withAudit(ctx, a, func(t *tx) error {
		n, err := t.exec(`UPDATE factors SET holder = holder WHERE holder = $1`, holder) // its row is held
		if err := found(n, err, holder); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM factor_codes WHERE holder = $1`, holder); err != nil {
			return err
		}
		return t.addCodes(holder, codes)
	})
}

func (t *tx) addCodes(holder string, codes [][]byte) error {
	for _, hash := range codes {
		if _, err := t.exec(`INSERT INTO factor_codes (holder, hash) VALUES ($1, $2)`, holder, hash); err != nil {
			return err
		}
	}
	return nil
}

// DropFactor takes a member's second factor away. Without one it is
// [intake.ErrNotFound].
func (s *Store) DropFactor(ctx context.Context, holder string, a intake.Audit) error {
	return s.withAudit(ctx, a, func(t *tx) error {
		if _, err := t.exec(`DELETE FROM factor_codes WHERE holder = $1`, holder); err != nil {
			return err
		}
		n, err := t.exec(`DELETE FROM factors WHERE holder = $1`, holder)
		return found(n, err, holder)
	})
}

func (t *tx) dropFactor(holder string) error {
	if _, err := t.exec(`DELETE FROM factor_codes WHERE holder = $1`, holder); err != nil {
		return err
	}
	_, err := t.exec(`DELETE FROM factors WHERE holder = $1`, holder)
	return err
}

// SpendStep uses a code app's code up: it and every older one is refused from here
// on, in every process. One that is used up is [intake.ErrConflict].
func (s *Store) SpendStep(ctx context.Context, holder string, step int64, a intake.Audit) error {
	return s.withAudit(ctx, a, func(t *tx) error {
		return spent(t.exec(`UPDATE factors SET last_step = $2 WHERE holder = $1 AND last_step < $2`, holder, step))
	})
}

// SpendCode uses a printed code up. One that isn't there is [intake.ErrConflict].
func (s *Store) SpendCode(ctx context.Context, holder string, hash []byte, a intake.Audit) error {
	return s.withAudit(ctx, a, func(t *tx) error {
		return spent(t.exec(`DELETE FROM factor_codes WHERE holder = $1 AND hash = $2`, holder, hash))
	})
}

func spent(changed int64, err error) error {
	if err == nil && changed == 0 {
		return fmt.Errorf("this code is used up: %w", intake.ErrConflict)
	}
	return err
}

// AddGrants gives holders further keys, but for destroyed versions. sealedTo are the members to whose own keys the
// grants are sealed: when one has another key or other roles by now, or holds such a grant
// already, it is [intake.ErrConflict]. A grant that its holder can't open would keep
// them out.
func (s *Store) AddGrants(ctx context.Context, grants []keyring.Grant, sealedTo []intake.Member, a intake.Audit) error {
	return s.withAudit(ctx, a, func(t *tx) error {
		if err := t.unchanged(sealedTo...); err != nil {
			return err
		}
		for _, g := range grants {
			n, err := t.addGrant(g, `ON CONFLICT DO NOTHING`)
			if err == nil && n == 0 {
				err = t.holds(g)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// holds is [intake.ErrConflict] when a grant is there already.
func (t *tx) holds(g keyring.Grant) error {
	var n int
	err := t.row(`SELECT COUNT(*) FROM grants WHERE holder = $1 AND role = $2 AND version = $3`, g.Holder, g.Role, g.Version).Scan(&n)
	if err == nil && n > 0 {
		err = fmt.Errorf("%s holds %s already: %w", g.Holder, g.Role, intake.ErrConflict)
	}
	return err
}

// unchanged holds the rows of members and wants each to have the key and the roles they had.
func (t *tx) unchanged(all ...intake.Member) error {
	for _, m := range slices.SortedFunc(slices.Values(all), func(a, b intake.Member) int { return cmp.Compare(a.Name, b.Name) }) { // one order, so that two never wait for each other
		roles, err := list(m.Roles)
		if err != nil {
			return err
		}
		n, err := t.exec(`UPDATE members SET recipient = recipient WHERE name = $1 AND recipient = $2 AND roles = $3`, m.Name, m.Key.Recipient, roles)
		if err != nil {
			return err
		}
		if n == 0 {
			return t.another(m.Name)
		}
	}
	return nil
}

// another tells why a member isn't as they were.
func (t *tx) another(name string) error {
	var n int
	if err := t.row(`SELECT COUNT(*) FROM members WHERE name = $1`, name).Scan(&n); err != nil {
		return err
	}
	if err := found(int64(n), nil, name); err != nil {
		return err
	}
	return fmt.Errorf("member %s has another key or other roles by now: %w", name, intake.ErrConflict)
}

// SetRoles replaces a member's roles, and takes the grants away that drop names. An
// unknown member is [intake.ErrNotFound].
func (s *Store) SetRoles(ctx context.Context, name string, roles, drop []string, a intake.Audit) error {
	return s.withAudit(ctx, a, func(t *tx) error {
		text, err := list(roles)
		if err != nil {
			return err
		}
		n, err := t.exec(`UPDATE members SET roles = $2 WHERE name = $1`, name, text)
		if err := found(n, err, name); err != nil {
			return err
		}
		for _, role := range drop {
			if _, err := t.exec(`DELETE FROM grants WHERE holder = $1 AND role = $2`, name, role); err != nil {
				return err
			}
		}
		return nil
	})
}

// Rotate adds a new version of role keys with its grants; see AddGrants for sealedTo. A
// version that is there is [intake.ErrConflict].
func (s *Store) Rotate(ctx context.Context, keys []keyring.RoleKey, grants []keyring.Grant, sealedTo []intake.Member, a intake.Audit) error {
	return s.withAudit(ctx, a, func(t *tx) error {
		if err := t.unchanged(sealedTo...); err != nil {
			return err
		}
		for _, k := range keys {
			n, err := t.exec(`INSERT INTO role_keys (role, version, recipient) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, k.Role, k.Version, k.Recipient)
			if err == nil && n == 0 {
				err = fmt.Errorf("%s version %d exists: %w", k.Role, k.Version, intake.ErrConflict)
			}
			if err != nil {
				return err
			}
		}
		return t.addGrants(grants)
	})
}

// Holders are who was granted what, recovery keys among them: holder by role key and
// version.
func (s *Store) Holders(ctx context.Context) ([]keyring.Grant, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT role, version, holder FROM grants ORDER BY role, version, holder`)
	return collect(rows, err, func(row scanner) (g keyring.Grant, err error) { return g, row.Scan(&g.Role, &g.Version, &g.Holder) })
}
