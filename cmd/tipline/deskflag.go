package main

import (
	"fmt"

	"tipline/configs"
	"tipline/intake"
)

// atDesk names the desk a command is about. Without it that is the first: nothing a
// command prints tells that another desk has work.
type atDesk struct {
	Desk string `help:"The desk this is about, where several work; the first when left out." placeholder:"DESK"`
}

func (a atDesk) in(o *office) (configs.Desk, error) {
	if a.Desk == "" {
		return o.pack.Desks[0], nil
	}
	d, ok := o.pack.Desk(a.Desk)
	if !ok {
		return d, usageError{fmt.Errorf("--desk: no desk %q works here", a.Desk)}
	}
	return d, nil
}

// desks are the ids of those that work here.
func (o *office) desks() (ids intake.Desks) {
	for _, d := range o.pack.Desks {
		ids = append(ids, d.ID)
	}
	return ids
}

// metered is the desk whose tips the metrics count.
func (o *office) metered() string {
	if o.cfg.Ops.Desk != "" {
		return o.cfg.Ops.Desk
	}
	return o.pack.Desks[0].ID
}
