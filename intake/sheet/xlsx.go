package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
)

// workbook reads the parts of an XLSX file (ECMA-376, Office Open XML). A library
// that builds the whole workbook takes a hundred times its size; this one streams.
type workbook struct {
	files  map[string]*zip.File
	left   int64 // bytes that may still be unpacked
	texts  []string
	dates  []bool // whether a cell style shows a date
	from04 bool   // days are counted from 1904
}

func readXLSX(b []byte) (Table, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, ErrFormat
	}
	w := &workbook{files: map[string]*zip.File{}, left: maxOpened}
	for _, f := range z.File {
		w.files[strings.TrimPrefix(f.Name, "/")] = f
	}
	at, err := w.sheet()
	if err != nil {
		return nil, err
	}
	for _, part := range []struct {
		name string
		read func(*xml.Decoder) error
	}{{"xl/styles.xml", w.readStyles}, {"xl/sharedStrings.xml", w.readTexts}} {
		if err := w.part(part.name, part.read); err != nil && !errors.Is(err, errNoPart) {
			return nil, err
		}
	}
	g := grid{book: w}
	if err := w.part(at, g.read); err != nil {
		return nil, refusal(err)
	}
	if t := trimmed(g.table); len(t) > 0 {
		return t, nil
	}
	return nil, ErrFormat
}

var errNoPart = errors.New("no such part")

func refusal(err error) error {
	if errors.Is(err, errNoPart) {
		return ErrFormat
	}
	return err
}

// part reads one part with read, within what may still be unpacked.
func (w *workbook) part(name string, read func(*xml.Decoder) error) error {
	f := w.files[name]
	if f == nil {
		return errNoPart
	}
	r, err := f.Open()
	if err != nil {
		return ErrFormat
	}
	defer r.Close() // it was only read
	limited := &io.LimitedReader{R: r, N: w.left + 1}
	err = read(xml.NewTokenDecoder(&shallow{from: xml.NewDecoder(limited)}))
	w.left = limited.N - 1
	switch {
	case w.left < 0, errors.Is(err, ErrTooLarge):
		return ErrTooLarge
	case err != nil && !errors.Is(err, io.EOF):
		return ErrFormat
	default:
		return nil
	}
}

// maxDepth is how deep elements lie in each other; workbooks need a dozen.
const maxDepth = 64

// shallow reads the elements of a part and refuses those that lie too deep: each that is
// open costs thirty times its bytes.
type shallow struct {
	from  *xml.Decoder
	depth int
}

// Token is the next element or text.
func (s *shallow) Token() (xml.Token, error) {
	token, err := s.from.RawToken()
	switch token.(type) {
	case xml.StartElement:
		s.depth++
	case xml.EndElement:
		s.depth--
	}
	if s.depth > maxDepth {
		return nil, ErrTooLarge
	}
	return token, err
}

// sheet is the part of the first sheet that is shown.
func (w *workbook) sheet() (string, error) {
	var book struct {
		Properties struct {
			From04 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			State string `xml:"state,attr"`
			ID    string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := w.part("xl/workbook.xml", func(d *xml.Decoder) error { return d.Decode(&book) }); err != nil {
		return "", refusal(err)
	}
	w.from04 = book.Properties.From04 == "1" || book.Properties.From04 == "true"
	var links struct {
		Links []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := w.part("xl/_rels/workbook.xml.rels", func(d *xml.Decoder) error { return d.Decode(&links) }); err != nil {
		return "", refusal(err)
	}
	for _, s := range book.Sheets {
		if s.State != "" && s.State != "visible" {
			continue
		}
		for _, l := range links.Links {
			if l.ID != s.ID {
				continue
			}
			if rest, ok := strings.CutPrefix(l.Target, "/"); ok {
				return rest, nil
			}
			return path.Join("xl", l.Target), nil
		}
	}
	return "", ErrFormat
}

// readTexts reads the shared strings; phonetic runs stand apart from the text.
func (w *workbook) readTexts(d *xml.Decoder) error {
	return elements(d, "si", func(at xml.StartElement) error {
		s, err := textOf(d)
		if len(w.texts) >= maxTexts {
			return ErrTooLarge
		}
		w.texts = append(w.texts, s)
		return err
	})
}

// textOf is the text inside the element that was just begun, up to its end.
func textOf(d *xml.Decoder) (string, error) {
	var b strings.Builder
	depth, quiet, inText := 1, 0, false
	for depth > 0 {
		token, err := d.Token()
		if err != nil {
			return "", err
		}
		switch e := token.(type) {
		case xml.StartElement:
			depth++
			if quiet == 0 && e.Name.Local == "rPh" {
				quiet = depth
			}
			inText = e.Name.Local == "t"
		case xml.EndElement:
			if depth == quiet {
				quiet = 0
			}
			depth, inText = depth-1, false
		case xml.CharData:
			if inText && quiet == 0 {
				b.Write(e)
			}
		}
	}
	if b.Len() > 4*maxCell {
		return "", ErrTooLarge
	}
	return b.String(), nil
}

// elements calls each for the elements of a name, wherever they stand.
func elements(d *xml.Decoder, name string, each func(xml.StartElement) error) error {
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == name {
			if err := each(e); err != nil {
				return err
			}
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// readStyles notes which styles show a date.
func (w *workbook) readStyles(d *xml.Decoder) error {
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := d.Decode(&styles); err != nil {
		return err
	}
	own := map[int]bool{}
	for _, f := range styles.Formats {
		own[f.ID] = showsDate(f.Code)
	}
	for _, c := range styles.Cells {
		date, known := own[c.Format]
		w.dates = append(w.dates, known && date || !known && builtInDate(c.Format))
	}
	return nil
}

// builtInDate: ECMA-376 part 1, 18.8.30, with the formats of Chinese installations.
func builtInDate(id int) bool {
	return id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id >= 50 && id <= 58 || id == 36
}

// showsDate says whether a format code shows a year, a month or a day.
func showsDate(code string) bool {
	quoted, bracket := false, false
	for _, r := range strings.ToLower(code) {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '[':
			bracket = true
		case r == ']':
			bracket = false
		case bracket:
		case r == 'y' || r == 'd' || r == 'e':
			return true
		}
	}
	return false
}

// style says whether a cell's style shows a date.
func (w *workbook) style(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && n < len(w.dates) && w.dates[n]
}
