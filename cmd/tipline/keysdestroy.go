package main

import (
	"context"
	"fmt"

	"tipline/intake"
	"tipline/intake/casework"
)

type keysDestroyCmd struct {
	place
	worker
	Role  string `help:"desk. The versions of the other keys aren't noted beside what is sealed to them, so that nobody can say that one isn't needed." required:"" placeholder:"ROLE"`
	Epoch int    `help:"The version, as tipline keys rotate printed it." required:"" placeholder:"N"`
}

// Help is printed below the usage.
func (keysDestroyCmd) Help() string {
	return "An old version can go once no tip is sealed to it: see tipline retention. The first member who gives the command asks for it, a second one destroys it. " +
		"Every sealed copy of the secret in the database goes, recovery's as well, and the small file beside the backups that opens it in them: " +
		"from then on no backup opens what is sealed to this version. Delete copies of that file elsewhere; its name is printed."
}

func (c keysDestroyCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, h *house) error {
		if role := intake.DeskKey(by.Desk); c.Role != "desk" && c.Role != role {
			return usageError{fmt.Errorf("--role is desk, or %s", role)}
		}
		n, err := work.DestroyEpoch(ctx, by, c.Epoch)
		if err != nil {
			return err
		}
		if n == 0 {
			return t.say("Asked for. Another member gives the same command.\n")
		}
		return c.besides(ctx, t, h, intake.DeskKey(by.Desk), n)
	})
}

// besides tells what else goes with the version, and what to delete by hand. What fails here
// is done by the hourly round.
func (c keysDestroyCmd) besides(ctx context.Context, t terminal, h *house, role string, copies int) error {
	if _, err := h.scrub(ctx, false); err != nil {
		t.note("not everything is written anew: %v; tipline up tries again each hour, tipline retention scrub at once\n", err)
	}
	err := t.say("%d sealed {copy of the secret is|copies of the secret are} gone.\nDelete %s*.key wherever backups were carried: without it none of them opens what is sealed to this version. "+
		"Backups into a pipe, and those of before tipline wrote such files, hold a copy of their own: delete them by %s.\nMake a backup now: older ones don't open this version's reports any more.\n",
		copies, epochPrefix(role, int64(c.Epoch)), casework.PlusDays(intake.DateOf(h.now(), h.loc), h.cfg.Retention.Backups))
	return err
}
