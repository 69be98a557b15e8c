package sheet

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Column is a column of a sheet that is written.
type Column struct {
	Heading string
	Width   float64 // in characters
}

// Sheet is one sheet of a workbook, ready to print on A4.
type Sheet struct {
	Name    string // of the tab
	Title   string
	Mark    string // who took it and when, and what vouches for it: on the sheet and on every page; "" without
	Columns []Column
	Fixed   int  // columns that stay while the others scroll
	Wide    int  // pages side by side, 0 is 1
	Upright bool // pages are upright
	Rows    iter.Seq2[[]string, error]
}

// noFolder is where excelize would spill a large sheet, in clear. It can't be a
// folder, so that the sheet stays in memory.
const noFolder = os.DevNull + "/none"

// headRow is the row of the headings; the title stands above them.
const headRow = 2

// WriteXLSX writes a workbook: every cell is text, so nothing in it can act as a
// formula. The same sheets give the same bytes.
func WriteXLSX(w io.Writer, sheets ...Sheet) error {
	f := excelize.NewFile(excelize.Options{TmpDir: noFolder})
	defer f.Close()
	f.SetZipWriter(func(to io.Writer) excelize.ZipWriter { return &archive{to: to, parts: map[string]*bytes.Buffer{}} })
	for i, s := range sheets {
		s.Name = tabName(s.Name)
		if err := newTab(f, i, s); err != nil {
			return err
		}
		if err := s.write(f); err != nil {
			return err
		}
	}
	return f.Write(w)
}

func newTab(f *excelize.File, i int, s Sheet) error {
	if i > 0 {
		_, err := f.NewSheet(s.Name)
		return err
	}
	if err := f.SetDocProps(&excelize.DocProperties{Title: Printable(s.Title), Identifier: Printable(s.Mark)}); err != nil {
		return err
	}
	return f.SetSheetName("Sheet1", s.Name)
}

// tabName drops what no tab may be called.
func tabName(s string) string {
	r := []rune(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) || r < ' ' {
			return -1
		}
		return r
	}, s))
	return string(r[:min(len(r), 31)])
}

func (s Sheet) write(f *excelize.File) error {
	if err := s.setUp(f); err != nil {
		return err
	}
	out, err := f.NewStreamWriter(s.Name)
	if err != nil {
		return err
	}
	last, err := s.fill(f, out)
	if err != nil {
		return err
	}
	// The title's row isn't printed: every page's header has it.
	if err := f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Area", Scope: s.Name, RefersTo: fmt.Sprintf("'%s'!$A$%d:$%s$%d", s.Name, headRow, s.lastColumn(), last)}); err != nil {
		return err
	}
	// Flush writes the filter out; after it there is no sheet left to put one on.
	if err := f.AutoFilter(s.Name, fmt.Sprintf("A%d:%s%d", headRow, s.lastColumn(), last), nil); err != nil {
		return err
	}
	return out.Flush()
}

// setUp makes the pages: each has the title, the headings and the fixed columns, and
// says which page it is and the mark.
func (s Sheet) setUp(f *excelize.File) error {
	size, orientation, wide, tall := 9, "landscape", max(1, s.Wide), 0
	if s.Upright {
		orientation = "portrait"
	}
	if err := f.SetPageLayout(s.Name, &excelize.PageLayoutOptions{Size: &size, Orientation: &orientation, FitToWidth: &wide, FitToHeight: &tall}); err != nil {
		return err
	}
	side, top, bottom := 0.3, 0.7, 0.6 // inches
	if err := f.SetPageMargins(s.Name, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &top, Bottom: &bottom, Header: &side, Footer: &side}); err != nil {
		return err
	}
	if err := f.SetHeaderFooter(s.Name, &excelize.HeaderFooterOptions{OddHeader: "&L&\"-,Bold\"&14 " + pageText(s.Title), OddFooter: "&L&8" + pageText(s.Mark) + "&R&8&P / &N"}); err != nil {
		return err
	}
	fit := true
	if err := f.SetSheetProps(s.Name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	return f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: s.Name, RefersTo: fmt.Sprintf("'%[1]s'!$A:$A,'%[1]s'!$%[2]d:$%[2]d", s.Name, headRow)})
}

