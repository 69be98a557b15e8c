package book

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/ledger"
)

// Result is what an import did.
type Result struct {
	New, Changed, Same int
	Left               int // rows that couldn't be taken
}

func (s *Service) planClue(ctx context.Context, by casework.Actor, c cells, o Options) (r PlanRow, err error) {
	lat, lon, datum := s.where(&r, c, o.Datum)
	r.Category, r.Source = s.code(&r, c, "category", intake.CategoryUnknown), s.code(&r, c, "source", o.Source)
	channel := s.code(&r, c, "channel", string(intake.Office))
	if r.Source == "" {
		r.wrong("source", "required")
	}
	r.report = &intake.Report{Channel: intake.Channel(channel), Source: r.Source, Category: r.Category, Place: r.Place, Lang: "zh-CN", Urgent: yesIn(c.get("urgent")), Reply: intake.ReplyReceipt,
		Words: intake.Words{Text: c.get("text"), Address: c.get("address"), Lat: lat, Lon: lon, Datum: datum, Occurred: c.get("occurred"), Subject: c.get("subject"), Parcel: c.get("parcel"),
			Origin: intake.Origin{Issuer: c.get("issuer"), Reference: c.get("reference"), IssuedOn: string(r.date(c, "issued_on")), ReportedOn: string(r.date(c, "reported_on"))}},
		Identity: intake.Identity{Name: c.get("name"), Phone: c.get("phone")}, By: by.Name, Desk: by.Desk}
	content, err := s.contentOf(r.report)
	if err != nil {
		return r, err
	}
	r.Key, r.Words, r.Status = c.get("key"), beginning(r.report.Words.Text), RowNew
	// The same row in another file of the batch is the same clue; without a number of
	// its own it is known by all that it says.
	r.tag = s.keyed("clue", by.Desk, o.Batch, cmp.Or(r.Key, content))
	r.check(s.Check)
	return r, s.broughtBefore(ctx, by.Desk, &r, content)
}

// broughtBefore says whether a row was imported already, and as what.
func (s *Service) broughtBefore(ctx context.Context, desk string, r *PlanRow, content string) error {
	before, err := s.Ledger.Brought(ctx, desk, r.tag)
	switch {
	case errors.Is(err, intake.ErrNotFound):
		return nil
	case err != nil:
		return err
	case before.Content == content:
		r.Status = RowSame
	default:
		r.wrong("key", "imported") // the tip is there, and is the desk's to change
	}
	return nil
}

// check asks the door what it would say.
func (r *PlanRow) check(door func(*intake.Report) error) {
	trial := *r.report // the door sets defaults
	err := door(&trial)
	if invalid, ok := errors.AsType[*intake.InvalidError](err); ok {
		for _, p := range invalid.Problems {
			if !r.has(p.Field) {
				r.Problems = append(r.Problems, p)
			}
		}
	}
}

func (r *PlanRow) has(field string) bool {
	for _, p := range r.Problems {
		if p.Field == field {
			return true
		}
	}
	return false
}

// contentOf is a keyed hash of all that a clue says.
func (s *Service) contentOf(r *intake.Report) (string, error) {
	text, err := json.Marshal([]any{r.Channel, r.Source, r.Category, r.Place, r.Urgent, r.Words, r.Identity})
	return s.keyed("content", string(text)), err
}

// keyed is a hash that nobody can try a name or a number against who has no key files: it
// stands in clear.
func (s *Service) keyed(parts ...string) string {
	return tag(string(s.Tag("import", tag(parts...))))
}

// importClues files the new rows one by one, each as durable as any tip. What breaks
// off begins again where it stopped: a row that is there already adds nothing.
func (s *Service) importClues(ctx context.Context, by casework.Actor, p *Plan) (out Result, err error) {
	out = Result{Same: p.Count(RowSame), Left: p.Count(RowBad)}
	for _, r := range p.Rows {
		if r.Status != RowNew {
			continue
		}
		content, err := s.contentOf(r.report)
		if err != nil {
			return out, err
		}
		report := *r.report
		report.Token = r.tag
		filed, err := s.TakeDown(ctx, by.Name, &report)
		if err != nil {
			return out, fmt.Errorf("row %d: %w", r.Line, err)
		}
		if filed.Duplicate {
			out.Same++
		} else {
			out.New++
		}
		if err := s.Ledger.Bring(ctx, by.Desk, r.tag, ledger.Brought{Content: content, Tip: filed.ID}, s.today()); err != nil {
			return out, err
		}
	}
	return out, nil
}

// Import carries a plan out. With skip, rows that can't be taken are left out;
// without, one of them is [ErrRows] and nothing is done.
func (s *Service) Import(ctx context.Context, by casework.Actor, p *Plan, skip bool) (Result, error) {
	if err := handler(by); err != nil {
		return Result{}, err
	}
	if err := p.Ready(skip); err != nil {
		return Result{}, err
	}
	detail := fmt.Sprintf("new %d changed %d same %d left %d", p.Count(RowNew), p.Count(RowChanged), p.Count(RowSame), p.Count(RowBad))
	if err := s.note(ctx, by, "import."+string(p.Kind), "", detail); err != nil {
		return Result{}, err
	}
	if p.Kind == Parcels {
		return s.importParcels(ctx, by, p)
	}
	return s.importClues(ctx, by, p)
}
