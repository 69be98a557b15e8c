package book

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"

	"tipline/intake/casework"
	"tipline/intake/ledger"
	"tipline/intake/sheet"
)

// dailyColumns and weeklyColumns are the ledger's columns that the lists show.
func dailyColumns() []string {
	return []string{"no", "tip", "number", "source", "channel", "received_on", "village", "category", "parcel", "location", "coordinates", "subject", "description", "disposition", "department", "due_on", "progress"}
}

func weeklyColumns() []string {
	return []string{"no", "number", "tip", "village", "category", "parcel", "location", "coordinates", "subject", "description", "measure", "responsible", "due_on", "progress"}
}

// daily is what came in on a day (日提取).
func (s *Service) daily(ctx context.Context, by casework.Actor, p Period, lang string) sheet.Sheet {
	v := View{Desk: by.Desk, Since: p.From, Until: p.To}
	return s.listed(by, s.title(lang, p, ""), lang, dailyColumns(), s.Ledger.Each(ctx, v))
}

// weekly is a sheet for each department that has something to do (周下发).
func (s *Service) weekly(ctx context.Context, by casework.Actor, p Period, lang string) ([]sheet.Sheet, error) {
	v := openIn(by.Desk, "", "")
	v.Until = p.To
	byDepartment := map[string][]ledger.Row{}
	var departments []string
	for r, err := range s.Ledger.Each(ctx, v) {
		if err != nil {
			return nil, err
		}
		if byDepartment[r.Department] == nil {
			departments = append(departments, r.Department)
		}
		byDepartment[r.Department] = append(byDepartment[r.Department], r)
	}
	var out []sheet.Sheet
	for _, d := range slices.Sorted(slices.Values(departments)) {
		name := s.Words.Labels(lang).Code("department", d)
		out = append(out, s.listed(by, s.title(lang, p, name), lang, weeklyColumns(), all(byDepartment[d])))
		out[len(out)-1].Name = name
	}
	if len(out) == 0 {
		out = append(out, s.listed(by, s.title(lang, p, ""), lang, weeklyColumns(), all(nil)))
	}
	return out, nil
}

func all(rows []ledger.Row) iter.Seq2[ledger.Row, error] {
	return func(yield func(ledger.Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (s *Service) title(lang string, p Period, of string) string {
	days := string(p.From)
	if p.To != p.From {
		days += " – " + string(p.To)
	}
	if of != "" {
		days = of + " · " + days
	}
	return s.Words.Text(lang, "book.report."+p.Kind) + " · " + days
}

// listed is a sheet of some of the ledger's columns.
func (s *Service) listed(by casework.Actor, title, lang string, keys []string, rows iter.Seq2[ledger.Row, error]) sheet.Sheet {
	labels, open := s.Words.Labels(lang), Opener(by.Ring)
	out := sheet.Sheet{Name: title, Title: title, Fixed: 1}
	for _, key := range keys {
		out.Columns = append(out.Columns, sheet.Column{Heading: labels.Heading(key), Width: ledger.Width(key)})
	}
	out.Rows = func(yield func([]string, error) bool) {
		n := 0
		for r, err := range rows {
			var o ledger.Opened
			if err == nil {
				o, err = open(r)
			}
			n++
			cells := ledger.Values(r, o, labels)
			cells["no"] = strconv.Itoa(n)
			line := make([]string, len(keys))
			for i, key := range keys {
				line[i] = cells[key]
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
	return out
}

// monthly are the month's tables (月通报), small cells hidden.
func (s *Service) monthly(ctx context.Context, by casework.Actor, p Period, lang string) ([]sheet.Sheet, error) {
	s.memory.forget()
	r, err := s.Monthly(ctx, by, p.From, lang)
	if err != nil {
		return nil, err
	}
	labels := s.Words.Labels(lang)
	table := func(id string, rows [][]string) sheet.Sheet {
		name := s.Words.Text(lang, "book.report."+id)
		out := sheet.Sheet{Name: name, Title: s.title(lang, p, name), Upright: true, Rows: func(yield func([]string, error) bool) {
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}}
		out.Columns = []sheet.Column{{Heading: name, Width: 30}, {Heading: s.Words.Text(lang, "book.report.count"), Width: 14}}
		return out
	}
	counts := func(cells []Count, word func(code string) string) (rows [][]string) {
		for _, c := range cells {
			rows = append(rows, []string{word(c.Code), s.Shown(lang, c)})
		}
		return append(rows, []string{s.Words.Text(lang, "book.report.total"), s.Shown(lang, r.Received)})
	}
	code := func(kind string) func(string) string {
		return func(c string) string { return labels.Code(kind, c) }
	}
	out := []sheet.Sheet{table("states", s.stateRows(lang, r)), table("villages", counts(r.ByPlace, s.placeName(lang))), table("categories", counts(r.ByCategory, code("category"))),
		table("sources", counts(r.BySource, code("source"))), table("channels", counts(r.ByChannel, code("channel")))}
	trend := table("trend", nil)
	trend.Columns = append(trend.Columns, sheet.Column{Heading: s.Words.Text(lang, "book.report.concluded"), Width: 14})
	trend.Rows = func(yield func([]string, error) bool) {
		for _, t := range r.Trend {
			if !yield([]string{t.Month, s.Shown(lang, t.Received), s.Shown(lang, t.Concluded)}, nil) {
				return
			}
		}
	}
	return append(out, trend), nil
}

func (s *Service) stateRows(lang string, r *Report) (rows [][]string) {
	for _, c := range r.States {
		rows = append(rows, []string{s.Words.Labels(lang).Code("disposition", c.Code), s.Shown(lang, c)})
	}
	for _, c := range []struct {
		id string
		p  Pace
	}{{"decided", r.Decided}, {"concluded", r.Concluded}} {
		text := s.Words.Text(lang, "book.report.hidden")
		if !c.p.Hidden {
			text = fmt.Sprintf("%d / %d", c.p.InTime, c.p.N)
		}
		rows = append(rows, []string{s.Words.Text(lang, "book.report.intime."+c.id), text})
	}
	return rows
}

// Shown is a cell as it is published.
func (s *Service) Shown(lang string, c Count) string {
	if c.Hidden {
		return s.Words.Text(lang, "book.report.hidden")
	}
	return strconv.Itoa(c.N)
}

func (s *Service) placeName(lang string) func(code string) string {
	labels := s.Words.Labels(lang)
	return func(code string) string {
		if code == "" {
			return s.Words.Text(lang, "word.unknown")
		}
		if town, village, _ := labels.Place(code); town+village != "" {
			return town + village
		}
		return code
	}
}
