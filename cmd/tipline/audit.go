package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"tipline/intake"
	"tipline/intake/members"
	"tipline/intake/store"
)

type auditCmd struct {
	List   auditListCmd   `cmd:"" help:"Who did what, when, to which tip."`
	Verify auditVerifyCmd `cmd:"" help:"Walk the chain: any change, gap, reorder or cut before the given head is found."`
}

type auditListCmd struct {
	place
	atDesk
	From   string `help:"First day, as 2026-11-24." placeholder:"DATE"`
	To     string `help:"Last day." placeholder:"DATE"`
	Who    string `help:"Only what this member did." placeholder:"NAME"`
	Kind   string `help:"look, decide, write, identity, export, login or staff." placeholder:"KIND"`
	Tip    string `help:"Only about this tip: its id, or its first letters." placeholder:"TIP"`
	Before string `help:"Only rows before the one with this hash: where the page before ended." placeholder:"HASH"`
	Limit  int    `help:"How many a page has." default:"100" placeholder:"N"`
	Format string `help:"table or json." enum:"table,json" default:"table" placeholder:"FORMAT"`
}

// Help is printed below the usage.
func (auditListCmd) Help() string {
	return "Who did what to which tip, newest first. It holds codes and no words: the reasons that members gave are sealed to the desk."
}

func (c auditListCmd) filter() (intake.AuditFilter, error) {
	f := intake.AuditFilter{Member: c.Who, Acts: members.ActsOf(c.Kind), Tip: strings.ToLower(c.Tip), From: intake.Date(c.From), To: intake.Date(c.To),
		Before: c.Before, Limit: max(1, c.Limit)}
	for _, d := range []string{c.From, c.To} {
		if _, err := time.Parse(time.DateOnly, d); d != "" && err != nil {
			return f, usageError{fmt.Errorf("%q: write a date as 2026-11-24", d)}
		}
	}
	if c.Kind != "" && f.Acts == nil {
		return f, usageError{fmt.Errorf("%q: --kind is one of %s", c.Kind, strings.Join(members.AuditKinds(), ", "))}
	}
	return f, nil
}

// recorded is a row of the record as scripts get it.
type recorded struct {
	Row    int64     `json:"row,omitempty"` // where one desk works alone
	At     time.Time `json:"at"`
	Member string    `json:"member"`
	Act    string    `json:"act"`
	Desk   string    `json:"desk,omitempty"`
	Tip    string    `json:"tip,omitempty"`
	Detail string    `json:"detail,omitempty"`
	Hash   string    `json:"hash"`
}

func (c auditListCmd) Run(ctx context.Context, t terminal) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	desk, err := c.in(h.office)
	if err != nil {
		return err
	}
	f.Desk = desk.ID
	p, err := h.members.Audit(ctx, f)
	if err != nil {
		return err
	}
	for i := range p.Rows {
		if len(h.pack.Desks) > 1 { // numbers would tell how much another desk does
			p.Rows[i].Seq = 0
		}
	}
	if c.Format == "json" {
		out := struct {
			Rows []recorded `json:"rows"`
			Next string     `json:"next,omitempty"`
		}{[]recorded{}, p.Next}
		for _, a := range p.Rows {
			out.Rows = append(out.Rows, recorded{a.Seq, a.At, a.Member, a.Act, a.Desk, a.Tip, a.Detail, a.Hash})
		}
		return printJSON(t.out, out)
	}
	w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ROW\tAT\tMEMBER\tACT\tTIP\tDETAIL\tHASH")
	for _, a := range p.Rows {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%.12s\n", a.Seq, a.At.In(h.loc).Format("2006-01-02 15:04"), visible(a.Member), visible(a.Act), visible(a.Tip), visible(a.Detail), a.Hash)
	}
	if p.Next != "" {
		fmt.Fprintf(w, "\nmore: --before %s\n", p.Next)
	}
	return w.Flush()
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
	found, err := h.casework(nil).CheckCertificates(ctx)
	if err != nil {
		return err
	}
	if len(found.Differ) > 0 {
		return errorf("the record is whole, but %d {certificate|certificates} of destruction {doesn't say what it does, or is|don't say what it does, or are} gone: %s; compare {it|them} with tipline audit list --tip", len(found.Differ), strings.Join(found.Differ, " "))
	}
	if n := found.N - len(found.Again); n > 0 {
		t.say("%d {certificate of destruction agrees|certificates of destruction agree} with it\n", n)
	}
	if n := len(found.Again); n > 0 {
		t.say("%d more {is|are} a register's, behind a restore: who asked and approved stands in no row here: %s\n", n, strings.Join(found.Again, " "))
	}
	return t.say("%d {row|rows}, unbroken\nhead %s\n", rows, last)
}
