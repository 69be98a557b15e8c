package book

import (
	"encoding/json"
	"fmt"

	"tipline/crypto/keyring"
	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/ledger"
)

// Opener opens a row's sealed texts with the ledger keys on a ring.
func Opener(ring *keyring.Ring) ledger.Opener {
	return func(r ledger.Row) (o ledger.Opened, err error) {
		keys := ring.Identities(intake.LedgerKey(r.Desk))
		for _, part := range []struct {
			sealed []byte
			where  seal.Context
			into   any
		}{{r.Sealed, casework.LedgerContext(r.Tip), &o.Summary}, {r.Work, workContext(r.Tip), &o.Work}} {
			if len(part.sealed) == 0 {
				continue
			}
			text, err := seal.OpenBytes(part.sealed, part.where, keys...)
			if err != nil {
				return o, fmt.Errorf("the ledger's words of tip %s: %w", r.Tip, err)
			}
			if err := json.Unmarshal(text, part.into); err != nil {
				return o, fmt.Errorf("the ledger's words of tip %s are not readable", r.Tip)
			}
		}
		return o, nil
	}
}

func workContext(tip string) seal.Context {
	return seal.Context{Tip: tip, Compartment: intake.CompartmentLedger, Part: "work", Direction: intake.Inward}
}

// sealWork seals what the office keeps of a row in words.
func (s *Service) sealWork(desk, tip string, w ledger.Work) ([]byte, error) {
	text, err := json.Marshal(w)
	if err != nil {
		return nil, err
	}
	return s.sealed(desk, workContext(tip), text)
}
