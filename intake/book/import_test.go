package book_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
	"tipline/intake/ledger"
)

const parcelsCSV = `2023年例行督察未整改图斑,,,,,,
图斑编号,所在村,中心点坐标,监测面积（亩）,用途类型,整改期限,举证时限,责任人,包村干部
TB-001,胡堂村,"34.4401,115.0702",3.25,建房,2024年8月1日,2024/5/31,CANARY甲,CANARY乙
TB-002,李尧村,"115°4'12"",34°26'24""",1.5亩,,2024.8.1,20240531,,
`

// TestParcelsComeIn: titles above the headings, dates and coordinates as offices
// write them; the same file twice adds nothing, a corrected one corrects; names stand
// nowhere in clear.
func TestParcelsComeIn(t *testing.T) {
	o := open(t)
	in := func(csv, batch string) book.Result {
		t.Helper()
		p, err := o.Plan(t.Context(), o.li, book.Parcels, table(t, csv), book.Options{Batch: batch})
		intaketest.Must(t, err)
		r, err := o.Import(t.Context(), o.li, p, false)
		if err != nil {
			t.Fatalf("%v: %+v", err, problems(p))
		}
		return r
	}
	want := func(got, want book.Result) {
		t.Helper()
		if got != want {
			t.Errorf("%+v, not %+v", got, want)
		}
	}
	want(in(parcelsCSV, "2023"), book.Result{New: 2})
	want(in(parcelsCSV, "2023"), book.Result{Same: 2})
	want(in(strings.Replace(parcelsCSV, "CANARY甲", "CANARY丙", 1), "2023"), book.Result{Changed: 1, Same: 1})
	want(in(parcelsCSV, "2024"), book.Result{New: 2})
	var got []ledger.Parcel
	for p, err := range o.ledger.Parcels(t.Context(), ledger.ParcelFilter{Desk: "main", Batch: "2023"}) {
		intaketest.Must(t, err)
		c, err := o.Charge(o.li, p)
		intaketest.Must(t, err)
		if p.Number == "TB-001" && (c.Responsible != "CANARY丙" || c.Leader != "CANARY乙") {
			t.Errorf("who answers: %q %q", c.Responsible, c.Leader)
		}
		if strings.Contains(string(p.Sealed), "CANARY") {
			t.Error("a name stands in clear")
		}
		p.Sealed, p.Version = nil, 0
		got = append(got, p)
	}
	if d := cmp.Diff([]ledger.Parcel{
		{Desk: "main", Batch: "2023", Number: "TB-001", Place: "411422207201", Lat: "34.4401", Lon: "115.0702", Datum: "cgcs2000", Area: "3.25", Category: "ok-house", Source: "satellite",
			DueOn: "2024-08-01", EvidenceDue: "2024-05-31", State: "pending", ImportedOn: "2026-11-24"},
		{Desk: "main", Batch: "2023", Number: "TB-002", Place: "411422207202", Lat: "34.4400000", Lon: "115.0700000", Datum: "cgcs2000", Area: "1.5", Category: "unknown", Source: "satellite",
			DueOn: "2024-08-01", EvidenceDue: "2024-05-31", State: "pending", ImportedOn: "2026-11-24"}}, got); d != "" {
		t.Error(d)
	}
	if n := o.acts(t, "import.parcels"); n != 4 {
		t.Errorf("%d rows of the record", n)
	}
}

// TestRowsThatCantBeTaken stand with their reasons, and leave the rest alone only
// when somebody says so.
func TestRowsThatCantBeTaken(t *testing.T) {
	o := open(t)
	csv := "图斑编号,村,面积,整改时限,坐标\nTB-1,胡堂村,2,2024-02-30,\n,胡堂村,2,,\nTB-3,无名村,two,,12\nTB-4,胡堂村,,,\nTB-4,胡堂村,,,\n"
	p, err := o.Plan(t.Context(), o.li, book.Parcels, table(t, csv), book.Options{Batch: "b"})
	intaketest.Must(t, err)
	if d := cmp.Diff([]string{"2 due_on format", "3 number required", "4 place unknown", "4 coordinates format", "4 area format", "6 number twice"}, problems(p)); d != "" {
		t.Error(d)
	}
	if _, err := o.Import(t.Context(), o.li, p, false); !errors.Is(err, book.ErrRows) {
		t.Errorf("it was taken: %v", err)
	}
	if r, err := o.Import(t.Context(), o.li, p, true); err != nil || r != (book.Result{New: 1, Left: 4}) {
		t.Errorf("%+v, %v", r, err)
	}
	if p, err = o.Plan(t.Context(), o.li, book.Parcels, table(t, "a,b\n1,2\n"), book.Options{}); err != nil || !errors.Is(p.Ready(true), book.ErrColumns) || len(p.Missing) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := o.Plan(t.Context(), o.li, book.Parcels, table(t, csv), book.Options{Batch: "b", Source: "王大力举报"}); err == nil {
		t.Error("any words pass for a source, which stands in clear")
	}
	if _, err := o.Plan(t.Context(), o.wang, book.Parcels, nil, book.Options{}); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a custodian imports: %v", err)
	}
}

