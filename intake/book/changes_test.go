package book_test

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/book"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
	"tipline/intake/ledger"
	"tipline/intake/sheet"
)

// settle carries what waits between desk and ledger both ways.
func (o *office) settle(t *testing.T) {
	t.Helper()
	events, err := o.Office.Store.ClaimEvents(t.Context(), "test", 1000, 0)
	intaketest.Must(t, err)
	intaketest.Must(t, o.ledger.Apply(t.Context(), events))
	for _, e := range events {
		intaketest.Must(t, o.Office.Store.FinishEvents(t.Context(), "test", e.ID))
	}
	out := o.ledger.Outcomes(o.Clock.Now)
	said, err := out.ClaimEvents(t.Context(), "test", 1000, 0)
	intaketest.Must(t, err)
	intaketest.Must(t, o.work.Outcomes(t.Context(), said))
	for _, e := range said {
		intaketest.Must(t, out.FinishEvents(t.Context(), "test", e.ID))
	}
}

// accepted is a tip that stands in the ledger with a summary.
func (o *office) accepted(t *testing.T, summary string) string {
	t.Helper()
	f, err := o.Door().Submit(t.Context(), &intake.Report{Channel: intake.Web, Category: "ok-house", Place: "411422207201", Words: intake.Words{Text: "words"}})
	intaketest.Must(t, err)
	intaketest.Must(t, o.work.Move(t.Context(), o.li, f.ID, casework.Triage{To: intake.StateAccepted, Department: "agriculture", Summary: intake.Summary{Summary: summary, Parcel: "TB-1", Location: "村北砖窑"}}))
	o.settle(t)
	return f.ID
}

// home takes the ledger home and brings it back changed, in either format: set maps
// tip:column to the cell's new text.
func (o *office) home(t *testing.T, format string, set map[string]string) sheet.Table {
	t.Helper()
	var b bytes.Buffer
	rows := o.ledger.Rows(t.Context(), ledger.Filter{Desk: "main"})
	if format == "csv" {
		intaketest.Must(t, ledger.WriteCSV(&b, rows, words{}.Labels("zh-CN"), book.Opener(o.li.Ring)))
	} else {
		intaketest.Must(t, ledger.WriteXLSX(&b, rows, words{}.Labels("zh-CN"), book.Opener(o.li.Ring)))
	}
	got, err := sheet.Read(b.Bytes())
	intaketest.Must(t, err)
	o.change(t, got, set)
	return got
}

func (o *office) change(t *testing.T, got sheet.Table, set map[string]string) {
	t.Helper()
	head := 0
	if got.Cell(0, 1) == "" {
		head = 1
	}
	at := map[string]int{}
	for i, h := range got[head] {
		at[strings.TrimPrefix(h, "zh-CN ")] = i
	}
	for name, text := range set {
		tip, column, _ := strings.Cut(name, ":")
		for i := range got {
			if got.Cell(i, at["tip"]) == tip {
				for len(got[i]) <= at[column] {
					got[i] = append(got[i], "")
				}
				got[i][at[column]] = text
			}
		}
	}
}

func said(c *book.Changes) (out []string) {
	for _, r := range c.Rows {
		for _, q := range r.Problems {
			out = append(out, fmt.Sprint(q.Field, " ", q.Code))
		}
		for _, cell := range r.Cells {
			line := fmt.Sprintf("%s: %s > %s", cell.Column, cell.From, cell.To)
			if cell.Conflict {
				line += " !"
			}
			for _, q := range cell.Problems {
				line += " " + q.Code
			}
			out = append(out, line)
		}
	}
	return out
}

