package main

import (
	"context"
	"errors"
	"fmt"
)

// part says which of the tip line's roles a process plays.
type part struct {
	name                        string
	intake, desk, relay, ledger bool
	only                        string // the desk whose stream the ledger follows; "": every desk's
	streams                     bool   // the ledger's events come by Redis, so that it needs no tips
}

// The parts that commands run.
var (
	everything = part{name: "up", intake: true, desk: true, relay: true, ledger: true}
	intakeOnly = part{name: "intake", intake: true}
	deskOnly   = part{name: "desk", desk: true}
	relayOnly  = part{name: "relay", relay: true}
	ledgerOnly = part{name: "ledger follow", ledger: true}
)

// needs are what the part opens. Who takes tips never opens the ledger; who only
// carries events reads no key.
func (r part) needs() needs {
	return needs{keys: r.intake || r.desk, tips: r.intake || r.desk || r.relay || !r.streams, ledger: r.desk || r.ledger}
}

type intakeCmd struct{ place }

func (c intakeCmd) Run(ctx context.Context, t terminal) error {
	return runPart(ctx, c.place, t, intakeOnly)
}

type deskCmd struct{ place }

func (c deskCmd) Run(ctx context.Context, t terminal) error {
	return runPart(ctx, c.place, t, deskOnly)
}

type relayCmd struct{ place }

func (c relayCmd) Run(ctx context.Context, t terminal) error {
	o, err := openOffice(c.place)
	if err != nil {
		return err
	}
	if o.cfg.Redis.Value() == "" {
		return fmt.Errorf("redis is not set: the outbox is the queue then, and there is nothing to relay. `tipline ledger follow` reads it")
	}
	return runPart(ctx, c.place, t, relayOnly)
}

type ledgerFollowCmd struct {
	place
	OneDesk string `name:"desk" help:"Follow this desk's stream alone." placeholder:"DESK"`
}

func (c ledgerFollowCmd) Run(ctx context.Context, t terminal) error {
	o, err := openOffice(c.place)
	if err != nil {
		return err
	}
	this := ledgerOnly
	this.streams = o.cfg.Redis.Value() != ""
	if c.OneDesk == "" {
		return runPart(ctx, c.place, t, this)
	}
	desk, err := atDesk{c.OneDesk}.in(o)
	if err != nil {
		return err
	}
	if !this.streams {
		return usageError{errors.New("--desk needs redis: without it the outbox is the queue of every desk")}
	}
	this.only = desk.ID
	return runPart(ctx, c.place, t, this)
}
