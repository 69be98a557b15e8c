package members_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/members"
)

func login(t *testing.T, ss *members.Sessions, name, passphrase string) (string, *members.Session) {
	t.Helper()
	token, s, err := ss.Login(t.Context(), members.Attempt{Name: name, Passphrase: passphrase})
	intaketest.Must(t, err)
	return token, s
}

// over holds that a session is gone and its keys with it.
func over(t *testing.T, ss *members.Sessions, token string, s *members.Session) {
	t.Helper()
	if _, ok := ss.Get(token); ok {
		t.Error("the session is open")
	}
	if s.Ring.Has("desk:main") || s.Ring.Has("custodian") {
		t.Error("its keys are on the ring")
	}
}

func TestASessionEnds(t *testing.T) {
	o := open(t)
	for name, end := range map[string]func(ss *members.Sessions, token string){
		"idle": func(ss *members.Sessions, token string) { o.clock.Add(members.Idle + 1); ss.Get(token) },
		"most": func(ss *members.Sessions, token string) {
			for spent := time.Duration(0); spent <= members.Most; spent += members.Idle {
				ss.Get(token)
				o.clock.Add(members.Idle)
			}
			ss.Get(token)
		},
		"logout": func(ss *members.Sessions, token string) { intaketest.Must(t, ss.Logout(t.Context(), token)) },
		"end":    func(ss *members.Sessions, _ string) { ss.End("wang") },
		"sweep":  func(ss *members.Sessions, _ string) { o.clock.Add(members.Idle + 1); ss.Sweep() },
	} {
		t.Run(name, func(t *testing.T) {
			ss := members.NewSessions(o.Service)
			token, s := login(t, ss, "wang", wangs)
			if got, ok := ss.Get(token); !ok || got != s || !s.Ring.Has("desk:main") {
				t.Fatal("no session")
			}
			end(ss, token)
			over(t, ss, token, s)
		})
	}
}

func TestASessionLivesOn(t *testing.T) {
	o := open(t)
	ss := members.NewSessions(o.Service)
	token, s := login(t, ss, "wang", wangs)
	li, _ := login(t, ss, "li", lis)
	for range 31 { // just under eight hours, never idle
		o.clock.Add(members.Idle)
		ss.Sweep()
		if _, ok := ss.Get(token); !ok {
			t.Fatal("it ended early")
		}
	}
	ss.End("li")
	ss.Logout(t.Context(), "no token")
	if _, ok := ss.Get(""); ok {
		t.Error("an empty token")
	}
	if _, ok := ss.Get(li); ok || !s.Ring.Has("desk:main") {
		t.Error("the wrong session ended")
	}
}

func TestSessionsLeaveRows(t *testing.T) {
	o := open(t)
	ss := members.NewSessions(o.Service)
	token, _ := login(t, ss, "wang", wangs)
	if _, _, err := ss.Login(t.Context(), members.Attempt{Name: "wang", Passphrase: lis}); !errors.Is(err, members.ErrLogin) {
		t.Error(err)
	}
	intaketest.Must(t, ss.Logout(t.Context(), token))
	intaketest.Must(t, ss.Logout(t.Context(), token))
	if got := o.acts(t)[2:]; !slices.Equal(got, []string{"wang login", "wang login.failed", "wang logout"}) {
		t.Errorf("%q", got)
	}
}

func TestRecheckEndsWhomAnotherProcessShutOut(t *testing.T) {
	o := open(t)
	ss := members.NewSessions(o.Service)
	wang, ws := login(t, ss, "wang", wangs)
	li, ls := login(t, ss, "li", lis)
	intaketest.Must(t, ss.Recheck(t.Context()))
	if _, ok := ss.Get(wang); !ok {
		t.Fatal("nothing had changed")
	}
	intaketest.Must(t, o.store.SetDisabled(t.Context(), "wang", true, intake.Audit{At: o.clock.Now(), Act: "member.disable"}))
	elsewhere := o.unlock(t, "li", lis)
	intaketest.Must(t, o.ChangePassphrase(t.Context(), elsewhere, lis, "another sentence of li"))
	intaketest.Must(t, ss.Recheck(t.Context()))
	over(t, ss, wang, ws)
	over(t, ss, li, ls)
}

func TestRecheckEndsWhoHasOtherRoles(t *testing.T) {
	o := open(t)
	ss := members.NewSessions(o.Service)
	wang, s := login(t, ss, "wang", wangs)
	intaketest.Must(t, o.store.SetRoles(t.Context(), "wang", []string{members.Auditor}, nil, intake.Audit{At: o.clock.Now(), Act: "member.roles"}))
	intaketest.Must(t, ss.Recheck(t.Context()))
	over(t, ss, wang, s)
}

func TestTokensDiffer(t *testing.T) {
	o := open(t)
	ss := members.NewSessions(o.Service)
	a, _ := login(t, ss, "wang", wangs)
	b, _ := login(t, ss, "wang", wangs)
	if a == b || len(a) < 50 {
		t.Errorf("%d characters", len(a))
	}
}
