package main

import (
	"context"
	"fmt"

	"tipline/intake"
	"tipline/intake/casework"
)

type tipRereadCmd struct{ oneTip }

// Help is printed below the usage.
func (tipRereadCmd) Help() string {
	return "For a message that couldn't be read when it came: after an update, or once its channel's configuration is right. " +
		"The original opens with two people: first `tipline custody request`, then a custodian's `tipline custody approve`, then this within fifteen minutes. " +
		"What is read stands among the tip's messages; the original stays as it is."
}

func (c tipRereadCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, h *house) error {
		tip, err := work.Find(ctx, by, c.Tip)
		if err != nil {
			return err
		}
		if err := work.Reread(ctx, by, tip.ID); err != nil {
			return err
		}
		view, err := work.Read(ctx, by, tip.ID)
		if err != nil {
			return err
		}
		for _, m := range view.Messages {
			if m.ID == intake.RereadID(tip.ID) {
				_, err = fmt.Fprintf(t.out, "%s\nfiles: %d\n", visible(m.Text), len(m.Files))
			}
		}
		return err
	})
}
