package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/xuri/excelize/v2"
)

// TestBookInABrowser brings parcels in, takes the ledger home and back again, and reads
// the reports.
func TestBookInABrowser(t *testing.T) {
	t.Parallel()
	in := install(t, generousLimits...)
	in.start()
	li, known := in.login("li", handlerPass), map[string]bool{}
	for _, text := range []string{"村北基本农田上正在打地基", "河边耕地被挖成了水塘", "大棚里面盖了住人的房子"} {
		in.report(url.Values{"text": {text}, "category": {"housing_on_farmland"}, "place": {"411422207201"}})
		li.act("/tips/"+in.tipOf(known)+"/state", url.Values{"state": {"accepted"}, "department": {"natural_resources"}, "summary": {text + "，约两亩，已到现场看过。"}, "parcel": {"TB-0" + string(rune(48+len(known)))}})
	}
	b := newTab(t, wide, true)
	b.enter(in, "li", handlerPass)

	parcels := filepath.Join(t.TempDir(), "图斑.csv")
	write(t, parcels, "2023年例行督察,,,,,,\n图斑编号,村,面积（亩）,用途类型,整改时限,举证时限,责任人\nTB-101,胡堂村,3.2,大棚房,2024-08-01,2024-05-31,王某\nTB-102,胡堂村,1.1,非粮化,2026-12-31,,李某\nTB-103,无名村,x,非粮化,,,\n")
	b.looks(in, "import", "/import")
	b.do(chromedp.Navigate("http://"+in.desk+"/import"), chromedp.SendKeys(chromedp.CSS(`#batch-parcels`), "2023"), chromedp.SetUploadFiles(chromedp.CSS(`#file-parcels`), []string{parcels}),
		chromedp.Submit(chromedp.CSS(`#file-parcels`)), chromedp.WaitVisible(chromedp.CSS(`button[value=import]`)))
	b.looks(in, "import-preview", "/import/preview")
	b.do(chromedp.Navigate("http://"+in.desk+"/import/preview"), chromedp.Click(chromedp.CSS(`input[name=skip]`)), chromedp.Click(chromedp.CSS(`button[value=import]`)), chromedp.WaitVisible(chromedp.CSS(`.note.good`)))
	if said := b.text(".note.good"); !strings.Contains(said, "2") {
		t.Errorf("it says %q", said)
	}

	b.looks(in, "parcels", "/parcels")
	b.looks(in, "parcels-none", "/parcels?state=relapse")
	b.do(chromedp.Navigate("http://"+in.desk+"/parcels?term=evidence"), chromedp.Click(chromedp.CSS(`.parcellist a.id`)), chromedp.WaitVisible(chromedp.CSS(`#reason`)),
		chromedp.SetValue(chromedp.CSS(`#state`), "concluded"), chromedp.SetValue(chromedp.CSS(`#evidence_on`), "2024-05-20"), chromedp.SendKeys(chromedp.CSS(`#reason`), "棚房已拆，7 月复耕，现场核实。"),
		chromedp.Submit(chromedp.CSS(`#reason`)), chromedp.WaitVisible(chromedp.CSS(`.note.good`)), chromedp.WaitVisible(chromedp.CSS(`.tiphead .l-concluded`)))
	b.looks(in, "parcel", "/parcel?"+url.Values{"batch": {"2023"}, "number": {"TB-101"}}.Encode())

	back := filepath.Join(t.TempDir(), "台账.csv")
	write(t, back, in.filledIn(li, map[string]string{"measure": "限期拆除，恢复耕种条件", "responsible": "张某", "progress": "核查中", "due_on": "2020-01-01"}))
	b.do(chromedp.Navigate("http://"+in.desk+"/ledger"), chromedp.Click(chromedp.CSS(`.above details:last-child summary`)), chromedp.SetUploadFiles(chromedp.CSS(`#file`), []string{back}),
		chromedp.Submit(chromedp.CSS(`#file`)), chromedp.WaitVisible(chromedp.CSS(`button[value=take]`)))
	b.looks(in, "ledger-changes", "/ledger/changes")
	back = in.workbook(li, map[string]string{"measure": "限期拆除，恢复耕种条件", "responsible": "张某", "progress": "核查中"})
	b.do(chromedp.Navigate("http://"+in.desk+"/ledger"), chromedp.Click(chromedp.CSS(`.above details:last-child summary`)), chromedp.SetUploadFiles(chromedp.CSS(`#file`), []string{back}),
		chromedp.Submit(chromedp.CSS(`#file`)), chromedp.WaitVisible(chromedp.CSS(`button[value=take]`)), chromedp.Click(chromedp.CSS(`button[value=take]`)), chromedp.WaitVisible(chromedp.CSS(`.note.good`)))
	if row := b.text(".book tbody"); !strings.Contains(row, "限期拆除") || !strings.Contains(row, "核查中") {
		t.Errorf("the ledger shows %q", row)
	}
	b.looks(in, "ledger-kept", "/ledger")
	for name, path := range map[string]string{"reports": "/reports", "report-dispatch": "/reports/dispatch?department=natural_resources", "report-village": "/reports/village?place=411422207201"} {
		b.looks(in, name, path)
	}
	b.do(chromedp.Navigate("http://"+in.desk+"/reports/village?place=411422207201"), chromedp.Submit(chromedp.CSS(`form[action$="/reports/village"]`)), chromedp.WaitVisible(chromedp.CSS(`[data-print]`)))
	for path, lines := range map[string]int{"/reports/village?place=411422207201": 17, "/reports/dispatch?department=natural_resources": 10} { // what fills a page
		b.do(chromedp.Navigate("http://" + in.desk + path))
		for n := lines - 1; n <= lines+8; n++ {
			b.signedBeside(path, n)
		}
	}
	b.homely(in.desk)
}