// TestWrongColumns: what stands in clear takes no names from a column that was mapped
// wrongly, and batches that all differ are pointed at.
func TestWrongColumns(t *testing.T) {
	o := open(t)
	p, err := o.Plan(t.Context(), o.li, book.Parcels, table(t, "编号,姓名,村,批次\nTB-1,王大力,胡堂村,二〇二三督察\n2,李四,胡堂村,二〇二四督察\n"), book.Options{Mapping: book.Mapping{"姓名": "number", "村": "place", "批次": "batch"}})
	intaketest.Must(t, err)
	if d := cmp.Diff([]string{"2 number no_number", "3 number no_number"}, problems(p)); d != "" {
		t.Error(d)
	}
	if !p.Scattered() {
		t.Error("nothing points at batches that all differ")
	}
	for sheet, want := range map[string]bool{"图斑编号,批次\nTB-1,二〇二三\nTB-2,二〇二三\nTB-3,二〇二四\n": false, "图斑编号,批次\n第三,二〇二三\n": false, "图斑编号\n１号\nA\n": false, "图斑编号,批次\n１号,某甲\nA,某乙\n": true} {
		p, err := o.Plan(t.Context(), o.li, book.Parcels, table(t, sheet), book.Options{Batch: "b"})
		intaketest.Must(t, err)
		if p.Scattered() != want {
			t.Errorf("%q: %t", sheet, !want)
		}
		if bad := strings.Contains(sheet, "第三"); (p.Count(book.RowBad) > 0) != bad {
			t.Errorf("%q: %v", sheet, problems(p))
		}
	}
}

// TestNobodysNumberIsAParcels: a telephone or identity number in place of a parcel's is refused
// with its field, in a sheet of parcels, of clues, and in the ledger brought back.
func TestNobodysNumberIsAParcels(t *testing.T) {
	o := open(t)
	p, err := o.Plan(t.Context(), o.li, book.Parcels, table(t, "图斑编号,批次\n13800138000,b\n11010519491231002X,b\nTB-1,王13800138000\n411422202307001234,b\n"), book.Options{})
	intaketest.Must(t, err)
	if d := cmp.Diff([]string{"2 number personal", "3 number personal", "4 batch personal"}, problems(p)); d != "" {
		t.Error(d)
	}
	p, err = o.Plan(t.Context(), o.li, book.Clues, table(t, "反映内容,图斑编号\n村北耕地上有大棚房,138 0013 8000\n村南耕地上有大棚房,王大力\n村东耕地上有大棚房,31\n"), book.Options{Batch: "b", Source: "媒体报道"})
	intaketest.Must(t, err)
	if d := cmp.Diff([]string{"2 parcel personal", "3 parcel no_number"}, problems(p)); d != "" {
		t.Error(d)
	}
}

// TestLongNumbers: what is too long says how long it may be.
func TestLongNumbers(t *testing.T) {
	o := open(t)
	p, err := o.Plan(t.Context(), o.li, book.Parcels, table(t, "图斑编号,批次\nT"+strings.Repeat("1", 100)+",b\nT1,"+strings.Repeat("b", 61)+"\n"), book.Options{})
	intaketest.Must(t, err)
	want := []intake.Problem{{Field: "number", Code: "too_long", Param: "100"}, {Field: "batch", Code: "too_long", Param: "60"}}
	if d := cmp.Diff(want, append(p.Rows[0].Problems, p.Rows[1].Problems...)); d != "" {
		t.Error(d)
	}
}

func problems(p *book.Plan) (out []string) {
	for _, r := range p.Rows {
		for _, q := range r.Problems {
			out = append(out, fmt.Sprintf("%d %s %s", r.Line, q.Field, q.Code))
		}
	}
	return out
}

