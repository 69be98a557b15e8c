package media

import (
	"encoding/xml"
	"path"
	"strings"
)

// contentTypes keeps what is said of parts that are kept (ECMA-376, part 2, 10.1).
func (o *officeCopy) contentTypes(e *xml.StartElement) treatment {
	if e.Name.Local == "Override" && !o.keeps(strings.TrimPrefix(attribute(e, "PartName"), "/")) {
		return dropTree
	}
	return keepElement
}

// relationships keeps those to parts that are kept; none leads outside.
func (o *officeCopy) relationships(name string) func(*xml.StartElement) treatment {
	folder := path.Dir(path.Dir(name)) // of word/_rels/document.xml.rels: word
	return func(e *xml.StartElement) treatment {
		if e.Name.Local != "Relationship" {
			return keepElement
		}
		target := attribute(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(folder, target)
		}
		if attribute(e, "TargetMode") == "External" || !o.keeps(strings.TrimPrefix(target, "/")) {
			return dropTree
		}
		return keepElement
	}
}

func attribute(e *xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// content keeps what is to be read and seen in a part.
func content(part string) func(*xml.StartElement) treatment {
	sheet := strings.HasPrefix(part, "xl/worksheets/")
	return func(e *xml.StartElement) treatment {
		switch t := element(e.Name.Local); {
		case t != keepElement:
			return t
		case sheet && e.Name.Local == "f": // a formula; the value it came to stays
			return dropTree
		}
		attributes(e)
		return keepElement
	}
}

// element tells what becomes of an element of WordprocessingML, SpreadsheetML, PresentationML or DrawingML.
func element(local string) treatment {
	switch local {
	case "hyperlink", "fldSimple":
		return dropTags // its words stay
	case "commentReference", "commentRangeStart", "commentRangeEnd", "annotationRef", "permStart", "permEnd", // who said what
		"del", "moveFrom", "rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "tblPrExChange", "tcPrChange", "trPrChange",
		"tblGridChange", "numberingChange", // what was there before
		"object", "altChunk", "control", "subDoc", "oleObj", "oleObjects", "controls", "contentPart", "externalData", "userShapes", // what is embedded
		"instrText", "dataBinding", "printerSettings", "smartTagPr", "proofErr", // what is computed or fetched
		"absPath", "fileSharing", "fileVersion", "fileRecoveryPr", "externalReferences", "pivotCaches", "pivotTableDefinition", "definedNames",
		"legacyDrawing", "legacyDrawingHF", "hyperlinks", "dataValidations", "conditionalFormatting", "customSheetViews", "customWorkbookViews",
		"tableParts", "webPublishing", "webPublishItems", "extLst",
		"custDataLst", "handoutMasterIdLst", "embeddedFontLst", "modifyVerifier", "smartTags", "timing", "transition", "videoFile", "audioFile",
		"wavAudioFile", "quickTimeFile", "audioCd", "hlinkClick", "hlinkHover", "hlinkMouseOver", "snd":
		return dropTree
	}
	return keepElement
}

// attributes drops or empties what tells of people, machines and editing sessions.
func attributes(e *xml.StartElement) {
	kept := e.Attr[:0]
	for _, a := range e.Attr {
		local := a.Name.Local
		switch {
		case strings.HasPrefix(local, "rsid"), a.Name.Space == "r" && (local == "link" || local == "href" || local == "pict"),
			e.Name.Local == "pageSetup" && local == "id":
			continue
		}
		switch local {
		case "paraId", "textId", "date", "dateUtc", "src", "descr", "title", "uid", "userName", "codeName", "tooltip", "instr", "lastEdited", "rupBuild":
			continue
		case "author", "initials":
			a.Value = ""
		case "name":
			if strings.HasSuffix(e.Name.Local, "NvPr") || e.Name.Local == "docPr" {
				a.Value = "" // often a file's name
			}
		}
		kept = append(kept, a)
	}
	e.Attr = kept
}
