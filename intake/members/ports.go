package members

import (
	"context"

	"tipline/crypto/keyring"
	"tipline/intake"
)

// Store keeps members, role keys, grants and the audit chain. Each method that
// takes an audit row writes it in the same transaction.
type Store interface {
	// Init writes the first set-up, or fails with intake.ErrConflict when there is one.
	Init(ctx context.Context, s intake.Setup) error
	// Extend writes the set-up of further desks, or fails with intake.ErrConflict when one
	// of the role keys or members is there.
	Extend(ctx context.Context, s intake.Setup) error
	Members(ctx context.Context) ([]intake.Member, error)
	Member(ctx context.Context, name string) (intake.Member, error) // intake.ErrNotFound
	// AddMember fails with intake.ErrConflict when the name is taken.
	AddMember(ctx context.Context, m intake.Member, grants []keyring.Grant, a intake.Audit) error
	// SetKey replaces a member's key, grants and second factor, or fails with intake.ErrConflict when
	// they aren't as they were.
	SetKey(ctx context.Context, r intake.Rekeying, a intake.Audit) error
	SetDisabled(ctx context.Context, name string, disabled bool, a intake.Audit) error
	RoleKeys(ctx context.Context) ([]keyring.RoleKey, error) // every version of every role
	Grants(ctx context.Context, holder string) ([]keyring.Grant, error)
	Holders(ctx context.Context) ([]keyring.Grant, error) // who was granted what, without what is sealed
	// AddGrants fails with intake.ErrConflict when one is there, or when a member of sealedTo has
	// another key or other roles by now. Destroyed versions are granted to nobody.
	AddGrants(ctx context.Context, grants []keyring.Grant, sealedTo []intake.Member, a intake.Audit) error
	// SetRoles replaces a member's roles and takes the grants of the role keys in drop away.
	SetRoles(ctx context.Context, name string, roles, drop []string, a intake.Audit) error
	// Rotate adds new versions of role keys, or fails with intake.ErrConflict when one is
	// there or AddGrants would.
	Rotate(ctx context.Context, keys []keyring.RoleKey, grants []keyring.Grant, sealedTo []intake.Member, a intake.Audit) error

	Factor(ctx context.Context, holder string) (intake.Factor, error) // intake.ErrNotFound
	FactorHolders(ctx context.Context) (codesLeft map[string]int, err error)
	// SetFactor fails with intake.ErrConflict when sealedTo, its holder, has another key or other roles by now.
	SetFactor(ctx context.Context, f intake.Factor, sealedTo intake.Member, codes [][]byte, a intake.Audit) error
	SetCodes(ctx context.Context, holder string, codes [][]byte, a intake.Audit) error
	// ReplaceFactor puts fresh in the place of was, or fails with intake.ErrConflict when
	// something else stands there.
	ReplaceFactor(ctx context.Context, holder string, was, fresh []byte, a intake.Audit) error
	DropFactor(ctx context.Context, holder string, a intake.Audit) error
	// SpendStep and SpendCode use a code up, or fail with intake.ErrConflict when it is.
	SpendStep(ctx context.Context, holder string, step int64, a intake.Audit) error
	SpendCode(ctx context.Context, holder string, hash []byte, a intake.Audit) error

	AppendAudit(ctx context.Context, a intake.Audit) error
	AuditPage(ctx context.Context, f intake.AuditFilter) ([]intake.Audit, error)   // newest first
	AuditHead(ctx context.Context) (intake.Audit, error)                           // the zero Audit without a row
	AuditRows(ctx context.Context, after int64, limit int) ([]intake.Audit, error) // in order, Seq > after
}
