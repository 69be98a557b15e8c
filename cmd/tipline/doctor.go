package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/text/width"

	"tipline/configs/locale"
	"tipline/intake/ledger"
	"tipline/intake/queue"
)

type doctorCmd struct {
	place
	atDesk
	Lang string `help:"Language of the answer; without it the terminal's (LC_ALL, LANG)." enum:",zh-CN,en" default:"" placeholder:"zh-CN|en"`
}

// checkup is a house that is looked over, in the language of whoever asked.
type checkup struct {
	*house
	*locale.Translator
}

// fault is what is wrong, in words.
func (h *checkup) fault(id string, args ...any) error { return errors.New(h.T(id, args...)) }

// check looks at one thing; its name is the end of a message's id.
type check struct {
	name string
	run  func(context.Context, *checkup) finding
}

// finding is one check's outcome.
type finding struct {
	err  error  // what is wrong and how to mend it
	note string // what was found

	warning string // works, and should be mended all the same
}

// checks are all that doctor looks at, in the order it tells them.
func checks() []check {
	return []check{{"clock", checkClock}, {"keys", checkKeys}, {"files", checkFiles}, {"disk", checkDisk}, {"database", checkDatabase}, {"members", checkMembers},
		{"handovers", checkHandovers}, {"redis", checkRedis}, {"spool", checkSpool}, {"channels", checkInlets}, {"mailboxes", checkMailboxes},
		{"certificate", checkCertificates}, {"destroyed", checkDestroyed}, {"audit", checkAudit}, {"calendar", checkCalendar}, {"ledger", checkLedger}}
}

func (c doctorCmd) Run(ctx context.Context, t terminal) error {
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	if h.desk, err = c.in(h.office); err != nil {
		return err
	}
	if c.Lang == "" {
		c.Lang = tongue(os.Getenv)
	}
	tr, err := speak(c.Lang)
	if err != nil {
		return err
	}
	bad, up := 0, &checkup{h, tr}
	for _, check := range checks() {
		f := check.run(ctx, up)
		f.print(t.out, tr, check.name)
		if f.err != nil {
			bad++
		}
	}
	if bad > 0 {
		return up.fault("doctor.failed", "n", bad)
	}
	return nil
}

func (f finding) print(w io.Writer, tr *locale.Translator, name string) {
	mark, text := "✓", f.note
	switch {
	case f.err != nil:
		mark, text = "✗", told(tr, f.err)
	case f.warning != "":
		mark, text = "!", f.warning
	}
	fmt.Fprintf(w, "%s %s %s\n", mark, column(tr.T("doctor.name."+name), nameWidth), text)
}

// nameWidth is the column of the checks' names.
const nameWidth = 12

// column is s with spaces behind it, n cells wide: a Chinese character takes two.
func column(s string, n int) string {
	for _, r := range s {
		if n--; width.LookupRune(r).Kind() == width.EastAsianWide {
			n--
		}
	}
	return s + strings.Repeat(" ", max(0, n))
}

// checkLedger reconciles tip by tip.
func checkLedger(ctx context.Context, h *checkup) finding {
	r, err := reconcile(ctx, h.house, h.desk.ID)
	if err == nil {
		err = unbalanced(h.Translator, r)
	}
	return finding{err: err, note: reckoning(h.Translator, r)}
}

// reckoning is a reconciliation in one line.
func reckoning(tr *locale.Translator, r ledger.Report) string {
	return tr.T("doctor.ledger", "received", r.Received, "ledger", r.InLedger, "held", r.Held, "waiting", r.Waiting)
}

// reconcile holds one desk's tips against its ledger. It also asks the stream for what
// has left the outbox and isn't in the ledger yet.
func reconcile(ctx context.Context, h *house, desk string) (ledger.Report, error) {
	r, err := h.dialRedis()
	if err != nil {
		return ledger.Report{}, err
	}
	if r == nil {
		return h.ledger.Reconcile(ctx, desk, h.store.Standings(ctx, desk))
	}
	defer r.Close()
	name := queue.StreamName(desk, h.pack.Desks[0].ID)
	return h.ledger.Reconcile(ctx, desk, h.store.Standings(ctx, desk),
		func(ctx context.Context) (map[string]bool, error) { return queue.Waiting(ctx, r, name) })
}

// unbalanced names every tip that isn't where it must be.
func unbalanced(tr *locale.Translator, r ledger.Report) error {
	if r.Balanced() {
		return nil
	}
	var parts []string
	for _, l := range []struct {
		id   string
		tips []string
	}{{"missing", r.Missing}, {"early", r.Early}, {"unknown", r.Unknown}} {
		if len(l.tips) > 0 {
			parts = append(parts, tr.T("doctor.ledger."+l.id, "tips", strings.Join(l.tips, " ")))
		}
	}
	return errors.New(tr.T("doctor.ledger.apart", "received", r.Received, "ledger", r.InLedger, "held", r.Held, "waiting", r.Waiting,
		"tips", strings.Join(parts, tr.T("doctor.and"))))
}
