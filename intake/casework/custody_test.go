package casework_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
	"tipline/intake/store"
)

func (o *office) ask(t *testing.T, by casework.Actor, tip string) string {
	t.Helper()
	id, err := o.AskIdentity(t.Context(), by, tip, " "+canary+" reason ")
	intaketest.Must(t, err)
	return id
}

func TestAnIdentityTakesTwo(t *testing.T) {
	o := open(t)
	f := o.tip(t)
	if _, _, err := o.OpenIdentity(t.Context(), o.wang, f.ID); !errors.Is(err, casework.ErrNoView) {
		t.Errorf("before it was asked for: %v", err)
	}
	id := o.ask(t, o.wang, f.ID)
	requests, err := o.Requests(t.Context(), o.li)
	if err != nil || len(requests) != 1 || requests[0].Words != canary+" reason" || requests[0].Asker != "wang" {
		t.Fatalf("%d requests, %v", len(requests), err)
	}
	if _, _, err := o.OpenIdentity(t.Context(), o.wang, f.ID); !errors.Is(err, casework.ErrNoView) {
		t.Errorf("before it was approved: %v", err)
	}
	intaketest.Must(t, o.Approve(t.Context(), o.li, id))
	got, until, err := o.OpenIdentity(t.Context(), o.wang, f.ID)
	intaketest.Must(t, err)
	if d := cmp.Diff(intake.Identity{Name: canary + " name", Phone: "13800138000"}, got); d != "" || !until.Equal(o.Clock.Now().Add(15*time.Minute)) {
		t.Errorf("until %v, %s", until, d)
	}
	if _, _, err := o.OpenIdentity(t.Context(), o.zhao, f.ID); !errors.Is(err, casework.ErrNoView) {
		t.Errorf("another handler: %v", err)
	}
	if d := cmp.Diff([]string{"wang identity.ask " + id, "li identity.approve " + id, "wang identity.view " + id}, o.acts(t, f.ID)); d != "" {
		t.Error(d)
	}
	c, err := o.Office.Store.Custody(t.Context(), id)
	if err != nil || c.Inner != nil || c.Decider != "li" {
		t.Errorf("the inner layer stayed: %d bytes, %v", len(c.Inner), err)
	}
	for _, key := range []casework.Actor{o.zhao, o.li} {
		if _, err := seal.OpenBytes(c.View, seal.Context{Tip: f.ID, Compartment: "view", Part: id, Direction: "out"}, key.Key); !errors.Is(err, seal.ErrKey) {
			t.Errorf("%s opens the view: %v", key.Name, err)
		}
	}
}

func TestAViewEnds(t *testing.T) {
	o := open(t)
	f := o.tip(t)
	id := o.ask(t, o.wang, f.ID)
	intaketest.Must(t, o.Approve(t.Context(), o.li, id))
	o.Clock.Add(15*time.Minute - time.Second)
	if n, err := o.Office.Store.CloseViews(t.Context(), o.Clock.Now()); n != 0 || err != nil {
		t.Errorf("%d closed early, %v", n, err)
	}
	if _, _, err := o.OpenIdentity(t.Context(), o.wang, f.ID); err != nil {
		t.Errorf("in its last second: %v", err)
	}
	o.Clock.Add(time.Second)
	if _, _, err := o.OpenIdentity(t.Context(), o.wang, f.ID); !errors.Is(err, casework.ErrNoView) {
		t.Errorf("by the clock it is over: %v", err)
	}
	if n, err := o.Office.Store.CloseViews(t.Context(), o.Clock.Now()); n != 1 || err != nil {
		t.Errorf("%d closed, %v", n, err)
	}
	if c, err := o.Office.Store.Custody(t.Context(), id); err != nil || c.View != nil || c.State != intake.CustodyClosed {
		t.Errorf("%s holds %d bytes, %v", c.State, len(c.View), err)
	}
	if v, err := o.Read(t.Context(), o.wang, f.ID); err != nil || len(v.Custody) != 1 || !v.Identity {
		t.Errorf("%d requests, %v", len(v.Custody), err)
	}
}

