package members

import (
	"fmt"
	"regexp"
	"slices"

	"tipline/intake"
)

// The roles a member may hold. Handlers and custodians hold keys; the others see
// what their pages show and open nothing.
const (
	Handler       = "handler"       // 受理员: reads reports
	Custodian     = "custodian"     // 身份信息保管员: decides about identities
	Supervisor    = "supervisor"    // 负责人: sees who works here, and ends sessions
	Auditor       = "auditor"       // 审计员: reads the record
	Administrator = "administrator" // 管理员: keeps the list of members
)

// Roles lists every role, in the order in which they are shown.
func Roles() []string { return []string{Handler, Custodian, Supervisor, Auditor, Administrator} }

// KeyRoles are the roles whose holders are granted keys.
func KeyRoles() []string { return []string{Handler, Custodian} }

// RoleKeyNames are the role keys that a role's holder is granted at a desk.
func (s *Service) RoleKeyNames(desk, role string) []string {
	switch role {
	case Handler:
		return []string{intake.DeskKey(desk), intake.LedgerKey(desk)}
	case Custodian:
		return []string{s.Desks.CustodianKey(desk)}
	default:
		return nil
	}
}

// CheckRoles says whether a member may hold these roles together.
func CheckRoles(roles []string) error {
	for i, r := range roles {
		if !slices.Contains(Roles(), r) {
			return fmt.Errorf("%q: %w", r, ErrRole)
		}
		if slices.Contains(roles[:i], r) {
			return fmt.Errorf("%q is named twice: %w", r, ErrRole)
		}
	}
	if len(roles) == 0 {
		return ErrRole
	}
	if slices.Contains(roles, Handler) && slices.Contains(roles, Custodian) {
		return ErrBothRoles
	}
	return nil
}

const maxName = 128 // bytes; a keyring's holders have no longer names

// reserved are the names that stand in the record for what no member did.
func reserved() []string { return []string{"ledger", "reporter", "clock", "calendar", "retention"} }

// CheckName says whether name can be a member's.
func CheckName(name string) error {
	if slices.Contains(reserved(), name) || len(name) > maxName || !regexp.MustCompile(`^[\p{L}\p{N}._-]{1,64}$`).MatchString(name) {
		return fmt.Errorf("%q: %w", name, ErrName)
	}
	return nil
}
