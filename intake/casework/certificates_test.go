package casework_test

import (
	"slices"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

// TestAlteredCertificates: whatever of a certificate the record tells too can't be changed unseen, nor can one be
// removed; of a single tip and of spam together.
func TestAlteredCertificates(t *testing.T) {
	o, _ := keeping(t)
	spam := func() string {
		tip := o.tip(t).ID
		intaketest.Must(t, o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateSpam, Reason: "test"}))
		return tip
	}
	one := spam()
	_, err := o.Read(t.Context(), o.wang, one)
	intaketest.Must(t, err)
	o.events(t)
	o.Clock.Add(30 * day)
	intaketest.Must(t, o.AskDestruction(t.Context(), o.wang, one, "law"))
	o.approveAll(t)
	several := []string{spam(), spam()}
	o.events(t)
	o.Clock.Add(40 * day)
	_, err = o.AskSpam(t.Context(), o.wang, "period_over")
	intaketest.Must(t, err)
	o.approveAll(t)
	check := func(what string, want ...string) {
		t.Helper()
		got, err := o.CheckCertificates(t.Context())
		slices.Sort(want)
		if err != nil || got.N > 3 || !slices.Equal(got.Differ, want) || len(got.Again) > 0 {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
	check("as they are")
	db := o.Office.Store.Database().Write
	for _, column := range []string{"disposition", "reason", "asker", "asked_on", "decider", "decided_on", "done_on", "backups_end", "id"} {
		for _, tip := range []string{one, several[0]} {
			var was string
			intaketest.Must(t, db.QueryRowContext(t.Context(), `SELECT `+column+` FROM destructions WHERE tip = $1`, tip).Scan(&was))
			set := func(value string) {
				_, err := db.ExecContext(t.Context(), `UPDATE destructions SET `+column+` = $2 WHERE tip = $1`, tip, value)
				intaketest.Must(t, err)
			}
			set("x" + was)
			check(column+" changed", tip)
			set(was)
		}
	}
	check("as they were")
	for _, column := range []string{"texts", "messages", "files"} {
		for _, tip := range []string{one, several[0]} {
			more := func(n int) {
				_, err := db.ExecContext(t.Context(), `UPDATE destructions SET `+column+` = `+column+` + $2 WHERE tip = $1`, tip, n)
				intaketest.Must(t, err)
			}
			more(1)
			check(column+" changed", tip)
			more(-1)
		}
	}
	_, err = db.ExecContext(t.Context(), `DELETE FROM destructions WHERE tip = $1`, several[1])
	intaketest.Must(t, err)
	check("one removed", several[1])
}

// TestCertificatesOfMidnight: wherever midnight lies between the looks at the clock, what was asked for, approved and
// done agrees with its record.
func TestCertificatesOfMidnight(t *testing.T) {
	for looks := range 16 {
		o, _ := keeping(t)
		one, other := o.tip(t).ID, o.tip(t).ID
		for _, tip := range []string{one, other} {
			intaketest.Must(t, o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateSpam, Reason: "test"}))
		}
		_, err := o.Read(t.Context(), o.wang, one)
		intaketest.Must(t, err)
		o.events(t)
		o.Clock.Add(40 * day)
		d := o.Service.Deps
		y, m, today := o.Clock.Now().In(d.Loc).Date()
		next := time.Date(y, m, today+1, 0, 0, -looks, 0, d.Loc)
		d.Now = func() time.Time { next = next.Add(time.Second); return next }
		o.Service = casework.New(d)
		for _, ask := range []func() error{
			func() error { return o.AskDestruction(t.Context(), o.wang, one, "law") },
			func() error { _, err := o.AskSpam(t.Context(), o.wang, "period_over"); return err },
		} {
			y, m, today := next.In(d.Loc).Date()
			next = time.Date(y, m, today+1, 0, 0, -looks, 0, d.Loc)
			intaketest.Must(t, ask())
			k, err := o.Keeping(t.Context(), o.zhao)
			intaketest.Must(t, err)
			y, m, today = next.In(d.Loc).Date()
			next = time.Date(y, m, today+1, 0, 0, -looks, 0, d.Loc)
			for _, d := range k.Asked {
				intaketest.Must(t, o.ApproveDestruction(t.Context(), o.zhao, d.ID))
			}
		}
		if c, err := o.CheckCertificates(t.Context()); c.N != 2 || len(c.Differ) > 0 || len(c.Again) > 0 || err != nil {
			t.Errorf("midnight behind %d looks: %+v, %v", looks, c, err)
		}
	}
}

