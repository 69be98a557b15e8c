package main

import (
	"context"
	"fmt"

	"tipline/intake"
	"tipline/intake/casework"
)

type keysDestroyCmd struct {
	place
	worker
	Role  string `help:"desk. The versions of the other keys aren't noted beside what is sealed to them, so that nobody can say that one isn't needed." required:"" placeholder:"ROLE"`
	Epoch int    `help:"The version, as tipline keys rotate printed it." required:"" placeholder:"N"`
}

// Help is printed below the usage.
func (keysDestroyCmd) Help() string {
	return "An old version can go once no tip is sealed to it: see tipline retention. The first member who gives the command asks for it, a second one destroys it. " +
		"Every sealed copy of the secret in the database goes, recovery's as well. Backups of before hold their own copies until you delete them."
}

func (c keysDestroyCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, h *house) error {
		if role := intake.DeskKey(by.Desk); c.Role != "desk" && c.Role != role {
			return usageError{fmt.Errorf("--role is desk, or %s", role)}
		}
		n, err := work.DestroyEpoch(ctx, by, c.Epoch)
		if err != nil {
			return err
		}
		if n == 0 {
			_, err = fmt.Fprintf(t.out, "Asked for. Another member gives the same command.\n")
			return err
		}
		if err := h.store.Database().Scrub(ctx); err != nil {
			fmt.Fprintf(t.err, "the database's files aren't written anew: %v; tipline retention scrub does it\n", err)
		}
		_, err = fmt.Fprintf(t.out, "%d sealed copies of the secret are gone. Delete the backups of before by %s.\n", n, casework.PlusDays(intake.DateOf(h.now(), h.loc), h.cfg.Retention.Backups))
		return err
	})
}
