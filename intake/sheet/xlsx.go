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
	from := &rationed{from: r, left: &w.left}
	err = read(xml.NewTokenDecoder(&shallow{from: xml.NewDecoder(from), ration: from}))
	switch {
	case from.out, errors.Is(err, ErrTooLarge):
		return ErrTooLarge
	case err != nil && !errors.Is(err, io.EOF):
		return ErrFormat
	default:
		return nil
	}
}

// rationed bounds what is unpacked, and each token of it, which the decoder keeps in memory: an element's
// attributes take ten times their bytes.
type rationed struct {
	from  io.Reader
	left  *int64
	token int64 // bytes since the last token
	out   bool  // of bytes
}

func (r *rationed) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	*r.left -= int64(n)
	r.token += int64(n)
	if r.out = *r.left < 0 || r.token > maxToken; r.out {
		return n, ErrTooLarge
	}
	return n, err
}

// maxDepth is how deep elements lie in each other; workbooks need a dozen.
const maxDepth = 64

// shallow reads the elements of a part and refuses those that lie too deep: each that is
// open costs thirty times its bytes.
type shallow struct {
	from   *xml.Decoder
	ration *rationed
	depth  int
}

// Token is the next element or text.
func (s *shallow) Token() (xml.Token, error) {
	token, err := s.from.RawToken()
	s.ration.token = 0
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
	var shown *xml.StartElement
	if err := w.part("xl/workbook.xml", func(d *xml.Decoder) error {
		return elements(d, func(e xml.StartElement) error {
			switch state := attribute(e, "state"); {
			case e.Name.Local == "workbookPr":
				from := attribute(e, "date1904")
				w.from04 = from == "1" || from == "true"
			case e.Name.Local == "sheet" && shown == nil && (state == "" || state == "visible"):
				shown = &e
			}
			return nil
		})
	}); err != nil {
		return "", refusal(err)
	}
	if shown == nil {
		return "", ErrFormat
	}
	target, id := "", attribute(*shown, "id")
	err := w.part("xl/_rels/workbook.xml.rels", func(d *xml.Decoder) error {
		return elements(d, func(e xml.StartElement) error {
			if e.Name.Local == "Relationship" && target == "" && attribute(e, "Id") == id {
				target = attribute(e, "Target")
			}
			return nil
		})
	})
	if err != nil || target == "" {
		return "", refusal(errors.Join(err, errNoPart))
	}
	if rest, ok := strings.CutPrefix(target, "/"); ok {
		return rest, nil
	}
	return path.Join("xl", target), nil
}

// readTexts reads the shared strings.
func (w *workbook) readTexts(d *xml.Decoder) error {
	return elements(d, func(e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		s, err := textOf(d, "t")
		if len(w.texts) >= maxTexts {
			return ErrTooLarge
		}
		w.texts = append(w.texts, plain(s)) // here, not wherever it stands
		return err
	})
}

// textOf is the text that the elements of a name hold inside the one that was just begun, up to its end;
// phonetic runs stand apart from it.
func textOf(d *xml.Decoder, of string) (string, error) {
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
			inText = e.Name.Local == of
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
		if b.Len() > 4*maxCell {
			return "", ErrTooLarge
		}
	}
	return b.String(), nil
}

// elements calls each for every element that begins and that none before it read.
func elements(d *xml.Decoder, each func(xml.StartElement) error) error {
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok {
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

// readStyles notes which styles of cells show a date.
func (w *workbook) readStyles(d *xml.Decoder) error {
	own, list := map[int]bool{}, ""
	return elements(d, func(e xml.StartElement) error {
		id, err := strconv.Atoi(attribute(e, "numFmtId"))
		switch kind := e.Name.Local; {
		case kind == "numFmts" || kind == "cellXfs" || kind == "cellStyleXfs" || kind == "cellStyles" || kind == "dxfs":
			list = kind
		case kind == "numFmt" && list == "numFmts" && err == nil:
			own[id] = showsDate(attribute(e, "formatCode"))
		case kind == "xf" && list == "cellXfs":
			date, known := own[id]
			w.dates = append(w.dates, known && date || !known && builtInDate(id))
		}
		if len(own) > maxStyles || len(w.dates) > maxStyles {
			return ErrTooLarge
		}
		return nil
	})
}

// builtInDate: ECMA-376 part 1, 18.8.30, with the formats of Chinese installations.
func builtInDate(id int) bool {
	return id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id >= 50 && id <= 58 || id == 36
}

// showsDate says whether a format code shows a year, a month or a day. Not each e is a year: LibreOffice writes
// General out for every plain cell, 0.00E+00 is a number, and a letter after \, _ or * isn't the format's.
func showsDate(code string) bool {
	code = strings.ReplaceAll(strings.ToLower(code), "general", "")
	quoted, bracket, past := false, false, false
	for i, r := range code {
		switch {
		case past:
			past = false
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '\\' || r == '_' || r == '*':
			past = true
		case r == '[':
			bracket = true
		case r == ']':
			bracket = false
		case bracket:
		case r == 'e' && strings.ContainsAny(code[i+1:min(i+2, len(code))], "+-"):
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
