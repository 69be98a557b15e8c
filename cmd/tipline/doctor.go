package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"tipline/intake/ledger"
	"tipline/intake/queue"
)

type doctorCmd struct {
	place
	atDesk
}

// finding is one check's outcome.
type finding struct {
	name string
	err  error  // what is wrong and how to mend it
	note string // what was found

	warning string // works, and should be mended all the same
}

func (c doctorCmd) Run(ctx context.Context, t terminal) error {
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	desk, err := c.in(h.office)
	if err != nil {
		return err
	}
	h.desk = desk
	bad := 0
	for _, check := range []func(context.Context, *house) finding{checkClock, checkKeys, checkFiles, checkDisk, checkDatabase, checkMembers, checkHandovers, checkRedis,
		checkSpool, checkInlets, checkMailboxes, checkCertificates, checkDestroyed, checkAudit, checkCalendar, checkLedger} {
		f := check(ctx, h)
		f.print(t.out)
		if f.err != nil {
			bad++
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of the checks failed", bad)
	}
	return nil
}

func (f finding) print(w io.Writer) {
	switch {
	case f.err != nil:
		fmt.Fprintf(w, "✗ %-12s %v\n", f.name, f.err)
		return
	case f.warning != "":
		fmt.Fprintf(w, "! %-12s %s\n", f.name, f.warning)
		return
	}
	fmt.Fprintf(w, "✓ %-12s %s\n", f.name, f.note)
}

// checkLedger reconciles tip by tip.
func checkLedger(ctx context.Context, h *house) finding {
	r, err := reconcile(ctx, h, h.desk.ID)
	if err == nil {
		err = unbalanced(r)
	}
	return finding{name: "ledger", err: err, note: fmt.Sprintf("received %d = in ledger %d + held %d + waiting %d", r.Received, r.InLedger, r.Held, r.Waiting)}
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
func unbalanced(r ledger.Report) error {
	if r.Balanced() {
		return nil
	}
	var parts []string
	for _, l := range []struct {
		what string
		tips []string
	}{{"missing from the ledger (`tipline ledger retell` tells it again)", r.Missing}, {"held, and in the ledger", r.Early}, {"in the ledger, and no tip", r.Unknown}} {
		if len(l.tips) > 0 {
			parts = append(parts, fmt.Sprintf("%s: %s", l.what, strings.Join(l.tips, " ")))
		}
	}
	return fmt.Errorf("received %d, in ledger %d, held %d, waiting %d; %s", r.Received, r.InLedger, r.Held, r.Waiting, strings.Join(parts, "; "))
}
