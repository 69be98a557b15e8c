package main

import (
	"context"
	"fmt"

	"tipline/intake/store"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Walk the chain: any change, gap, reorder or cut before the given head is found."`
}

type auditVerifyCmd struct {
	place
	atDesk
	Head string `help:"A hash noted earlier that the chain must still hold." placeholder:"HASH"`
}

func (c auditVerifyCmd) Run(ctx context.Context, t terminal) error {
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	desk, err := c.in(h.office)
	if err != nil {
		return err
	}
	_, last, err := h.members.VerifyAudit(ctx, store.AuditHash, c.Head)
	if err != nil {
		return err
	}
	rows, err := h.store.AuditCount(ctx, desk.ID)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%d rows, unbroken\nhead %s\n", rows, last)
	return err
}
