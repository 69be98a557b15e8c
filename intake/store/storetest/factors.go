package storetest

import (
	"sync"
	"sync/atomic"
	"testing"

	"tipline/crypto/keyring"
	"tipline/intake"
)

// A second factor: each code counts once, whoever tries at the same moment, and a
// new key takes the factor along or away.
func factors(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	check(t, s.AddMember(t.Context(), member("li"), nil, row("member.add", "")))
	_, err := s.Factor(t.Context(), "li")
	fails(t, intake.ErrNotFound, err)
	f := intake.Factor{Holder: "li", Sealed: []byte("sealed"), LastStep: 7, CreatedOn: "2026-03-01"}
	codes := [][]byte{[]byte("one"), []byte("two")}
	audit := row("factor", "")
	check(t, s.SetFactor(t.Context(), f, member("li"), codes, audit))
	got, err := s.Factor(t.Context(), "li")
	check(t, err)
	equal(t, f, got)

	once(t, func() error { return s.ReplaceFactor(t.Context(), "li", []byte("sealed"), []byte("anew"), audit) })
	fails(t, intake.ErrConflict, s.ReplaceFactor(t.Context(), "wang", []byte("sealed"), []byte("anew"), audit))
	f.Sealed = []byte("anew")
	got, err = s.Factor(t.Context(), "li")
	check(t, err)
	equal(t, f, got)

	once(t, func() error { return s.SpendStep(t.Context(), "li", 9, audit) })
	fails(t, intake.ErrConflict, s.SpendStep(t.Context(), "li", 8, audit))
	once(t, func() error { return s.SpendCode(t.Context(), "li", []byte("one"), audit) })
	fails(t, intake.ErrConflict, s.SpendCode(t.Context(), "li", []byte("three"), audit))
	fails(t, intake.ErrConflict, s.SpendStep(t.Context(), "wang", 1, audit))
	left, err := s.FactorHolders(t.Context())
	check(t, err)
	equal(t, map[string]int{"li": 1}, left)

	check(t, s.SetCodes(t.Context(), "li", [][]byte{[]byte("a"), []byte("b"), []byte("c")}, audit))
	fails(t, intake.ErrConflict, s.SpendCode(t.Context(), "li", []byte("two"), audit))
	fails(t, intake.ErrNotFound, s.SetCodes(t.Context(), "wang", codes, audit))
	fresh := member("li")
	fresh.Key = member("new").Key
	renewal := intake.Rekeying{Was: member("li"), Key: fresh.Key, Held: []keyring.Grant{}}
	fails(t, intake.ErrConflict, s.SetKey(t.Context(), renewal, audit))
	renewal.FactorWas, renewal.Factor = []byte("sealed"), []byte("resealed")
	fails(t, intake.ErrConflict, s.SetKey(t.Context(), renewal, audit))
	renewal.FactorWas = []byte("anew")
	check(t, s.SetKey(t.Context(), renewal, audit))
	got, err = s.Factor(t.Context(), "li")
	check(t, err)
	equal(t, intake.Factor{Holder: "li", Sealed: []byte("resealed"), LastStep: 9, CreatedOn: "2026-03-01"}, got)
	check(t, s.SetKey(t.Context(), intake.Rekeying{Was: fresh, Key: member("li").Key}, audit))
	_, err = s.Factor(t.Context(), "li")
	fails(t, intake.ErrNotFound, err)

	check(t, s.SetFactor(t.Context(), f, member("li"), codes, audit))
	check(t, s.SetFactor(t.Context(), f, member("li"), codes[:1], audit))
	check(t, s.DropFactor(t.Context(), "li", audit))
	fails(t, intake.ErrNotFound, s.DropFactor(t.Context(), "li", audit))
	fails(t, intake.ErrConflict, s.SetFactor(t.Context(), f, fresh, codes, audit))
	f.Holder = "none"
	fails(t, intake.ErrNotFound, s.SetFactor(t.Context(), f, member("none"), codes, audit))
}

