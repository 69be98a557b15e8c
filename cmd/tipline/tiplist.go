package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"tipline/intake"
	"tipline/intake/casework"
)

type tipListCmd struct {
	place
	worker
	State    string `help:"Only in this state." placeholder:"STATE"`
	Category string `help:"Only of this category." placeholder:"CODE"`
	Place    string `help:"Only in this place and below it." placeholder:"CODE"`
	Channel  string `help:"Only by this channel." placeholder:"CHANNEL"`
	Source   string `help:"Only from this source." placeholder:"CODE"`
	Due      string `help:"overdue, today, week, unsent (taken up and not sent on) or none." placeholder:"WHEN"`
	Held     bool   `help:"Those that wait for their release."`
	Urgent   bool   `help:"Only urgent ones."`
	RealName bool   `help:"Only of reporters who gave their name."`
	Unread   bool   `help:"Only those nobody has read."`
	Limit    int    `help:"How many a page has." default:"40" placeholder:"N"`
	Cursor   string `help:"Where the page begins, as the page before named it." placeholder:"CURSOR"`
	Format   string `help:"table or json." enum:"table,json" default:"table" placeholder:"FORMAT"`
}

// Help is printed below the usage.
func (tipListCmd) Help() string {
	return "Shows routing facts and no words: reading a tip is tipline tip show, and an audit row. " +
		"TIP may be shortened to its first six letters wherever a command wants one."
}

// tipLine is a tip's row as scripts get it.
type tipLine struct {
	Tip        string         `json:"tip"`
	State      intake.State   `json:"state"`
	Lane       intake.Lane    `json:"lane"`
	ReceivedOn intake.Date    `json:"received_on"`
	DueOn      intake.Date    `json:"due_on,omitempty"`
	Channel    intake.Channel `json:"channel"`
	Source     string         `json:"source"`
	Category   string         `json:"category"`
	Conduct    []string       `json:"conduct"`
	Place      string         `json:"place"`
	Department string         `json:"department,omitempty"`
	AcceptedOn intake.Date    `json:"accepted_on,omitempty"`
	Urgent     bool           `json:"urgent"`
	RealName   bool           `json:"real_name"`
	Unread     bool           `json:"unread"`
	Files      int            `json:"files"`
}

func lineOf(t intake.Tip) tipLine {
	conduct := t.Conduct
	if conduct == nil {
		conduct = []string{}
	}
	return tipLine{t.ID, t.State, t.Lane, t.ReceivedOn, t.DueOn, t.Channel, t.Source, t.Category, conduct, t.Place, t.Department, t.AcceptedOn,
		t.Urgent, t.RealName, t.Unread, t.Files}
}

func (c tipListCmd) filter() (intake.Filter, error) {
	f := intake.Filter{State: intake.State(c.State), Category: c.Category, Place: c.Place, Channel: intake.Channel(c.Channel), Source: c.Source,
		Due: intake.DueFilter(c.Due), Lane: intake.Normal, Urgent: c.Urgent, RealName: c.RealName, Unread: c.Unread, Limit: c.Limit, Cursor: c.Cursor}
	if c.Held {
		f.Lane = intake.Held
	}
	if c.State != "" && !slices.Contains(intake.States(), f.State) {
		return f, usageError{fmt.Errorf("%q: a state is one of %v", c.State, intake.States())}
	}
	if c.Due != "" && !slices.Contains(intake.DueFilters(), f.Due) {
		return f, usageError{fmt.Errorf("%q: --due is one of %v", c.Due, intake.DueFilters())}
	}
	if c.Channel != "" && !f.Channel.Known() {
		return f, usageError{fmt.Errorf("%q: a channel is one of %v", c.Channel, intake.Channels())}
	}
	return f, nil
}

func (c tipListCmd) Run(ctx context.Context, t terminal) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		in, err := work.Inbox(ctx, by, f)
		if err != nil {
			return err
		}
		if c.Format == "json" {
			return c.asJSON(t.out, in)
		}
		return c.asTable(t.out, in)
	})
}

func (tipListCmd) asJSON(w io.Writer, in casework.Inbox) error {
	out := struct {
		Tips []tipLine `json:"tips"`
		Next string    `json:"next,omitempty"`
	}{Tips: []tipLine{}, Next: in.Next}
	for _, t := range in.Tips {
		out.Tips = append(out.Tips, lineOf(t))
	}
	return printJSON(w, out)
}

func (tipListCmd) asTable(out io.Writer, in casework.Inbox) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "TIP\tRECEIVED\tSTATE\tDUE\tCHANNEL\tCATEGORY\tPLACE\tMARKS")
	for _, t := range in.Tips {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.ReceivedOn, t.State, t.DueOn, t.Channel, t.Category, t.Place, marks(t, in.Awaiting[t.ID]))
	}
	if in.Next != "" {
		fmt.Fprintf(w, "\nmore: --cursor %s\n", in.Next)
	}
	return w.Flush()
}

// marks are what a handler looks at first.
func marks(t intake.Tip, waits intake.ReviewKind) (out string) {
	for _, m := range []struct {
		on   bool
		word string
	}{{t.Urgent, "urgent "}, {t.Unread, "unread "}, {t.RealName, "real-name "}, {waits != "", "second-look "}} {
		if m.on {
			out += m.word
		}
	}
	return out
}