// TestRoundTrip: the ledger goes home, is changed and comes back; what it tells moves
// the tip, and what nobody touched stays.
func TestRoundTrip(t *testing.T) {
	for _, format := range []string{"xlsx", "csv"} {
		t.Run(format, func(t *testing.T) {
			o := open(t)
			a, b := o.accepted(t, "CANARY 摘要"), o.accepted(t, "=2+3")
			back := o.home(t, format, map[string]string{a + ":number": "2026-001", a + ":measure": "限期复耕", a + ":responsible": "CANARY某", b + ":location": "渠东第二块", b + ":coordinates": "34.4401, 115.0702", b + ":progress": "核查中", b + ":remarks": "=1+1"})
			c, err := o.Compare(t.Context(), o.li, back, nil, "zh-CN")
			intaketest.Must(t, err)
			if c.Cells() != 7 || c.Bad() != 0 || c.Conflicts() != 0 || !c.Checked || c.Read != 2 {
				t.Fatalf("%v", said(c))
			}
			n, err := o.Take(t.Context(), o.li, c, nil, false)
			if err != nil || n != 2 {
				t.Fatal(n, err)
			}
			o.settle(t)
			for tip, want := range map[string]intake.State{a: intake.StateInLedger, b: intake.StateVerifying} {
				row, err := o.Office.Store.Tip(t.Context(), tip)
				if intaketest.Must(t, err); row.State != want {
					t.Errorf("the tip is %s", row.State)
				}
			}
			r, err := o.ledger.Row(t.Context(), "main", "2026-001")
			intaketest.Must(t, err)
			opened, err := book.Opener(o.li.Ring)(r)
			intaketest.Must(t, err)
			if d := cmp.Diff(ledger.Work{"measure": "限期复耕", "responsible": "CANARY某"}, opened.Work); d != "" {
				t.Error(d)
			}
			if strings.Contains(string(r.Work), "CANARY") {
				t.Error("a name stands in clear")
			}
			if c, err = o.Compare(t.Context(), o.li, o.home(t, format, nil), nil, "zh-CN"); err != nil || c.Cells() != 0 {
				t.Errorf("what nobody touched changed: %v, %v", said(c), err)
			}
			if o.acts(t, "ledger.edit") != 2 || o.acts(t, "ledger.upload") != 1 {
				t.Error("the record lacks rows")
			}
		})
	}
}

// TestConflicts: what was changed on both sides is shown and waits for a word; what
// was changed here alone stays.
func TestConflicts(t *testing.T) {
	o := open(t)
	a := o.accepted(t, "摘要")
	mine, theirs := o.home(t, "xlsx", nil), o.home(t, "xlsx", map[string]string{a + ":measure": "拆除", a + ":leader": "甲"})
	take := func(table sheet.Table, taken book.Taken) *book.Changes {
		t.Helper()
		c, err := o.Compare(t.Context(), o.li, table, nil, "zh-CN")
		intaketest.Must(t, err)
		_, err = o.Take(t.Context(), o.li, c, taken, false)
		intaketest.Must(t, err)
		return c
	}
	take(theirs, nil)
	o.change(t, mine, map[string]string{a + ":measure": "复耕", a + ":remarks": "急"})
	c := take(mine, nil)
	if d := cmp.Diff([]string{"measure: 拆除 > 复耕 !", "remarks:  > 急"}, said(c)); d != "" {
		t.Error(d)
	}
	work := func() ledger.Work {
		r, err := o.ledger.Row(t.Context(), "main", a)
		intaketest.Must(t, err)
		opened, err := book.Opener(o.li.Ring)(r)
		intaketest.Must(t, err)
		return opened.Work
	}
	if d := cmp.Diff(ledger.Work{"measure": "拆除", "leader": "甲", "remarks": "急"}, work()); d != "" {
		t.Error(d)
	}
	take(mine, book.Taken{a + ":measure": true})
	if d := cmp.Diff(ledger.Work{"measure": "复耕", "leader": "甲", "remarks": "急"}, work()); d != "" {
		t.Error(d)
	}
	stale, err := o.Compare(t.Context(), o.li, o.home(t, "csv", map[string]string{a + ":remarks": "x"}), nil, "zh-CN")
	intaketest.Must(t, err)
	take(o.home(t, "csv", map[string]string{a + ":remarks": "y"}), nil)
	if _, err := o.Take(t.Context(), o.li, stale, nil, false); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("a row that changed under the preview: %v", err)
	}
	if o.acts(t, "ledger.upload.failed") != 1 {
		t.Error("the record doesn't say that it failed")
	}
}

