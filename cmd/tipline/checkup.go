package main

import (
	"context"
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
			f.err = h.fault("this machine and the database server differ by %v: set both by NTP", off.Round(time.Second))
		}
		f.note = h.say("agrees with the database server's")
		return f
	}
	head, err := h.store.AuditHead(ctx)
	if err == nil && now.Add(clockSlack).Before(head.At) {
		err = h.fault("it says %s, and the newest row of the record is of %s: set it by NTP", now.UTC().Format(time.DateTime), head.At.Format(time.DateTime))
	}
	f.err, f.note = err, h.say("not behind the newest row of the record")
	return f
}

func checkKeys(_ context.Context, h *checkup) finding {
	return finding{note: h.say("every role key is pinned")} // openHouse stops otherwise
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
			return finding{err: h.fault("%s can be read by others: chmod go= it", filepath.Join(h.dir, name))}
		}
	}
	return finding{note: h.say("readable by their owner alone")}
}

func checkDisk(_ context.Context, h *checkup) finding {
	return finding{note: h.say("has room"), err: roomLeft(h.dir)}
}

func checkDatabase(ctx context.Context, h *checkup) finding {
	err := h.store.Ping(ctx)
	if err == nil {
		err = h.ledger.Ping(ctx)
	}
	f := finding{note: h.say("%s answers, for tips and ledger", h.store.Database().Dialect), err: err}
	if to, failed := recipients(h.dir); f.err == nil && len(to) == 0 && h.copies(allOfIt()) != nil && h.cfg.Update.Copy {
		f.err, f.warning = failed, h.say("without a recovery recipient in %s the next update is refused, as no copy could be sealed before it: %s", filepath.Join(h.dir, recoveryFile), h.tongue.of(howToRecover))
	}
	return f
}

// howToRecover are the commands for an office without a recovery key.
const howToRecover = "make a recovery key with `tipline keys new --out FILE`, grant it with `tipline keys recovery --role handler --recipient age1pq1… --member HANDLER`, and keep FILE off this machine"

// checkMembers looks for roles that nobody holds, that one person holds alone, and
// that no recovery key opens.
func checkMembers(ctx context.Context, h *checkup) finding {
	f := finding{note: h.say("every role has several members and a recovery key")}
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
	kept, err := readRecovery(h.dir)
	recovery, failed := h.members.Recovered(ctx, h.desk.ID, kept)
	if f.err = errors.Join(err, failed); f.err != nil {
		return f
	}
	var weak []string
	for _, role := range members.KeyRoles() {
		who := h.tongue.of(role)
		switch {
		case holders[role] == 0:
			f.err = errors.Join(f.err, h.fault("no %s is active: nobody can open what is sealed to them", who))
		case holders[role] == 1 && !slices.Contains(recovery, role):
			weak = append(weak, h.say("one %s and no recovery key: a lost passphrase loses what is sealed to them", who))
		case holders[role] == 1:
			weak = append(weak, h.say("one %s only: without their passphrase only the recovery key helps", who))
		case !slices.Contains(recovery, role):
			weak = append(weak, h.say("no recovery key for %s", who))
		}
	}
	if h.cfg.RefusalReview == string(casework.ReviewBefore) && holders[members.Handler] == 1 {
		weak = append(weak, h.say("refusal_review is before, and the one handler can't confirm their own refusals: add another, or choose after or sample"))
	}
	f.warning = strings.Join(weak, h.say("; "))
	return f
}

// handoverDays is how long an identity may wait to be handed over before it is spoken
// of: until then no answer reaches its reporter.
const handoverDays = 3

// checkHandovers tells a desk of identities that another desk waits for.
func checkHandovers(ctx context.Context, h *checkup) finding {
	f := finding{note: h.say("none waits")}
	open, err := h.store.Handovers(ctx, h.desk.ID, "")
	if err != nil || len(open) == 0 {
		f.err = err
		return f
	}
	f.note = h.say("%d {waits|wait} for a custodian", len(open))
	if open[0].AskedOn <= intake.DateOf(h.now().AddDate(0, 0, -handoverDays), h.loc) {
		f.warning = h.say("%d {identity waits|identities wait} to be handed over to another desk, {since|the oldest since} %s: a custodian does it at the desk, or by `tipline custody handover`", len(open), open[0].AskedOn)
	}
	return f
}

