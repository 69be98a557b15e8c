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
	first := []members.NewMember{
		{Name: "handler", Roles: []string{members.Handler}, Passphrase: keyring.Passphrase(), MustChange: true},
		{Name: "custodian", Roles: []string{members.Custodian}, Passphrase: keyring.Passphrase(), MustChange: true}}
	return setUp(ctx, p, t, first, nil)
}