// TestWhatASheetMayNot: each is told beside its cell, and nothing of the sheet is
// taken unless somebody leaves those rows out.
func TestWhatASheetMayNot(t *testing.T) {
	o := open(t)
	a, b, d := o.accepted(t, "摘要"), o.accepted(t, "摘要"), o.accepted(t, "摘要")
	if err := o.ledger.Outcome(t.Context(), ledger.Outcome{Tip: d, Desk: "main", State: intake.LedgerNumbered, Number: "9"}, o.Office.Events()); err != nil {
		t.Fatal(err)
	}
	for set, want := range map[[3]string]string{
		{"due_on", "2020-01-01"}:            "due_on: 2026-12-24 > 2020-01-01 earlier",
		{"due_on", "soon"}:                  "due_on: 2026-12-24 > soon format",
		{"due_on", "2027年1月20日"}:            "due_on: 2026-12-24 > 2027年1月20日 needs_grant",
		{"progress", "延期"}:                  "progress: 待核查 > 延期 needs_grant",
		{"number", strings.Repeat("7", 65)}: "number:  > " + strings.Repeat("7", 65) + " too_long",
		{"progress", "已编号"}:                 "progress: 待核查 > 已编号 needs_number",
		{"progress", "nonsense"}:            "progress: 待核查 > nonsense state",
		{"number", "9"}:                     "number:  > 9 taken",
		{"number", "王大力"}:                   "number:  > 王大力 no_number",
		{"number", "13800138000"}:           "number:  > 13800138000 personal",
		{"parcel", "11010519491231002X"}:    "parcel: TB-1 > 11010519491231002X personal",
		{"parcel", "王大力"}:                   "parcel: TB-1 > 王大力 no_number",
		{"area_total", "many"}:              "area_total:  > many format",
		{"closed_on", "2030-01-01"}:         "closed_on:  > 2030-01-01 future",
		{"remarks", "x", b + ":measure"}:    "remarks:  > x",
	} {
		c, err := o.Compare(t.Context(), o.li, o.home(t, "xlsx", map[string]string{a + ":" + set[0]: set[1]}), nil, "zh-CN")
		intaketest.Must(t, err)
		if diff := cmp.Diff([]string{want}, said(c)); diff != "" {
			t.Error(diff)
		}
		if _, err := o.Take(t.Context(), o.li, c, nil, false); (c.Bad() > 0) != errors.Is(err, book.ErrRows) {
			t.Errorf("%v: %v", set, err)
		}
	}
	c, err := o.Compare(t.Context(), o.li, table(t, "线索编号,备注\nnone,x\n"+a+",y\n"+a+",z\n"), nil, "zh-CN")
	intaketest.Must(t, err)
	if diff := cmp.Diff([]string{"tip no_row", "remarks: x > y", "tip twice", "remarks: x > z"}, said(c)); diff != "" {
		t.Error(diff)
	}
	if n, err := o.Take(t.Context(), o.li, c, nil, true); err != nil || n != 1 {
		t.Error(n, err)
	}
	if c, err := o.Compare(t.Context(), o.li, table(t, "a,b\nc,d\n"), nil, "zh-CN"); err != nil || len(c.Missing) == 0 {
		t.Errorf("%+v %v", c, err)
	}
	if _, err := o.Compare(t.Context(), o.wang, nil, nil, "zh-CN"); !errors.Is(err, casework.ErrForbidden) {
		t.Errorf("a custodian: %v", err)
	}
}

// TestALaterDateIsGranted: a sheet puts no date off by itself; what another member
// granted is in the ledger already, and a sheet may say so.
func TestALaterDateIsGranted(t *testing.T) {
	o := open(t)
	a := o.accepted(t, "摘要")
	early := o.home(t, "xlsx", map[string]string{a + ":due_on": "2027年1月20日", a + ":progress": "延期"})
	supervisor := casework.Actor{Name: "qian", Roles: []string{casework.RoleSupervisor}, Desk: "main"}
	intaketest.Must(t, o.work.AskExtension(t.Context(), o.li, a, casework.Later{To: "2027-01-20", Reason: "season", Note: "等麦收", Letter: "我们需要更多时间。"}))
	asked, err := o.work.Registers(t.Context(), supervisor)
	intaketest.Must(t, err)
	c, err := o.Compare(t.Context(), o.li, early, nil, "zh-CN")
	intaketest.Must(t, err)
	if c.Bad() != 1 {
		t.Errorf("before it is granted: %v", said(c))
	}
	intaketest.Must(t, o.work.GrantExtension(t.Context(), supervisor, asked.Asked[0].ID))
	o.settle(t)
	if r, err := o.ledger.Row(t.Context(), "main", a); err != nil || r.DueOn != "2027-01-20" {
		t.Fatalf("the ledger says %s, %v", r.DueOn, err)
	}
	if c, err = o.Compare(t.Context(), o.li, early, nil, "zh-CN"); err != nil || c.Bad() != 0 || c.Cells() != 1 {
		t.Fatalf("%v %v", said(c), err)
	}
	if n, err := o.Take(t.Context(), o.li, c, nil, false); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	o.settle(t)
	r, err := o.ledger.Row(t.Context(), "main", a)
	intaketest.Must(t, err)
	tip, err := o.Office.Store.Tip(t.Context(), a)
	intaketest.Must(t, err)
	if r.State != string(intake.LedgerExtended) || r.DueOn != "2027-01-20" || tip.DueOn != "2027-01-20" {
		t.Errorf("%s until %s, the tip until %s", r.State, r.DueOn, tip.DueOn)
	}
	c, err = o.Compare(t.Context(), o.li, o.home(t, "csv", map[string]string{a + ":due_on": "2027-01-21"}), nil, "zh-CN")
	if err != nil || c.Bad() != 1 {
		t.Errorf("beyond what was granted: %v %v", said(c), err)
	}
}

