package store

import (
	"context"
	"fmt"

	"tipline/crypto/keyring"
	"tipline/intake"
)

// Init writes the first set-up in one transaction. When there are members or
// role keys already it is [intake.ErrConflict].
func (s *Store) Init(ctx context.Context, set intake.Setup) error {
	return notDurable(s.group.write(ctx, false, func(t *tx) error { return t.init(set) }))
}

// Extend writes the set-up of further desks in one transaction. A role key or a member
// that is there is [intake.ErrConflict].
func (s *Store) Extend(ctx context.Context, set intake.Setup) error {
	return notDurable(s.group.write(ctx, false, func(t *tx) error { return t.setUp(set) }))
}

func (t *tx) init(set intake.Setup) error {
	var n int
	if err := t.row(`SELECT (SELECT COUNT(*) FROM members) + (SELECT COUNT(*) FROM role_keys)`).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("set up already: %w", intake.ErrConflict)
	}
	return t.setUp(set)
}

func (t *tx) setUp(set intake.Setup) error {
	for _, k := range set.RoleKeys {
		n, err := t.exec(`INSERT INTO role_keys (role, version, recipient) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, k.Role, k.Version, k.Recipient)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("%s has a key already: %w", k.Role, intake.ErrConflict)
		}
	}
	for _, m := range set.Members {
		if err := t.addMember(m); err != nil {
			return err
		}
	}
	if err := t.addGrants(set.Grants); err != nil {
		return err
	}
	for _, a := range set.Audit {
		if err := t.audit(a); err != nil {
			return err
		}
	}
	return nil
}

// AddMember adds a member with what they may open. A name that is taken is
// [intake.ErrConflict].
func (s *Store) AddMember(ctx context.Context, m intake.Member, grants []keyring.Grant, a intake.Audit) error {
	return s.withAudit(ctx, a, func(t *tx) error {
		if err := t.addMember(m); err != nil {
			return err
		}
		return t.addGrants(grants)
	})
}

// SetKey replaces a member's key and everything granted to the old one. A member who has another key or other roles
// by now, or holds something else than what is renewed, or another second factor, is [intake.ErrConflict]: what was taken from them meanwhile
// doesn't come back, and what they were given isn't lost. Of one who must change the new passphrase, requests for an
// identity are closed. An unknown member is [intake.ErrNotFound].
func (s *Store) SetKey(ctx context.Context, r intake.Rekeying, a intake.Audit) error {
	return s.withAudit(ctx, a, func(t *tx) error {
		if err := t.unchanged(r.Was); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE members SET recipient = $2, locked = $3, must_change = $4 WHERE name = $1`, r.Was.Name, r.Key.Recipient, r.Key.Locked, bit(r.MustChange)); err != nil {
			return err
		}
		if err := t.takeGrants(r.Was.Name, r.Held); err != nil {
			return err
		}
		if r.MustChange { // somebody else can open the new key: what its member asked for before isn't theirs
			if _, err := t.exec(`UPDATE custody SET state = 'closed', inner_layer = NULL, view = NULL, raw = NULL WHERE asker = $1 AND for_desk = '' AND state IN ('asked', 'approved')`, r.Was.Name); err != nil {
				return err
			}
		}
		if err := t.takeFactor(r); err != nil {
			return err
		}
		return t.addGrants(r.Grants)
	})
}

// takeFactor takes the second factor along to the new key, or away.
func (t *tx) takeFactor(r intake.Rekeying) error {
	switch {
	case r.Held == nil:
		return t.dropFactor(r.Was.Name)
	case r.Factor == nil:
		return t.noFactor(r.Was.Name)
	default:
		return t.replaceFactor(r.Was.Name, r.FactorWas, r.Factor)
	}
}

// takeGrants removes all grants of a holder. With held it wants them to be those.
func (t *tx) takeGrants(holder string, held []keyring.Grant) error {
	for _, g := range held {
		if n, err := t.exec(`DELETE FROM grants WHERE holder = $1 AND role = $2 AND version = $3`, holder, g.Role, g.Version); err != nil || n != 1 {
			return otherGrants(err, holder)
		}
	}
	if more, err := t.exec(`DELETE FROM grants WHERE holder = $1`, holder); err != nil || more > 0 && held != nil {
		return otherGrants(err, holder)
	}
	return nil
}

