package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"tipline/intake"
	"tipline/intake/casework"
)

// oneTip is what commands about one tip have in common.
type oneTip struct {
	place
	worker
	Tip string `arg:"" help:"The tip's id, or its first letters."`
}

// act does something about the tip, and tells where it stands then.
func (c oneTip) act(ctx context.Context, t terminal, do func(work *casework.Service, by casework.Actor, tip intake.Tip) error) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, h *house) error {
		tip, err := work.Find(ctx, by, c.Tip)
		if err != nil {
			return err
		}
		if err := do(work, by, tip); err != nil {
			return howToMend(err)
		}
		return h.printStanding(ctx, t, tip.ID)
	})
}

// howToMend adds what only the command line knows.
func howToMend(err error) error {
	switch {
	case errors.Is(err, casework.ErrEcho):
		return fmt.Errorf("%w; --sure sends it all the same", err)
	case errors.Is(err, casework.ErrReason):
		return fmt.Errorf("%w: --reason CODE, or --note FILE", err)
	default:
		return err
	}
}

func (h *house) printStanding(ctx context.Context, t terminal, tip string) error {
	now, err := h.store.Tip(ctx, tip)
	if err != nil {
		return err
	}
	waits, err := h.store.Awaiting(ctx, []intake.Tip{now})
	if err != nil {
		return err
	}
	line := strings.Join([]string{now.ID, string(now.Lane), string(now.State), string(now.DueOn)}, "  ")
	if waits[tip] == intake.ReviewBefore {
		line += "  its refusal waits for a second reviewer"
	}
	_, err = fmt.Fprintln(t.out, strings.TrimSpace(line))
	return err
}

type tipStateCmd struct {
	oneTip
	State      string `help:"Where it goes: reviewing, needs_info, accepted, declined, referred, spam, …" required:"" placeholder:"STATE"`
	Reason     string `help:"The reason's code, for declined and spam." placeholder:"CODE"`
	Department string `help:"Who deals with it, for accepted and referred. Without it the office's rules name one." placeholder:"CODE"`
	Note       string `help:"File with the reason in words; it is sealed. - is standard input." placeholder:"FILE"`
	Summary    string `help:"JSON file with summary, subject, location and parcel for the ledger; it is sealed." placeholder:"FILE"`
	Letter     string `help:"File with what the reporter is told." placeholder:"FILE"`
	Sure       bool   `help:"The letter goes even if it repeats the report."`
}

// Help is printed below the usage.
func (tipStateCmd) Help() string {
	return "Decides about a tip, as the desk does: state, ledger event, letter and audit row in one transaction. " +
		"A refusal may wait for a second reviewer: tipline tip review."
}

func (c tipStateCmd) Run(ctx context.Context, t terminal) error {
	d, err := c.triage(t)
	if err != nil {
		return err
	}
	return c.act(ctx, t, func(work *casework.Service, by casework.Actor, tip intake.Tip) error {
		if d.Department == "" && (d.To == intake.StateAccepted || d.To == intake.StateReferred) {
			d.Department = work.Department(tip)
		}
		return work.Move(ctx, by, tip.ID, d)
	})
}

func (c tipStateCmd) triage(t terminal) (d casework.Triage, err error) {
	d = casework.Triage{To: intake.State(c.State), Reason: c.Reason, Department: c.Department, Sure: c.Sure}
	if d.Note, err = readWords(c.Note, t); err != nil {
		return d, err
	}
	if d.Letter, err = readWords(c.Letter, t); err != nil || c.Summary == "" {
		return d, err
	}
	text, err := readWords(c.Summary, t)
	if err != nil {
		return d, err
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d.Summary); err != nil {
		return d, fmt.Errorf("%s: not an object of summary, subject, location and parcel", c.Summary)
	}
	return d, nil
}

type tipReleaseCmd struct{ oneTip }

func (c tipReleaseCmd) Run(ctx context.Context, t terminal) error {
	return c.act(ctx, t, func(work *casework.Service, by casework.Actor, tip intake.Tip) error {
		return work.Release(ctx, by, tip.ID)
	})
}

// wordsCmd is a command that writes something about a tip.
type wordsCmd struct {
	oneTip
	Text string `help:"File with the words; - is standard input." required:"" placeholder:"FILE"`
}

func (c wordsCmd) write(ctx context.Context, t terminal, do func(work *casework.Service, by casework.Actor, tip, text string) error) error {
	text, err := readWords(c.Text, t)
	if err != nil {
		return err
	}
	return c.act(ctx, t, func(work *casework.Service, by casework.Actor, tip intake.Tip) error {
		return do(work, by, tip.ID, text)
	})
}

type tipAnswerCmd struct {
	wordsCmd
	Sure bool `help:"It goes even if it repeats the report."`
}

func (c tipAnswerCmd) Run(ctx context.Context, t terminal) error {
	return c.write(ctx, t, func(work *casework.Service, by casework.Actor, tip, text string) error {
		return work.Answer(ctx, by, tip, text, c.Sure)
	})
}

type tipNoteCmd struct{ wordsCmd }

func (c tipNoteCmd) Run(ctx context.Context, t terminal) error {
	return c.write(ctx, t, func(work *casework.Service, by casework.Actor, tip, text string) error {
		return work.Note(ctx, by, tip, text)
	})
}

type tipMergeCmd struct {
	oneTip
	Into string `arg:"" help:"The tip it goes to, or the first letters of its id."`
}

func (c tipMergeCmd) Run(ctx context.Context, t terminal) error {
	return c.act(ctx, t, func(work *casework.Service, by casework.Actor, tip intake.Tip) error {
		return work.Merge(ctx, by, tip.ID, c.Into)
	})
}

type tipTransferCmd struct {
	oneTip
	To     string `help:"The desk it goes to." required:"" placeholder:"DESK"`
	Reason string `help:"File with the reason in words, which that desk reads; it is sealed. - is standard input." required:"" placeholder:"FILE"`
}

// Help is printed below the usage.
func (tipTransferCmd) Help() string {
	return "Everything of the tip is sealed anew to that desk. What custodians hold of its reporter follows when one of them hands it over: tipline custody handover."
}

func (c tipTransferCmd) Run(ctx context.Context, t terminal) error {
	why, err := readWords(c.Reason, t)
	if err != nil {
		return err
	}
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, h *house) error {
		if c.To == by.Desk || !h.desks().Has(c.To) {
			return usageError{fmt.Errorf("--to: no other desk %q works here", c.To)}
		}
		tip, err := work.Find(ctx, by, c.Tip)
		if err != nil {
			return err
		}
		if err := work.Transfer(ctx, by, tip.ID, c.To, why); err != nil {
			return err
		}
		return t.say("%s  went to %s\n", tip.ID, c.To)
	})
}

type tipUnmergeCmd struct{ oneTip }

func (c tipUnmergeCmd) Run(ctx context.Context, t terminal) error {
	return c.act(ctx, t, func(work *casework.Service, by casework.Actor, tip intake.Tip) error {
		return work.Unmerge(ctx, by, tip.ID)
	})
}
