package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"tipline/intake"
	"tipline/intake/casework"
)

type retentionCmd struct {
	List        keepListCmd    `cmd:"" help:"Tips that were kept long enough, destructions that wait, and what is held back."`
	Hold        keepHoldCmd    `cmd:"" help:"Keep a tip from being destroyed."`
	Lift        keepLiftCmd    `cmd:"" help:"End the holds of a tip that are yours; a supervisor who didn't ask for its destruction ends the others'."`
	Ask         keepAskCmd     `cmd:"" help:"Ask for a tip's destruction. Another member approves it."`
	Spam        keepSpamCmd    `cmd:"" help:"Ask for the destruction of all spam that was kept long enough, under one certificate."`
	Approve     keepApproveCmd `cmd:"" help:"Destroy a tip whose destruction another member asked for."`
	Refuse      keepRefuseCmd  `cmd:"" help:"Keep a tip whose destruction was asked for."`
	Certificate keepShowCmd    `cmd:"" help:"Print the certificate of a destroyed tip."`
	Replay      keepReplayCmd  `cmd:"" help:"Destroy again what a restored backup brought back, by the register beside the backups."`
	Scrub       keepScrubCmd   `cmd:"" help:"Write the database's files anew, now instead of within the hour after a destruction."`
}

type keepListCmd struct {
	place
	worker
}

func (c keepListCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		k, err := work.Keeping(ctx, by)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "WHAT\tTIP\tSTATE\tSINCE\tBY\tREASON\tID")
		for _, p := range k.Overage {
			fmt.Fprintf(w, "kept long enough\t%s\t%s\t\t\t\t\n", p.ID, p.State)
		}
		for _, d := range k.Asked {
			if p := d.Together; p > 0 {
				io.WriteString(w, inEnglish("waits\t%d spam {report|reports}\t%s\t%s\t%s\t%s\t%s\n", p, d.Disposition, d.Since, visible(d.Asker), d.Reason, d.ID))
				continue
			}
			fmt.Fprintf(w, "waits\t%s\t%s\t%s\t%s\t%s\t%s\n", d.Tip, d.Disposition, d.Since, visible(d.Asker), d.Reason, d.ID)
		}
		for _, h := range k.Holds {
			fmt.Fprintf(w, "held back\t%s\t\t%s\t%s\t\t%s\n", h.Tip, h.On, visible(h.By), h.ID)
		}
		for _, d := range k.Done {
			fmt.Fprintf(w, "destroyed\t%s\t%s\t%s\t%s\t%s\t%s\n", d.Tip, d.Disposition, d.DoneOn, visible(d.Decider), d.Reason, d.ID)
		}
		return w.Flush()
	})
}

// keptTip is what commands about one tip have in common that supervisors may give, too:
// they name it whole, for they look nothing up.
type keptTip struct {
	place
	worker
	Tip string `arg:"" help:"The tip's id."`
}

type keepHoldCmd struct {
	keptTip
	Why string `help:"File with the reason in words; it is sealed to the desk. - is standard input." required:"" placeholder:"FILE"`
}

func (c keepHoldCmd) Run(ctx context.Context, t terminal) error {
	why, err := readWords(c.Why, t)
	if err != nil {
		return err
	}
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		return howToMend(work.HoldBack(ctx, by, c.Tip, why))
	})
}

type keepLiftCmd struct{ keptTip }

func (c keepLiftCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, h *house) error {
		if err := h.tipAt(ctx, c.Tip, by.Desk); err != nil {
			return err
		}
		holds, err := h.store.Holds(ctx, c.Tip)
		if err != nil {
			return err
		}
		n, err := 0, error(nil)
		for _, hold := range holds {
			if hold.LiftedOn != "" {
				continue
			}
			err = errors.Join(err, work.Lift(ctx, by, c.Tip, hold.ID))
			n++
		}
		if n == 0 {
			return fmt.Errorf("nothing holds tip %s", c.Tip)
		}
		return err
	})
}

type keepAskCmd struct {
	oneTip
	Reason string `help:"period_over, law or person_asked. It stands on the certificate." default:"period_over" placeholder:"CODE"`
}

