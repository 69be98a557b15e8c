package main

import (
	"context"
	"fmt"

	"tipline/intake/queue"
)

type queueCmd struct {
	place
	atDesk
}

func (c queueCmd) Run(ctx context.Context, t terminal) error {
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	desk, err := c.in(h.office)
	if err != nil {
		return err
	}
	n, oldest, err := h.store.OutboxStats(ctx, desk.ID)
	if err != nil {
		return err
	}
	t.say("waiting in the outbox  %d\n", n)
	if oldest != "" {
		t.say("oldest of them         %s\n", oldest)
	}
	untold, err := h.ledger.Untold(ctx, desk.ID)
	if err != nil {
		return err
	}
	t.say("outcomes for the desk  %d\n", untold)
	r, err := h.dialRedis()
	if err != nil || r == nil {
		return err
	}
	defer r.Close()
	first := h.pack.Desks[0].ID
	events, err := queue.Inspect(ctx, r, queue.StreamName(desk.ID, first))
	if err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	outcomes, err := queue.InspectOutcomes(ctx, r, queue.OutcomesName(desk.ID, first))
	if err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	h.printStream(t, events)
	h.printStream(t, outcomes)
	return nil
}

func (h *house) printStream(t terminal, s queue.Stats) {
	t.say("stream %s\n  entries              %d\n  waiting              %d\n  not acknowledged     %d\n", s.Name, s.Entries, s.Waiting, s.Pending)
	if !s.Oldest.IsZero() {
		t.say("  oldest of them       %s\n", s.Oldest.In(h.loc).Format("2006-01-02"))
	}
	t.say("  set aside            %d\n", len(s.Poison))
	for _, p := range s.Poison {
		t.say("    %s  %s\n", p.Entry, p.Reason)
	}
}
