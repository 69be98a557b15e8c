package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"

	"tipline/intake/casework"
	"tipline/intake/members"
)

// login names a member whose keys a command needs. The passphrase never comes by
// argument: others on the machine could read it there.
type login struct {
	Member         string `help:"Member whose keys are opened." placeholder:"NAME"`
	PassphraseFile string `help:"File whose first line is the member's passphrase. Without it, a terminal is asked." type:"path" placeholder:"FILE"`
	Code           string `help:"Code of the member's second factor, from the app or a printed one. Without it, a terminal is asked." placeholder:"CODE"`
}

// open unlocks the member, or returns nil when none is named.
func (l login) open(ctx context.Context, h *house, t terminal) (*members.Unlocked, error) {
	if l.Member == "" {
		return nil, nil
	}
	passphrase, err := l.passphrase(t)
	if err != nil {
		return nil, err
	}
	code, err := l.code(ctx, h, t)
	if err != nil {
		return nil, err
	}
	u, err := h.members.Open(ctx, l.Member, passphrase, code)
	if err != nil {
		return nil, fmt.Errorf("member %s: %w", l.Member, err)
	}
	if u.Member.MustChange {
		return nil, fmt.Errorf("member %s must first change the printed passphrase at the desk", l.Member)
	}
	return u, nil
}

// at opens the house and the member, who must be named, and runs do with both.
func (l login) at(ctx context.Context, p place, t terminal, do func(h *house, by *members.Unlocked) error) error {
	h, err := openHouse(ctx, p)
	if err != nil {
		return err
	}
	defer h.close()
	by, err := l.open(ctx, h, t)
	if err != nil {
		return err
	}
	if by == nil {
		return usageError{errors.New("name a member who holds the role: --member NAME --passphrase-file FILE")}
	}
	defer by.Ring.Wipe()
	return do(h, by)
}

func (l login) passphrase(t terminal) (string, error) {
	if l.PassphraseFile == "" {
		if !term.IsTerminal(int(t.in.Fd())) {
			return "", usageError{errors.New("--member needs --passphrase-file FILE with their passphrase in the first line")}
		}
		t.note("passphrase of %s: ", l.Member)
		typed, err := term.ReadPassword(int(t.in.Fd()))
		fmt.Fprintln(t.err)
		return string(typed), err
	}
	lines, err := readLines(l.PassphraseFile)
	if err != nil {
		return "", err
	}
	if len(lines) == 0 {
		return "", fmt.Errorf("%s is empty: write the passphrase of %s in its first line", l.PassphraseFile, l.Member)
	}
	return lines[0], nil
}

// code is asked for only of a member who has a second factor.
func (l login) code(ctx context.Context, h *house, t terminal) (string, error) {
	if l.Code != "" {
		return l.Code, nil
	}
	has, err := h.members.HasFactor(ctx, l.Member)
	if err != nil || !has {
		return "", err
	}
	if !term.IsTerminal(int(t.in.Fd())) {
		return "", usageError{fmt.Errorf("member %s has a second factor: give --code CODE, from the app or a printed one", l.Member)}
	}
	t.note("code of %s: ", l.Member)
	line, err := bufio.NewReader(t.in).ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimSpace(line), err
}

// worker is a member at work on the command line.
type worker struct {
	Member         string `help:"Member who does it: their keys are opened, and the record names them." required:"" placeholder:"NAME"`
	PassphraseFile string `help:"File whose first line is the member's passphrase. Without it, a terminal is asked." type:"path" placeholder:"FILE"`
	Code           string `help:"Code of the member's second factor, from the app or a printed one. Without it, a terminal is asked." placeholder:"CODE"`
}

// at opens the house and the member, and runs do with the casework of both.
func (w worker) at(ctx context.Context, p place, t terminal, do func(work *casework.Service, by casework.Actor, h *house) error) error {
	return login(w).at(ctx, p, t, func(h *house, u *members.Unlocked) error {
		return do(h.casework(h.intake(h.store, unlimited{})), h.actor(u), h)
	})
}

// actor is an unlocked member at work.
func (h *house) actor(u *members.Unlocked) casework.Actor {
	return casework.Actor{Name: u.Member.Name, Roles: h.members.Working(u), Desk: u.Member.Desk, Ring: u.Ring, Key: u.Key}
}
