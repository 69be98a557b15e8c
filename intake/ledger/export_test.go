package ledger

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"tipline/intake"
)

func labels() Labels {
	return Labels{Title: "工作台账", Head: "c0ffee", Heading: func(k string) string { return "H:" + k }, Code: func(kind, code string) string { return code },
		Place: func(string) (string, string, string) { return "胡堂乡", "胡堂村", "" }}
}

const formula = "=HYPERLINK(\"http://x\",\"y\")"

func sample() []Row {
	return []Row{
		{Tip: tip(1).ID, Channel: "web", Source: "public", Category: "other", Place: "411422207201", ReceivedOn: "2026-11-24", State: StatePending, Sealed: []byte("x")},
		{Tip: tip(2).ID, Channel: "sms", Source: "media", Category: "unknown", ReceivedOn: "2026-11-25", Disposition: "accepted", Department: "housing", State: StatePending},
	}
}

func opener(Row) (Opened, error) {
	return Opened{Summary: intake.Summary{Summary: formula, Subject: "@SUM(A1)\r\nsecond line", Parcel: "-3", Location: "\tx"}}, nil
}

// keysOf are the keys of the columns, in order.
func keysOf() []string {
	var keys []string
	for _, c := range headed() {
		keys = append(keys, c.key)
	}
	return keys
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := WriteCSV(&b, seq(sample(), nil), labels(), opener); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(b.String(), "\ufeff")
	if !marked {
		t.Error("no byte order mark")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 3 || len(rows[0]) != len(keysOf()) {
		t.Fatalf("%v, %d rows", err, len(rows))
	}
	at := func(row int, key string) string { return rows[row][slices.Index(keysOf(), key)] }
	for key, want := range map[string]string{"tip": tip(1).ID, "place": "411422207201", "description": "'" + formula, "parcel": "'-3", "location": "'\tx", "coordinates": "", "village": "胡堂村", "audit_head": "c0ffee"} {
		if got := at(1, key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	for _, row := range rows[1:] {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t", rune(cell[0])) {
				t.Errorf("a live cell: %q", cell)
			}
		}
	}
}

func TestXLSX(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none")) // a temporary file couldn't be made
	var b bytes.Buffer
	if err := WriteXLSX(&b, seq(sample(), nil), labels(), opener); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	place, _ := excelize.CoordinatesToCellName(slices.Index(keysOf(), "place")+1, 3)
	words, _ := excelize.CoordinatesToCellName(slices.Index(keysOf(), "description")+1, 3)
	if got, err := f.GetCellValue("台账", place); err != nil || got != "411422207201" {
		t.Errorf("place %q, %v", got, err)
	}
	if got, err := f.GetCellValue("台账", words); err != nil || got != formula {
		t.Errorf("words %q, %v", got, err)
	}
	if got, err := f.GetCellFormula("台账", words); err != nil || got != "" {
		t.Errorf("a live formula %q, %v", got, err)
	}
	for _, cell := range []string{place, words} {
		if kind, err := f.GetCellType("台账", cell); err != nil || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
			t.Errorf("cell %s has type %v, %v", cell, kind, err)
		}
	}
}

// TestXLSXIsReadyToPrint: what makes a sheet of it is in the file itself.
func TestXLSXIsReadyToPrint(t *testing.T) {
	var b bytes.Buffer
	if err := WriteXLSX(&b, seq(sample(), nil), labels(), opener); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<autoFilter ref="$A$2:$AF$4"`, `fitToPage="true"`, `orientation="landscape"`, `paperSize="9"`, `fitToHeight="0"`, `fitToWidth="2"`, `&amp;L&amp;8c0ffee&amp;R&amp;8&amp;P / &amp;N`, `state="frozen"`, `<mergeCell ref="A1:AF1"`} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the sheet lacks %s", want)
		}
	}
}

// TestLargeXLSXStaysInMemory: beyond what excelize holds it would write the
// sheet, in clear, to a temporary file.
func TestLargeXLSXStaysInMemory(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	watched := func(yield func(Row, error) bool) {
		for n := range 12_000 {
			if !yield(Row{Tip: tip(n).ID, ReceivedOn: "2026-11-24", Sealed: []byte("x")}, nil) {
				return
			}
			if n%4000 == 3999 {
				if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
					t.Fatalf("temporary files at row %d: %v, %v", n, left, err)
				}
			}
		}
	}
	long := strings.Repeat("村北的地上正在打地基", 150)
	err := WriteXLSX(&bytes.Buffer{}, watched, labels(), func(Row) (Opened, error) { return Opened{Summary: intake.Summary{Summary: long}}, nil })
	if err != nil {
		t.Fatal(err)
	}
}

// TestOfficeOpensIt: another program than ours reads the workbook.
func TestOfficeOpensIt(t *testing.T) {
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice isn't installed")
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "ledger.xlsx")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(WriteXLSX(f, seq(sample(), nil), labels(), opener), f.Close()); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(soffice, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", "csv", "--outdir", dir, name)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "ledger.csv"))
	if err != nil || !strings.Contains(string(text), "411422207201") || !strings.Contains(string(text), "HYPERLINK") {
		t.Errorf("%v: %s", err, text)
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJSON(&b, seq(sample(), nil), "", nil); err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(b.Bytes(), &rows); err != nil || len(rows) != 2 {
		t.Fatalf("%v: %s", err, b.String())
	}
	want := map[string]any{"tip": tip(1).ID, "channel": "web", "source": "public", "category": "other", "place": "411422207201", "received_on": "2026-11-24",
		"disposition": nil, "department": nil, "state": "pending", "number": nil, "summary": nil}
	for k, v := range want {
		if got, there := rows[0][k]; !there || got != v {
			t.Errorf("%s is %v, want %v", k, got, v)
		}
	}
	if rows[1]["disposition"] != "accepted" || rows[1]["department"] != "housing" {
		t.Errorf("row 2: %v", rows[1])
	}
	b.Reset()
	full := Row{Tip: "t", Desk: "main", Channel: "web", Source: "public", Category: "other", Conduct: []string{"wrong_plot"}, Place: "411422207201", Urgent: true,
		RealName: true, ReceivedOn: "2026-11-24", Files: 2, Commitment: "c", Disposition: "merged", Department: "housing", Reason: "repeat", DueOn: "2026-12-01",
		MergedInto: "u", Sealed: []byte("x"), State: StatePending, Number: "7"}
	if err := WriteJSON(&b, seq([]Row{full}, nil), "", opener); err != nil {
		t.Fatal(err)
	}
	const golden = `[{"tip":"t","desk":"main","channel":"web","source":"public","category":"other","conduct":["wrong_plot"],"place":"411422207201","urgent":true,` +
		`"real_name":true,"received_on":"2026-11-24","files":2,"commitment":"c","disposition":"merged","department":"housing","reason":"repeat","due_on":"2026-12-01",` +
		`"merged_into":"u","state":"pending","number":"7","summary":"=HYPERLINK(\"http://x\",\"y\")","subject":"@SUM(A1)\r\nsecond line","location":"\tx","parcel":"-3"}]`
	if d := cmp.Diff(golden, strings.ReplaceAll(b.String(), "\n", "")); d != "" {
		t.Error(d)
	}
	b.Reset()
	if err := WriteJSON(&b, seq[Row](nil, nil), "", nil); err != nil || strings.TrimSpace(strings.ReplaceAll(b.String(), "\n", "")) != "[]" {
		t.Errorf("an empty ledger is %q, %v", b.String(), err)
	}
}
