package media

import (
	"archive/zip"
	"compress/flate"
	"io"
	"path"
	"slices"
	"strings"
)

// blankPNG is a picture of one transparent pixel. It stands where a picture was that has no clean copy.
const blankPNG = "\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f" +
	"\x15\xc4\x89\x00\x00\x00\x0b\x49\x44\x41\x54\x78\xda\x63\x60\x00\x02\x00\x00\x05\x00\x01\xe9\xfa\xdc\xd8\x00\x00\x00\x00" +
	"\x49\x45\x4e\x44\xae\x42\x60\x82"

// officeCopy is one pass over an Office Open XML package (ECMA-376, part 2).
type officeCopy struct {
	r    *Result
	kind Kind
	zip  zipReader
	out  *zip.Writer
	seen map[string]bool
	left int // bytes of XML
}

// copyOffice copies a DOCX, XLSX or PPTX file: the parts that hold what is to be read, without properties,
// authors, comments, changes and what was deleted, formulas, links, macros, embedded files and anything that
// would be fetched. Pictures in it are copied as pictures are.
func copyOffice(in *input, out *output, r *Result) error {
	o := &officeCopy{r: r, kind: r.Kind, zip: zipReader{in: in}, out: zip.NewWriter(out), seen: map[string]bool{}, left: maxXML}
	o.out.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for {
		e, ok, err := o.zip.next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if err := o.part(e); err != nil {
			return err
		}
	}
	if !o.seen["[Content_Types].xml"] || !o.seen[o.main()] {
		return errDamaged
	}
	return o.out.Close()
}

func (o *officeCopy) main() string {
	switch o.kind {
	case DOCX:
		return "word/document.xml"
	case XLSX:
		return "xl/workbook.xml"
	}
	return "ppt/presentation.xml"
}

// part copies or drops an entry.
func (o *officeCopy) part(e zipEntry) error {
	if !o.keeps(e.name) {
		o.noted(e.name)
		return o.zip.body(e, func(io.Reader) error { return nil })
	}
	if o.seen[e.name] {
		return errDamaged // two parts of one name: readers differ in which they take
	}
	o.seen[e.name] = true
	w, err := o.out.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Deflate})
	if err != nil {
		return err
	}
	return o.zip.body(e, func(src io.Reader) error {
		switch {
		case isMedia(e.name):
			return picture(src, w)
		case e.name == "[Content_Types].xml":
			return filterXML(src, w, &o.left, o.contentTypes)
		case strings.HasSuffix(e.name, ".rels"):
			return filterXML(src, w, &o.left, o.relationships(e.name))
		}
		return filterXML(src, w, &o.left, content(e.name))
	})
}

// noted remembers what a part tells that goes (ECMA-376, part 2, 8.3; part 1, 22.2).
func (o *officeCopy) noted(name string) {
	switch {
	case name == "docProps/core.xml":
		o.r.removed(RemovedPerson, RemovedTime)
	case name == "docProps/app.xml":
		o.r.removed(RemovedDevice)
	case strings.HasPrefix(name, "docProps/"), strings.Contains(name, "omments"):
		o.r.removed(RemovedNotes)
	}
}

func isMedia(name string) bool {
	return strings.HasPrefix(path.Dir(name), "word/media") || path.Base(path.Dir(name)) == "media"
}

// picture copies a picture; in the place of one without a clean copy goes a blank.
func picture(src io.Reader, w io.Writer) error {
	in := newInput(src)
	head, err := in.head()
	if err != nil {
		return err
	}
	switch r := identify(head); r.Kind {
	case JPEG, PNG, GIF, WebP:
		out := newOutput(func(string) (io.Writer, error) { return w, nil })
		if err := r.Kind.copier()(in, out, &r); err != nil {
			return err
		}
		return out.finish()
	}
	_, err = io.WriteString(w, blankPNG)
	return err
}

// keeps tells the parts that are copied, for each kind of package.
func (o *officeCopy) keeps(name string) bool {
	parts := []string{"[[]Content_Types].xml", "_rels/.rels"}
	switch o.kind {
	case DOCX:
		parts = append(parts, "word/document.xml", "word/styles.xml", "word/numbering.xml", "word/footnotes.xml", "word/endnotes.xml",
			"word/header*.xml", "word/footer*.xml", "word/theme/theme*.xml", "word/charts/chart*.xml", "word/diagrams/*.xml", "word/media/*",
			"word/_rels/document.xml.rels", "word/_rels/numbering.xml.rels", "word/_rels/footnotes.xml.rels", "word/_rels/endnotes.xml.rels",
			"word/_rels/header*.xml.rels", "word/_rels/footer*.xml.rels", "word/diagrams/_rels/*.xml.rels")
	case XLSX:
		parts = append(parts, "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "xl/theme/theme*.xml", "xl/worksheets/sheet*.xml",
			"xl/chartsheets/sheet*.xml", "xl/drawings/drawing*.xml", "xl/charts/chart*.xml", "xl/media/*", "xl/_rels/workbook.xml.rels",
			"xl/worksheets/_rels/*.xml.rels", "xl/chartsheets/_rels/*.xml.rels", "xl/drawings/_rels/drawing*.xml.rels")
	case PPTX:
		parts = append(parts, "ppt/presentation.xml", "ppt/tableStyles.xml", "ppt/slides/slide*.xml", "ppt/slideLayouts/slideLayout*.xml",
			"ppt/slideMasters/slideMaster*.xml", "ppt/notesMasters/*.xml", "ppt/notesSlides/*.xml", "ppt/theme/theme*.xml", "ppt/charts/chart*.xml",
			"ppt/diagrams/*.xml", "ppt/media/*", "ppt/_rels/presentation.xml.rels", "ppt/slides/_rels/*.xml.rels", "ppt/slideLayouts/_rels/*.xml.rels",
			"ppt/slideMasters/_rels/*.xml.rels", "ppt/notesMasters/_rels/*.xml.rels", "ppt/notesSlides/_rels/*.xml.rels", "ppt/diagrams/_rels/*.xml.rels")
	}
	return slices.ContainsFunc(parts, func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		return ok && err == nil
	})
}
