package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"tipline/intake"
	"tipline/intake/casework"
)

type tipShowCmd struct {
	place
	worker
	Tip    string `arg:"" help:"The tip's id, or its first letters."`
	Format string `help:"text or json." enum:"text,json" default:"text" placeholder:"FORMAT"`
}

// Help is printed below the usage.
func (tipShowCmd) Help() string {
	return "Opens the report with the member's keys. It is an audit row, as it is at the desk. The identity isn't in it: see tipline custody."
}

func (c tipShowCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		tip, err := work.Find(ctx, by, c.Tip)
		if err != nil {
			return err
		}
		v, err := work.Read(ctx, by, tip.ID)
		if err != nil {
			return err
		}
		if c.Format == "json" {
			return printJSON(t.out, openedOf(v))
		}
		return writeOpened(t.out, v)
	})
}

// opened is an opened tip as scripts get it.
type opened struct {
	tipLine
	Report   intake.SealedReport     `json:"report"`
	Differs  []string                `json:"differs,omitempty"`
	History  []changed               `json:"history"`
	Reasons  map[intake.State]string `json:"reasons,omitempty"`
	Ledger   string                  `json:"ledger,omitempty"`
	Messages []spoken                `json:"messages"`
	Notes    []casework.InsideNote   `json:"notes"`
	Into     string                  `json:"into,omitempty"`
	Merged   []string                `json:"merged,omitempty"`
	Similar  []string                `json:"similar,omitempty"`
	Waits    *proposal               `json:"waits,omitempty"`
	Identity bool                    `json:"identity"`
}

type changed struct {
	State intake.State `json:"state"`
	On    intake.Date  `json:"on"`
}

type spoken struct {
	From string      `json:"from"`
	On   intake.Date `json:"on"`
	Text string      `json:"text"`
}

// proposal is a refusal that waits for a second reviewer.
type proposal struct {
	Tip    string            `json:"tip"`
	Kind   intake.ReviewKind `json:"kind"`
	By     string            `json:"by"`
	On     intake.Date       `json:"on"`
	To     intake.State      `json:"to"`
	Reason string            `json:"reason"`
	Note   string            `json:"note,omitempty"`
	Letter string            `json:"letter,omitempty"`
}

func proposalOf(r casework.Refusal) proposal {
	return proposal{r.Tip, r.Kind, r.Asker, r.AskedOn, r.To, r.Reason, r.Note, r.Letter}
}

func openedOf(v casework.View) opened {
	o := opened{tipLine: lineOf(v.Tip), Report: v.Report, Differs: v.Differs, History: []changed{}, Reasons: v.Notes, Ledger: v.Ledger,
		Messages: []spoken{}, Notes: v.Inside, Identity: v.Identity}
	if o.Notes == nil {
		o.Notes = []casework.InsideNote{}
	}
	for _, h := range v.History {
		o.History = append(o.History, changed(h))
	}
	for _, m := range v.Messages {
		o.Messages = append(o.Messages, spoken{m.From, m.On, m.Text})
	}
	if v.Merge != nil {
		o.Into = v.Merge.Into
	}
	for _, t := range v.Merged {
		o.Merged = append(o.Merged, t.ID)
	}
	for _, s := range v.Similar {
		o.Similar = append(o.Similar, s.Tip.ID)
	}
	if v.Review != nil {
		p := proposalOf(*v.Review)
		o.Waits = &p
	}
	return o
}

func writeOpened(out io.Writer, v casework.View) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, f := range facts(v) {
		if f[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", f[0], visible(f[1]))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s\n", visible(v.Report.Text))
	for _, f := range v.Report.Files {
		io.WriteString(out, inEnglish("\nfile %d  %s  %d {byte|bytes}  %s", f.N, f.Type, f.Size, visible(f.Reason)))
	}
	for _, h := range v.History {
		fmt.Fprintf(out, "\n%s  %s  %s", h.On, h.State, visible(v.Notes[h.State]))
	}
	for _, m := range v.Messages {
		fmt.Fprintf(out, "\n\n%s %s:\n%s", m.On, m.From, visible(m.Text))
	}
	for _, n := range v.Inside {
		fmt.Fprintf(out, "\n\n%s note by %s:\n%s", n.On, visible(n.By), visible(n.Text))
	}
	if r := v.Review; r != nil {
		fmt.Fprintf(out, "\n\n%s proposed by %s on %s waits for a second reviewer: %s %s", r.To, visible(r.Asker), r.AskedOn, r.Reason, visible(r.Note))
	}
	_, err := fmt.Fprintln(out)
	return err
}

// facts are the fields above the words.
func facts(v casework.View) [][2]string {
	w, t := v.Report.Words, v.Tip
	into := ""
	if v.Merge != nil {
		into = v.Merge.Into
	}
	return [][2]string{{"tip", t.ID}, {"state", string(t.State)}, {"lane", string(t.Lane)}, {"received", string(t.ReceivedOn)}, {"due", string(t.DueOn)},
		{"channel", string(t.Channel)}, {"source", t.Source}, {"category", t.Category}, {"conduct", strings.Join(t.Conduct, ", ")}, {"place", t.Place},
		{"department", t.Department}, {"merged into", into}, {"address", w.Address}, {"coordinates", strings.TrimSpace(w.Lat + " " + w.Lon + " " + w.Datum)},
		{"occurred", w.Occurred}, {"subject", w.Subject}, {"parcel", w.Parcel}, {"relapse of", w.RelapseOf},
		{"issuer", w.Issuer}, {"reference", w.Reference}, {"issued on", w.IssuedOn}, {"reported on", w.ReportedOn},
		{"changed row", strings.Join(v.Differs, ", ")}, {"flags", strings.Join(v.Report.Flags, ", ")}, {"ledger", v.Ledger},
		{"identity", heldBy(v)}}
}

// heldBy says with whose custodians the identity is, where that isn't the tip's own desk.
func heldBy(v casework.View) string {
	if v.Handover == nil {
		return ""
	}
	return "with the custodians of " + v.Handover.Desk + ", until they hand it over"
}

type tipFileCmd struct {
	place
	worker
	Tip string `arg:"" help:"The tip's id, or its first letters."`
	N   int    `arg:"" help:"The file's number, from tip show."`
	Out string `help:"File to write; it must not exist." required:"" type:"path" placeholder:"FILE"`
}

func (c tipFileCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		tip, err := work.Find(ctx, by, c.Tip)
		if err != nil {
			return err
		}
		content, kind, closer, err := work.CleanFile(ctx, by, tip.ID, c.N)
		if err != nil {
			return err
		}
		defer closer.Close()
		out, err := os.OpenFile(c.Out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		if _, err := io.Copy(out, content); err != nil {
			return errors.Join(err, out.Close(), os.Remove(c.Out))
		}
		fmt.Fprintln(t.out, kind)
		return out.Close()
	})
}
