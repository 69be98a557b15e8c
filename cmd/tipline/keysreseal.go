package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tipline/intake"
	"tipline/intake/casework"
)

type keysResealCmd struct {
	place
	worker
	Role  string `help:"desk. What is sealed to the custodians is theirs alone, and the ledger's summaries don't note which version they are sealed to." required:"" placeholder:"ROLE"`
	Epoch int    `help:"The version, as tipline keys rotate printed it." required:"" placeholder:"N"`
}

// Help is printed below the usage.
func (keysResealCmd) Help() string {
	return "After tipline keys rotate, and once every part runs with the new keys: reports, files, conversations, notes and requests are opened with the old version and sealed to the newest, " +
		"tip by tip, each with a row of the record. It may be stopped at any moment and begun again. Of identities and originals the outer layer alone changes; the inner one stays the custodians' and nobody opens it. " +
		"Files need their room twice for a day. Older backups hold what was sealed before: tipline keys destroy ends them, so make a backup after it."
}

func (c keysResealCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(work *casework.Service, by casework.Actor, _ *house) error {
		if role := intake.DeskKey(by.Desk); c.Role != "desk" && c.Role != role {
			return usageError{fmt.Errorf("--role is desk, or %s", role)}
		}
		now := pacer(t.err)
		got, err := work.ResealEpoch(ctx, by, c.Epoch, func(done, all int) bool {
			if now() {
				t.note("%d of %d {tip|tips}\n", done, all)
			}
			return true
		})
		if err != nil && got.Done > 0 {
			err = errorf("%d {tip is|tips are} sealed anew; the same command goes on: %w", got.Done, err)
		}
		if err != nil {
			return err
		}
		return c.outcome(t, got)
	})
}

// outcome tells what was done, and what wasn't with the reason.
func (c keysResealCmd) outcome(t terminal, got casework.Resealing) error {
	for _, left := range got.Left {
		fmt.Fprintf(t.err, "%s  %s\n", left.Tip, t.tongue.error(left.Err))
	}
	t.say("%d {tip is|tips are} sealed anew.\n", got.Done)
	if len(got.Rest) == 0 {
		return t.say("Nothing is sealed to version %d any more: two members can destroy it with tipline keys destroy.\n", c.Epoch)
	}
	var rest []string
	for _, table := range slices.Sorted(maps.Keys(got.Rest)) {
		rest = append(rest, fmt.Sprintf("%s %d", table, got.Rest[table]))
	}
	return fmt.Errorf("sealed to version %d still: %s; mend what is named above, carry out destructions that wait, restart parts that run with the old keys, and give the command again", c.Epoch, strings.Join(rest, ", "))
}
