package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"tipline/intake"
	"tipline/intake/casework"
)

type tipExtendCmd struct {
	oneTip
	Until  string `help:"The date asked for." required:"" placeholder:"DATE"`
	Reason string `help:"complex, evidence, season, elsewhere or procedure." required:"" placeholder:"CODE"`
	Note   string `help:"File with the reason in words; it is sealed to the desk. - is standard input." required:"" placeholder:"FILE"`
	Letter string `help:"File with what the reporter is told once it is granted." required:"" placeholder:"FILE"`
	Sure   bool   `help:"The letter goes even if it repeats the report."`
}

// Help is printed below the usage.
func (tipExtendCmd) Help() string {
	return "Asks for a later date (延期). It takes effect when another member, of the role that the profile in deadlines.yaml names, grants it: tipline tip extension."
}

func (c tipExtendCmd) Run(ctx context.Context, t terminal) error {
	l := casework.Later{To: intake.Date(c.Until), Reason: c.Reason, Sure: c.Sure}
	var err error
	if l.Note, err = readWords(c.Note, t); err != nil {
		return err
	}
	if l.Letter, err = readWords(c.Letter, t); err != nil {
		return err
	}
	return c.act(ctx, t, func(work *casework.Service, by casework.Actor, tip intake.Tip) error {
		return work.AskExtension(ctx, by, tip.ID, l)
	})
}

type tipExtensionCmd struct {
	List   extensionListCmd   `cmd:"" help:"The later dates that wait for a word."`
	Grant  extensionGrantCmd  `cmd:"" help:"Grant one; its reporter is told."`
	Refuse extensionRefuseCmd `cmd:"" help:"Don't grant one."`
}

// laterDate is a request for a later date as scripts get it.
type laterDate struct {
	ID         string      `json:"id"`
	Tip        string      `json:"tip"`
	By         string      `json:"by"`
	On         intake.Date `json:"on"`
	From       intake.Date `json:"from"`
	Until      intake.Date `json:"until"`
	Reason     string      `json:"reason"`
	Category   string      `json:"category"`
	Place      string      `json:"place"`
	Department string      `json:"department,omitempty"`
	AcceptedOn intake.Date `json:"accepted_on"`
}

type extensionListCmd struct {
	place
	worker
	Format string `help:"table or json." enum:"table,json" default:"table" placeholder:"FORMAT"`
}

func (c extensionListCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		r, err := work.Registers(ctx, by)
		if err != nil {
			return err
		}
		out := []laterDate{}
		for _, e := range r.Asked {
			out = append(out, laterDate{e.ID, e.Tip, e.Asker, e.AskedOn, e.From, e.To, e.Reason, e.Row.Category, e.Row.Place, e.Row.Department, e.Row.AcceptedOn})
		}
		if c.Format == "json" {
			return printJSON(t.out, out)
		}
		w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tTIP\tBY\tON\tFROM\tUNTIL\tREASON\tCATEGORY\tPLACE")
		for _, e := range out {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.ID, e.Tip, visible(e.By), e.On, e.From, e.Until, e.Reason, e.Category, e.Place)
		}
		return w.Flush()
	})
}

// oneExtension is what commands that decide about one have in common.
type oneExtension struct {
	place
	worker
	ID string `arg:"" help:"The request's id, as tipline tip extension list names it."`
}

type extensionGrantCmd struct{ oneExtension }

func (c extensionGrantCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		return work.GrantExtension(ctx, by, c.ID)
	})
}

type extensionRefuseCmd struct {
	oneExtension
	Why string `help:"File with the reason in words; - is standard input." required:"" placeholder:"FILE"`
}

func (c extensionRefuseCmd) Run(ctx context.Context, t terminal) error {
	why, err := readWords(c.Why, t)
	if err != nil {
		return err
	}
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		return work.RefuseExtension(ctx, by, c.ID, why)
	})
}
