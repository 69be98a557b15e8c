package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"

	"tipline/intake"
	"tipline/intake/members"
)

type keysCmd struct {
	Rotate   keysRotateCmd   `cmd:"" help:"Make a new version of a role's keys: it protects what comes after. Old tips stay readable."`
	Recovery keysRecoveryCmd `cmd:"" help:"Grant a role to a recovery key that is kept offline."`
	New      keysNewCmd      `cmd:"" help:"Make a recovery key, an age identity: for tipline init --recovery, and to open backups with."`
	Reseal   keysResealCmd   `cmd:"" help:"Seal what an old version of the desk's key opens anew, to the newest: then the old one can be destroyed."`
	Destroy  keysDestroyCmd  `cmd:"" help:"Destroy an old version of the desk's key for ever: one member asks, another does it."`
	Export   keysExportCmd   `cmd:"" help:"Write a role's key as an age identity, newest version first. It is an audit row."`
}

type keysNewCmd struct {
	place
	Out string `help:"File to write; it must not exist. Keep it off this machine." required:"" type:"path" placeholder:"FILE"`
}

func (c keysNewCmd) Run(t terminal) error {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return err
	}
	text := fmt.Sprintf("# a recovery key of tipline; its public part, for tipline init --recovery ROLE:…\n# public key: %s\n%s\n", id.Recipient(), id)
	if err := writeNew(c.Out, text); err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, id.Recipient())
	return err
}

type keysExportCmd struct {
	place
	login
	Role string `help:"desk (or handler), custodian or ledger." required:"" placeholder:"ROLE"`
	Out  string `help:"File to write; it must not exist." required:"" type:"path" placeholder:"FILE"`
}

func (c keysExportCmd) Run(ctx context.Context, t terminal) error {
	return c.at(ctx, c.place, t, func(h *house, u *members.Unlocked) error {
		name, err := roleKeyName(c.Role, h.desks(), u.Member.Desk)
		if err != nil {
			return err
		}
		ids := u.Ring.Identities(name)
		if len(ids) == 0 {
			return fmt.Errorf("member %s: %w", c.Member, members.ErrNotGranted)
		}
		row := intake.Audit{At: h.now().UTC(), Member: c.Member, Act: "keys.export", Desk: u.Member.Desk, Detail: name}
		if err := h.store.AppendAudit(ctx, row); err != nil {
			return err
		}
		var b strings.Builder
		fmt.Fprintf(&b, "# tipline role key %s: whoever holds this file opens what is sealed to it\n", name)
		for _, id := range ids {
			fmt.Fprintln(&b, id.String())
		}
		return writeNew(c.Out, b.String())
	})
}

// roleKeyName is the full name of a key of a desk.
func roleKeyName(role string, desks intake.Desks, desk string) (string, error) {
	switch role {
	case "desk", members.Handler, intake.DeskKey(desk):
		return intake.DeskKey(desk), nil
	case "ledger", intake.LedgerKey(desk):
		return intake.LedgerKey(desk), nil
	case members.Custodian, desks.CustodianKey(desk):
		return desks.CustodianKey(desk), nil
	default:
		return "", usageError{fmt.Errorf("%q: the role is desk (or handler), custodian or ledger", role)}
	}
}

// create opens a file to write, or standard output for "" and "-".
func create(name string, stdout io.Writer) (io.WriteCloser, error) {
	if name == "" || name == "-" {
		return keepOpen{stdout}, nil
	}
	return os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
}

type keepOpen struct{ io.Writer }

func (keepOpen) Close() error { return nil }