func TestWhoMayNot(t *testing.T) {
	o := open(t)
	f := o.tip(t)
	id := o.ask(t, o.wang, f.ID)
	own, stranger := o.li, o.sun
	own.Name, stranger.Desk = "wang", "other"
	calls := map[string]struct {
		do   func() error
		want error
	}{
		"a custodian reads":        {func() error { _, err := o.Read(t.Context(), o.li, f.ID); return err }, casework.ErrForbidden},
		"a custodian lists":        {func() error { _, err := o.Inbox(t.Context(), o.li, intake.Filter{}); return err }, casework.ErrForbidden},
		"a custodian triages":      {func() error { return o.Move(t.Context(), o.li, f.ID, casework.Triage{To: "accepted"}) }, casework.ErrForbidden},
		"a custodian releases":     {func() error { return o.Release(t.Context(), o.li, f.ID) }, casework.ErrForbidden},
		"a custodian retells":      {func() error { return o.Retell(t.Context(), o.li, f.ID) }, casework.ErrForbidden},
		"a custodian answers":      {func() error { return o.Answer(t.Context(), o.li, f.ID, "x", false) }, casework.ErrForbidden},
		"a custodian notes":        {func() error { return o.Note(t.Context(), o.li, f.ID, "x") }, casework.ErrForbidden},
		"a custodian merges":       {func() error { return o.Merge(t.Context(), o.li, f.ID, f.ID) }, casework.ErrForbidden},
		"a custodian takes apart":  {func() error { return o.Unmerge(t.Context(), o.li, f.ID) }, casework.ErrForbidden},
		"a custodian confirms":     {func() error { return o.Confirm(t.Context(), o.li, f.ID) }, casework.ErrForbidden},
		"a custodian returns":      {func() error { return o.Return(t.Context(), o.li, f.ID, "x") }, casework.ErrForbidden},
		"a custodian reviews":      {func() error { _, err := o.ToReview(t.Context(), o.li); return err }, casework.ErrForbidden},
		"a custodian keeps a view": {func() error { return o.SaveView(t.Context(), o.li, casework.SavedView{Name: "x"}) }, casework.ErrForbidden},
		"a custodian opens a file": {func() error { _, _, _, err := o.CleanFile(t.Context(), o.li, f.ID, 1); return err }, casework.ErrForbidden},
		"a custodian asks":         {func() error { _, err := o.AskIdentity(t.Context(), o.li, f.ID, "x"); return err }, casework.ErrForbidden},
		"a custodian opens":        {func() error { _, _, err := o.OpenIdentity(t.Context(), o.li, f.ID); return err }, casework.ErrForbidden},
		"a custodian keys in":      {func() error { _, err := o.KeyIn(t.Context(), o.li, &intake.Report{Channel: intake.Phone}); return err }, casework.ErrForbidden},
		"a custodian drafts":       {func() error { return o.SaveDraft(t.Context(), o.li, nil) }, casework.ErrForbidden},
		"a handler approves":       {func() error { return o.Approve(t.Context(), o.zhao, id) }, casework.ErrForbidden},
		"a handler refuses":        {func() error { return o.Refuse(t.Context(), o.zhao, id, "no need") }, casework.ErrForbidden},
		"a handler lists requests": {func() error { _, err := o.Requests(t.Context(), o.zhao); return err }, casework.ErrForbidden},
		"one's own":                {func() error { return o.Approve(t.Context(), own, id) }, casework.ErrOwnRequest},
		"one's own, refused":       {func() error { return o.Refuse(t.Context(), own, id, "no need") }, casework.ErrOwnRequest},
		"another desk's":           {func() error { return o.Approve(t.Context(), stranger, id) }, intake.ErrNotFound},
		"no such request":          {func() error { return o.Approve(t.Context(), o.li, intake.NewID()) }, intake.ErrNotFound},
		"no reason":                {func() error { _, err := o.AskIdentity(t.Context(), o.wang, f.ID, " \n"); return err }, casework.ErrReason},
		"nobody's identity":        {func() error { _, err := o.AskIdentity(t.Context(), o.wang, o.tip(t, nobody).ID, "x"); return err }, casework.ErrNoIdentity},
	}
	before := len(o.acts(t, f.ID))
	for name, c := range calls {
		if err := c.do(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := len(o.acts(t, f.ID)); after != before {
		t.Errorf("what was refused left %d rows", after-before)
	}
}

func TestNothingIsDecidedTwice(t *testing.T) {
	o := open(t)
	f := o.tip(t)
	for name, c := range map[string]struct{ first, second func(id string) error }{
		"approved, approved": {func(id string) error { return o.Approve(t.Context(), o.li, id) }, func(id string) error { return o.Approve(t.Context(), o.sun, id) }},
		"approved, refused":  {func(id string) error { return o.Approve(t.Context(), o.li, id) }, func(id string) error { return o.Refuse(t.Context(), o.sun, id, "no need") }},
		"refused, approved":  {func(id string) error { return o.Refuse(t.Context(), o.li, id, "no need") }, func(id string) error { return o.Approve(t.Context(), o.sun, id) }},
	} {
		id := o.ask(t, o.wang, f.ID)
		intaketest.Must(t, c.first(id))
		if err := c.second(id); !errors.Is(err, intake.ErrConflict) {
			t.Errorf("%s: %v", name, err)
		}
		row, err := o.Office.Store.Custody(t.Context(), id)
		if err != nil || row.Decider != "li" || row.Inner != nil {
			t.Errorf("%s: by %s, %v", name, row.Decider, err)
		}
	}
	// Two custodians at the same moment: the store decides.
	id := o.ask(t, o.wang, f.ID)
	deps := o.Service.Deps
	deps.Store = &meanwhile{deps.Store, func() { intaketest.Must(t, o.Refuse(t.Context(), o.sun, id, "no need")) }}
	if err := casework.New(deps).Approve(t.Context(), o.li, id); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("both at once: %v", err)
	}
	if row, err := o.Office.Store.Custody(t.Context(), id); err != nil || row.State != intake.CustodyRefused || row.View != nil {
		t.Errorf("%s, %v", row.State, err)
	}
}

func TestAnotherDesksTipIsntThere(t *testing.T) {
	o := open(t)
	f := o.tip(t)
	other := o.wang
	other.Desk = "other"
	_, unknown := o.Read(t.Context(), other, strings.Repeat("0", 32))
	_, theirs := o.Read(t.Context(), other, f.ID)
	for _, err := range []error{unknown, theirs, o.Move(t.Context(), other, f.ID, casework.Triage{To: "accepted"}), o.Release(t.Context(), other, f.ID), o.Answer(t.Context(), other, f.ID, "x", false)} {
		if !errors.Is(err, intake.ErrNotFound) {
			t.Errorf("%v", err)
		}
	}
	if in, err := o.Inbox(t.Context(), other, intake.Filter{Desk: "main"}); err != nil || len(in.Tips) != 0 || in.Counts.Unread != 0 {
		t.Errorf("%d tips, %v", len(in.Tips), err)
	}
}

func TestANewKeyEndsTheView(t *testing.T) {
	o := open(t)
	f := o.tip(t)
	intaketest.Must(t, o.Approve(t.Context(), o.li, o.ask(t, o.wang, f.ID)))
	intaketest.Must(t, o.SaveDraft(t.Context(), o.wang, map[string][]string{"text": {"x"}}))
	o.wang.Key = intaketest.Identity(t) // as after a new passphrase
	if _, _, err := o.OpenIdentity(t.Context(), o.wang, f.ID); !errors.Is(err, casework.ErrNoView) {
		t.Errorf("view: %v", err)
	}
	if _, err := o.Draft(t.Context(), o.wang); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("draft: %v", err)
	}
}

