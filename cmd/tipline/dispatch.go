package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"tipline/configs/locale"
	"tipline/intake"
	"tipline/intake/casework"
)

type dispatchCmd struct {
	List   dispatchListCmd   `cmd:"" help:"The answers that wait for a custodian, failed or may have failed."`
	Send   dispatchSendCmd   `cmd:"" help:"Send answers to the phone or mailbox the reporter left."`
	Return dispatchReturnCmd `cmd:"" help:"Give an answer back to who wrote it, with a reason."`
}

type dispatchListCmd struct {
	place
	worker
	Format string `help:"table or json." enum:"table,json" default:"table" placeholder:"FORMAT"`
}

// sendable is an answer as scripts get it. It never says where to.
type sendable struct {
	ID     string               `json:"id"`
	Tip    string               `json:"tip"`
	By     string               `json:"by"`
	On     intake.Date          `json:"on"`
	State  intake.DispatchState `json:"state"`
	Result string               `json:"result,omitempty"`
	Text   string               `json:"text"`
}

func (c dispatchListCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		waiting, err := work.ToSend(ctx, by)
		if err != nil {
			return err
		}
		out := []sendable{}
		for _, w := range waiting {
			out = append(out, sendable{w.ID, w.Tip, w.Asker, w.AskedOn, w.State, w.Result, w.Answer.Text})
		}
		if c.Format == "json" {
			return printJSON(t.out, out)
		}
		w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "ANSWER\tTIP\tBY\tON\tSTATE\tRESULT\tTEXT")
		for _, s := range out {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%q\n", s.ID, s.Tip, visible(s.By), s.On, s.State, s.Result, visible(s.Text))
		}
		return w.Flush()
	})
}

type dispatchSendCmd struct {
	place
	worker
	Answers []string `arg:"" help:"The answers' ids, from dispatch list." placeholder:"ANSWER"`
	Again   bool     `help:"Also send what may have gone out already: it may arrive twice."`
}

// Run sends each by itself: one that fails keeps no other back.
func (c dispatchSendCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, h *house) error {
		var err error
		if work.Courier, err = h.courier(); err != nil {
			return err
		}
		for _, id := range c.Answers {
			if e := work.Dispatch(ctx, by, id, c.Again); e != nil {
				err = errors.Join(err, fmt.Errorf("answer %s: %w", id, e))
				continue
			}
			fmt.Fprintln(t.out, "sent", id)
		}
		return err
	})
}

// courier is what the command line sends by: the same as the desk.
func (h *house) courier() (*carriers, error) {
	b, err := locale.Load()
	if err == nil {
		b, err = b.WithLanguages(h.cfg.Languages...)
	}
	if err != nil {
		return nil, err
	}
	m, err := h.newMailer(b, func() {})
	if err != nil {
		return nil, err
	}
	return h.newCarriers(b, m)
}

type dispatchReturnCmd struct {
	place
	worker
	Answer string `arg:"" help:"The answer's id, from dispatch list."`
	Reason string `help:"File with the reason in words, which the writer reads; - is standard input." required:"" placeholder:"FILE"`
}

func (c dispatchReturnCmd) Run(ctx context.Context, t terminal) error {
	why, err := readWords(c.Reason, t)
	if err != nil {
		return err
	}
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		return work.ReturnAnswer(ctx, by, c.Answer, why)
	})
}
