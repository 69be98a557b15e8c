package main

import (
	"context"
	"errors"
	"strings"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/ledger"
	"tipline/intake/queue"
)

type ledgerOutcomeCmd struct {
	place
	atDesk
	Tip    string `arg:"" help:"The tip's id." placeholder:"TIP"`
	State  string `help:"Where the row stands now: pending, numbered, verifying, substantiated, unsubstantiated, filed, rectifying, extended, concluded, look_back, relapse." required:"" placeholder:"STATE"`
	Number string `help:"The ledger's number (线索编号)." placeholder:"N"`
	Due    string `help:"The date it is put off to, as 2026-11-24. Where the office grants later dates, no later than what was granted at the tip." placeholder:"DATE"`
	Note   string `help:"A note to the desk, sealed to the desk and the ledger." placeholder:"TEXT"`
}

// Run changes the row; the desk is told by whoever follows the ledger. Only a note
// needs keys and so the tips' database: without one this works where the ledger is.
func (c ledgerOutcomeCmd) Run(ctx context.Context, _ terminal) error {
	note := strings.TrimSpace(c.Note)
	h, err := openPart(ctx, c.place, needs{ledger: true, keys: note != "", tips: note != ""})
	if err != nil {
		return err
	}
	defer h.close()
	desk, err := c.in(h.office)
	if err != nil {
		return err
	}
	today := intake.DateOf(h.now(), h.loc)
	o := ledger.Outcome{Tip: c.Tip, Desk: desk.ID, State: intake.LedgerState(c.State), Number: c.Number, DueOn: intake.Date(c.Due),
		Granted: deadlines{h.pack}.Extending(desk.ID, today, today).Role != ""}
	if note != "" {
		if o.Sealed, err = h.sealNote(ctx, desk.ID, c.Tip, note); err != nil {
			return err
		}
	}
	err = h.ledger.Outcome(ctx, o, h.events())
	if errors.Is(err, ledger.ErrOutcome) {
		return usageError{err}
	}
	return err
}

// sealNote seals a note to the desk that the tip belongs to.
func (h *house) sealNote(ctx context.Context, desk, tip, note string) ([]byte, error) {
	t, err := h.store.Tip(ctx, tip)
	if errors.Is(err, intake.ErrNotFound) || err == nil && t.Desk != desk {
		return nil, ledger.ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	keys, err := h.keys.DeskKeys(t.Desk)
	if err != nil {
		return nil, err
	}
	return casework.SealLedgerNote(tip, note, keys.Desk, keys.Ledger)
}

// tellDesk hands the ledger's outcomes straight to the desk until ctx ends: for a
// process that holds both, without Redis.
func (p *program) tellDesk(ctx context.Context) error {
	outcomes := queue.NewEmbedded(p.ledger.Outcomes(p.now), unique(), lease)
	return queue.Consume(ctx, outcomes, p.house.casework(nil).Outcomes, p.log)
}

// relayOutcomes carries outcomes from the ledger to the desks' streams until ctx
// ends: where the ledger is followed, with Redis.
func (p *program) relayOutcomes(ctx context.Context) error {
	return queue.NewRelay(p.ledger.Outcomes(p.now), p.redis, unique(), lease, p.outcomes, p.log).Run(ctx)
}

// hearOutcomes follows what the ledger says on every desk's stream until ctx ends:
// where the desk is, with Redis.
func (p *program) hearOutcomes(ctx context.Context) error {
	return p.eachDesk(ctx, p.desks(), func(ctx context.Context, desk string) error {
		return queue.Consume(ctx, queue.NewOutcomes(p.redis, p.outcomes(desk), p.seat.name, deadIdle), p.house.casework(nil).Outcomes, p.log)
	})
}

func (p *program) outcomes(desk string) string { return queue.OutcomesName(desk, p.pack.Desks[0].ID) }
