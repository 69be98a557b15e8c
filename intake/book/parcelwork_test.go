package book_test

import (
	"errors"
	"strings"
	"testing"

	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

// imported is an office with two parcels of one batch.
func imported(t *testing.T) *office {
	t.Helper()
	o := open(t)
	plan, err := o.Plan(t.Context(), o.li, book.Parcels, table(t, "图斑编号,整改时限,举证时限,责任人\nTB-1,2026-12-20,2026-12-01,CANARY某\nTB-2,2026-12-20,2026-12-01,\n"), book.Options{Batch: "2023"})
	intaketest.Must(t, err)
	_, err = o.Import(t.Context(), o.li, plan, false)
	intaketest.Must(t, err)
	return o
}

func (o *office) sheet(t *testing.T, number string) *book.ParcelSheet {
	t.Helper()
	p, err := o.ParcelSheet(t.Context(), o.li, "2023", number)
	intaketest.Must(t, err)
	return p
}

// TestAParcelMoves: with a reason, that nobody reads in clear, and with a history.
func TestAParcelMoves(t *testing.T) {
	o := imported(t)
	move := func(c book.ParcelChange) error { return o.MoveParcel(t.Context(), o.li, "2023", "TB-1", c) }
	for name, c := range map[string]book.ParcelChange{
		"no reason":       {State: intake.LedgerVerifying, Reason: " "},
		"a long reason":   {State: intake.LedgerVerifying, Reason: strings.Repeat("长", 2001)},
		"no state":        {State: "nonsense", Reason: "x"},
		"a later date":    {State: intake.LedgerExtended, Reason: "x"},
		"closed tomorrow": {State: intake.LedgerConcluded, ClosedOn: "2026-11-25", Reason: "x"},
		"evidence soon":   {State: intake.LedgerRectifying, EvidenceOn: "soon", Reason: "x"},
	} {
		if err := move(c); !errors.Is(err, intake.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	intaketest.Must(t, move(book.ParcelChange{Version: 1, State: intake.LedgerRectifying, EvidenceOn: "2026-11-20", Reason: "CANARY 正在复耕"}))
	if err := move(book.ParcelChange{Version: 1, State: intake.LedgerVerifying, Reason: "x"}); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("as it was before: %v", err)
	}
	intaketest.Must(t, move(book.ParcelChange{State: intake.LedgerConcluded, Reason: "已复耕"}))
	p := o.sheet(t, "TB-1")
	if p.State != "concluded" || p.ClosedOn != "2026-11-24" || p.EvidenceOn != "2026-11-20" || p.Charge.Responsible != "CANARY某" ||
		len(p.Steps) != 2 || p.Steps[0].Why != "已复耕" || p.Steps[1].Why != "CANARY 正在复耕" || p.Steps[1].Member != "li" {
		t.Errorf("%s %s %s %v", p.State, p.ClosedOn, p.EvidenceOn, p.Steps)
	}
	if strings.Contains(string(p.Steps[1].Reason), "CANARY") {
		t.Error("the reason stands in clear")
	}
	if o.acts(t, "parcel.move") != 3 || o.acts(t, "parcel.read") != 1 {
		t.Errorf("%d moves and %d looks are on record", o.acts(t, "parcel.move"), o.acts(t, "parcel.read"))
	}
	if _, err := o.ParcelSheet(t.Context(), o.wang, "2023", "TB-1"); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a custodian looked: %v", err)
	}
	if err := o.MoveParcel(t.Context(), o.wang, "2023", "TB-1", book.ParcelChange{State: intake.LedgerVerifying, Reason: "x"}); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a custodian moved it: %v", err)
	}
	rows, _, err := o.ParcelPage(t.Context(), casework.Actor{Name: "sun", Roles: []string{casework.RoleSupervisor}, Desk: "main"}, book.ParcelFilter{Open: true, Limit: 9})
	if err != nil || len(rows) != 1 || rows[0].Number != "TB-2" {
		t.Errorf("%v %v", rows, err)
	}
}

// TestClosingTheLastRowClosesItsParcel: with the row, in one press, and only when no other
// tip of the parcel is left.
func TestClosingTheLastRowClosesItsParcel(t *testing.T) {
	o := imported(t)
	a, b := o.accepted(t, "一"), o.accepted(t, "二") // both of TB-1
	closes := func(tips ...string) *book.Changes {
		t.Helper()
		set := map[string]string{}
		for _, tip := range tips {
			set[tip+":progress"] = "销号"
		}
		c, err := o.Compare(t.Context(), o.li, o.home(t, "xlsx", set), nil, "zh-CN")
		intaketest.Must(t, err)
		return c
	}
	if n := closes(a).Closing(); n != 0 {
		t.Errorf("%d parcels would be closed with a tip left", n)
	}
	both := closes(a, b)
	if both.Closing() != 1 {
		t.Fatalf("%d parcels may be closed", both.Closing())
	}
	if p := o.sheet(t, "TB-1"); p.Done() || len(p.Tips) != 2 {
		t.Errorf("%d tips", len(p.Tips))
	}
	both.CloseParcels = true
	if n, err := o.Take(t.Context(), o.li, both, nil, false); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if p := o.sheet(t, "TB-1"); p.State != "concluded" || p.ClosedOn != "2026-11-24" || p.Steps[0].Why != "book.parcel.with_row" {
		t.Errorf("it is %s since %s", p.State, p.ClosedOn)
	}
	if p := o.sheet(t, "TB-2"); p.State != "pending" {
		t.Errorf("another is %s", p.State)
	}
}

// TestARipeParcelSaysSo: its tips are done with, and nobody closed it.
func TestARipeParcelSaysSo(t *testing.T) {
	o := imported(t)
	a := o.accepted(t, "一")
	c, err := o.Compare(t.Context(), o.li, o.home(t, "csv", map[string]string{a + ":progress": "销号"}), nil, "zh-CN")
	intaketest.Must(t, err)
	if n, err := o.Take(t.Context(), o.li, c, nil, false); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	o.settle(t)
	if p := o.sheet(t, "TB-1"); !p.Done() || p.State != "pending" {
		t.Errorf("it is %s, ripe %v", p.State, p.Done())
	}
}
