package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"tipline/intake"
	"tipline/intake/members"
)

type tipCmd struct {
	Add       tipAddCmd       `cmd:"" help:"File a keyed-in tip from a JSON file (schema: tipline schema tip-add)."`
	List      tipListCmd      `cmd:"" help:"List the desk's tips."`
	Show      tipShowCmd      `cmd:"" help:"Read a tip."`
	Reread    tipRereadCmd    `cmd:"" help:"Read a message again that couldn't be read when it came."`
	File      tipFileCmd      `cmd:"" help:"Write the clean copy of one of a tip's files."`
	State     tipStateCmd     `cmd:"" help:"Decide about a tip."`
	Release   tipReleaseCmd   `cmd:"" help:"Let a held tip into the normal lane."`
	Answer    tipAnswerCmd    `cmd:"" help:"Write to the reporter."`
	Note      tipNoteCmd      `cmd:"" help:"Add one of the desk's own notes."`
	Merge     tipMergeCmd     `cmd:"" help:"Put a tip to another one."`
	Unmerge   tipUnmergeCmd   `cmd:"" help:"Take a tip out of the one it was merged into."`
	Transfer  tipTransferCmd  `cmd:"" help:"Move a tip to another desk."`
	Extend    tipExtendCmd    `cmd:"" help:"Ask for a later date."`
	Extension tipExtensionCmd `cmd:"" help:"Later dates that wait for a word."`
	Review    tipReviewCmd    `cmd:"" help:"The second reviewer's look at refusals."`
	Export    tipExportCmd    `cmd:"" help:"Write a sealed part of a tip as it is stored: an age file."`
}

type tipAddCmd struct {
	place
	atDesk
	login
	File   string   `help:"JSON file of the tip." required:"" type:"existingfile" placeholder:"F.json"`
	Attach []string `help:"A scan or photograph to go with it; may be given several times." type:"existingfile" sep:"none" placeholder:"FILE"`
}

// Help is printed below the usage.
func (tipAddCmd) Help() string {
	return "Prints the receipt for the reporter. With --member the record names them, and they must be a handler; without, it says: command line."
}

// keyed is the file's form: the public form's fields and the way the tip came.
type keyed struct {
	Channel   intake.Channel `json:"channel"`
	Source    string         `json:"source"`
	Text      string         `json:"text"`
	Category  string         `json:"category"`
	Conduct   []string       `json:"conduct"`
	Place     string         `json:"place"`
	Address   string         `json:"address"`
	Lat       json.Number    `json:"lat"`
	Lon       json.Number    `json:"lon"`
	Datum     string         `json:"datum"`
	Occurred  string         `json:"occurred"`
	Subject   string         `json:"subject"`
	Parcel    string         `json:"parcel"`
	RelapseOf string         `json:"relapse_of"`
	intake.Origin
	Concerns bool         `json:"concerns"`
	Urgent   bool         `json:"urgent"`
	Name     string       `json:"name"`
	Phone    string       `json:"phone"`
	Email    string       `json:"email"`
	Reply    intake.Reply `json:"reply"`
	Lang     string       `json:"lang"`
	Token    string       `json:"token"`
}

func (c tipAddCmd) Run(ctx context.Context, t terminal) error {
	k, err := readKeyed(c.File, t)
	if err != nil {
		return err
	}
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	filed, err := c.submit(ctx, h, t, k)
	if err != nil {
		return explain(err)
	}
	_, err = fmt.Fprintf(t.out, "tip      %s\nreceipt  %s\n", filed.ID, filed.Receipt.Grouped())
	return err
}

// submit keys it in as the member who is named, or as who sits at the machine.
func (c tipAddCmd) submit(ctx context.Context, h *house, t terminal, k keyed) (intake.Filed, error) {
	u, err := c.login.open(ctx, h, t)
	if err != nil {
		return intake.Filed{}, err
	}
	r, work := k.report(), h.casework(h.intake(h.store, unlimited{}))
	r.Files = attached(c.Attach)
	if u == nil {
		desk, err := c.in(h.office)
		if err != nil {
			return intake.Filed{}, err
		}
		r.Desk = desk.ID
		return work.TakeDown(ctx, members.Machine, r)
	}
	return work.KeyIn(ctx, h.actor(u), r)
}

// attached opens the files one by one, as they are taken.
func attached(names []string) iter.Seq2[intake.File, error] {
	return func(yield func(intake.File, error) bool) {
		for _, name := range names {
			f, err := os.Open(name)
			if err != nil {
				yield(intake.File{}, intake.ErrRead)
				return
			}
			more := yield(intake.File{Name: filepath.Base(name), Body: f}, nil)
			_ = f.Close() // it was only read
			if !more {
				return
			}
		}
	}
}

func readKeyed(name string, t terminal) (keyed, error) {
	text, err := readWords(name, t)
	if err != nil {
		return keyed{}, err
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	var k keyed
	if err := dec.Decode(&k); err != nil {
		return keyed{}, fmt.Errorf("%s: %w: see `tipline schema tip-add`", name, err)
	}
	return k, nil
}

func (k keyed) report() *intake.Report {
	return &intake.Report{Channel: k.Channel, Source: k.Source, Lang: k.Lang, Category: k.Category, Conduct: k.Conduct,
		Place: k.Place, Urgent: k.Urgent, Concerns: k.Concerns, Reply: k.Reply, Token: k.Token,
		Words: intake.Words{Text: k.Text, Address: k.Address, Lat: k.Lat.String(), Lon: k.Lon.String(), Datum: k.Datum,
			Occurred: k.Occurred, Subject: k.Subject, Parcel: k.Parcel, RelapseOf: k.RelapseOf, Origin: k.Origin},
		Identity: intake.Identity{Name: k.Name, Phone: k.Phone, Email: k.Email}}
}

// explain names the fields to mend.
func explain(err error) error {
	var bad *intake.InvalidError
	if errors.As(err, &bad) {
		return fmt.Errorf("%w: see `tipline schema tip-add`", err)
	}
	return err
}

// unlimited is the limiter of what members key in.
type unlimited struct{}

func (unlimited) Allow(context.Context, intake.Subject) intake.Verdict { return intake.Verdict{} }

type tipExportCmd struct {
	place
	atDesk
	Tip  string `arg:"" help:"The tip's id."`
	Part string `help:"report, or identity (which two keys open one after the other)." enum:"report,identity" default:"report" placeholder:"report"`
	Out  string `help:"File to write; - is standard output." required:"" placeholder:"F"`
}

func (c tipExportCmd) Run(ctx context.Context, t terminal) error {
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	desk, err := c.in(h.office)
	if err != nil {
		return err
	}
	if err := h.tipAt(ctx, c.Tip, desk.ID); err != nil {
		return err
	}
	sealed, err := h.store.Part(ctx, c.Tip, c.Part, intake.PartName)
	if err != nil {
		return fmt.Errorf("%s of tip %s: %w", c.Part, c.Tip, err)
	}
	row := intake.Audit{At: h.now().UTC(), Member: members.Machine, Act: "tip.export", Desk: desk.ID, Tip: c.Tip, Detail: c.Part}
	if err := h.store.AppendAudit(ctx, row); err != nil {
		return err
	}
	out, err := create(c.Out, t.out)
	if err != nil {
		return err
	}
	if _, err := out.Write(sealed); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// tipAt says whether a desk has a tip. One of another desk is as unknown as none.
func (h *house) tipAt(ctx context.Context, tip, desk string) error {
	t, err := h.store.Tip(ctx, tip)
	if err == nil && t.Desk != desk {
		err = intake.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("tip %s: %w", tip, err)
	}
	return nil
}
