package public

import "tipline/web/page"

// Names that the sites share.
type (
	// Text is one text by language.
	Text = page.Text
	// Choice is one code a report may carry.
	Choice = page.Choice
	// Place is one administrative place.
	Place = page.Place
)

// Content is what the pages say about one office and its campaign. Empty parts
// are left out of the pages.
type Content struct {
	Office    Text     // who receives the reports
	Hours     Text     // when the telephone is answered
	Phones    []string // numbers to call
	Mails     []string // addresses that take reports
	SMS       []string // numbers that take text messages
	Visit     Text     // where to go, or to write
	Emergency []string // numbers to dial in danger

	Categories []Choice
	Conduct    []Choice
	Places     []Place // parents before their children

	// Promise says what the dates are: of a law, or the office's own promise. It is empty
	// where desks differ.
	Promise Text

	Concerns bool // another desk takes what concerns this office's own people

	Home, Scope, Procedure, Protection, Privacy Document

	Footer Footer
}

// Document is one text of the office.
type Document struct {
	Title, Lead Text
	Sections    []Section
}

// Head is the document with its first section alone.
func (d Document) Head() Document {
	d.Sections = d.Sections[:min(1, len(d.Sections))]
	return d
}

// Rest is the document without its first section.
func (d Document) Rest() Document {
	d.Sections = d.Sections[min(1, len(d.Sections)):]
	return d
}

// Section is a titled stretch of a document: paragraphs, then points.
type Section struct {
	ID         string // an anchor, unique in its document
	Title      Text
	Paragraphs []Text
	Points     []Point
	Numbered   bool
}

// Point is one line of a list, with an optional term before it.
type Point struct{ Term, Text Text }

// Footer holds the numbers a Chinese site must show, and its sponsor (主办单位).
type Footer struct{ ICP, Police, Sponsor, SiteMark string }
