package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

func rows(all ...[]string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func of(all ...[]string) Sheet {
	s := Sheet{Name: "台账", Title: "标题", Mark: "li 2026-11-24 c0ffee", Rows: rows(all...)}
	for range max(1, len(slices.Concat(all...))) {
		s.Columns = append(s.Columns, Column{"列", 12})
	}
	s.Columns = s.Columns[:max(1, len(all[0]))]
	return s
}

// TestRoundTrip: whatever is written comes back, as text.
func TestRoundTrip(t *testing.T) {
	word := rapid.OneOf(rapid.SampledFrom([]string{"=1+1", "+86", "-3", "@x", "＝1", "007", "1e5", "2024-05-31", "411422207201", "a&b<c>", "两\n行", "'引"}),
		rapid.StringMatching(`[a-z村0-9.]{0,8}`))
	rapid.Check(t, func(rt *rapid.T) {
		row := rapid.SliceOfN(word, 3, 3)
		want := rapid.SliceOfN(row, 1, 5).Draw(rt, "rows")
		var x, c bytes.Buffer
		if err := errors.Join(WriteXLSX(&x, of(want...)), WriteCSV(&c, []string{"列", "列", "列"}, rows(want...))); err != nil {
			rt.Fatal(err)
		}
		for name, b := range map[string][]byte{"xlsx": x.Bytes(), "csv": c.Bytes()} {
			got, err := Read(b)
			if err != nil {
				rt.Fatal(name, err)
			}
			for i, r := range want {
				for j, cell := range r {
					at := i + 1
					if name == "xlsx" {
						at++
					}
					if got.Cell(at, j) != strings.TrimSpace(cell) {
						rt.Fatalf("%s: %q came back as %q", name, cell, got.Cell(at, j))
					}
				}
			}
		}
	})
}

// TestSameBytes: the same sheets are the same file.
func TestSameBytes(t *testing.T) { synctest.Test(t, sameBytes) }

func sameBytes(t *testing.T) {
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if err := WriteXLSX(w, of([]string{"x", "y"}), Sheet{Name: "另[表]", Title: "二", Columns: []Column{{"h", 9}}, Rows: rows([]string{"z"})}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour) // of the bubble: a clock in the file would tell
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("they differ")
	}
}

// TestSeparatorBehindATitle: the title that stands above a sheet has lines of its own and marks that part nothing.
func TestSeparatorBehindATitle(t *testing.T) {
	for _, sep := range []string{",", ";", "\t", "，"} {
		for _, title := range []string{"标题\n经手，日期，校验", `"台账""二""，"`, `五尺" 台账`, "a,b;c"} {
			text := strings.Join([]string{`"` + strings.ReplaceAll(title, `"`, `""`) + `"`, "", ""}, sep) + "\r\n" + strings.Join([]string{"号", "面积", "备注"}, sep)
			got, err := Read([]byte(text))
			if d := cmp.Diff(Table{{title}, {"号", "面积", "备注"}}, got); d != "" || err != nil {
				t.Errorf("%q: %v %s", text, err, d)
			}
		}
	}
}

// TestCSV reads what office programs write.
func TestCSV(t *testing.T) {
	text := "图斑编号,面积\r\nTB-1,\"3,5\"\r\n,\r\n"
	want := Table{{"图斑编号", "面积"}, {"TB-1", "3,5"}}
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(strings.ReplaceAll(strings.ReplaceAll(text, "\"3,5\"", "3.5"), ",", "\t")))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		b    []byte
		want Table
	}{
		"utf-8": {[]byte(text), want}, "with its mark": {[]byte("\ufeff" + text), want}, "gb18030": {gb, want},
		"utf-16": {wide, Table{{"图斑编号", "面积"}, {"TB-1", "3.5"}}}, "semicolons": {[]byte("a;b\n1;2"), Table{{"a", "b"}, {"1", "2"}}},
	} {
		got, err := Read(c.b)
		if d := cmp.Diff(c.want, got); d != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, d)
		}
	}
}

// TestWhatOfficesType: dates and numbers as cells of their own kinds.
func TestWhatOfficesType(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	own := `yyyy"年"m"月"d"日"`
	chinese, err := f.NewStyle(&excelize.Style{CustomNumFmt: &own})
	if err != nil {
		t.Fatal(err)
	}
	for cell, v := range map[string]any{"A1": time.Date(2024, 8, 1, 0, 0, 0, 0, time.UTC), "B1": time.Date(2024, 5, 31, 0, 0, 0, 0, time.UTC), "C1": 0.1 + 0.2, "D1": 411422207201, "E1": "字", "F1": 12.5, "H1": true} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(f.SetCellStyle("Sheet1", "A1", "A1", day), f.SetCellStyle("Sheet1", "B1", "B1", chinese), f.SetCellFormula("Sheet1", "G1", "SUM(F1)")); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := Read(b.Bytes())
	if d := cmp.Diff(Table{{"2024-08-01", "2024-05-31", "0.3", "411422207201", "字", "12.5", "", "1"}}, got); d != "" || err != nil {
		t.Error(err, d)
	}
}