func checkRedis(ctx context.Context, h *checkup) finding {
	r, err := h.dialRedis()
	if err != nil || r == nil {
		return finding{err: err, note: h.say("not configured: limits in process, the outbox is the queue")}
	}
	defer r.Close()
	warning, err := queue.Check(ctx, r)
	if err == nil {
		err = h.ownRedis(ctx, r)
	}
	f := finding{err: err, note: h.say("answers, and wants a password")}
	if warning != "" {
		f.warning = h.tongue.error(errors.New(warning))
	}
	return f
}

func checkSpool(_ context.Context, h *checkup) finding {
	f := finding{note: h.say("empty")}
	st, err := spoolStats(h.dir, h.now())
	switch {
	case err != nil:
		f.err = err
	case st.Damaged+st.Refused > 0:
		f.err = h.fault("%d {file was|files were} set aside in %s: a person has to look at {it|them}; the log says why", st.Damaged+st.Refused, filepath.Join(h.dir, spoolFolder))
	case st.Files > 0:
		f.warning = h.say("%d {tip waits|tips wait} for the database, %d KB", st.Files, st.Bytes>>10)
	case !h.cfg.Spool.Enabled:
		f.note = h.say("off: gateways are asked to come back while the database is away")
	}
	return f
}

func checkAudit(ctx context.Context, h *checkup) finding {
	_, _, err := h.members.VerifyAudit(ctx, store.AuditHash, "")
	rows, counted := h.store.AuditCount(ctx, h.desk.ID)
	err = errors.Join(err, counted)
	return finding{err: err, note: h.say("%d {row|rows}, unbroken", rows)}
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
	f.note = h.say("knows the holidays until %s", last)
	switch {
	case h.pack.Provisional(string(last)):
		f.warning = h.say("dates in %s go by the law's days alone; the State Council's notice with 调休 is still to come, and they may move. Once it is out, write the year into %s, "+
			"e.g. \"- {year: %s, source: the notice, off: [%s-01-01/%s-01-03], work: [%s-01-04]}\", and start again: dates that run are reckoned anew",
			last[:4], filepath.Join(h.dir, calendarFile), last[:4], last[:4], last[:4], last[:4])
	case !h.pack.Knows(string(last)):
		f.warning = h.say("the holidays of %s aren't known: dates in it count Monday to Friday and may move. Once the State Council's notice is out, write the year into %s, "+
			"e.g. \"- {year: %s, source: the notice, off: [%s-01-01/%s-01-03], work: [%s-01-04]}\", and start again: dates that run are reckoned anew",
			last[:4], filepath.Join(h.dir, calendarFile), last[:4], last[:4], last[:4], last[:4])
	}
	return f
}

// checkDestroyed looks for what was destroyed and is here all the same: brought back by a
// backup, or in files that weren't written anew since.
func checkDestroyed(ctx context.Context, h *checkup) finding {
	f := finding{note: h.say("nothing of it is left")}
	n, register, err := h.broughtBack(ctx)
	if err != nil {
		f.err = err
		return f
	}
	if n > 0 {
		f.err = h.fault("%d {tip or key that was destroyed is|tips or keys that were destroyed are} back from a backup: tipline retention replay --destroyed %s", n, register)
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
		f.warning = h.say("%d {destruction waits|destructions wait} since %s for the database's files to be written anew: tipline up tries each hour, tipline retention scrub at once", rough, since)
	case len(open) > 0:
		f.warning = h.say("%d {destruction is|destructions are} approved and not carried out: tipline up tries each hour, tipline retention scrub at once", len(open))
	}
	return f
}
