package media

import (
	"archive/zip"
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
)

// packed is a package of parts, the types first, as programs write them.
func packed(t tb, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	names := slices.Sorted(maps.Keys(parts))
	for _, name := range names {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Comment: canary, Extra: []byte("\x99\x99\x18\x00" + canary[:24])})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, parts[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.SetComment(canary); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unpacked reads a package the usual way, by its directory.
func unpacked(t tb, data []byte) map[string]string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(b)
	}
	return parts
}

const relationshipsNS = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`

// letter is a document with all that a word processor knows of its author.
func letter(t tb) map[string]string {
	return map[string]string{
		"[Content_Types].xml": `<?xml version="1.0"?><Types><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="r"/>` +
			`<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>` +
			`<Override PartName="/word/comments.xml" ContentType="` + canary + `"/><Override PartName="/docProps/core.xml" ContentType="c"/></Types>`,
		"_rels/.rels":             `<Relationships ` + relationshipsNS + `><Relationship Id="a" Target="word/document.xml"/><Relationship Id="b" Target="docProps/core.xml"/></Relationships>`,
		"docProps/core.xml":       `<p><creator>` + canary + `</creator></p>`,
		"docProps/thumbnail.jpeg": canary,
		"customXml/item1.xml":     canary,
		"word/settings.xml":       `<s><attachedTemplate/>` + canary + `</s>`,
		"word/comments.xml":       `<w:comments>` + canary + `</w:comments>`,
		"word/vbaProject.bin":     canary,
		"word/embeddings/a.bin":   canary,
		"word/people.xml":         canary,
		"word/media/image1.jpg":   string(dirtyJPEG(t, 6)),
		"word/media/image2.emf":   "EMF " + canary,
		"word/_rels/document.xml.rels": `<Relationships ` + relationshipsNS + `><Relationship Id="r1" Target="media/image1.jpg"/><Relationship Id="r2" Target="media/image2.emf"/>` +
			`<Relationship Id="r3" Target="https://` + canary + `/" TargetMode="External"/><Relationship Id="r4" Target="/word/embeddings/a.bin"/>` +
			`<Relationship Id="r5" Target="../customXml/item1.xml"/></Relationships>`,
		"word/document.xml": `<?xml version="1.0" encoding="UTF-8"?><!-- ` + canary + ` --><?x ` + canary + `?>` +
			`<w:document xmlns:w="w" xmlns:r="r"><w:body w:rsidR="` + canary + `"><w:p w14:paraId="` + canary + `"><w:r><w:t xml:space="preserve"> 村东 &amp; 第三排 </w:t></w:r>` +
			`<w:hyperlink r:id="r3" w:tooltip="` + canary + `"><w:r><w:t>链接文字</w:t></w:r></w:hyperlink>` +
			`<w:ins w:author="` + canary + `" w:date="` + canary + `"><w:r><w:t>后加的</w:t></w:r></w:ins>` +
			`<w:del w:author="` + canary + `"><w:r><w:delText>` + canary + `</w:delText></w:r></w:del>` +
			`<w:commentRangeStart w:id="1"/><w:commentReference w:id="1"/><w:rPr><w:rPrChange w:author="` + canary + `"/></w:rPr>` +
			`<w:r><w:instrText>INCLUDEPICTURE "http://` + canary + `"</w:instrText></w:r><w:object r:id="r4">` + canary + `</w:object>` +
			`<wp:docPr id="1" name="` + canary + `" descr="C:\Users\` + canary + `.jpg"/><a:blip r:embed="r1" r:link="r3"/><v:imagedata src="http://` + canary + `" o:title="` + canary + `"/>` +
			`</w:p></w:body></w:document>`,
	}
}

func TestALetterKeepsItsWordsAlone(t *testing.T) {
	got := unpacked(t, mustClean(t, packed(t, letter(t))))
	for name, part := range got {
		if strings.Contains(part, "CANARY") {
			t.Errorf("%s holds a canary: %s", name, part)
		}
	}
	want := []string{"[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels", "word/document.xml", "word/media/image1.jpg", "word/media/image2.emf"}
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
	text := got["word/document.xml"]
	for _, words := range []string{`<w:t xml:space="preserve"> 村东 &amp; 第三排 </w:t>`, "链接文字", "后加的", `<a:blip r:embed="r1">`, `<w:ins w:author="">`} {
		if !strings.Contains(text, words) {
			t.Errorf("%q is lost: %s", words, text)
		}
	}
	if strings.Contains(text, "hyperlink") || strings.Contains(text, "<!--") || strings.Contains(text, "<?x ") {
		t.Error(text)
	}
	samePixels(t, []byte(letter(t)["word/media/image1.jpg"]), []byte(got["word/media/image1.jpg"]))
	if got["word/media/image2.emf"] != blankPNG {
		t.Error("a picture that can't be cleaned is in the copy")
	}
	if rels := got["word/_rels/document.xml.rels"]; strings.Count(rels, "<Relationship ") != 2 || strings.Contains(got["[Content_Types].xml"], "core.xml") {
		t.Error(rels, got["[Content_Types].xml"])
	}
}

func TestWhatProgramsWriteStaysWhole(t *testing.T) {
	for name, c := range map[string]struct {
		kind  Kind
		part  string
		words string
	}{
		"doc.docx":    {DOCX, "word/document.xml", "村东头第三排"},
		"sheet.xlsx":  {XLSX, "xl/sharedStrings.xml", "地块"},
		"slides.pptx": {PPTX, "ppt/slides/slide1.xml", "耕地上建房的照片说明"},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := clean(t, sample(t, name))
			if r.Kind != c.kind || !r.Clean {
				t.Fatalf("%+v", r)
			}
			once := mustClean(t, sample(t, name))
			parts := unpacked(t, once)
			if !strings.Contains(parts[c.part], c.words) {
				t.Errorf("%q is lost", c.words)
			}
			for part, content := range parts {
				if strings.Contains(content, "CANARY") || strings.Contains(content, "LibreOffice") || strings.Contains(content, "<f>") {
					t.Errorf("%s: %s", part, content)
				}
			}
			if again, twice := clean(t, once); again.Kind != c.kind || !bytes.Equal(once, twice) {
				t.Errorf("copied again it differs: %+v", again)
			}
		})
	}
}

func TestAWorksheetKeepsValuesAndNoFormula(t *testing.T) {
	sheet := unpacked(t, mustClean(t, sample(t, "sheet.xlsx")))["xl/worksheets/sheet1.xml"]
	if !strings.Contains(sheet, "<v>4.2</v>") || strings.Contains(sheet, "HYPERLINK") {
		t.Error(sheet)
	}
}

func TestDamagedAndHostilePackages(t *testing.T) {
	with := func(name, content string) []byte {
		parts := letter(t)
		parts[name] = content
		return packed(t, parts)
	}
	good := packed(t, letter(t))
	zeros := strings.Repeat("\x00", 101<<20)
	for name, c := range map[string]struct {
		data   []byte
		reason string
	}{
		"a document type":        {with("word/document.xml", `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`), ReasonType},
		"an unknown entity":      {with("word/document.xml", `<a>&b;</a>`), ReasonDamaged},
		"an open element":        {with("word/document.xml", `<a><b>`), ReasonDamaged},
		"one end too many":       {with("word/document.xml", `<a></a></a>`), ReasonDamaged},
		"endless depth":          {with("word/document.xml", strings.Repeat("<a>", 2000)), ReasonDamaged},
		"another charset":        {with("word/document.xml", `<?xml version="1.0" encoding="GBK"?><a/>`), ReasonType},
		"a long attribute":       {with("word/document.xml", `<a b="`+zeros[:2<<20]+`"/>`), ReasonTooLarge},
		"a part that unfolds":    {with("word/styles.xml", "<a>"+strings.Repeat(" <b/>", 10<<20)+"</a>"), ReasonTooLarge},
		"a picture that unfolds": {with("word/media/image3.png", zeros), ReasonTooLarge},
		"an entry that unfolds":  {with("word/dropped.bin", zeros), ReasonTooLarge},
		"no document":            {packed(t, map[string]string{"[Content_Types].xml": "<Types></Types>", "word/styles.xml": "<a/>"}), ReasonDamaged},
		"cut":                    {good[:len(good)*2/3], ReasonDamaged},
	} {
		t.Run(name, func(t *testing.T) { wantReason(t, c.data, c.reason) })
	}
}

func TestAPackageWithTwoPartsOfOneName(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "word/document.xml", "word/document.xml"} {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, "<a></a>"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	wantReason(t, b.Bytes(), ReasonDamaged)
}
