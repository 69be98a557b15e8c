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
	Members(ctx context.Context) ([]intake.Member, error)
	Member(ctx context.Context, name string) (intake.Member, error) // intake.ErrNotFound
	// AddMember fails with intake.ErrConflict when the name is taken.
	AddMember(ctx context.Context, m intake.Member, grants []keyring.Grant, a intake.Audit) error
	// SetKey replaces a member's key and grants.
	SetKey(ctx context.Context, name string, key keyring.MemberKey, mustChange bool, grants []keyring.Grant, a intake.Audit) error
	SetDisabled(ctx context.Context, name string, disabled bool, a intake.Audit) error
	RoleKeys(ctx context.Context) ([]keyring.RoleKey, error) // every version of every role
	Grants(ctx context.Context, holder string) ([]keyring.Grant, error)

	AppendAudit(ctx context.Context, a intake.Audit) error
	AuditRows(ctx context.Context, after int64, limit int) ([]intake.Audit, error) // in order, Seq > after
}