func (c keepAskCmd) Run(ctx context.Context, t terminal) error {
	return c.act(ctx, t, func(work *casework.Service, by casework.Actor, tip intake.Tip) error {
		return work.AskDestruction(ctx, by, tip.ID, c.Reason)
	})
}

// oneDestruction is what commands about one have in common.
type oneDestruction struct {
	place
	worker
	ID string `arg:"" help:"The request's id, as tipline retention list names it, or the tip's."`
}

// request is the id of the request: of several tips' as it is, of one as its tip names it.
func (c oneDestruction) request(ctx context.Context, h *house) (string, error) {
	all, err := h.store.Batch(ctx, c.ID)
	if err != nil || len(all) > 0 {
		return c.ID, err
	}
	d, err := h.store.Destruction(ctx, c.ID)
	return d.ID, err
}

type keepSpamCmd struct {
	place
	worker
	Reason string `help:"period_over, law or person_asked. It stands on the certificate." default:"period_over" placeholder:"CODE"`
}

func (c keepSpamCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		n, err := work.AskSpam(ctx, by, c.Reason)
		if err == nil {
			t.say("Asked for %d spam {report|reports}. Another member approves it: tipline retention list names the request.\n", n)
		}
		return err
	})
}

type keepApproveCmd struct{ oneDestruction }

func (c keepApproveCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, h *house) error {
		id, err := c.request(ctx, h)
		if err != nil {
			return err
		}
		if err := work.ApproveDestruction(ctx, by, id); err != nil {
			return err
		}
		if _, err := h.scrub(ctx, false); err != nil {
			t.note("the files are written anew later: %v\n", err)
		}
		return printCertificate(ctx, work, by, id, t)
	})
}

type keepRefuseCmd struct{ oneDestruction }

func (c keepRefuseCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, h *house) error {
		id, err := c.request(ctx, h)
		if err != nil {
			return err
		}
		return work.RefuseDestruction(ctx, by, id)
	})
}

type keepShowCmd struct{ oneDestruction }

func (c keepShowCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		return printCertificate(ctx, work, by, c.ID, t)
	})
}

func printCertificate(ctx context.Context, work *casework.Service, by casework.Actor, id string, t terminal) error {
	d, err := work.Certificate(ctx, by, id)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	about := [][2]string{{"tip", d.Tip}}
	if d.Together != nil {
		about = [][2]string{{"tips", fmt.Sprint(len(d.Together))}}
	}
	for _, line := range append(append([][2]string{{"certificate", d.ID}}, about...), [][2]string{{"received", string(d.ReceivedOn)}, {"channel", string(d.Channel)}, {"category", d.Category},
		{"disposition", string(d.Disposition)}, {"since", string(d.Since)}, {"reason", d.Reason}, {"asked by", visible(d.Asker) + "  " + string(d.AskedOn)},
		{"approved by", visible(d.Decider) + "  " + string(d.DecidedOn)}, {"destroyed on", string(d.DoneOn)},
		{"destroyed", inEnglish("%d sealed {text|texts}, %d {message|messages}, %d {container|containers} of files", d.Texts, d.Messages, d.Files)},
		{"files anew on", string(d.ScrubbedOn)}, {"last backup until", string(d.BackupsEnd)}}...) {
		fmt.Fprintf(w, "%s\t%s\n", line[0], line[1])
	}
	return w.Flush()
}

type keepScrubCmd struct{ place }

func (c keepScrubCmd) Run(ctx context.Context, t terminal) error {
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	done, err := h.scrub(ctx, true)
	if done {
		t.say("The database's files are written anew.\n")
	}
	return err
}

type keepReplayCmd struct {
	place
	Destroyed string `help:"The register of what was destroyed: tipline.destroyed, beside the backups." required:"" type:"path" placeholder:"FILE"`
}

func (c keepReplayCmd) Run(ctx context.Context, t terminal) error {
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	box, err := registerBox(h.pepper)
	if err != nil {
		return err
	}
	all, strange, err := readRegister(c.Destroyed, box)
	if err != nil {
		return err
	}
	return h.replayAndTell(ctx, t, all, strange)
}