// TestFormatsOfOffices: LibreOffice gives every plain cell a style of its own that reads General, and a
// number in it is no date; neither is one whose format only pads or escapes a letter.
func TestFormatsOfOffices(t *testing.T) {
	for code, want := range map[string]string{
		"General": "45505", "General;[Red]-General": "45505", "0.00E+00": "45505", `0.0"ed"`: "45505", `0.0\d`: "45505", "0.0_e": "45505", "0.0*e": "45505", "[Red]0.0": "45505",
		"yyyy-mm-dd": "2024-08-01", "e/m/d": "2024-08-01", `yyyy"年"m"月"`: "2024-08-01", `[$-804]d\.m`: "2024-08-01",
	} {
		b := workbookOf(t, map[string][]byte{
			"xl/styles.xml":            []byte(`<styleSheet><numFmts><numFmt numFmtId="164" formatCode="` + strings.ReplaceAll(code, `"`, "&quot;") + `"/></numFmts><cellXfs><xf numFmtId="164"/></cellXfs></styleSheet>`),
			"xl/worksheets/sheet1.xml": []byte(`<worksheet><sheetData><row><c t="inlineStr"><is><t>面积</t></is></c><c s="0"><v>45505</v></c></row></sheetData></worksheet>`)})
		got, err := Read(b)
		if d := cmp.Diff(Table{{"面积", want}}, got); d != "" || err != nil {
			t.Errorf("%s: %v\n%s", code, err, d)
		}
	}
}

// TestRefused: bombs and what is no table.
func TestRefused(t *testing.T) {
	bomb := workbookOf(t, map[string][]byte{"xl/worksheets/sheet1.xml": append([]byte(`<worksheet><sheetData><row><c t="inlineStr"><is><t>`), bytes.Repeat([]byte(" "), maxOpened)...)})
	many := workbookOf(t, map[string][]byte{"xl/worksheets/sheet1.xml": []byte(`<worksheet><sheetData><row r="99999999"><c><v>1</v></c></row></sheetData></worksheet>`)})
	wide := workbookOf(t, map[string][]byte{"xl/worksheets/sheet1.xml": []byte(`<worksheet><sheetData><row r="1"><c r="ZZZZZZZ1"><v>1</v></c></row></sheetData></worksheet>`)})
	deep := workbookOf(t, map[string][]byte{"xl/worksheets/sheet1.xml": bytes.Repeat([]byte("<a>"), 1<<20)})
	texts := workbookOf(t, map[string][]byte{"xl/sharedStrings.xml": append(append([]byte("<sst>"), bytes.Repeat([]byte("<si/>"), maxTexts+1)...), "</sst>"...)})
	runs := workbookOf(t, map[string][]byte{"xl/worksheets/sheet1.xml": slices.Concat([]byte(`<worksheet><sheetData><row><c t="inlineStr"><is>`), bytes.Repeat([]byte("<r><t>a</t></r>"), 200_000), []byte(`</is></c></row></sheetData></worksheet>`))})
	attributes := workbookOf(t, map[string][]byte{"xl/worksheets/sheet1.xml": slices.Concat([]byte(`<worksheet`), bytes.Repeat([]byte(` a=""`), 400_000), []byte(`><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>`))})
	styles := workbookOf(t, map[string][]byte{"xl/styles.xml": slices.Concat([]byte(`<styleSheet><cellXfs>`), bytes.Repeat([]byte(`<xf/>`), 200_000), []byte(`</cellXfs></styleSheet>`))})
	again := workbookOf(t, map[string][]byte{"xl/sharedStrings.xml": slices.Concat([]byte(`<sst><si><t>`), bytes.Repeat([]byte("12345678&#13;\n"), 10_000), []byte(`</t></si></sst>`)),
		"xl/worksheets/sheet1.xml": slices.Concat([]byte(`<worksheet><sheetData>`), bytes.Repeat([]byte(`<row><c t="s"><v>0</v></c></row>`), 2000), []byte(`</sheetData></worksheet>`))})
	sheets := workbookOf(t, map[string][]byte{
		"xl/workbook.xml":            slices.Concat([]byte(`<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>`), bytes.Repeat([]byte(`<sheet r:id="a"/>`), 200_000), []byte(`</sheets></workbook>`)),
		"xl/_rels/workbook.xml.rels": slices.Concat([]byte(`<Relationships>`), bytes.Repeat([]byte(`<Relationship Id="b" Target="x"/>`), 200_000), []byte(`</Relationships>`))})
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"deep": {deep, ErrTooLarge}, "many texts": {texts, ErrTooLarge}, "many runs": {runs, ErrTooLarge}, "many attributes": {attributes, ErrTooLarge},
		"many styles": {styles, ErrTooLarge}, "one text many times": {again, ErrTooLarge}, "many sheets": {sheets, ErrFormat},
		"nothing": {nil, ErrFormat}, "empty rows": {[]byte(",,\n,,"), ErrFormat}, "xls": {[]byte{0xd0, 0xcf, 0x11, 0xe0, 0}, ErrOld}, "zip": {[]byte("PK\x03\x04rest"), ErrFormat},
		"zeros": {[]byte("a\x00b"), ErrFormat}, "zeros in UTF-16": {[]byte("\xff\xfea\x00\x00\x00"), ErrFormat},
		"a picture": {[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\xff\xff"), ErrFormat}, "large": {make([]byte, MaxBytes+1), ErrTooLarge}, "bomb": {bomb, ErrTooLarge},
		"many rows": {many, ErrTooLarge}, "wide": {wide, ErrTooLarge}, "long csv": {bytes.Repeat([]byte("a\n"), MaxRows+1), ErrTooLarge},
	} {
		begin := time.Now()
		if _, err := Read(c.b); !errors.Is(err, c.want) || time.Since(begin) > 20*time.Second {
			t.Errorf("%s: %v after %s", name, err, time.Since(begin))
		}
	}
}

func workbookOf(t testing.TB, parts map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"xl/workbook.xml":            `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="x" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>`} {
		if parts[name] == nil {
			parts[name] = []byte(text)
		}
	}
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestOfficeKeepsIt: LibreOffice opens what was written and what it saves is read.
func TestOfficeKeepsIt(t *testing.T) {
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice isn't installed")
	}
	t.Parallel()
	dir := t.TempDir()
	var b bytes.Buffer
	want := []string{"=1+1", "007", "411422207201", "两\n行", "2024-05-31", "a&b"}
	if err := WriteXLSX(&b, of(want)); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"in.xlsx": "xlsx:Calc MS Excel 2007 XML", "in2.xlsx": "csv:Text - txt - csv (StarCalc):44,34,76"} {
		name := filepath.Join(dir, from)
		if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(dir, "out")
		if text, err := exec.Command(soffice, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", to, "--outdir", out, name).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		kept, err := filepath.Glob(filepath.Join(out, strings.TrimSuffix(from, ".xlsx")+".*"))
		if err != nil || len(kept) != 1 {
			t.Fatal(kept, err)
		}
		saved, err := os.ReadFile(kept[0])
		if err != nil {
			t.Fatal(err)
		}
		got, err := Read(saved)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got[2]); d != "" {
			t.Errorf("%s: %s", to, d)
		}
	}
}

