package casework

import (
	"cmp"
	"context"
	"slices"

	"tipline/intake"
)

// Likeness is why a tip looks like another.
type Likeness string

// The likenesses, the surest first.
const (
	SameParcel  Likeness = "parcel"
	SameSender  Likeness = "sender"
	SameSubject Likeness = "subject"
	SamePlace   Likeness = "place" // and the same category, within nearDays
)

// Similar is a tip that may be about the same matter, and why.
type Similar struct {
	Tip  intake.Tip
	Like []Likeness // never empty, the surest first
}

const (
	nearDays  = 14 // tips that came within so many days are compared
	nearTips  = 50 // and no more than so many are opened for it
	maxLikely = 8  // as many are shown
)

// similar finds what may be the same matter. The sealed fields of a few tips, of the
// same place and time, are opened in the member's session and compared there; only
// whether they are equal leaves it.
// What is put together with the tip already is left out.
func (s *Service) similar(ctx context.Context, by Actor, v View) ([]Similar, error) {
	t, r := v.Tip, v.Report
	near, err := s.Store.Nearby(ctx, t, nearDays, nearTips)
	if err != nil {
		return nil, err
	}
	sent, err := s.Store.SameSender(ctx, t, s.today(), nearTips)
	if err != nil {
		return nil, err
	}
	found := map[string]*Similar{}
	add := func(p intake.Tip, why Likeness) {
		if found[p.ID] == nil {
			found[p.ID] = &Similar{Tip: p}
		}
		found[p.ID].Like = append(found[p.ID].Like, why)
	}
	for _, p := range sent {
		add(p, SameSender)
	}
	for _, p := range near {
		like, err := s.compare(ctx, by, t, p, r)
		if err != nil {
			return nil, err
		}
		for _, why := range like {
			add(p, why)
		}
	}
	for _, p := range v.Merged {
		delete(found, p.ID)
	}
	if v.Merge != nil {
		delete(found, v.Merge.Into)
	}
	return likeliest(found), nil
}

// compare holds the sealed fields of two tips of one place against each other.
func (s *Service) compare(ctx context.Context, by Actor, t, p intake.Tip, r intake.SealedReport) (like []Likeness, err error) {
	if t.Category == p.Category {
		like = append(like, SamePlace)
	}
	parcel, subject := letters(r.Parcel), letters(r.Subject)
	if parcel == "" && subject == "" {
		return like, nil
	}
	other, err := s.report(ctx, by, p)
	if err != nil {
		return like, ctx.Err() // a neighbour that doesn't open keeps nobody from this tip
	}
	if parcel != "" && letters(other.Parcel) == parcel {
		like = append(like, SameParcel)
	}
	if subject != "" && letters(other.Subject) == subject {
		like = append(like, SameSubject)
	}
	return like, nil
}

func likeliest(found map[string]*Similar) (out []Similar) {
	order := []Likeness{SameParcel, SameSender, SameSubject, SamePlace}
	rank := func(l Likeness) int { return slices.Index(order, l) }
	for _, f := range found {
		slices.SortFunc(f.Like, func(a, b Likeness) int { return cmp.Compare(rank(a), rank(b)) })
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b Similar) int {
		return cmp.Or(cmp.Compare(rank(a.Like[0]), rank(b.Like[0])), cmp.Compare(b.Tip.ReceivedOn, a.Tip.ReceivedOn), cmp.Compare(a.Tip.ID, b.Tip.ID))
	})
	return out[:min(len(out), maxLikely)]
}
