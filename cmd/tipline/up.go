package main

import (
	"context"

	"golang.org/x/term"

	"tipline/crypto/keyring"
	"tipline/intake/members"
)

type upCmd struct{ place }

func (c upCmd) Run(ctx context.Context, t terminal) error {
	if !isSetUp(c.Data) {
		if err := firstRun(ctx, c.place, t); err != nil {
			return err
		}
	}
	return runPart(ctx, c.place, t, everything)
}

// firstRun sets a folder up for somebody who sits at a terminal and can take the
// passphrases down.
func firstRun(ctx context.Context, p place, t terminal) error {
	if !term.IsTerminal(int(t.in.Fd())) {
		return errNotSetUp
	}
	o, err := openOffice(p)
	if err != nil {
		return err
	}
	var first []members.NewMember
	for i, desk := range o.desks() {
		for _, role := range members.KeyRoles() {
			name, at := role, ""
			if i > 0 {
				name, at = role+"."+desk, desk
			}
			first = append(first, members.NewMember{Name: name, Roles: []string{role}, Desk: at, Passphrase: keyring.Passphrase(), MustChange: true})
		}
	}
	return setUp(ctx, p, t, first, nil)
}
