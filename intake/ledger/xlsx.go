package ledger

import (
	"fmt"
	"io"
	"iter"
	"os"
	"strings"

	"github.com/xuri/excelize/v2"
)

// sheet is the workbook's only sheet.
const sheet = "台账"

// noFolder is where excelize would spill a large sheet, in clear. It can't be a
// folder, so that the sheet stays in memory.
const noFolder = os.DevNull + "/none"

// WriteXLSX writes the ledger as a workbook ready to print: every cell is text,
// so nothing in it can act as a formula.
func WriteXLSX(w io.Writer, rows iter.Seq2[Row, error], labels Labels, open Opener) error {
	f := excelize.NewFile(excelize.Options{TmpDir: noFolder})
	defer f.Close()
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	if err := setUp(f, labels); err != nil {
		return err
	}
	s, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	last, err := fill(f, s, rows, labels, open)
	if err != nil {
		return err
	}
	if err := printed(f, last); err != nil {
		return err
	}
	// Flush writes the filter out; after it there is no sheet left to put one on.
	if err := f.AutoFilter(sheet, fmt.Sprintf("A2:%s%d", lastColumn(), last), nil); err != nil {
		return err
	}
	if err := s.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}

// setUp makes the pages A4 landscape, two side by side: on one, thirty columns
// could not be read. Each has the title, the headings and the rows' numbers, and
// says which page it is and what the audit chain's head was.
func setUp(f *excelize.File, labels Labels) error {
	size, orientation, wide, tall := 9, "landscape", 2, 0
	if err := f.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &size, Orientation: &orientation, FitToWidth: &wide, FitToHeight: &tall}); err != nil {
		return err
	}
	side, top, bottom := 0.3, 0.7, 0.6 // inches
	if err := f.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &top, Bottom: &bottom, Header: &side, Footer: &side}); err != nil {
		return err
	}
	if err := f.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{OddHeader: "&L&\"-,Bold\"&14 " + pageTitle(labels.Title), OddFooter: "&L&8" + labels.Head + "&C&P / &N"}); err != nil {
		return err
	}
	if err := f.SetDocProps(&excelize.DocProperties{Title: printable(labels.Title), Identifier: labels.Head}); err != nil {
		return err
	}
	fit := true
	if err := f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	return f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: sheet, RefersTo: fmt.Sprintf("'%[1]s'!$A:$A,'%[1]s'!$2:$2", sheet)})
}

// pageTitle is a title as a page's header: an ampersand would begin a code there, and
// the whole has room for 255 characters.
func pageTitle(title string) string {
	r := []rune(printable(title))
	return strings.ReplaceAll(string(r[:min(len(r), 100)]), "&", "&&")
}

// printed leaves the title's row out of print: every page's header has it.
func printed(f *excelize.File, last int) error {
	return f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Area", Scope: sheet, RefersTo: fmt.Sprintf("'%s'!$A$2:$%s$%d", sheet, lastColumn(), last)})
}

func lastColumn() string {
	name, _ := excelize.ColumnNumberToName(len(columnsOf())) // a small positive number always has a name
	return name
}

// styles are the looks of title, heading and cell.
func styles(f *excelize.File) (title, head, cell int, err error) {
	border := []excelize.Border{{Type: "left", Color: "B8B8A8", Style: 1}, {Type: "right", Color: "B8B8A8", Style: 1},
		{Type: "top", Color: "B8B8A8", Style: 1}, {Type: "bottom", Color: "B8B8A8", Style: 1}}
	if title, err = f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 16}, Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center"}}); err != nil {
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
func fill(f *excelize.File, s *excelize.StreamWriter, rows iter.Seq2[Row, error], labels Labels, open Opener) (int, error) {
	title, head, cell, err := styles(f)
	if err != nil {
		return 0, err
	}
	cols := columnsOf()
	headings := make([]any, len(cols))
	for i, c := range cols {
		headings[i] = excelize.Cell{StyleID: head, Value: labels.Heading(c.key)}
		if err := s.SetColWidth(i+1, i+1, c.width); err != nil {
			return 0, err
		}
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 2, XSplit: 2, TopLeftCell: "C3", ActivePane: "bottomRight"}); err != nil {
		return 0, err
	}
	if err := s.SetRow("A1", []any{excelize.Cell{StyleID: title, Value: labels.Title}}, excelize.RowOpts{Height: 30}); err != nil {
		return 0, err
	}
	if err := s.MergeCell("A1", lastColumn()+"1"); err != nil {
		return 0, err
	}
	if err := s.SetRow("A2", headings, excelize.RowOpts{Height: 48}); err != nil {
		return 0, err
	}
	n := 2
	for l, err := range lines(rows, labels, open) {
		if err != nil {
			return 0, err
		}
		n++
		cells := make([]any, len(cols))
		for i, c := range cols {
			cells[i] = excelize.Cell{StyleID: cell, Value: printable(c.value(l))}
		}
		if err := s.SetRow(fmt.Sprintf("A%d", n), cells); err != nil {
			return 0, err
		}
	}
	return n, nil
}