// once wants one of eight that try at the same time to get through.
func once(t *testing.T, do func() error) {
	t.Helper()
	var won atomic.Int32
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if err := do(); err == nil {
				won.Add(1)
			} else {
				fails(t, intake.ErrConflict, err)
			}
		})
	}
	wait.Wait()
	equal(t, int32(1), won.Load())
}

func grantsAndRoles(t *testing.T, open Opener) {
	s, _ := opened(t, open)
	audit := row("member.grant", "")
	check(t, s.AddMember(t.Context(), member("li"), []keyring.Grant{grant("li", "desk:a", 1)}, audit))
	check(t, s.AddGrants(t.Context(), []keyring.Grant{grant("li", "ledger:a", 1)}, []intake.Member{member("li")}, audit))
	fails(t, intake.ErrConflict, s.AddGrants(t.Context(), []keyring.Grant{grant("li", "custodian", 1), grant("li", "desk:a", 1)}, nil, audit))
	old, promoted := member("li"), member("li")
	old.Key.Recipient, promoted.Roles = "age1pq1old", []string{"auditor"}
	stale := []intake.Member{old}
	for _, m := range []intake.Member{old, promoted} {
		fails(t, intake.ErrConflict, s.AddGrants(t.Context(), []keyring.Grant{grant("li", "custodian", 1)}, []intake.Member{m}, audit))
	}
	keys := []keyring.RoleKey{{Role: "desk:a", Version: 2, Recipient: "age1pq1two"}}
	check(t, s.Rotate(t.Context(), keys, []keyring.Grant{grant("li", "desk:a", 2), grant("recovery:1", "desk:a", 2)}, nil, audit))
	fails(t, intake.ErrConflict, s.Rotate(t.Context(), keys, nil, nil, audit))
	fails(t, intake.ErrConflict, s.Rotate(t.Context(), []keyring.RoleKey{{Role: "desk:a", Version: 3, Recipient: "age1pq1three"}}, nil, stale, audit))
	stored, err := s.RoleKeys(t.Context())
	check(t, err)
	equal(t, keys, stored)
	bare := func(holder, role string, version int) keyring.Grant {
		return keyring.Grant{Holder: holder, Role: role, Version: version}
	}
	held, err := s.Holders(t.Context())
	check(t, err)
	equal(t, []keyring.Grant{bare("li", "desk:a", 1), bare("li", "desk:a", 2), bare("recovery:1", "desk:a", 2), bare("li", "ledger:a", 1)}, held)

	check(t, s.AskEpoch(t.Context(), "desk:a", 1, "2026-03-01", audit))
	gone, err := s.DestroyEpoch(t.Context(), "a", 1, "2026-03-01", audit)
	check(t, err)
	equal(t, 1, gone)
	check(t, s.AddGrants(t.Context(), []keyring.Grant{grant("recovery:1", "desk:a", 1)}, nil, audit))
	check(t, s.AddMember(t.Context(), member("wang"), []keyring.Grant{grant("wang", "desk:a", 1)}, audit))
	check(t, s.SetKey(t.Context(), intake.Rekeying{Was: member("wang"), Key: member("wang").Key, Grants: []keyring.Grant{grant("wang", "desk:a", 1)}}, audit))
	held, err = s.Holders(t.Context())
	check(t, err)
	equal(t, []keyring.Grant{bare("li", "desk:a", 2), bare("recovery:1", "desk:a", 2), bare("li", "ledger:a", 1)}, held) // nobody holds what is destroyed

	check(t, s.SetRoles(t.Context(), "li", []string{"auditor"}, []string{"desk:a"}, audit))
	m, err := s.Member(t.Context(), "li")
	check(t, err)
	equal(t, []string{"auditor"}, m.Roles)
	left, err := s.Grants(t.Context(), "li")
	check(t, err)
	equal(t, []keyring.Grant{grant("li", "ledger:a", 1)}, left)
	fails(t, intake.ErrNotFound, s.SetRoles(t.Context(), "none", []string{"auditor"}, nil, audit))
}
