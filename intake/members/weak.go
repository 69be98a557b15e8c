package members

import (
	"context"
	"slices"
	"strings"
)

// Weakness is a role whose keys could be lost with one person.
type Weakness struct {
	Role     string
	Holders  int  // active members who hold its keys
	Recovery bool // a recovery key is kept
}

// Weaknesses are a desk's roles with fewer than two holders or no recovery key.
func (s *Service) Weaknesses(ctx context.Context, desk string) (out []Weakness, err error) {
	all, err := s.crew(ctx, desk)
	if err != nil {
		return nil, err
	}
	held, err := s.Store.Holders(ctx)
	if err != nil {
		return nil, err
	}
	for _, role := range KeyRoles() {
		w := Weakness{Role: role}
		for _, m := range all {
			if !m.Disabled && slices.Contains(m.Roles, role) && !s.lacks(held, m, role) {
				w.Holders++
			}
		}
		for _, g := range held {
			w.Recovery = w.Recovery || strings.HasPrefix(g.Holder, recoveryHolder) && slices.Contains(s.RoleKeyNames(desk, role), g.Role)
		}
		if w.Holders < 2 || !w.Recovery {
			out = append(out, w)
		}
	}
	return out, nil
}
