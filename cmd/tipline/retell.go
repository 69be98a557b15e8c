package main

import (
	"context"
	"fmt"

	"tipline/intake/casework"
)

type ledgerRetellCmd struct {
	place
	worker
}

// Help is printed below the usage.
func (ledgerRetellCmd) Help() string {
	return "For tips that `tipline doctor` finds missing from the ledger, as after the ledger's database was restored from an older copy: " +
		"their facts and what was decided go to it again. Reasons, summaries and what the ledger itself had noted don't come back this way."
}

func (c ledgerRetellCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, h *house) error {
		r, err := reconcile(ctx, h, by.Desk)
		if err != nil {
			return err
		}
		for _, tip := range r.Missing {
			if err := work.Retell(ctx, by, tip); err != nil {
				return fmt.Errorf("tip %s: %w", tip, err)
			}
		}
		err = t.say("%d {tip goes|tips go} to the ledger again\n", len(r.Missing))
		return err
	})
}