// TestCertificatesOfAnotherZone: an office that puts its time zone right has sound certificates still, and a day that
// no clock on earth told then is found.
func TestCertificatesOfAnotherZone(t *testing.T) {
	o, _ := keeping(t)
	tip := o.tip(t).ID
	intaketest.Must(t, o.Move(t.Context(), o.wang, tip, casework.Triage{To: intake.StateSpam, Reason: "test"}))
	_, err := o.Read(t.Context(), o.wang, tip)
	intaketest.Must(t, err)
	o.events(t)
	o.Clock.Add(40 * day)
	y, m, today := o.Clock.Now().In(intaketest.Loc()).Date()
	o.Clock.Add(time.Date(y, m, today+1, 3, 0, 0, 0, intaketest.Loc()).Sub(o.Clock.Now())) // in Shanghai it is the next day
	intaketest.Must(t, o.AskDestruction(t.Context(), o.wang, tip, "law"))
	o.approveAll(t)
	for _, zone := range []string{"UTC", "America/New_York", "Pacific/Auckland"} {
		d := o.Service.Deps
		d.Loc, err = time.LoadLocation(zone)
		intaketest.Must(t, err)
		if c, err := casework.New(d).CheckCertificates(t.Context()); c.N != 1 || len(c.Differ)+len(c.Again) > 0 || err != nil {
			t.Errorf("%s: %+v, %v", zone, c, err)
		}
	}
	for _, column := range []string{"asked_on", "decided_on", "done_on"} {
		was := o.Clock.Now().In(intaketest.Loc())
		for _, days := range []int{-2, 1, 0} {
			_, err := o.Office.Store.Database().Write.ExecContext(t.Context(), `UPDATE destructions SET `+column+` = $1`, was.AddDate(0, 0, days).Format(time.DateOnly))
			intaketest.Must(t, err)
			if c, err := o.CheckCertificates(t.Context()); (len(c.Differ) == 1) != (days != 0) || err != nil {
				t.Errorf("%s %+d days: %+v, %v", column, days, c, err)
			}
		}
	}
}

// approveAll approves what is asked for, as another member.
func (o *office) approveAll(t *testing.T) {
	t.Helper()
	k, err := o.Keeping(t.Context(), o.zhao)
	intaketest.Must(t, err)
	for _, d := range k.Asked {
		intaketest.Must(t, o.ApproveDestruction(t.Context(), o.zhao, d.ID))
	}
}

