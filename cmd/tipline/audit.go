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
	Head string `help:"A hash noted earlier that the chain must still hold." placeholder:"HASH"`
}

func (c auditVerifyCmd) Run(ctx context.Context, t terminal) error {
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	rows, last, err := h.members.VerifyAudit(ctx, store.AuditHash, c.Head)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%d rows, unbroken\nhead %s\n", rows, last)
	return err
}