// TestMappings: an office's own headings, kept under a name and sealed.
func TestMappings(t *testing.T) {
	o := open(t)
	own := book.Mapping{"斑号（县）": "number", "在哪里CANARY": "place"}
	intaketest.Must(t, o.SaveMap(t.Context(), o.li, book.Parcels, book.SavedMap{Name: " 县模板 ", Mapping: own}))
	m, err := o.Map(t.Context(), o.li, book.Parcels, "县模板")
	if d := cmp.Diff(own, m); d != "" || err != nil {
		t.Error(d, err)
	}
	p, err := o.Plan(t.Context(), o.li, book.Parcels, table(t, "标题,\n斑号（县）,在哪里CANARY\nX-1,胡堂村\n"), book.Options{Batch: "b", Mapping: m})
	intaketest.Must(t, err)
	if len(p.Rows) != 1 || p.Rows[0].Key != "X-1" || p.Rows[0].Place != "411422207201" || p.Head != 1 {
		t.Errorf("%+v", p)
	}
	stored, err := o.ledger.Maps(t.Context(), "main", "parcels")
	intaketest.Must(t, err)
	if len(stored) != 1 || strings.Contains(fmt.Sprintf("%s", stored[0]), "CANARY") {
		t.Error("the mapping isn't sealed")
	}
	intaketest.Must(t, o.DropMap(t.Context(), o.li, book.Parcels, "县模板"))
	if _, err := o.Map(t.Context(), o.li, book.Parcels, "县模板"); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("it is there still: %v", err)
	}
	if err := o.SaveMap(t.Context(), o.li, book.Parcels, book.SavedMap{Name: strings.Repeat("长", 41)}); !errors.Is(err, intake.ErrInvalid) {
		t.Errorf("a long name: %v", err)
	}
	if o.acts(t, "import.map") != 1 || o.acts(t, "import.map.drop") != 1 {
		t.Error("the record doesn't say who changed the mappings")
	}
	if err := o.DropMap(t.Context(), o.li, "胡堂村 CANARY", "县模板"); !errors.Is(err, book.ErrKind) {
		t.Errorf("any words get into the record: %v", err)
	}
}

const cluesCSV = "编号,线索来源,问题描述,所在村,类别,媒体名称,发布日期\nM-1,媒体报道,CANARY 记者看到耕地上盖房,胡堂村,建房,某报,2026-11-20\nM-2,,CANARY 没有来源,李尧村,,,\n"

// TestCluesComeIn: each is a tip by the one door, once.
func TestCluesComeIn(t *testing.T) {
	o := open(t)
	in := func(csv string, opt book.Options) (book.Result, *book.Plan) {
		t.Helper()
		p, err := o.Plan(t.Context(), o.li, book.Clues, table(t, csv), opt)
		intaketest.Must(t, err)
		r, err := o.Import(t.Context(), o.li, p, false)
		if err != nil {
			t.Fatalf("%v: %v", err, problems(p))
		}
		return r, p
	}
	opt := book.Options{Batch: "2026-11", Source: "ok-superior"}
	if r, _ := in(cluesCSV, opt); r != (book.Result{New: 2}) {
		t.Errorf("%+v", r)
	}
	if r, _ := in(cluesCSV, opt); r != (book.Result{Same: 2}) {
		t.Errorf("again: %+v", r)
	}
	if r, _ := in("序号,"+strings.ReplaceAll(cluesCSV, "\nM", "\n1,M"), opt); r != (book.Result{Same: 2}) {
		t.Errorf("with another column: %+v", r)
	}
	p, err := o.Plan(t.Context(), o.li, book.Clues, table(t, strings.Replace(cluesCSV, "盖房", "挖塘", 1)), opt)
	intaketest.Must(t, err)
	if d := cmp.Diff([]string{"2 key imported"}, problems(p)); d != "" {
		t.Error(d)
	}
	page, err := o.work.Inbox(t.Context(), o.li, intake.Filter{Lane: intake.Normal, Limit: 10})
	intaketest.Must(t, err)
	if len(page.Tips) != 2 {
		t.Fatalf("%d tips", len(page.Tips))
	}
	for _, tip := range page.Tips {
		read, err := o.work.Read(t.Context(), o.li, tip.ID)
		intaketest.Must(t, err)
		w := read.Report.Words
		if tip.Channel != intake.Office || tip.Source != "ok-media" && tip.Source != "ok-superior" || !strings.Contains(w.Text, "CANARY") {
			t.Errorf("%+v", tip)
		}
		if tip.Source == "ok-media" && (w.Issuer != "某报" || w.IssuedOn != "2026-11-20" || tip.Place != "411422207201" || tip.Category != "ok-house") {
			t.Error("the clue lost something")
		}
	}
	p, err = o.Plan(t.Context(), o.li, book.Clues, table(t, "内容,来源,发布日期\n话,群众举报,2030-01-01\n,媒体报道,\n"), book.Options{})
	intaketest.Must(t, err)
	if d := cmp.Diff([]string{"2 channel required", "2 issued_on future", "3 text required"}, problems(p)); d != "" {
		t.Error(d)
	}
}

// acts is how many rows of the record are of an act.
func (o *office) acts(t *testing.T, act string) (n int) {
	t.Helper()
	rows, err := o.Office.Store.AuditRows(t.Context(), 0, 10_000)
	intaketest.Must(t, err)
	for _, r := range rows {
		if r.Act == act {
			n++
		}
	}
	return n
}
