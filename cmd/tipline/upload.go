package main

import (
	"context"
	"fmt"

	"tipline/configs/locale"
	"tipline/intake/book"
	"tipline/intake/casework"
)

type ledgerUploadCmd struct {
	place
	worker
	File   string `help:"The sheet that was taken home and filled in, or the county's template: .xlsx or .csv." required:"" type:"existingfile" placeholder:"F"`
	Map    string `help:"A mapping of columns that was saved at the desk; without one the headings tell." placeholder:"NAME"`
	Take   bool   `help:"Where a cell was changed on both sides, take the sheet's. Without it the ledger's stays."`
	Skip   bool   `help:"Leave out the rows that can't be taken."`
	DryRun bool   `help:"Name the cells that would change, and change nothing."`
}

// Run names cells by line and column, never by what they say.
func (c ledgerUploadCmd) Run(ctx context.Context, t terminal) error {
	messages, err := locale.Load()
	if err != nil {
		return err
	}
	table, err := readSheet(c.File)
	if err != nil {
		return err
	}
	return c.at(ctx, c.place, t, func(_ *casework.Service, by casework.Actor, h *house) error {
		b := h.book(messages)
		var m book.Mapping
		if c.Map != "" {
			if m, err = b.Map(ctx, by, book.Ledger, c.Map); err != nil {
				return fmt.Errorf("mapping %q: %w", c.Map, err)
			}
		}
		changes, err := b.Compare(ctx, by, table, m, locale.Languages()[0])
		if err != nil {
			return err
		}
		taken := c.tell(t, messages, changes)
		if c.DryRun {
			if len(changes.Missing) > 0 {
				return book.ErrColumns
			}
			err = t.say("would be: cells %d, in conflict %d, rows not right %d\n", changes.Cells(), changes.Conflicts(), changes.Bad())
			return err
		}
		n, err := b.Take(ctx, by, changes, taken, c.Skip)
		if err != nil {
			return err
		}
		err = t.say("rows changed %d\n", n)
		return err
	})
}

func (c ledgerUploadCmd) tell(t terminal, messages *locale.Bundle, changes *book.Changes) book.Taken {
	tellMissing(t, changes.Missing)
	taken := book.Taken{}
	for _, r := range changes.Rows {
		tellProblems(t, messages, r.Line, r.Problems)
		for _, cell := range r.Cells {
			taken[r.Name(cell)] = c.Take
			switch {
			case len(cell.Problems) > 0:
				tellProblems(t, messages, r.Line, cell.Problems)
			case cell.Conflict:
				t.note("line %d: %s: changed on both sides\n", r.Line, cell.Column)
			default:
				t.note("line %d: %s: changed\n", r.Line, cell.Column)
			}
		}
	}
	return taken
}
