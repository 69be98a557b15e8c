package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"tipline/intake"
	"tipline/intake/casework"
)

type lookbackCmd struct {
	List lookListCmd `cmd:"" help:"The appointments to look at tips again, by their day."`
	Open lookOpenCmd `cmd:"" help:"Arrange to look at a tip again."`
	Done lookDoneCmd `cmd:"" help:"Say what a look found."`
}

type lookListCmd struct {
	place
	worker
	Over   bool   `help:"Those that are over."`
	Format string `help:"table or json." enum:"table,json" default:"table" placeholder:"FORMAT"`
}

// lookLine is an appointment as scripts get it.
type lookLine struct {
	ID      string          `json:"id"`
	Tip     string          `json:"tip"`
	Kind    intake.LookKind `json:"kind"`
	DueOn   intake.Date     `json:"due_on"`
	From    string          `json:"from,omitempty"`
	Number  string          `json:"number,omitempty"`
	By      string          `json:"by"`
	AskedOn intake.Date     `json:"asked_on,omitempty"`
	Result  string          `json:"result,omitempty"`
	DoneOn  intake.Date     `json:"done_on,omitempty"`
}

func (c lookListCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		rows, over, err := work.Appointments(ctx, by)
		if err != nil {
			return err
		}
		if c.Over {
			rows = over
		}
		out := []lookLine{}
		for _, l := range rows {
			out = append(out, lookLine{l.ID, l.Tip, l.Kind, l.DueOn, l.From, l.Number, l.By, l.AskedOn, l.Result, l.DoneOn})
		}
		if c.Format == "json" {
			return printJSON(t.out, out)
		}
		return printLooks(t.out, out)
	})
}

func printLooks(out io.Writer, rows []lookLine) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tTIP\tKIND\tDUE\tNUMBER\tBY\tRESULT")
	for _, l := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.ID, l.Tip, l.Kind, l.DueOn, visible(l.Number), visible(l.By), l.Result)
	}
	return w.Flush()
}

type lookOpenCmd struct {
	oneTip
	Kind   string `help:"look_back, relapse, false_rectification or retaliation." default:"look_back" placeholder:"KIND"`
	Due    string `help:"The day to look." required:"" placeholder:"DATE"`
	From   string `help:"The tip that gives the reason." placeholder:"TIP"`
	Number string `help:"The ledger's number that is contradicted." placeholder:"N"`
	Note   string `help:"File with a note; it is sealed to the desk. - is standard input." placeholder:"FILE"`
	Letter string `help:"File with what the reporter is asked on the day; for retaliation." placeholder:"FILE"`
}

func (c lookOpenCmd) Run(ctx context.Context, t terminal) error {
	a := casework.Appointment{Kind: intake.LookKind(c.Kind), Due: intake.Date(c.Due), From: c.From, Number: c.Number}
	var err error
	if a.Note, err = readWords(c.Note, t); err != nil {
		return err
	}
	if a.Letter, err = readWords(c.Letter, t); err != nil {
		return err
	}
	return c.act(ctx, t, func(work *casework.Service, by casework.Actor, tip intake.Tip) error {
		return work.Appoint(ctx, by, tip.ID, a)
	})
}

type lookDoneCmd struct {
	place
	worker
	ID     string `arg:"" help:"The appointment's id, as tipline lookback list names it."`
	Result string `help:"kept, relapsed, false or unclear; for retaliation safe, threatened or unreached." required:"" placeholder:"CODE"`
	Note   string `help:"File with what was seen; - is standard input." placeholder:"FILE"`
}

func (c lookDoneCmd) Run(ctx context.Context, t terminal) error {
	note, err := readWords(c.Note, t)
	if err != nil {
		return err
	}
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		return howToMend(work.Done(ctx, by, c.ID, c.Result, note))
	})
}
