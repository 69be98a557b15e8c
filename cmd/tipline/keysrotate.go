package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tipline/crypto/keyring"
	"tipline/crypto/seal"
	"tipline/intake/members"
)

type keysRotateCmd struct {
	place
	holder
	Role string `help:"handler (the keys of desk and ledger) or custodian." required:"" placeholder:"ROLE"`
}

// Run makes the new keys and pins them. Other machines get the pins file by hand: a key
// that isn't pinned there stops their start, so none is brought in unseen.
func (c keysRotateCmd) Run(ctx context.Context, t terminal) error {
	return login(c.holder).at(ctx, c.place, t, func(h *house, by *members.Unlocked) error {
		kept, err := readRecovery(h.dir)
		if err != nil {
			return err
		}
		r, err := h.members.Rotate(ctx, by, roleName(c.Role), kept)
		if err != nil {
			return err
		}
		pins := h.pins
		for _, k := range r.Keys {
			pins = pins.Add(k)
		}
		if err := replacePins(h.dir, pins); err != nil {
			return fmt.Errorf("the new keys are made and can't be pinned: %w; the next start names the line to add to %s", err, filepath.Join(h.dir, pinsFile))
		}
		for _, k := range r.Keys {
			fmt.Fprintf(t.out, "%s version %d, %s\n", k.Role, k.Version, k.Fingerprint())
		}
		holders := make([]string, len(r.Holders))
		for i, holder := range r.Holders {
			holders[i] = holder.String()
		}
		return t.say("Granted to %s. Let each compare the mark behind their name with the one on their account page: another is a key that somebody wrote into the database, "+
			"and then that member is restored and the role rotated once more before anything starts. Start every part anew, with this %s on each machine: until then they seal to the old keys. Members log in anew.\n",
			strings.Join(holders, ", "), pinsFile)
	})
}

// replacePins puts the new pins in the old ones' place, whole or not at all.
func replacePins(dir string, pins keyring.Pins) error {
	var b strings.Builder
	if _, err := pins.WriteTo(&b); err != nil {
		return err
	}
	return replaceFile(filepath.Join(dir, pinsFile), b.String())
}

func replaceFile(name, text string) error {
	fresh := name + ".new"
	if err := os.Remove(fresh); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := writeNew(fresh, text); err != nil {
		return err
	}
	if err := os.Rename(fresh, name); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

type keysRecoveryCmd struct {
	place
	holder
	Role      string `help:"handler (the keys of desk and ledger) or custodian." required:"" placeholder:"ROLE"`
	Recipient string `help:"The recovery key's public part, as tipline keys new prints it." required:"" placeholder:"age1pq1…"`
}

func (c keysRecoveryCmd) Run(ctx context.Context, t terminal) error {
	to, err := seal.ParseRecipient(c.Recipient)
	if err != nil {
		return usageError{fmt.Errorf("--recipient: %w", err)}
	}
	return login(c.holder).at(ctx, c.place, t, func(h *house, by *members.Unlocked) error {
		kept, err := readRecovery(h.dir)
		if err != nil {
			return err
		}
		fresh := members.Recovery{Role: roleName(c.Role), Recipient: to}
		if kept, err = h.members.AddRecovery(ctx, by, fresh, kept); err != nil {
			return err
		}
		if err := replaceFile(filepath.Join(h.dir, recoveryFile), recoveryText(kept)); err != nil {
			return fmt.Errorf("granted, and not noted: add the line \"%s %s\" to %s: %w", fresh.Role, to, recoveryFile, err)
		}
		return t.say("The recovery key opens what is and will be sealed to %s.\n", fresh.Role)
	})
}
