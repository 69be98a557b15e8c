package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"tipline/configs/locale"
	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/ledger"
	"tipline/intake/members"
)

type ledgerCmd struct {
	Follow  ledgerFollowCmd  `cmd:"" help:"Take events from the queue into the ledger until stopped (runs inside up)."`
	Outcome ledgerOutcomeCmd `cmd:"" help:"Change a row of the ledger and tell the desk."`
	Upload  ledgerUploadCmd  `cmd:"" help:"Bring back a sheet of the ledger that was filled in."`
	Retell  ledgerRetellCmd  `cmd:"" help:"Tell the ledger again of tips that are missing from it."`
	Export  ledgerExportCmd  `cmd:"" help:"Write the working ledger as xlsx, csv or json."`
}

type ledgerExportCmd struct {
	place
	login
	atDesk
	Format string `help:"xlsx, csv or json." enum:"xlsx,csv,json" required:"" placeholder:"FORMAT"`
	Out    string `help:"File to write; without one it goes to standard output." placeholder:"FILE"`
	Since  string `help:"First day received, as 2026-11-24." placeholder:"DATE"`
	Until  string `help:"Last day received." placeholder:"DATE"`
	Lang   string `help:"Language of headings and codes in xlsx and csv." enum:"zh-CN,en" default:"zh-CN" placeholder:"zh-CN|en"`
}

func (c ledgerExportCmd) Run(ctx context.Context, t terminal) error {
	for _, d := range []string{c.Since, c.Until} {
		if _, err := time.Parse(time.DateOnly, d); d != "" && err != nil {
			return usageError{fmt.Errorf("%q: write a date as 2026-11-24", d)}
		}
	}
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	u, err := c.open(ctx, h, t)
	if err != nil {
		return err
	}
	desk, err := c.in(h.office)
	if err != nil {
		return err
	}
	if u != nil && c.Desk == "" {
		desk.ID = u.Member.Desk
	}
	if u != nil && u.Member.Desk != desk.ID {
		return fmt.Errorf("member %s: %w", u.Member.Name, members.ErrOtherDesk)
	}
	var open ledger.Opener // without a member the sealed columns stay empty
	who, detail := members.Machine, c.Format+" facts"
	if u != nil {
		open, who, detail = book.Opener(u.Ring), u.Member.Name, c.Format
	}
	head, err := h.noteExport(ctx, who, desk.ID, detail)
	if err != nil {
		return err
	}
	messages, err := locale.Load()
	if err != nil {
		return err
	}
	file, err := create(c.Out, t.out)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	rows := h.ledger.Rows(ctx, ledger.Filter{Desk: desk.ID, Since: intake.Date(c.Since), Until: intake.Date(c.Until)})
	labels := h.labels(messages.Translator(c.Lang))
	labels.Head, labels.Mark = head.Hash, who+" · "+h.now().In(h.loc).Format("2006-01-02 15:04")+" · "+head.Hash
	if err := errors.Join(writeLedger(c.Format, out, rows, labels, open), out.Flush(), file.Close()); err != nil {
		return err
	}
	if len(h.pack.Desks) > 1 { // a number would tell how much another desk does
		_, err = fmt.Fprintf(t.err, "audit head %s\n", head.Hash)
		return err
	}
	_, err = fmt.Fprintf(t.err, "audit head %s (row %d)\n", head.Hash, head.Seq)
	return err
}

// noteExport writes the row of an export, and returns the chain's head behind it: what
// is printed with the export vouches for everything up to there.
func (h *house) noteExport(ctx context.Context, who, desk, detail string) (intake.Audit, error) {
	if err := h.store.AppendAudit(ctx, intake.Audit{At: h.now().UTC(), Member: who, Act: "ledger.export", Desk: desk, Detail: detail}); err != nil {
		return intake.Audit{}, err
	}
	return h.store.AuditHead(ctx)
}

func writeLedger(format string, w io.Writer, rows iter.Seq2[ledger.Row, error], labels ledger.Labels, open ledger.Opener) error {
	switch format {
	case "json":
		return ledger.WriteJSON(w, rows, labels.Head, open)
	case "csv":
		return ledger.WriteCSV(w, rows, labels, open)
	default:
		return ledger.WriteXLSX(w, rows, labels, open)
	}
}

// labels word the ledger in one language.
func (o *office) labels(t *locale.Translator) ledger.Labels {
	lang := t.Lang()
	return ledger.Labels{
		Title:   t.T("ledger.title", "office", o.cfg.Office.Name[lang]),
		Heading: func(key string) string { return t.T("ledger.column." + key) },
		Code:    func(kind, code string) string { return o.codeLabel(t, kind, code) },
		Place:   func(code string) (string, string, string) { return o.placeNames(lang, code) },
	}
}

// codeLabel words one code; a code that the pack no longer has stands as it is.
func (o *office) codeLabel(t *locale.Translator, kind, code string) string {
	lang, label := t.Lang(), ""
	switch kind {
	case "source":
		s, _ := o.pack.Source(code)
		label = s.Label.In(lang)
	case "category":
		c, _ := o.pack.Category(code)
		label = c.Label.In(lang)
	case "department":
		d, _ := o.pack.Department(code)
		label = d.Label.In(lang)
	default:
		if id := map[string]string{"channel": "channel.", "state": "ledger.", "disposition": "state."}[kind] + code; t.Has(id) {
			label = t.T(id)
		}
	}
	if label == "" {
		return code
	}
	return label
}

func (o *office) placeNames(lang, code string) (township, village, group string) {
	for _, p := range o.pack.PlacePath(code) {
		switch p.Level {
		case "township":
			township = p.Name.In(lang)
		case "village":
			village = p.Name.In(lang)
		case "group":
			group = p.Name.In(lang)
		}
	}
	return strings.TrimSpace(township), strings.TrimSpace(village), strings.TrimSpace(group)
}
