package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tipline/intake/ledger"
	"tipline/intake/queue"
	"tipline/intake/store"
)

type doctorCmd struct{ place }

// finding is one check's outcome.
type finding struct {
	name string
	err  error  // what is wrong and how to mend it
	note string // what was found
}

func (c doctorCmd) Run(ctx context.Context, t terminal) error {
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	bad := 0
	for _, check := range []func(context.Context, *house) finding{checkKeys, checkFiles, checkDisk, checkDatabase, checkMembers, checkRedis, checkAudit, checkLedger} {
		f := check(ctx, h)
		f.print(t.out)
		if f.err != nil {
			bad++
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of the checks failed", bad)
	}
	return nil
}

func (f finding) print(w io.Writer) {
	if f.err != nil {
		fmt.Fprintf(w, "✗ %-10s %v\n", f.name, f.err)
		return
	}
	fmt.Fprintf(w, "✓ %-10s %s\n", f.name, f.note)
}

func checkKeys(context.Context, *house) finding {
	return finding{name: "keys", note: "every role key is pinned"} // openHouse stops otherwise
}

func checkFiles(_ context.Context, h *house) finding {
	files := []string{pepperFile, tagsFile, pinsFile}
	if h.cfg.Database.Value() == "" {
		files = append(files, databaseFile)
	}
	for _, name := range files {
		info, err := os.Stat(filepath.Join(h.dir, name))
		if err != nil {
			return finding{name: "files", err: err}
		}
		if info.Mode().Perm()&0o077 != 0 {
			return finding{name: "files", err: fmt.Errorf("%s can be read by others: chmod 600 it", name)}
		}
	}
	return finding{name: "files", note: "readable by their owner alone"}
}

func checkDisk(_ context.Context, h *house) finding {
	return finding{name: "disk", note: "has room", err: roomLeft(h.dir)}
}

func checkDatabase(ctx context.Context, h *house) finding {
	return finding{name: "database", note: "answers", err: h.store.Ping(ctx)}
}

func checkMembers(ctx context.Context, h *house) finding {
	all, err := h.store.Members(ctx)
	holders := map[string]int{}
	for _, m := range all {
		for _, r := range m.Roles {
			if !m.Disabled {
				holders[r]++
			}
		}
	}
	var notes []string
	for _, role := range []string{"handler", "custodian"} {
		switch {
		case err == nil && holders[role] == 0:
			err = fmt.Errorf("no %s is active: nobody can open what is sealed to them", role)
		case holders[role] == 1:
			notes = append(notes, fmt.Sprintf("one %s only: if they lose their passphrase, only a recovery key helps", role))
		}
	}
	if len(notes) == 0 {
		notes = []string{"every role has several members"}
	}
	return finding{name: "members", err: err, note: strings.Join(notes, "; ")}
}

func checkRedis(ctx context.Context, h *house) finding {
	r, err := h.dialRedis(ctx)
	if err != nil || r == nil {
		return finding{name: "redis", err: err, note: "not configured: limits in process, the outbox is the queue"}
	}
	defer r.Close()
	if err := r.Ping(ctx).Err(); err != nil {
		return finding{name: "redis", err: fmt.Errorf("no answer: %w", err)}
	}
	return finding{name: "redis", note: "answers"}
}

func checkAudit(ctx context.Context, h *house) finding {
	rows, _, err := h.members.VerifyAudit(ctx, store.AuditHash, "")
	return finding{name: "audit", err: err, note: fmt.Sprintf("%d rows, unbroken", rows)}
}

// checkLedger reconciles tip by tip.
func checkLedger(ctx context.Context, h *house) finding {
	r, err := reconcile(ctx, h)
	if err == nil {
		err = unbalanced(r)
	}
	return finding{name: "ledger", err: err, note: fmt.Sprintf("received %d = in ledger %d + held %d + waiting %d", r.Received, r.InLedger, r.Held, r.Waiting)}
}

// reconcile also asks the streams for what has left the outbox and isn't in the
// ledger yet.
func reconcile(ctx context.Context, h *house) (ledger.Report, error) {
	r, err := h.dialRedis(ctx)
	if err != nil {
		return ledger.Report{}, err
	}
	if r == nil {
		return h.ledger.Reconcile(ctx, h.store.Standings(ctx))
	}
	defer r.Close()
	var streams []ledger.Queued
	for _, d := range h.pack.Desks {
		name := queue.StreamName(d.ID, h.pack.Desks[0].ID)
		streams = append(streams, func(ctx context.Context) (map[string]bool, error) { return queue.Waiting(ctx, r, name) })
	}
	return h.ledger.Reconcile(ctx, h.store.Standings(ctx), streams...)
}

// unbalanced names every tip that isn't where it must be.
func unbalanced(r ledger.Report) error {
	if r.Balanced() {
		return nil
	}
	var parts []string
	for _, l := range []struct {
		what string
		tips []string
	}{{"missing from the ledger", r.Missing}, {"held, and in the ledger", r.Early}, {"in the ledger, and no tip", r.Unknown}} {
		if len(l.tips) > 0 {
			parts = append(parts, fmt.Sprintf("%s: %s", l.what, strings.Join(l.tips, " ")))
		}
	}
	return fmt.Errorf("received %d, in ledger %d, held %d, waiting %d; %s", r.Received, r.InLedger, r.Held, r.Waiting, strings.Join(parts, "; "))
}