// TestARequestRunsOut: one that nobody decides takes its open layer with it.
func TestARequestRunsOut(t *testing.T) {
	o := open(t)
	id := o.ask(t, o.wang, o.tip(t).ID)
	for _, step := range []struct {
		after time.Duration
		state intake.CustodyState
	}{{13 * 24 * time.Hour, intake.CustodyAsked}, {2 * 24 * time.Hour, intake.CustodyClosed}} {
		o.Clock.Add(step.after)
		_, err := o.Office.Store.Expire(t.Context(), o.Clock.Now())
		intaketest.Must(t, err)
		c, err := o.Office.Store.Custody(t.Context(), id)
		intaketest.Must(t, err)
		if c.State != step.state || (c.Inner == nil) != (step.state == intake.CustodyClosed) {
			t.Errorf("after %v the request is %s with %d bytes", step.after, c.State, len(c.Inner))
		}
	}
	if err := o.Approve(t.Context(), o.li, id); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("a request that ran out was approved: %v", err)
	}
}

func TestNothingIsApprovedForWhoIsShutOut(t *testing.T) {
	for name, happens := range map[string]func(st *store.Store, row intake.Audit) error{
		"disabled": func(st *store.Store, row intake.Audit) error {
			return st.SetDisabled(t.Context(), "wang", true, row)
		},
		"no handler any more": func(st *store.Store, row intake.Audit) error {
			return st.SetRoles(t.Context(), "wang", []string{"auditor"}, nil, row)
		},
		"under a printed passphrase": func(st *store.Store, row intake.Audit) error {
			wang, err := st.Member(t.Context(), "wang")
			if err != nil {
				return err
			}
			return st.SetKey(t.Context(), intake.Rekeying{Was: wang, Key: wang.Key, MustChange: true}, row)
		},
	} {
		o := open(t)
		id := o.ask(t, o.wang, o.tip(t).ID)
		intaketest.Must(t, happens(o.Office.Store, intake.Audit{At: o.Clock.Now(), Member: "x", Act: "member"}))
		if err := o.Approve(t.Context(), o.li, id); !errors.Is(err, casework.ErrForbidden) && !errors.Is(err, intake.ErrConflict) {
			t.Errorf("approved for a member who is %s: %v", name, err)
		}
	}
}
