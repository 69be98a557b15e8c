package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/members"
	"tipline/intake/queue"
	"tipline/intake/store"
)

// How far a clock may be off before rows are dated wrongly and a second factor
// fails, and how long before its end a certificate is spoken of.
const (
	clockSlack = 30 * time.Second
	renewAhead = 21 * 24 * time.Hour
)

// checkClock holds this machine's clock against the database server's, or against
// the newest row of the audit chain.
func checkClock(ctx context.Context, h *checkup) finding {
	f := finding{}
	now := h.now()
	if h.cfg.Database.Value() != "" {
		var theirs float64
		if f.err = h.store.Database().Read.QueryRowContext(ctx, `SELECT EXTRACT(EPOCH FROM clock_timestamp())::float8`).Scan(&theirs); f.err != nil {
			return f
		}
		off := now.Sub(time.UnixMilli(int64(theirs * 1000))).Abs()
		if off > clockSlack {
			f.err = h.fault("doctor.clock.apart", "by", off.Round(time.Second))
		}
		f.note = h.T("doctor.clock.server")
		return f
	}
	head, err := h.store.AuditHead(ctx)
	if err == nil && now.Add(clockSlack).Before(head.At) {
		err = h.fault("doctor.clock.behind", "now", now.UTC().Format(time.DateTime), "newest", head.At.Format(time.DateTime))
	}
	f.err, f.note = err, h.T("doctor.clock.record")
	return f
}

func checkKeys(_ context.Context, h *checkup) finding {
	return finding{note: h.T("doctor.keys")} // openHouse stops otherwise
}

func checkFiles(_ context.Context, h *checkup) finding {
	files := []string{".", "keys", pepperFile, tagsFile, pinsFile}
	if h.cfg.Database.Value() == "" {
		files = append(files, databaseFile)
	}
	for _, name := range files {
		info, err := os.Stat(filepath.Join(h.dir, name))
		if err != nil {
			return finding{err: err}
		}
		if info.Mode().Perm()&0o077 != 0 {
			return finding{err: h.fault("doctor.files.open", "file", filepath.Join(h.dir, name))}
		}
	}
	return finding{note: h.T("doctor.files")}
}

func checkDisk(_ context.Context, h *checkup) finding {
	return finding{note: h.T("doctor.disk"), err: roomLeft(h.dir)}
}

func checkDatabase(ctx context.Context, h *checkup) finding {
	err := h.store.Ping(ctx)
	if err == nil {
		err = h.ledger.Ping(ctx)
	}
	return finding{note: h.T("doctor.database", "dialect", h.store.Database().Dialect), err: err}
}

// checkMembers looks for roles that nobody holds, that one person holds alone, and
// that no recovery key opens.
func checkMembers(ctx context.Context, h *checkup) finding {
	f := finding{note: h.T("doctor.members")}
	all, err := h.members.Staff(ctx, h.desk.ID)
	if err != nil {
		f.err = err
		return f
	}
	holders := map[string]int{}
	for _, m := range all {
		for _, r := range m.Roles {
			if !m.Disabled {
				holders[r]++
			}
		}
	}
	recovery, err := h.recoveryRoles(h.desk.ID)
	if err != nil {
		f.err = err
		return f
	}
	var weak []string
	for _, role := range members.KeyRoles() {
		who := h.T("doctor.role." + role)
		switch {
		case holders[role] == 0:
			f.err = errors.Join(f.err, h.fault("doctor.members.none", "role", who))
		case holders[role] == 1 && !slices.Contains(recovery, role):
			weak = append(weak, h.T("doctor.members.alone", "role", who))
		case holders[role] == 1:
			weak = append(weak, h.T("doctor.members.one", "role", who))
		case !slices.Contains(recovery, role):
			weak = append(weak, h.T("doctor.members.norecovery", "role", who))
		}
	}
	if h.cfg.RefusalReview == string(casework.ReviewBefore) && holders[members.Handler] == 1 {
		weak = append(weak, h.T("doctor.members.review"))
	}
	f.warning = strings.Join(weak, h.T("doctor.and"))
	return f
}

// recoveryRoles are the roles that a recovery key opens at a desk.
func (h *house) recoveryRoles(desk string) (roles []string, err error) {
	kept, err := readRecovery(h.dir)
	for _, r := range kept {
		if cmp.Or(r.Desk, h.desks().First()) == desk {
			roles = append(roles, r.Role)
		}
	}
	return roles, err
}

// handoverDays is how long an identity may wait to be handed over before it is spoken
// of: until then no answer reaches its reporter.
const handoverDays = 3

