package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"tipline/intake"
	"tipline/intake/casework"
)

type tipReviewCmd struct {
	List    reviewListCmd    `cmd:"" help:"The refusals that wait for a second reviewer."`
	Confirm reviewConfirmCmd `cmd:"" help:"Agree with another member's refusal."`
	Return  reviewReturnCmd  `cmd:"" help:"Don't agree: the tip is under review again."`
}

type reviewListCmd struct {
	place
	worker
	Format string `help:"table or json." enum:"table,json" default:"table" placeholder:"FORMAT"`
}

func (c reviewListCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		waiting, err := work.ToReview(ctx, by)
		if err != nil {
			return err
		}
		if c.Format == "json" {
			out := []proposal{}
			for _, r := range waiting {
				out = append(out, proposalOf(r))
			}
			return printJSON(t.out, out)
		}
		w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "TIP\tBY\tON\tTO\tREASON\tTAKES EFFECT\tDUE")
		for _, r := range waiting {
			effect := "it has"
			if r.Kind == intake.ReviewBefore {
				effect = "when confirmed"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Tip, visible(r.Asker), r.AskedOn, r.To, r.Reason, effect, r.Row.DueOn)
		}
		return w.Flush()
	})
}

type reviewConfirmCmd struct{ oneTip }

func (c reviewConfirmCmd) Run(ctx context.Context, t terminal) error {
	return c.act(ctx, t, func(work *casework.Service, by casework.Actor, tip intake.Tip) error {
		return work.Confirm(ctx, by, tip.ID)
	})
}

type reviewReturnCmd struct {
	oneTip
	Why string `help:"File with the reason in words; - is standard input. It becomes one of the desk's own notes." required:"" placeholder:"FILE"`
}

func (c reviewReturnCmd) Run(ctx context.Context, t terminal) error {
	why, err := readWords(c.Why, t)
	if err != nil {
		return err
	}
	return c.act(ctx, t, func(work *casework.Service, by casework.Actor, tip intake.Tip) error {
		return work.Return(ctx, by, tip.ID, why)
	})
}
