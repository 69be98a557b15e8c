package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tipline/crypto/keyring"
	"tipline/crypto/seal"
	"tipline/intake/members"
)

type initCmd struct {
	place
	Member         []string `help:"A first member and their roles (handler, custodian, supervisor, auditor, administrator), such as wang:handler. Give at least one handler and one custodian; who keeps the list of members is NAME:administrator. @DESK puts them at a further desk, which needs both as well." sep:"none" placeholder:"NAME:ROLE[,ROLE][@DESK]" required:""`
	PassphraseFile string   `help:"File with one passphrase a line, in the order of the members. Without it they are made up, printed once, and changed at first login." type:"path" placeholder:"FILE"`
	Recovery       []string `help:"An age recipient, kept offline, that can open a role's key when every passphrase is lost." sep:"none" placeholder:"ROLE[@DESK]:age1pq1…"`
}

func (c initCmd) Run(ctx context.Context, t terminal) error {
	first, err := c.members()
	if err != nil {
		return err
	}
	recovery, err := c.recoveries()
	if err != nil {
		return err
	}
	return setUp(ctx, c.place, t, first, recovery)
}

// members are the first members with their passphrases.
func (c initCmd) members() ([]members.NewMember, error) {
	var given []string
	if c.PassphraseFile != "" {
		var err error
		if given, err = readLines(c.PassphraseFile); err != nil {
			return nil, err
		}
		if len(given) < len(c.Member) {
			return nil, errorf("%s has %d {line|lines} for %d {member|members}: write one passphrase a line, in their order", c.PassphraseFile, len(given), len(c.Member))
		}
	}
	out := make([]members.NewMember, len(c.Member))
	for i, text := range c.Member {
		m, err := members.ParseNewMember(text)
		if err != nil {
			return nil, usageError{err}
		}
		if m.MustChange = given == nil; m.MustChange {
			m.Passphrase = keyring.Passphrase()
		} else {
			m.Passphrase = given[i]
		}
		out[i] = m
	}
	return out, nil
}

func (c initCmd) recoveries() ([]members.Recovery, error) {
	var out []members.Recovery
	for _, text := range c.Recovery {
		role, key, _ := strings.Cut(text, ":")
		role, desk, _ := strings.Cut(role, "@")
		if err := members.CheckRoles([]string{roleName(role)}); err != nil {
			return nil, usageError{err}
		}
		r, err := seal.ParseRecipient(key)
		if err != nil {
			return nil, usageError{fmt.Errorf("recovery of %s: %w", role, err)}
		}
		out = append(out, members.Recovery{Role: roleName(role), Desk: desk, Recipient: r})
	}
	return out, nil
}

// roleName lets the desk's key be named by the desk or by its handlers.
func roleName(s string) string {
	if s == "desk" {
		return members.Handler
	}
	return s
}

// setUp makes keys, database and members, and prints what was made up.
func setUp(ctx context.Context, p place, t terminal, first []members.NewMember, recovery []members.Recovery) error {
	if isSetUp(p.Data) {
		return extend(ctx, p, t, first, recovery)
	}
	o, err := openOffice(p)
	if err != nil {
		return err
	}
	if err := privateFolder(p.Data); err != nil {
		return err
	}
	st, err := o.openStore(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	_, own, err := o.openLedger(ctx, st.Database()) // its tables too, so that all grants can follow
	if err != nil {
		return err
	}
	if own != nil {
		defer own.Close()
	}
	pins, err := o.members(st).Setup(ctx, first, recovery)
	if err != nil {
		return err
	}
	if err := keepRecovery(p.Data, recovery); err != nil {
		return err
	}
	if err := makeSecrets(p.Data, pins); err != nil {
		return err
	}
	if err := printMembers(t, p, first); err != nil {
		return fmt.Errorf("the passphrases couldn't be shown, and nobody knows them: %w; set up again, in an empty folder", err)
	}
	return nil
}

// extend gives desks that the configuration names by now their keys and first members.
func extend(ctx context.Context, p place, t terminal, first []members.NewMember, recovery []members.Recovery) error {
	o, err := openOffice(p)
	if err != nil {
		return err
	}
	own, err := readSecrets(p.Data)
	if err != nil {
		return err
	}
	st, err := o.openStore(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	m := o.members(st)
	bare, err := m.Bare(ctx)
	if err != nil {
		return err
	}
	if len(bare) == 0 {
		return fmt.Errorf("%s is set up already: to begin anew, name another folder; to add a desk, name it in the configuration's `desks` first", p.Data)
	}
	kept, err := readRecovery(p.Data)
	if err != nil {
		return err
	}
	pins, err := m.Extend(ctx, own.pins, first, recovery, len(kept))
	if err != nil {
		return err
	}
	if err := replacePins(p.Data, pins); err != nil {
		return fmt.Errorf("the desk's keys are made and can't be pinned: %w; the next start names the lines to add to %s", err, filepath.Join(p.Data, pinsFile))
	}
	if len(recovery) > 0 {
		if err := replaceFile(filepath.Join(p.Data, recoveryFile), recoveryText(append(kept, recovery...))); err != nil {
			return err
		}
	}
	t.say("Set up: %s. Start every part anew, with this %s on each machine.\n", strings.Join(bare, ", "), pinsFile)
	if err := printPassphrases(t, p, first); err != nil {
		return fmt.Errorf("the passphrases couldn't be shown, and nobody knows them: %w; restore each with a recovery key, by tipline member rekey", err)
	}
	return nil
}

func printMembers(t terminal, p place, first []members.NewMember) error {
	t.say("The data folder %s is set up.\n", p.Data)
	err := printPassphrases(t, p, first)
	t.say("Receipts open only with the files in %s: tipline backup takes them along, sealed.\n", filepath.Join(p.Data, "keys"))
	return err
}

// printPassphrases says when one couldn't be shown.
func printPassphrases(t terminal, p place, first []members.NewMember) (failed error) {
	for _, m := range first {
		roles := strings.Join(m.Roles, ",")
		if m.Desk != "" {
			roles += "@" + m.Desk
		}
		if m.MustChange {
			failed = errors.Join(failed, t.say("  %-12s %-10s passphrase: %s\n", m.Name, roles, m.Passphrase))
		} else {
			t.say("  %-12s %-10s passphrase: as given\n", m.Name, roles)
		}
	}
	if len(first) > 0 && first[0].MustChange {
		t.say("Each passphrase is shown this once. Hand them to two different people; each changes theirs at first login.\n")
	}
	if !slices.ContainsFunc(first, func(m members.NewMember) bool { return slices.Contains(m.Roles, members.Administrator) }) {
		t.say("Nobody keeps the list of members at the desk yet: tipline member add NAME:administrator --data %s\n", p.Data)
	}
	return failed
}

func isSetUp(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, pepperFile))
	return !errors.Is(err, fs.ErrNotExist)
}

// readLines are a file's lines without the empty ones at its end.
func readLines(name string) ([]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []string
	for sc := bufio.NewScanner(f); sc.Scan(); {
		out = append(out, strings.TrimRight(sc.Text(), "\r"))
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out, nil
}