// TestCountysTemplate: by its own headings and the ledger's number.
func TestCountysTemplate(t *testing.T) {
	o := open(t)
	a := o.accepted(t, "摘要")
	if err := o.ledger.Outcome(t.Context(), ledger.Outcome{Tip: a, Desk: "main", State: intake.LedgerNumbered, Number: "县-1"}, o.Office.Events()); err != nil {
		t.Fatal(err)
	}
	named, err := o.Compare(t.Context(), o.li, table(t, "台账号,坐落,坐标\n县-1,渠东,\"34.4401, 115.0702\"\n"), nil, "zh-CN")
	intaketest.Must(t, err)
	if d := cmp.Diff([]string{"location: 村北砖窑 > 渠东", "coordinates:  > 34.4401, 115.0702"}, said(named)); d != "" {
		t.Error(d)
	}
	m := book.Mapping{"县编号": "number", "整改到哪一步": "progress", "怎么改": "measure"}
	c, err := o.Compare(t.Context(), o.li, table(t, "县模板,,\n县编号,整改到哪一步,怎么改\n县-1,销号,已复耕\n"), m, "zh-CN")
	intaketest.Must(t, err)
	if d := cmp.Diff([]string{"measure:  > 已复耕", "progress: 已编号 > 销号"}, said(c)); d != "" || c.Checked {
		t.Error(d)
	}
	if n, err := o.Take(t.Context(), o.li, c, nil, false); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	o.settle(t)
	row, err := o.Office.Store.Tip(t.Context(), a)
	if intaketest.Must(t, err); row.State != intake.StateConcluded {
		t.Errorf("the tip is %s", row.State)
	}
}