// pageText is text in a page's header or footer: an ampersand would begin a code
// there, and the whole has room for 255 characters.
func pageText(text string) string {
	r := []rune(Printable(text))
	return strings.ReplaceAll(string(r[:min(len(r), 100)]), "&", "&&")
}

func (s Sheet) lastColumn() string {
	name, _ := excelize.ColumnNumberToName(max(1, len(s.Columns))) // a small positive number always has a name
	return name
}

// styles are the looks of title, heading and cell.
func styles(f *excelize.File) (title, head, cell int, err error) {
	border := []excelize.Border{{Type: "left", Color: "B8B8A8", Style: 1}, {Type: "right", Color: "B8B8A8", Style: 1},
		{Type: "top", Color: "B8B8A8", Style: 1}, {Type: "bottom", Color: "B8B8A8", Style: 1}}
	if title, err = f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 16}, Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", WrapText: true}}); err != nil {
		return
	}
	if head, err = f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Border: border, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E4EBDD"}},
		Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}}); err != nil {
		return
	}
	cell, err = f.NewStyle(&excelize.Style{Border: border, NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	return
}

// fill writes title, headings and rows, and returns the last row's number.
func (s Sheet) fill(f *excelize.File, out *excelize.StreamWriter) (int, error) {
	title, head, cell, err := styles(f)
	if err != nil {
		return 0, err
	}
	headings := make([]any, len(s.Columns))
	for i, c := range s.Columns {
		headings[i] = excelize.Cell{StyleID: head, Value: Printable(c.Heading)}
		if err := out.SetColWidth(i+1, i+1, c.Width); err != nil {
			return 0, err
		}
	}
	corner, _ := excelize.CoordinatesToCellName(s.Fixed+1, headRow+1) // both are positive
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: headRow, XSplit: s.Fixed, TopLeftCell: corner, ActivePane: pane(s.Fixed)}); err != nil {
		return 0, err
	}
	if err := s.top(out, title, headings); err != nil {
		return 0, err
	}
	n := headRow
	for row, err := range s.Rows {
		if err != nil {
			return 0, err
		}
		n++
		cells := make([]any, len(row))
		for i, text := range row {
			cells[i] = excelize.Cell{StyleID: cell, Value: Printable(text)}
		}
		if err := out.SetRow(fmt.Sprintf("A%d", n), cells); err != nil {
			return 0, err
		}
	}
	return n, nil
}

func (s Sheet) top(out *excelize.StreamWriter, title int, headings []any) error {
	text, height := any(Printable(s.Title)), 30.0
	if s.Mark != "" {
		height = 44
		text = []excelize.RichTextRun{{Text: Printable(s.Title), Font: &excelize.Font{Bold: true, Size: 16}}, {Text: "\n" + Printable(s.Mark), Font: &excelize.Font{Size: 9, Color: "6B6B5E"}}}
	}
	if err := out.SetRow("A1", []any{excelize.Cell{StyleID: title, Value: text}}, excelize.RowOpts{Height: height}); err != nil {
		return err
	}
	if len(s.Columns) > 1 {
		if err := out.MergeCell("A1", s.lastColumn()+"1"); err != nil {
			return err
		}
	}
	return out.SetRow(fmt.Sprintf("A%d", headRow), headings, excelize.RowOpts{Height: 48})
}

// pane is the part of a frozen sheet that scrolls.
func pane(fixed int) string {
	if fixed == 0 {
		return "bottomLeft"
	}
	return "bottomRight"
}

// WriteCSV writes a sheet's headings and rows as RFC 4180 CSV in UTF-8 with a byte
// order mark, so that office programs take it for what it is.
func WriteCSV(w io.Writer, headings []string, rows iter.Seq2[[]string, error]) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(headings); err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = Inert(c)
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
