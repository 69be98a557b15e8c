package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"tipline/intake"
	"tipline/intake/casework"
)

type custodyCmd struct {
	List     custodyListCmd     `cmd:"" help:"The requests for an identity, and the identities to hand over, that wait for a custodian."`
	Request  custodyRequestCmd  `cmd:"" help:"Ask for a tip's identity, with a reason."`
	Approve  custodyApproveCmd  `cmd:"" help:"Open an identity to who asked for it, for fifteen minutes."`
	Refuse   custodyRefuseCmd   `cmd:"" help:"Refuse a request."`
	Handover custodyHandoverCmd `cmd:"" help:"Give the identity behind a tip that went to another desk to that desk's custodians."`
	Show     custodyShowCmd     `cmd:"" help:"Show an approved identity to who asked for it, while it lasts."`
}

type custodyListCmd struct {
	place
	worker
	Format string `help:"table or json." enum:"table,json" default:"table" placeholder:"FORMAT"`
}

// asked is a request as scripts get it.
type asked struct {
	ID     string      `json:"id"`
	Tip    string      `json:"tip"`
	By     string      `json:"by"`
	On     intake.Date `json:"on"`
	Reason string      `json:"reason,omitempty"`
	To     string      `json:"to,omitempty"` // the desk it is to be handed over to
}

func (c custodyListCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		requests, err := work.Requests(ctx, by)
		if err != nil {
			return err
		}
		away, err := work.Handovers(ctx, by)
		if err != nil {
			return err
		}
		out := []asked{}
		for _, r := range requests {
			out = append(out, asked{ID: r.ID, Tip: r.Tip, By: r.Asker, On: r.AskedOn, Reason: r.Words})
		}
		for _, r := range away {
			out = append(out, asked{ID: r.ID, Tip: r.Tip, By: r.Asker, On: r.AskedOn, To: r.ForDesk})
		}
		if c.Format == "json" {
			return printJSON(t.out, out)
		}
		return printAsked(t, out)
	})
}

func printAsked(t terminal, all []asked) error {
	w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "REQUEST\tTIP\tBY\tON\tREASON")
	for _, r := range all {
		why := fmt.Sprintf("%q", visible(r.Reason))
		if r.To != "" {
			why = "hand over to " + r.To
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.ID, r.Tip, visible(r.By), r.On, why)
	}
	return w.Flush()
}

type custodyRequestCmd struct {
	place
	worker
	Tip    string `arg:"" help:"The tip's id, or its first letters."`
	Reason string `help:"File with the reason in words; - is standard input. It is sealed to the desk and the custodians." required:"" placeholder:"FILE"`
}

func (c custodyRequestCmd) Run(ctx context.Context, t terminal) error {
	reason, err := readWords(c.Reason, t)
	if err != nil {
		return err
	}
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		tip, err := work.Find(ctx, by, c.Tip)
		if err != nil {
			return err
		}
		id, err := work.AskIdentity(ctx, by, tip.ID, reason)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(t.out, "request ", id)
		return err
	})
}

// oneRequest is what commands about one request have in common.
type oneRequest struct {
	place
	worker
	Request string `arg:"" help:"The request's id, from custody list."`
}

type custodyApproveCmd struct{ oneRequest }

func (c custodyApproveCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		return work.Approve(ctx, by, c.Request)
	})
}

type custodyHandoverCmd struct{ oneRequest }

func (c custodyHandoverCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		return work.Handover(ctx, by, c.Request)
	})
}

type custodyRefuseCmd struct {
	oneRequest
	Reason string `help:"File with the reason in words, which the asker reads; - is standard input." required:"" placeholder:"FILE"`
}

func (c custodyRefuseCmd) Run(ctx context.Context, t terminal) error {
	why, err := readWords(c.Reason, t)
	if err != nil {
		return err
	}
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		return work.Refuse(ctx, by, c.Request, why)
	})
}

type custodyShowCmd struct {
	place
	worker
	Tip    string `arg:"" help:"The tip's id, or its first letters."`
	Format string `help:"text or json." enum:"text,json" default:"text" placeholder:"FORMAT"`
}

func (c custodyShowCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, h *house) error {
		tip, err := work.Find(ctx, by, c.Tip)
		if err != nil {
			return err
		}
		who, until, err := work.OpenIdentity(ctx, by, tip.ID)
		if err != nil {
			return err
		}
		if c.Format == "json" {
			return printJSON(t.out, who)
		}
		for _, f := range [][2]string{{"name", who.Name}, {"phone", who.Phone}, {"email", who.Email}, {"sender", who.Sender}} {
			if f[1] != "" {
				fmt.Fprintf(t.out, "%-7s %s\n", f[0], visible(f[1]))
			}
		}
		for _, more := range append(who.Headers, who.Notes...) {
			fmt.Fprintln(t.out, visible(more))
		}
		return t.say("until %s; it can't be shown after that\n", until.In(h.loc).Format("15:04"))
	})
}
