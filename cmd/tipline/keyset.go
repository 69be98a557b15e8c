package main

import (
	"fmt"

	"filippo.io/age"

	"tipline/configs"
	"tipline/crypto/keyring"
	"tipline/intake"
	"tipline/intake/casework"
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
	set := keySet{}
	for _, d := range desks {
		k, err := deskKeys(newest, d.ID)
		if err != nil {
			return nil, err
		}
		set[d.ID] = k
	}
	return set, nil
}

func deskKeys(newest map[string]keyring.RoleKey, desk string) (k intake.DeskKeys, err error) {
	for role, to := range map[string]**age.HybridRecipient{
		casework.DeskKey(desk): &k.Desk, casework.LedgerKey(desk): &k.Ledger, casework.CustodianKey: &k.Custodian,
	} {
		role, found := newest[role], to
		if role.Role == "" {
			return k, fmt.Errorf("desk %s has no complete set of role keys: was the pack changed after `tipline init`?", desk)
		}
		if *found, err = role.Parse(); err != nil {
			return k, err
		}
	}
	k.Version = newest[casework.DeskKey(desk)].Version
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
