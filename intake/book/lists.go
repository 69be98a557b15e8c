package book

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/ledger"
)

// openIn is the view of what a department or a village still has to do.
func openIn(desk, department, place string) View {
	return View{Desk: desk, Department: department, Place: place, Open: true, Order: ledger.ByPlace}
}

// dispatchRows is how many lines of a dispatch sheet one page prints.
const dispatchRows = 60

// Dispatch is a department's sheet of a week (周下发): what is accepted and not
// closed, with what it needs for the check, and nothing of the reporter.
type Dispatch struct {
	Period
	Department string
	Lines      []Line
	Next       string // where the next page begins
}

// Dispatch is a page of a department's sheet. The look is on record.
func (s *Service) Dispatch(ctx context.Context, by casework.Actor, day intake.Date, department, cursor, lang string) (*Dispatch, error) {
	p, err := PeriodOf(Weekly, day)
	if err != nil {
		return nil, err
	}
	v := openIn(by.Desk, department, "")
	if v.Cursor, v.Limit = cursor, dispatchRows; p.Over(s.today()) {
		v.Until = p.To
	}
	lines, next, err := s.Page(ctx, by, v, lang)
	return &Dispatch{p, department, lines, next}, err
}

// Fresh says whether a line came in during the sheet's week.
func (d *Dispatch) Fresh(l Line) bool { return d.From <= l.ReceivedOn && l.ReceivedOn <= d.To }

// Item is one line of a sheet for a village: which parcel, what it is, by when. It
// says nothing of where the matter came from.
type Item struct {
	Parcel, Category string
	DueOn            intake.Date
}

// Return is a village's sheet (各村报告): parcels from above, patrols' and
// satellites' clues, and what the public reported, so mixed that nobody can tell which
// is which, nor by holding two sheets against each other.
type Return struct {
	Place string
	Items []Item
	New   int  // how many of them stood on no sheet that was given out
	Left  Left // what isn't on it
}

// Left counts what a village's sheet leaves out, and why.
type Left struct {
	Cadre   int  // it names somebody who answers for the village
	Waiting int  // there is too little that is new to stand among: it waits
	Parcel  int  // no parcel is known
	Later   bool // more is open than a sheet looks at: the latest waits
}

// mostReturned is how many open tips of a village one sheet looks at, the oldest first: what stood on a sheet isn't pushed
// off it by what comes in.
const mostReturned = 100

// Return is a village's sheet. A tip that names a cadre of the village, in the
// handler's words or the reporter's, is never on it; the rest only among enough of
// other origin. It isn't to be printed while something new is on it: see [Service.GiveReturn].
func (s *Service) Return(ctx context.Context, by casework.Actor, place string) (*Return, error) {
	out, _, err := s.sheetOf(ctx, by, place)
	if err != nil {
		return nil, err
	}
	return out, s.note(ctx, by, "report.village", "", place)
}

// GiveReturn notes that a village's sheet goes out as it stands now: what is new on it stays on every later one.
func (s *Service) GiveReturn(ctx context.Context, by casework.Actor, place string) error {
	_, shown, err := s.sheetOf(ctx, by, place)
	if err != nil {
		return err
	}
	if err := s.note(ctx, by, "report.village.give", "", place); err != nil {
		return err
	}
	return s.Ledger.Show(ctx, by.Desk, shown)
}

// sheetOf is a village's sheet, and the ids of all that is about what stands on it.
func (s *Service) sheetOf(ctx context.Context, by casework.Actor, place string) (out *Return, shown []string, err error) {
	if err := handler(by); err != nil {
		return nil, nil, err
	}
	if code, ok := s.Words.Place(place); !ok || code != place { // it stands in the record
		return nil, nil, &intake.InvalidError{Problems: []intake.Problem{{Field: "place", Code: "unknown"}}}
	}
	out = &Return{Place: place}
	lines, cadres, err := s.fromAbove(ctx, by, place)
	if err != nil {
		return nil, nil, err
	}
	v := openIn(by.Desk, "", place)
	v.Limit, v.Order = mostReturned, ledger.ByOldest
	rows, later, err := s.Ledger.View(ctx, v)
	if err != nil {
		return nil, nil, err
	}
	out.Left.Later = later != ""
	if lines, err = s.returned(ctx, by, rows, lines, cadres, out); err != nil {
		return nil, nil, err
	}
	before, err := s.Ledger.Shown(ctx, by.Desk)
	if err != nil {
		return nil, nil, err
	}
	out.Items, shown, out.New, out.Left.Waiting = wave(lines, before)
	slices.SortFunc(out.Items, func(a, b Item) int { return cmp.Compare(a.Parcel, b.Parcel) })
	return out, shown, nil
}

// fromAbove are the open parcels of a village, and who answers for it and for them.
func (s *Service) fromAbove(ctx context.Context, by casework.Actor, place string) (lines []line, cadres []string, err error) {
	cadres = slices.Clone(s.Cadres)
	for p, err := range s.Ledger.Parcels(ctx, ledger.ParcelFilter{Desk: by.Desk, Place: place, Open: true}) {
		if err != nil {
			return nil, nil, err
		}
		c, err := s.Charge(by, p)
		if err != nil {
			return nil, nil, err
		}
		cadres = append(cadres, names(c.Leader, c.Responsible)...)
		lines = append(lines, line{Item{p.Number, p.Category, p.DueOn}, p.Number, false})
	}
	return lines, cadres, nil
}

// names are the names in cells that may hold several.
func names(cells ...string) (out []string) {
	for _, c := range cells {
		for _, n := range twoParts.Split(c, -1) {
			if len([]rune(n)) >= 2 {
				out = append(out, n)
			}
		}
	}
	return out
}

// returned adds the lines of tips to those from above; those of the public are marked.
func (s *Service) returned(ctx context.Context, by casework.Actor, rows []ledger.Row, lines []line, cadres []string, out *Return) ([]line, error) {
	open := Opener(by.Ring)
	above := map[string]bool{}
	for _, l := range lines {
		above[l.Parcel] = true
	}
	for _, r := range rows {
		o, err := open(r)
		if err != nil {
			return nil, err
		}
		cells := ledger.Values(r, o, s.Words.Labels(""))
		number, named := cells["parcel"], false
		if number == "" {
			out.Left.Parcel++
			continue
		}
		if !above[number] { // else it stands there anyway
			if named, err = s.names(ctx, by, r, cells, cadres); err != nil {
				return nil, err
			}
		}
		if named {
			out.Left.Cadre++
			continue
		}
		lines = append(lines, line{Item{number, r.Category, r.DueOn}, r.Tip, r.Source == intake.SourcePublic})
	}
	return lines, nil
}

// names says whether a tip names a cadre. One that this desk no longer has, or can't
// open any more, can't be asked, and counts as if it did.
func (s *Service) names(ctx context.Context, by casework.Actor, r ledger.Row, cells map[string]string, cadres []string) (bool, error) {
	cadres = append(slices.Clone(cadres), names(cells["leader"], cells["responsible"])...)
	for _, key := range []string{"subject", "description", "location", "remarks"} {
		if casework.Holds(cells[key], cadres) {
			return true, nil
		}
	}
	named, err := s.Mentions(ctx, by, r.Tip, cadres)
	if errors.Is(err, intake.ErrNotFound) || errors.Is(err, seal.ErrKey) || errors.Is(err, seal.ErrSealed) {
		return true, nil
	}
	return named, err
}
