package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"tipline/intake/members"
)

type memberCmd struct {
	Add     memberAddCmd     `cmd:"" help:"Add a member under a passphrase that is made up and printed once."`
	Rekey   memberRekeyCmd   `cmd:"" help:"Restore a member whose passphrase is lost, by another holder or a recovery key."`
	Roles   memberRolesCmd   `cmd:"" help:"Give a member other roles."`
	List    memberListCmd    `cmd:"" help:"List the members and their roles."`
	Disable memberDisableCmd `cmd:"" help:"Shut a member out. Their name stays in the audit chain."`
	Enable  memberEnableCmd  `cmd:"" help:"Let a disabled member in again."`
}

type memberListCmd struct {
	place
	atDesk
}

func (c memberListCmd) Run(ctx context.Context, t terminal) error {
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	desk, err := c.in(h.office)
	if err != nil {
		return err
	}
	all, err := h.members.Staff(ctx, desk.ID)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tROLES\tSINCE\tSTATE")
	for _, m := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", m.Name, strings.Join(m.Roles, ","), m.CreatedOn, memberState(m))
	}
	return w.Flush()
}

func memberState(m members.Staff) string {
	switch {
	case m.Disabled:
		return "disabled"
	case m.MustChange:
		return "passphrase to be changed"
	default:
		return "active"
	}
}

type memberDisableCmd struct {
	place
	Name string `arg:"" help:"The member's name."`
}

func (c memberDisableCmd) Run(ctx context.Context, t terminal) error {
	return setDisabled(ctx, c.place, c.Name, true)
}

type memberEnableCmd struct {
	place
	Name string `arg:"" help:"The member's name."`
}

func (c memberEnableCmd) Run(ctx context.Context, t terminal) error {
	return setDisabled(ctx, c.place, c.Name, false)
}

func setDisabled(ctx context.Context, p place, name string, off bool) error {
	h, err := openHouse(ctx, p)
	if err != nil {
		return err
	}
	defer h.close()
	if err := h.members.SetDisabled(ctx, nil, name, off); err != nil {
		return fmt.Errorf("member %s: %w", name, err)
	}
	return nil
}