// checkHandovers tells a desk of identities that another desk waits for.
func checkHandovers(ctx context.Context, h *checkup) finding {
	f := finding{note: h.T("doctor.handovers")}
	open, err := h.store.Handovers(ctx, h.desk.ID, "")
	if err != nil || len(open) == 0 {
		f.err = err
		return f
	}
	f.note = h.T("doctor.handovers.some", "n", len(open))
	if open[0].AskedOn <= intake.DateOf(h.now().AddDate(0, 0, -handoverDays), h.loc) {
		f.warning = h.T("doctor.handovers.old", "n", len(open), "since", open[0].AskedOn)
	}
	return f
}

func checkRedis(ctx context.Context, h *checkup) finding {
	r, err := h.dialRedis()
	if err != nil || r == nil {
		return finding{err: err, note: h.T("doctor.redis.none")}
	}
	defer r.Close()
	policy, err := queue.Check(ctx, r)
	f := finding{err: err, note: h.T("doctor.redis")}
	if policy != "" {
		f.warning = h.T("doctor.redis.evicts", "policy", policy)
	}
	return f
}

func checkSpool(_ context.Context, h *checkup) finding {
	f := finding{note: h.T("doctor.spool")}
	st, err := h.spoolStats()
	switch {
	case err != nil:
		f.err = err
	case st.Damaged+st.Refused > 0:
		f.err = h.fault("doctor.spool.aside", "n", st.Damaged+st.Refused, "folder", filepath.Join(h.dir, spoolFolder))
	case st.Files > 0:
		f.warning = h.T("doctor.spool.waits", "n", st.Files, "kb", st.Bytes>>10)
	case !h.cfg.Spool.Enabled:
		f.note = h.T("doctor.spool.off")
	}
	return f
}

func checkCertificates(_ context.Context, h *checkup) finding {
	f := finding{}
	if h.cfg.TLS.Cert == "" {
		f.note = h.T("doctor.certificate.none")
		return f
	}
	pair, err := tls.LoadX509KeyPair(h.cfg.TLS.Cert, h.cfg.TLS.Key)
	if err != nil {
		f.err = h.fault("doctor.certificate.broken", "error", err)
		return f
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		f.err = h.fault("doctor.certificate.broken", "error", err)
		return f
	}
	left := leaf.NotAfter.Sub(h.now())
	day := leaf.NotAfter.In(h.loc).Format(time.DateOnly)
	switch {
	case left <= 0:
		f.err = h.fault("doctor.certificate.ended", "day", day)
	case left < renewAhead:
		f.warning = h.T("doctor.certificate.ends", "day", day)
	}
	f.note = h.T("doctor.certificate", "day", day)
	return f
}

func checkAudit(ctx context.Context, h *checkup) finding {
	_, _, err := h.members.VerifyAudit(ctx, store.AuditHash, "")
	rows, counted := h.store.AuditCount(ctx, h.desk.ID)
	err = errors.Join(err, counted)
	return finding{err: err, note: h.T("doctor.audit", "n", rows)}
}

// ahead is how far the calendar should know the holidays: the notice for a year comes in
// the November before it.
const ahead = 60 * 24 * time.Hour

// checkCalendar looks whether the dates that run, and those of the next weeks, lie in
// years whose holidays are known.
func checkCalendar(ctx context.Context, h *checkup) finding {
	f := finding{}
	last, err := h.store.LastDue(ctx, h.desk.ID)
	if err != nil {
		f.err = err
		return f
	}
	last = max(last, intake.DateOf(h.now().Add(ahead), h.loc))
	f.note = h.T("doctor.calendar", "day", last)
	if !h.pack.Knows(string(last)) {
		f.warning = h.T("doctor.calendar.unknown", "year", last[:4], "file", filepath.Join(h.dir, calendarFile))
	}
	return f
}

// checkDestroyed looks for what was destroyed and is here all the same: brought back by a
// backup, or in files that weren't written anew since.
func checkDestroyed(ctx context.Context, h *checkup) finding {
	f := finding{note: h.T("doctor.destroyed")}
	n, register, err := h.broughtBack(ctx)
	if err != nil {
		f.err = err
		return f
	}
	if n > 0 {
		f.err = h.fault("doctor.destroyed.back", "n", n, "register", register)
		return f
	}
	open, err := h.store.Destructions(ctx, "", maxRegister, intake.DestructionApproved)
	if err != nil {
		f.err = err
		return f
	}
	rough, since, err := h.store.Rough(ctx)
	switch {
	case err != nil:
		f.err = err
	case rough > 0:
		f.warning = h.T("doctor.destroyed.rough", "n", rough, "since", since)
	case len(open) > 0:
		f.warning = h.T("doctor.destroyed.open", "n", len(open))
	}
	return f
}
