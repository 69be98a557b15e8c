package casework

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"sync"

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
	nearDays  = 14   // tips that came within so many days are compared
	nearTips  = 50   // and no more than so many
	maxOpened = 16   // of which so many are opened at one look; the next look goes on
	maxKnown  = 4000 // marks are kept of so many
	maxLikely = 8    // as many are shown
)

// marks are what a report's parcel and subject are compared by: keyed hashes that nobody
// can read and that end with the process, so that a report needn't be opened at each look
// at its neighbours. unparsed says that nothing of it could be read.
type marks struct {
	parcel, subject mark
	unparsed        bool
}

type mark [16]byte

// known are the marks of reports that were opened.
type known struct {
	mu   sync.Mutex
	key  [32]byte
	tips map[string]marks
}

func newKnown() *known {
	k := &known{tips: map[string]marks{}}
	rand.Read(k.key[:]) // never fails (crypto/rand, Go 1.24)
	return k
}

// of marks a report.
func (k *known) of(r intake.SealedReport) marks {
	return marks{k.mark("parcel", r.Parcel), k.mark("subject", r.Subject), slices.Contains(r.Flags, intake.FlagUnparsed)}
}

// mark is the zero mark for what says nothing.
func (k *known) mark(kind, text string) (m mark) {
	if text = letters(text); text == "" {
		return m
	}
	h := hmac.New(sha256.New, k.key[:])
	h.Write([]byte(kind + "\x00" + text))
	copy(m[:], h.Sum(nil))
	return m
}

func (k *known) get(tip string) (marks, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	m, ok := k.tips[tip]
	return m, ok
}

func (k *known) put(tip string, m marks) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.tips) >= maxKnown {
		clear(k.tips)
	}
	k.tips[tip] = m
}

// similar finds what may be the same matter. The sealed fields of a few tips, of the
// same place and time, are opened in the member's session and compared there; only
// whether they are equal leaves it. A look opens a few of them, those of the same category
// first, and the next looks the others.
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
	mine, opened := s.known.of(r), 0
	s.known.put(t.ID, mine)
	slices.SortStableFunc(near, func(a, b intake.Tip) int { return cmp.Compare(unlike(t, a), unlike(t, b)) })
	for _, p := range near {
		if t.Category == p.Category {
			add(p, SamePlace)
		}
		other, ok := s.known.get(p.ID)
		if !ok && mine.like(mine) != nil && opened < maxOpened {
			opened++
			if other, err = s.marks(ctx, by, p); ctx.Err() != nil {
				return nil, err // one that doesn't open keeps nobody from the tip
			}
		}
		for _, why := range mine.like(other) {
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

// unlike puts the likelier neighbours first.
func unlike(t, p intake.Tip) int {
	if t.Category == p.Category {
		return 0
	}
	return 1
}

// marks are a tip's, which is opened for them when it wasn't before.
func (s *Service) marks(ctx context.Context, by Actor, p intake.Tip) (marks, error) {
	if m, ok := s.known.get(p.ID); ok {
		return m, nil
	}
	r, err := s.report(ctx, by, p)
	if err != nil {
		return marks{}, err
	}
	m := s.known.of(r)
	s.known.put(p.ID, m)
	return m, nil
}

// like says in what two reports are the same.
func (m marks) like(o marks) (out []Likeness) {
	if m.parcel == o.parcel && m.parcel != (mark{}) {
		out = append(out, SameParcel)
	}
	if m.subject == o.subject && m.subject != (mark{}) {
		out = append(out, SameSubject)
	}
	return out
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