func otherGrants(err error, holder string) error {
	if err == nil {
		err = fmt.Errorf("what %s holds changed meanwhile: %w", holder, intake.ErrConflict)
	}
	return err
}

// SetDisabled shuts a member out or lets them in again. An unknown member is
// [intake.ErrNotFound].
func (s *Store) SetDisabled(ctx context.Context, name string, disabled bool, a intake.Audit) error {
	return s.withAudit(ctx, a, func(t *tx) error {
		n, err := t.exec(`UPDATE members SET disabled = $2 WHERE name = $1`, name, bit(disabled))
		return found(n, err, name)
	})
}

// withAudit writes a change and its audit row in one transaction.
func (s *Store) withAudit(ctx context.Context, a intake.Audit, do func(*tx) error) error {
	return notDurable(s.group.write(ctx, false, func(t *tx) error {
		if err := do(t); err != nil {
			return err
		}
		return t.audit(a)
	}))
}

func found(changed int64, err error, name string) error {
	if err == nil && changed == 0 {
		return fmt.Errorf("member %s: %w", name, intake.ErrNotFound)
	}
	return err
}

func (t *tx) addMember(m intake.Member) error {
	roles, err := list(m.Roles)
	if err != nil {
		return err
	}
	n, err := t.exec(`INSERT INTO members (name, desk, roles, recipient, locked, must_change, disabled, created_on)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING`,
		m.Name, m.Desk, roles, m.Key.Recipient, m.Key.Locked, bit(m.MustChange), bit(m.Disabled), m.CreatedOn)
	if err == nil && n == 0 {
		return fmt.Errorf("member %s exists: %w", m.Name, intake.ErrConflict)
	}
	return err
}

// addGrants grants what isn't destroyed: who was logged in when a version went has its secret in memory still.
func (t *tx) addGrants(grants []keyring.Grant) error {
	for _, g := range grants {
		if _, err := t.addGrant(g, ""); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) addGrant(g keyring.Grant, unless string) (n int64, err error) {
	return t.exec(`INSERT INTO grants (holder, role, version, sealed) SELECT $1, $2, CAST($3 AS BIGINT), $4
		WHERE NOT EXISTS (SELECT 1 FROM epochs WHERE role = $2 AND version = $3 AND done_on <> '') `+unless, g.Holder, g.Role, g.Version, g.Sealed)
}

const memberColumns = `name, desk, roles, recipient, locked, must_change, disabled, created_on`

func scanMember(row scanner) (m intake.Member, err error) {
	var roles string
	if err := row.Scan(&m.Name, &m.Desk, &roles, &m.Key.Recipient, &m.Key.Locked, &m.MustChange, &m.Disabled, &m.CreatedOn); err != nil {
		return intake.Member{}, err
	}
	m.Roles, err = unlist(roles)
	return m, err
}

// Members are all members by name.
func (s *Store) Members(ctx context.Context) ([]intake.Member, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+memberColumns+` FROM members ORDER BY name`)
	return collect(rows, err, scanMember)
}

// Member is one member, or [intake.ErrNotFound].
func (s *Store) Member(ctx context.Context, name string) (intake.Member, error) {
	m, err := scanMember(s.read.QueryRowContext(ctx, `SELECT `+memberColumns+` FROM members WHERE name = $1`, name))
	return m, missing(err, intake.ErrNotFound)
}

// RoleKeys are every version of every role's key.
func (s *Store) RoleKeys(ctx context.Context) ([]keyring.RoleKey, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT role, version, recipient FROM role_keys ORDER BY role, version`)
	return collect(rows, err, func(row scanner) (k keyring.RoleKey, err error) {
		return k, row.Scan(&k.Role, &k.Version, &k.Recipient)
	})
}

// Grants are what holder may open; none is no error.
func (s *Store) Grants(ctx context.Context, holder string) ([]keyring.Grant, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT role, version, holder, sealed FROM grants WHERE holder = $1 ORDER BY role, version`, holder)
	return collect(rows, err, func(row scanner) (g keyring.Grant, err error) {
		return g, row.Scan(&g.Role, &g.Version, &g.Holder, &g.Sealed)
	})
}
