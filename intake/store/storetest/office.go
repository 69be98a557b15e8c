package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tipline/crypto/keyring"
	"tipline/intake"
	"tipline/intake/store"
)

// Whatever is written from however many sides, the audit rows are one chain.
func auditChain(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	head, err := s.AuditHead(t.Context())
	check(t, err)
	equal(t, intake.Audit{}, head)
	a := accepted(t, s, tip())
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			check(t, s.AppendAudit(t.Context(), row("login", "")))
			check(t, s.Act(t.Context(), intake.Act{Audit: row("read", a.Tip.ID), Read: true}))
		})
	}
	wait.Wait()
	var rows []intake.Audit
	for {
		page, err := s.AuditRows(t.Context(), int64(len(rows)), 7)
		check(t, err)
		if len(page) == 0 {
			break
		}
		rows = append(rows, page...)
	}
	equal(t, 40, len(rows))
	prev := ""
	for i, r := range rows {
		equal(t, int64(i+1), r.Seq)
		equal(t, prev, r.Prev)
		equal(t, store.AuditHash(r), r.Hash)
		prev = r.Hash
		equal(t, newClock().now().UTC(), r.At)
	}
	head, err = s.AuditHead(t.Context())
	check(t, err)
	equal(t, rows[39], head)
}

func asked(a *intake.Acceptance) *intake.Custody {
	return &intake.Custody{ID: intake.NewID(), Tip: a.Tip.ID, Desk: desk, Asker: "li", AskedOn: "2026-03-02", Reason: []byte("why"), KeyVersion: 2,
		Inner: []byte("inner"), Raw: []byte("head"), State: intake.CustodyAsked}
}

// waiting wants so much to wait for the desk's custodians, and nothing for another's.
func waiting(t *testing.T, s *store.Store, requests, answers int) {
	t.Helper()
	for of, want := range map[string][2]int{desk: {requests, answers}, "nowhere": {}} {
		r, a, err := s.Waiting(t.Context(), of)
		check(t, err)
		equal(t, want, [2]int{r, a})
	}
}

func custody(t *testing.T, open Opener) {
	s, c := opened(t, open)
	a, b := accepted(t, s, tip()), accepted(t, s, tip())
	first, second := asked(a), asked(b)
	for _, r := range []*intake.Custody{first, second} {
		check(t, s.Act(t.Context(), intake.Act{Audit: row("identity.ask", r.Tip), Ask: r}))
	}
	got, err := s.Custodies(t.Context(), desk, "", intake.CustodyAsked)
	check(t, err)
	equal(t, []intake.Custody{*first, *second}, got)
	waiting(t, s, 2, 0)
	got, err = s.Custodies(t.Context(), desk, b.Tip.ID)
	check(t, err)
	equal(t, []intake.Custody{*second}, got)

	done := *first
	done.State, done.Decider, done.DecidedOn, done.Inner, done.Raw = intake.CustodyApproved, "wang", "2026-03-03", nil, []byte("key")
	done.View, done.ViewUntil = []byte("view"), c.now().Add(15*time.Minute).UTC()
	var won atomic.Int32
	var wait sync.WaitGroup
	for range 8 { // nobody decides twice
		wait.Go(func() {
			err := s.Act(t.Context(), intake.Act{Audit: row("identity.approve", done.Tip), Decide: &done})
			if err == nil {
				won.Add(1)
				return
			}
			fails(t, intake.ErrConflict, err)
		})
	}
	wait.Wait()
	equal(t, int32(1), won.Load())
	one, err := s.Custody(t.Context(), first.ID)
	check(t, err)
	equal(t, done, one)
	_, err = s.Custody(t.Context(), "none")
	fails(t, intake.ErrNotFound, err)
	asker := member(second.Asker)
	check(t, s.AddMember(t.Context(), asker, nil, row("member.add", "")))
	check(t, s.SetKey(t.Context(), intake.Rekeying{Was: asker, Key: asker.Key, Held: []keyring.Grant{}}, row("passphrase", "")))
	third := asked(a)
	check(t, s.Act(t.Context(), intake.Act{Audit: row("identity.ask", third.Tip), Ask: third}))
	check(t, s.SetKey(t.Context(), intake.Rekeying{Was: asker, Key: asker.Key, MustChange: true}, row("member.rekey", "")))
	one, err = s.Custody(t.Context(), third.ID)
	check(t, err)
	equal(t, intake.CustodyClosed, one.State)
	equal(t, 0, len(one.Inner)+len(one.View)+len(one.Raw))

	stranger := asked(tip())
	fails(t, intake.ErrNotFound, s.Act(t.Context(), intake.Act{Audit: row("identity.ask", stranger.Tip), Ask: stranger}))
}