// TestWhatWaitsKeepsATip: a tip isn't destroyed while anything about it is open, whoever asks and approves.
func TestWhatWaitsKeepsATip(t *testing.T) {
	for name, open := range map[string]func(w *twoDesks, tip string) error{
		"an answer that isn't sent": func(w *twoDesks, tip string) error {
			return w.Answer(t.Context(), w.wang, tip, "您反映的问题已经受理。", false)
		},
		"an identity asked for": func(w *twoDesks, tip string) error {
			_, err := w.AskIdentity(t.Context(), w.wang, tip, "call")
			return err
		},
		"an appointment": func(w *twoDesks, tip string) error {
			return w.Appoint(t.Context(), w.wang, tip, casework.Appointment{Kind: intake.LookRetaliation, Due: "2027-06-01"})
		},
		"a hold": func(w *twoDesks, tip string) error { return w.HoldBack(t.Context(), w.zhao, tip, "audit") },
		"an event the ledger hasn't": func(w *twoDesks, tip string) error {
			e := w.Service.Events.New(intake.EventReceived, w.row(t, tip), intake.Decision{})
			return w.Office.Store.Act(t.Context(), intake.Act{Audit: intake.Audit{At: w.Clock.Now(), Member: "wang", Act: "retell", Desk: "main", Tip: tip}, Event: &e})
		},
		"a refusal to be looked at": func(w *twoDesks, tip string) error {
			return w.Office.Store.Act(t.Context(), intake.Act{Audit: intake.Audit{At: w.Clock.Now(), Member: "wang", Act: "review.ask", Desk: "main", Tip: tip},
				Review: &intake.Review{ID: intake.NewID(), Tip: tip, Desk: "main", Kind: intake.ReviewAfter, Asker: "wang", AskedOn: "2026-12-24", To: intake.StateSpam, Reason: "test", Sealed: []byte("sealed"), KeyVersion: 1}})
		},
		"an objection": func(w *twoDesks, tip string) error {
			w.put(t, tip, intake.StateObjection, intake.Normal)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := openTwo(t)
			d := w.Service.Deps
			d.Retention = casework.Retention{Days: map[intake.State]int{intake.StateSpam: 30}}
			w.Service = casework.New(d)
			tip := w.tip(t, contact).ID
			intaketest.Must(t, w.Move(t.Context(), w.wang, tip, casework.Triage{To: intake.StateSpam, Reason: "test"}))
			_, err := w.Read(t.Context(), w.wang, tip)
			intaketest.Must(t, err)
			w.events(t)
			w.Clock.Add(30 * day)
			intaketest.Must(t, w.AskDestruction(t.Context(), w.wang, tip, "law"))
			intaketest.Must(t, open(w, tip))
			k, err := w.Keeping(t.Context(), w.zhao)
			intaketest.Must(t, err)
			if err := w.ApproveDestruction(t.Context(), w.zhao, k.Asked[0].ID); err == nil {
				t.Error("it was destroyed")
			}
			if r := w.row(t, tip); r.DestroyedOn != "" {
				t.Error("it is marked as destroyed")
			}
		})
	}
}

// TestARegisterAlone: a register destroys tips whose destruction nobody here asked for, as a restore wants it. Who has
// the key files can write one, so the record's check names those tips, and what their certificates said then stands fast.
func TestARegisterAlone(t *testing.T) {
	o, _ := keeping(t)
	tip := o.tip(t).ID
	o.events(t)
	forged := intake.Destruction{ID: intake.NewID(), Tip: tip, Disposition: intake.StateSpam, Since: "2026-01-01", Reason: "period_over",
		Asker: "wang", AskedOn: "2026-02-02", Decider: "zhao", DecidedOn: "2026-02-03", DoneOn: "2026-02-03", BackupsEnd: "2026-03-10"}
	if gone, _, err := o.Replay(t.Context(), []intake.Destruction{forged}, nil); gone != 1 || err != nil {
		t.Fatalf("%d gone, %v", gone, err)
	}
	got, err := o.CheckCertificates(t.Context())
	if err != nil || got.N != 1 || len(got.Differ) > 0 || !slices.Equal(got.Again, []string{tip}) {
		t.Errorf("%+v, %v", got, err)
	}
	db := o.Office.Store.Database().Write
	for _, column := range []string{"asker", "decider", "reason", "asked_on", "decided_on", "done_on"} {
		_, err := db.ExecContext(t.Context(), `UPDATE destructions SET `+column+` = 'x' || `+column+` WHERE tip = $1`, tip)
		intaketest.Must(t, err)
		if got, err = o.CheckCertificates(t.Context()); err != nil || !slices.Equal(got.Differ, []string{tip}) {
			t.Errorf("%s changed: %+v, %v", column, got, err)
		}
		_, err = db.ExecContext(t.Context(), `UPDATE destructions SET `+column+` = SUBSTR(`+column+`, 2) WHERE tip = $1`, tip)
		intaketest.Must(t, err)
	}
	_, err = db.ExecContext(t.Context(), `UPDATE destructions SET texts = texts + 1 WHERE tip = $1`, tip)
	intaketest.Must(t, err)
	if got, err = o.CheckCertificates(t.Context()); err != nil || !slices.Equal(got.Differ, []string{tip}) {
		t.Errorf("a count changed: %+v, %v", got, err)
	}
}