// FuzzRead: nothing panics, and what is read stays within its bounds and is text that a database takes. Written as our
// own CSV it says the same.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := WriteXLSX(&b, of([]string{"x", "1"})); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("a,b\n1,2"))
	f.Add(workbookOf(f, map[string][]byte{"xl/worksheets/sheet1.xml": []byte(`<worksheet><sheetData><row r="2"><c r="B2" t="s"><v>7</v></c></row></sheetData></worksheet>`)}))
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := Read(b)
		if err != nil {
			if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrOld) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		if len(table) == 0 || len(table) > MaxRows {
			t.Errorf("%d rows", len(table))
		}
		wide := 2 // a row of one empty cell is an empty line, which CSV knows nothing of
		for _, row := range table {
			wide = max(wide, len(row))
			for _, cell := range row {
				if len(cell) > 4*maxCell || !utf8.ValidString(cell) || strings.ContainsRune(cell, 0) {
					t.Fatalf("a cell of %d bytes: %q", len(cell), cell)
				}
			}
		}
		if wide > maxColumns {
			t.Fatalf("%d columns", wide)
		}
		rereads(t, table, wide)
	})
}

// rereads writes a table as CSV and reads it again.
func rereads(t *testing.T, table Table, wide int) {
	var padded [][]string
	for _, row := range table {
		padded = append(padded, slices.Concat(row, make([]string, wide-len(row))))
	}
	var b bytes.Buffer
	if err := WriteCSV(&b, slices.Repeat([]string{"h"}, wide), rows(padded...)); err != nil {
		t.Fatal(err)
	}
	again, err := Read(b.Bytes())
	if b.Len() > MaxBytes || len(table) >= MaxRows {
		return
	}
	for i, row := range padded {
		for j, cell := range row {
			if want := plain(Inert(cell)); err != nil || again.Cell(i+1, j) != want || want != cell && Printable(cell) == cell {
				t.Fatalf("%v: row %d: %q came back as %q", err, i, cell, again.Cell(i+1, j))
			}
		}
	}
}
