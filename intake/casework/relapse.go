package casework

import (
	"context"

	"tipline/intake"
)

// Before is an older tip of the same parcel, or with the number that a new one names,
// whose work is done: a new tip may open a look-back at it.
type Before struct {
	intake.Numbered
	Why  string          // parcel or number
	Kind intake.LookKind // what the new tip suggests
}

// maxBefore is how many older tips of a parcel are looked at.
const maxBefore = 20

// before are the tips that the opened one may be a relapse of.
func (s *Service) before(ctx context.Context, v View) (out []Before, err error) {
	kind := intake.LookRelapse
	if v.Tip.Category == categoryFalse {
		kind = intake.LookFalse
	}
	seen := map[string]bool{v.Tip.ID: true}
	add := func(found []intake.Numbered, why string) {
		for _, n := range found {
			if n.State.Closed() && !seen[n.ID] {
				seen[n.ID] = true
				out = append(out, Before{n, why, kind})
			}
		}
	}
	if v.Report.RelapseOf != "" {
		found, err := s.Store.OfNumber(ctx, v.Tip.Desk, v.Report.RelapseOf, maxBefore)
		if err != nil {
			return nil, err
		}
		add(found, "number")
	}
	for _, number := range []string{v.Report.Parcel, v.Report.RelapseOf} {
		tag := s.parcelTag(number)
		if tag == nil {
			continue
		}
		found, err := s.Store.OfParcel(ctx, v.Tip.Desk, tag, maxBefore)
		if err != nil {
			return nil, err
		}
		add(found, "parcel")
	}
	return out, nil
}

// maxOfParcel is how many tips of a parcel are named.
const maxOfParcel = 100

// OfParcel are the desk's tips about the parcel of a number, the newest first: those that
// were taken up.
func (s *Service) OfParcel(ctx context.Context, by Actor, number string) ([]intake.Numbered, error) {
	tag := s.parcelTag(number)
	if !by.Is(RoleHandler) || tag == nil {
		return nil, nil
	}
	return s.Store.OfParcel(ctx, by.Desk, tag, maxOfParcel)
}

// categoryFalse is the category of tips that say that something was never put right
// (虚假整改).
const categoryFalse = "false_rectification"

// parcelTag is the tag of a parcel's number, nil without one. Spaces, signs, case and
// width don't tell two numbers apart.
func (s *Service) parcelTag(number string) []byte {
	plain := letters(number)
	if plain == "" || s.Parcel == nil {
		return nil
	}
	return s.Parcel(plain)
}

// parcelOf is the tag of the parcel that a tip which is taken up is about: as the handler
// says it, else as the report does.
func (s *Service) parcelOf(ctx context.Context, by Actor, t intake.Tip, said string) ([]byte, error) {
	if said == "" {
		r, err := s.report(ctx, by, t)
		if err != nil {
			return nil, err
		}
		said = r.Parcel
	}
	return s.parcelTag(said), nil
}
