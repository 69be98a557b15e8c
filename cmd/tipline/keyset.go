package main

import (
	"fmt"

	"filippo.io/age"

	"tipline/configs"
	"tipline/crypto/keyring"
	"tipline/intake"
)

// keySet is the newest recipient of every role, by desk.
type keySet map[string]intake.DeskKeys

// newKeySet takes the newest version of each role key that a desk needs.
func newKeySet(keys []keyring.RoleKey, desks []configs.Desk) (keySet, error) {
	newest := map[string]keyring.RoleKey{}
	for _, k := range keys {
		if k.Version > newest[k.Role].Version {
			newest[k.Role] = k
		}
	}
	var all intake.Desks
	for _, d := range desks {
		all = append(all, d.ID)
	}
	set := keySet{}
	for _, d := range desks {
		k, err := deskKeys(newest, all, d.ID)
		if err != nil {
			return nil, err
		}
		set[d.ID] = k
	}
	return set, nil
}

func deskKeys(newest map[string]keyring.RoleKey, all intake.Desks, desk string) (k intake.DeskKeys, err error) {
	for role, to := range map[string]**age.HybridRecipient{
		intake.DeskKey(desk): &k.Desk, intake.LedgerKey(desk): &k.Ledger, all.CustodianKey(desk): &k.Custodian,
	} {
		role, found := newest[role], to
		if role.Role == "" {
			return k, fmt.Errorf("desk %s has no complete set of role keys: run `tipline init --member NAME:handler@%s --member NAME:custodian@%s`, which gives a further desk its own", desk, desk, desk)
		}
		if *found, err = role.Parse(); err != nil {
			return k, err
		}
	}
	k.Version = newest[intake.DeskKey(desk)].Version
	return k, nil
}

// DeskKeys satisfies [intake.Keys].
func (s keySet) DeskKeys(desk string) (intake.DeskKeys, error) {
	k, ok := s[desk]
	if !ok {
		return intake.DeskKeys{}, fmt.Errorf("there is no desk %q", desk)
	}
	return k, nil
}
