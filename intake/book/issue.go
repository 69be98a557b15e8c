package book

import (
	"bytes"
	"context"
	"errors"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/ledger"
	"tipline/intake/sheet"
)

// Report writes the report of a kind about a day as a workbook. What is over is
// made once: whoever takes it again gets the same bytes, and the record has a row each
// time. What still runs is made anew.
func (s *Service) Report(ctx context.Context, by casework.Actor, kind string, day intake.Date, lang string) ([]byte, Period, error) {
	if err := handler(by); err != nil {
		return nil, Period{}, err
	}
	p, err := PeriodOf(kind, day)
	if err != nil {
		return nil, p, err
	}
	if p.From > s.today() {
		return nil, p, ErrPeriod
	}
	issued, err := s.Ledger.Issued(ctx, by.Desk, kind, p.From, lang)
	if err == nil {
		b, err := opened(by, issuedContext(p, lang), issued.Sealed)
		return b, p, errors.Join(err, s.note(ctx, by, "report."+kind, "", string(p.From)+" again"))
	}
	if !errors.Is(err, intake.ErrNotFound) {
		return nil, p, err
	}
	b, err := s.made(ctx, by, p, lang)
	if err != nil || !p.Over(s.today()) {
		return b, p, err
	}
	return s.keep(ctx, by, p, lang, b)
}

// keep keeps a report that is over; of two made at once the first one stands.
func (s *Service) keep(ctx context.Context, by casework.Actor, p Period, lang string, b []byte) ([]byte, Period, error) {
	sealed, err := s.sealed(by.Desk, issuedContext(p, lang), b)
	if err != nil {
		return nil, p, err
	}
	stands, err := s.Ledger.Issue(ctx, ledger.Issued{Desk: by.Desk, Kind: p.Kind, Day: p.From, Lang: lang, Sealed: sealed, Member: by.Name, Made: s.today()})
	if err != nil {
		return nil, p, err
	}
	b, err = opened(by, issuedContext(p, lang), stands.Sealed)
	return b, p, err
}

func issuedContext(p Period, lang string) seal.Context {
	return seal.Context{Tip: "report", Compartment: intake.CompartmentLedger, Part: p.Kind + "." + string(p.From) + "." + tag(lang)[:8], Direction: intake.Outward}
}

// made makes the workbook, stamped with who takes it.
func (s *Service) made(ctx context.Context, by casework.Actor, p Period, lang string) ([]byte, error) {
	mark, _, err := s.stamp(ctx, by, "report."+p.Kind, string(p.From))
	if err != nil {
		return nil, err
	}
	var sheets []sheet.Sheet
	switch p.Kind {
	case Daily:
		sheets = []sheet.Sheet{s.daily(ctx, by, p, lang)}
	case Weekly:
		sheets, err = s.weekly(ctx, by, p, lang)
	default:
		sheets, err = s.monthly(ctx, by, p, lang)
	}
	if err != nil {
		return nil, err
	}
	for i := range sheets {
		sheets[i].Mark = mark
	}
	var b bytes.Buffer
	err = sheet.WriteXLSX(&b, sheets...)
	return b.Bytes(), err
}