func viewsEnd(t *testing.T, open Opener) {
	s, c := opened(t, open)
	r := asked(accepted(t, s, tip()))
	check(t, s.Act(t.Context(), intake.Act{Audit: row("identity.ask", r.Tip), Ask: r}))
	r.State, r.Inner, r.View, r.ViewUntil = intake.CustodyApproved, nil, []byte("view"), c.now().Add(15*time.Minute)
	check(t, s.Act(t.Context(), intake.Act{Audit: row("identity.approve", r.Tip), Decide: r}))
	n, err := s.CloseViews(t.Context(), r.ViewUntil.Add(-time.Second))
	check(t, err)
	equal(t, 0, n)
	n, err = s.CloseViews(t.Context(), r.ViewUntil)
	check(t, err)
	equal(t, 1, n)
	got, err := s.Custody(t.Context(), r.ID)
	check(t, err)
	equal(t, intake.CustodyClosed, got.State)
	equal(t, nil, got.View)
}

func drafts(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	_, err := s.Draft(t.Context(), "li")
	fails(t, intake.ErrNotFound, err)
	for _, text := range []string{"one", "two"} {
		check(t, s.SaveDraft(t.Context(), "li", []byte(text)))
		got, err := s.Draft(t.Context(), "li")
		check(t, err)
		equal(t, text, string(got))
	}
	check(t, s.DropDraft(t.Context(), "li"))
	check(t, s.DropDraft(t.Context(), "li"))
	_, err = s.Draft(t.Context(), "li")
	fails(t, intake.ErrNotFound, err)
}

func member(name string) intake.Member {
	return intake.Member{Name: name, Roles: []string{"handler", "ledger"}, Key: keyring.MemberKey{Recipient: "age1pq1" + name, Locked: []byte("locked " + name)},
		MustChange: true, CreatedOn: "2026-03-01"}
}

func grant(holder, role string, version int) keyring.Grant {
	return keyring.Grant{Holder: holder, Role: role, Version: version, Sealed: []byte(holder + role)}
}

func setUp(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	set := intake.Setup{RoleKeys: []keyring.RoleKey{{Role: "custodian", Version: 1, Recipient: "age1pq1c"}, {Role: "desk:a", Version: 1, Recipient: "age1pq1d"}},
		Members: []intake.Member{member("li"), member("wang")}, Grants: []keyring.Grant{grant("li", "desk:a", 1), grant("recovery:1", "desk:a", 1)},
		Audit: []intake.Audit{row("member.add", ""), row("member.add", "")}}
	check(t, s.Init(t.Context(), set))
	fails(t, intake.ErrConflict, s.Init(t.Context(), intake.Setup{Members: []intake.Member{member("zhao")}}))
	keys, err := s.RoleKeys(t.Context())
	check(t, err)
	equal(t, set.RoleKeys, keys)
	all, err := s.Members(t.Context())
	check(t, err)
	equal(t, set.Members, all)
	for i, holder := range []string{"li", "recovery:1"} {
		grants, err := s.Grants(t.Context(), holder)
		check(t, err)
		equal(t, set.Grants[i:i+1], grants)
	}
	rows, err := s.AuditRows(t.Context(), 0, 9)
	check(t, err)
	equal(t, 2, len(rows))
}

func members(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	m, audit := member("li"), row("member.add", "")
	check(t, s.AddMember(t.Context(), m, []keyring.Grant{grant("li", "desk:a", 1), grant("li", "desk:a", 2)}, audit))
	fails(t, intake.ErrConflict, s.AddMember(t.Context(), m, nil, audit))
	was := m
	m.Key, m.MustChange, m.Disabled = keyring.MemberKey{Recipient: "age1pq1new", Locked: []byte("new")}, false, true
	renewed := []keyring.Grant{grant("li", "desk:a", 2)}
	promoted := was
	promoted.Roles = []string{"auditor"}
	for _, r := range []intake.Rekeying{{Was: m, Key: m.Key}, {Was: promoted, Key: m.Key}, {Was: was, Key: m.Key, Held: []keyring.Grant{}}, {Was: was, Key: m.Key, Held: renewed},
		{Was: was, Key: m.Key, Held: []keyring.Grant{grant("li", "desk:a", 2), grant("li", "desk:a", 3)}}} {
		fails(t, intake.ErrConflict, s.SetKey(t.Context(), r, audit))
	}
	check(t, s.SetKey(t.Context(), intake.Rekeying{Was: was, Key: m.Key, Held: []keyring.Grant{grant("li", "desk:a", 1), grant("li", "desk:a", 2)}, Grants: renewed}, audit))
	check(t, s.SetDisabled(t.Context(), "li", true, audit))
	got, err := s.Member(t.Context(), "li")
	check(t, err)
	equal(t, m, got)
	grants, err := s.Grants(t.Context(), "li")
	check(t, err)
	equal(t, renewed, grants)
	fails(t, intake.ErrNotFound, s.SetKey(t.Context(), intake.Rekeying{Was: member("none"), Key: m.Key}, audit))
	fails(t, intake.ErrNotFound, s.SetDisabled(t.Context(), "none", true, audit))
	_, err = s.Member(t.Context(), "none")
	fails(t, intake.ErrNotFound, err)
	rows, err := s.AuditRows(t.Context(), 0, 9)
	check(t, err)
	equal(t, 3, len(rows)) // none for what failed
}