// signedBeside prints a sheet with n lines, and wants its places to sign on a page with lines.
func (b *tab) signedBeside(path string, n int) {
	b.t.Helper()
	const mark = "https://mark.invalid/"
	fill := fmt.Sprintf(`(() => {
		const lines = () => document.querySelectorAll(".a4 tbody tr:not(.bare)"), link = (to) => { const a = document.createElement("a"); a.href = %q + to; a.textContent = to; return a };
		while (lines().length < %d) document.querySelector(".a4 tbody").append(lines()[lines().length - 1].cloneNode(true));
		for (const r of lines()) r.cells[0].replaceChildren(link("line"));
		document.querySelector(".signs p span").replaceChildren(link("sign"));
		return lines().length })()`, mark, n)
	if lines, err := chromedp.Run(b, chromedp.Evaluate[int](fill)); err != nil || lines != n {
		b.t.Fatalf("%s has %d lines: %v", path, lines, err)
	}
	sized := true
	pdf := call(b, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &sized})
	pages, err := api.Annotations(bytes.NewReader(pdf.Data), nil, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	on := map[string]int{}
	for _, p := range pages {
		links := map[string]int{}
		for _, kind := range p {
			for _, a := range kind.Map {
				links[strings.TrimPrefix(a.ContentString(), mark)]++
			}
		}
		if links["sign"] > 0 {
			on = links
		}
	}
	if on["sign"] == 0 || on["line"] == 0 {
		b.t.Errorf("%s with %d lines, on %d pages: beside the places to sign stand %d lines", path, n, len(pages), on["line"])
	}
}

// workbook is the ledger as a member took it home, with cells of its first row filled in and, where
// LibreOffice is installed, saved by it.
func (in *instance) workbook(li *browser, set map[string]string) string {
	in.t.Helper()
	status, sheet := li.get("/ledger/export?format=xlsx&lang=zh-CN")
	if status != http.StatusOK {
		in.t.Fatal(status)
	}
	f, err := excelize.OpenReader(strings.NewReader(sheet))
	if err != nil {
		in.t.Fatal(err)
	}
	defer f.Close()
	name, headings := f.GetSheetName(0), map[string]string{"measure": "整改措施", "responsible": "责任人", "progress": "进展"}
	for key, text := range set {
		heads, err := f.SearchSheet(name, headings[key])
		if err != nil || len(heads) != 1 {
			in.t.Fatal(key, heads, err)
		}
		column, row, err := excelize.CellNameToCoordinates(heads[0])
		if err != nil {
			in.t.Fatal(err)
		}
		cell, err := excelize.CoordinatesToCellName(column, row+1)
		if err := cmp.Or(err, f.SetCellValue(name, cell, text)); err != nil {
			in.t.Fatal(err)
		}
	}
	dir := in.t.TempDir()
	path := filepath.Join(dir, "台账.xlsx")
	if err := f.SaveAs(path); err != nil {
		in.t.Fatal(err)
	}
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		return path
	}
	out := filepath.Join(dir, "out")
	if said, err := exec.Command(soffice, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", out, path).CombinedOutput(); err != nil {
		in.t.Fatalf("%v: %s", err, said)
	}
	return filepath.Join(out, "台账.xlsx")
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// filledIn is the ledger as a member took it home, with cells of its first row filled
// in.
func (in *instance) filledIn(li *browser, set map[string]string) string {
	in.t.Helper()
	status, sheet := li.get("/ledger/export?format=csv&lang=zh-CN")
	if status != http.StatusOK {
		in.t.Fatal(status)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(sheet, "\ufeff"))).ReadAll()
	if err != nil || len(rows) < 2 {
		in.t.Fatal(err, len(rows))
	}
	headings := map[string]string{"measure": "整改措施", "responsible": "责任人", "progress": "进展", "due_on": "整改时限"}
	for key, text := range set {
		rows[1][slices.Index(rows[0], headings[key])] = text
	}
	var out strings.Builder
	w := csv.NewWriter(&out)
	if err := w.WriteAll(rows); err != nil {
		in.t.Fatal(err)
	}
	return "\ufeff" + out.String()
}