// macros are a folder of LibreOffice's own settings with a macro "Edit" in it.
func macros(t *testing.T, profile, basic string) {
	t.Helper()
	dir := filepath.Join(profile, "user", "basic")
	intaketest.Must(t, os.MkdirAll(filepath.Join(dir, "Standard"), 0o700))
	for name, text := range map[string]string{
		"script.xlc": `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd"><library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink">
			<library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple" library:link="false"/></library:libraries>`,
		"Standard/script.xlb":  `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd"><library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false" library:passwordprotected="false"><library:element library:name="Module1"/></library:library>`,
		"Standard/Module1.xba": `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd"><script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">` + html.EscapeString(basic) + `</script:module>`,
	} {
		intaketest.Must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
}

// edit opens a sheet, types into cells of its second row, puts a column and a row in between,
// and saves it as another.
const edit = `Function At(sh, head)
  For i = 0 To 60
    If sh.getCellByPosition(i, 1).String = head Then At = i
  Next i
End Function
Sub Edit
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden"
  hidden(0).Value = True
  doc = StarDesktop.loadComponentFromURL("file://DIR/ledger.xlsx", "_blank", 0, hidden())
  sh = doc.Sheets.getByIndex(0)
  sh.getCellByPosition(At(sh, "zh-CN measure"), 2).setFormula("限期拆除，" & Chr(10) & "恢复耕种条件")
  sh.getCellByPosition(At(sh, "zh-CN area_total"), 2).setFormula("3.250")
  sh.getCellByPosition(At(sh, "zh-CN progress"), 2).setFormula("核查中")
  sh.getCellByPosition(At(sh, "zh-CN closed_on"), 2).setFormula("2026-11-20")
  sh.getCellByPosition(At(sh, "zh-CN remarks"), 2).setFormula("=1+1")
  sh.Columns.insertByIndex(5, 1)
  sh.getCellByPosition(5, 1).String = "县里批示"
  sh.Rows.insertByIndex(2, 1)
  Dim kind(0) As New com.sun.star.beans.PropertyValue
  kind(0).Name = "FilterName"
  kind(0).Value = "Calc MS Excel 2007 XML"
  doc.storeToURL("file://DIR/back.xlsx", kind())
  doc.close(True)
End Sub`

// TestOfficeProgramEdits: what somebody types into the ledger in LibreOffice, dates and
// numbers as its cells keep them, comes back as those changes and no others.
func TestOfficeProgramEdits(t *testing.T) {
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice isn't installed")
	}
	o := open(t)
	a := o.accepted(t, "摘要")
	dir := t.TempDir()
	var b bytes.Buffer
	intaketest.Must(t, o.Export(t.Context(), o.li, book.View{}, "xlsx", "zh-CN", &b))
	intaketest.Must(t, os.WriteFile(filepath.Join(dir, "ledger.xlsx"), b.Bytes(), 0o600))
	profile := "-env:UserInstallation=file://" + dir + "/profile"
	if out, err := exec.Command(soffice, profile, "--headless", "--terminate_after_init").CombinedOutput(); err != nil { // a first start makes its settings
		t.Fatalf("%v: %s", err, out)
	}
	macros(t, filepath.Join(dir, "profile"), strings.ReplaceAll(edit, "DIR", dir))
	if out, err := exec.Command(soffice, profile, "--headless", "--norestore", "macro:///Standard.Module1.Edit").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	saved, err := os.ReadFile(filepath.Join(dir, "back.xlsx"))
	intaketest.Must(t, err)
	table, err := sheet.Read(saved)
	intaketest.Must(t, err)
	c, err := o.Compare(t.Context(), o.li, table, nil, "zh-CN")
	intaketest.Must(t, err)
	want := []string{"area_total:  > 3.25", "measure:  > 限期拆除，\n恢复耕种条件", "progress: 待核查 > 核查中", "closed_on:  > 2026-11-20", "remarks:  > 2"}
	if d := cmp.Diff(want, said(c)); d != "" || !c.Checked {
		t.Fatal(d)
	}
	if n, err := o.Take(t.Context(), o.li, c, nil, false); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	row, err := o.ledger.Row(t.Context(), "main", a)
	if intaketest.Must(t, err); row.State != "verifying" || row.ClosedOn != "2026-11-20" {
		t.Errorf("the row is %s, closed on %q", row.State, row.ClosedOn)
	}
}

// TestOfficeProgram: LibreOffice opens the ledger, saves it, and nothing counts as
// changed but what somebody changed.
func TestOfficeProgram(t *testing.T) {
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice isn't installed")
	}
	o := open(t)
	a := o.accepted(t, "=HYPERLINK(\"http://x\")\n第二行 +1")
	intaketest.Must(t, o.ledger.Outcome(t.Context(), ledger.Outcome{Tip: a, Desk: "main", State: intake.LedgerNumbered, Number: "007"}, o.Office.Events()))
	dir := t.TempDir()
	name := filepath.Join(dir, "ledger.xlsx")
	var b bytes.Buffer
	intaketest.Must(t, o.Export(t.Context(), o.li, book.View{}, "xlsx", "zh-CN", &b))
	intaketest.Must(t, os.WriteFile(name, b.Bytes(), 0o600))
	out, err := exec.Command(soffice, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", filepath.Join(dir, "out"), name).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	saved, err := os.ReadFile(filepath.Join(dir, "out", "ledger.xlsx"))
	intaketest.Must(t, err)
	table, err := sheet.Read(saved)
	intaketest.Must(t, err)
	c, err := o.Compare(t.Context(), o.li, table, nil, "zh-CN")
	if err != nil || len(c.Rows) != 0 || !c.Checked {
		t.Fatalf("%v %v", err, said(c))
	}
	o.change(t, table, map[string]string{a + ":measure": "复耕"})
	if c, err = o.Compare(t.Context(), o.li, table, nil, "zh-CN"); err != nil || c.Cells() != 1 || c.Conflicts() != 0 {
		t.Errorf("%v %v", err, said(c))
	}
}
