package book

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/ledger"
)

// known are the parcels of the batches a sheet speaks of, as they stand.
type known struct {
	service *Service
	by      casework.Actor
	batches map[string]map[string]ledger.Parcel
}

func (k *known) get(ctx context.Context, batch, number string) (ledger.Parcel, bool, error) {
	if k.batches[batch] == nil {
		k.batches[batch] = map[string]ledger.Parcel{}
		for p, err := range k.service.Ledger.Parcels(ctx, ledger.ParcelFilter{Desk: k.by.Desk, Batch: batch}) {
			if err != nil {
				return p, false, err
			}
			k.batches[batch][p.Number] = p
		}
	}
	p, ok := k.batches[batch][number]
	return p, ok, nil
}

const longestNumber = 100 // characters of a parcel's number

func (s *Service) planParcel(ctx context.Context, there *known, c cells, o Options) (r PlanRow, err error) {
	r.Key = c.get("number")
	batch := cmp.Or(c.get("batch"), o.Batch)
	lat, lon, datum := s.where(&r, c, o.Datum)
	r.Category, r.Source = s.code(&r, c, "category", intake.CategoryUnknown), s.code(&r, c, "source", cmp.Or(o.Source, "satellite"))
	area, ok := areaIn(c.get("area"))
	if !ok {
		r.wrong("area", "format")
	}
	r.parcel = ledger.Parcel{Desk: there.by.Desk, Batch: batch, Number: r.Key, Place: r.Place, Lat: lat, Lon: lon, Datum: datum, Area: area, Category: r.Category, Source: r.Source,
		DueOn: r.date(c, "due_on"), EvidenceDue: r.date(c, "evidence_due"), ImportedOn: s.today()}
	r.charge = ledger.Charge{Leader: c.get("leader"), Responsible: c.get("responsible"), Occupant: c.get("occupant"), Note: c.get("note")}
	r.Words, r.tag, r.Status = beginning(area), batch+"\n"+r.Key, RowNew
	switch {
	case r.Key == "":
		r.wrong("number", "required")
	case intake.NumberProblem(r.Key) != "":
		r.wrong("number", intake.NumberProblem(r.Key))
	case batch == "":
		r.wrong("batch", "required")
	case utf8.RuneCountInString(r.Key) > longestNumber:
		r.long("number", longestNumber)
	case intake.Personal(batch):
		r.wrong("batch", intake.CodePersonal)
	case utf8.RuneCountInString(batch) > longestBatch:
		r.long("batch", longestBatch)
	}
	p, found, err := there.get(ctx, batch, r.Key)
	if err != nil || !found {
		return r, err
	}
	r.Status = RowChanged
	charge, err := s.Charge(there.by, p)
	if err == nil && p.Tells(r.parcel) && charge == r.charge {
		r.Status = RowSame
	}
	return r, err
}

// Charge is who answers for a parcel, opened in a member's session.
func (s *Service) Charge(by casework.Actor, p ledger.Parcel) (c ledger.Charge, err error) {
	if len(p.Sealed) == 0 {
		return c, nil
	}
	text, err := opened(by, parcelContext(p.Batch, p.Number), p.Sealed)
	if err != nil {
		return c, fmt.Errorf("who answers for a parcel: %w", err)
	}
	return c, json.Unmarshal(text, &c)
}

func (s *Service) sealCharge(r *PlanRow) error {
	if r.charge == (ledger.Charge{}) {
		return nil
	}
	text, err := json.Marshal(r.charge)
	if err != nil {
		return err
	}
	r.parcel.Sealed, err = s.sealed(r.parcel.Desk, parcelContext(r.parcel.Batch, r.parcel.Number), text)
	return err
}

// parcelContext takes a hash: batch and number may be in any script.
func parcelContext(batch, number string) seal.Context {
	return seal.Context{Tip: "parcel", Compartment: intake.CompartmentLedger, Part: tag(batch, number)[:32], Direction: intake.Inward}
}

// importParcels writes the new and the changed rows in one transaction.
func (s *Service) importParcels(ctx context.Context, by casework.Actor, p *Plan) (Result, error) {
	var list []ledger.Parcel
	charges := map[[2]string]ledger.Charge{}
	for i := range p.Rows {
		r := &p.Rows[i]
		if r.Status != RowNew && r.Status != RowChanged {
			continue
		}
		if err := s.sealCharge(r); err != nil {
			return Result{}, err
		}
		list = append(list, r.parcel)
		charges[[2]string{r.parcel.Batch, r.parcel.Number}] = r.charge
	}
	n, err := s.Ledger.ImportParcels(ctx, list, func(there, now ledger.Parcel) (bool, error) {
		c, err := s.Charge(by, there)
		return c == charges[[2]string{now.Batch, now.Number}], err
	})
	return Result{New: n.New, Changed: n.Changed, Same: n.Same + p.Count(RowSame), Left: p.Count(RowBad)}, err
}
