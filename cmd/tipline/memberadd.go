package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"filippo.io/age"

	"tipline/crypto/keyring"
	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/members"
)

// holder is a member who grants what they hold.
type holder struct {
	Member         string `help:"Member who grants the keys they hold." placeholder:"HOLDER"`
	PassphraseFile string `help:"File whose first line is the holder's passphrase. Without it, a terminal is asked." type:"path" placeholder:"FILE"`
	Code           string `help:"Code of the holder's second factor, from the app or a printed one. Without it, a terminal is asked." placeholder:"CODE"`
}

func (h holder) open(ctx context.Context, in *house, t terminal) (*members.Unlocked, error) {
	return login(h).open(ctx, in, t)
}

type memberAddCmd struct {
	place
	holder
	Who string `arg:"" name:"name:role" help:"The member and their roles, such as zhao:handler,supervisor (handler, custodian, supervisor, auditor, administrator), and @DESK for a further desk." placeholder:"NAME:ROLE[,ROLE][@DESK]"`
}

func (c memberAddCmd) Run(ctx context.Context, t terminal) error {
	n, err := members.ParseNewMember(c.Who)
	if err != nil {
		return usageError{err}
	}
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	by, err := c.holder.open(ctx, h, t)
	if err != nil {
		return err
	}
	n.Passphrase, n.MustChange = keyring.Passphrase(), true
	if err := h.members.AddHere(ctx, by, n); errors.Is(err, intake.ErrConflict) {
		return fmt.Errorf("member %s exists: choose another name", n.Name)
	} else if err != nil {
		return err
	}
	if err := printPassphrase(t, n.Name, n.Passphrase); err != nil {
		return err
	}
	return h.printWaiting(ctx, t, n.Name)
}

// printPassphrase shows what was made up, this once.
func printPassphrase(t terminal, name, passphrase string) error {
	if err := t.say("%s passphrase: %s\nIt is shown this once, and changed at first login.\n", name, passphrase); err != nil {
		return fmt.Errorf("the passphrase of %s couldn't be shown, and nobody knows it: %w; tipline member rekey makes another", name, err)
	}
	return nil
}

// printWaiting tells which keys somebody else has to grant.
func (h *house) printWaiting(ctx context.Context, t terminal, name string) error {
	all, err := h.members.Staff(ctx, "")
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.Name == name && len(m.Waiting) > 0 {
			t.say("%s waits for a grant: after the first login a %s confirms it at the desk, under Members.\n", name, strings.Join(m.Waiting, t.tongue.of(", then a ")))
		}
	}
	return nil
}

type memberRekeyCmd struct {
	place
	holder
	Name     string `arg:"" help:"The member whose passphrase is lost."`
	Identity string `help:"File of the role's recovery key (an age identity), when no holder is left." type:"path" placeholder:"FILE"`
}

func (c memberRekeyCmd) Run(ctx context.Context, t terminal) error {
	if (c.Identity == "") == (c.Member == "") {
		return usageError{fmt.Errorf("name either --member HOLDER with --passphrase-file, or --identity FILE with a recovery key")}
	}
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	passphrase := keyring.Passphrase()
	if err := c.rekey(ctx, h, t, passphrase); err != nil {
		return fmt.Errorf("member %s: %w", c.Name, err)
	}
	if err := printPassphrase(t, c.Name, passphrase); err != nil {
		return err
	}
	return h.printWaiting(ctx, t, c.Name)
}

func (c memberRekeyCmd) rekey(ctx context.Context, h *house, t terminal, passphrase string) error {
	if c.Identity != "" {
		id, err := readIdentity(c.Identity)
		if err != nil {
			return err
		}
		return h.members.RekeyByRecovery(ctx, id, c.Name, passphrase)
	}
	by, err := c.holder.open(ctx, h, t)
	if err != nil {
		return err
	}
	return h.members.Rekey(ctx, by, c.Name, passphrase)
}

// readIdentity reads the one age identity of a file, as tipline keys new writes it.
func readIdentity(name string) (*age.HybridIdentity, error) {
	lines, err := readLines(name)
	if err != nil {
		return nil, err
	}
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			id, err := seal.ParseIdentity(line)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			return id, nil
		}
	}
	return nil, fmt.Errorf("%s holds no age identity: %w", name, os.ErrInvalid)
}

type memberRolesCmd struct {
	place
	Who string `arg:"" name:"name:role" help:"The member and all roles they are to have, such as zhao:handler,administrator." placeholder:"NAME:ROLE[,ROLE]"`
}

func (c memberRolesCmd) Run(ctx context.Context, t terminal) error {
	n, err := members.ParseNewMember(c.Who)
	if err != nil {
		return usageError{err}
	}
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	if err := h.members.SetRoles(ctx, nil, n.Name, n.Roles); err != nil {
		return fmt.Errorf("member %s: %w", n.Name, err)
	}
	return h.printWaiting(ctx, t, n.Name)
}
