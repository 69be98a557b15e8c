package mail

import (
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// htmlText makes HTML readable as plain text: paragraphs, lists, table cells and
// where links lead. Scripts and styles are dropped; nothing is ever fetched.
func htmlText(r io.Reader) string {
	w := &textWriter{}
	z := html.NewTokenizer(r)
	z.SetMaxBuf(1 << 20)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return w.String()
		case html.TextToken:
			w.text(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(z)
		case html.EndTagToken:
			name, _ := z.TagName()
			w.end(atom.Lookup(name))
		}
	}
}

// textWriter lays text out. Spaces and line breaks are owed until text comes.
type textWriter struct {
	b     strings.Builder
	space bool
	lines int // line breaks owed
	skip  atom.Atom
	pre   int
	link  string
	label int // where the open link's text begins
	cells int // of the table row
}

func (w *textWriter) String() string { return strings.TrimSpace(w.b.String()) }

func (w *textWriter) text(s string) {
	if w.skip != 0 {
		return
	}
	if w.pre > 0 {
		w.pay()
		w.b.WriteString(s)
		return
	}
	words := strings.FieldsFunc(s, blank)
	if len(words) == 0 {
		w.space = w.space || s != ""
		return
	}
	w.space = w.space || blank(rune(s[0]))
	for i, word := range words {
		w.space = w.space || i > 0
		w.pay()
		w.b.WriteString(word)
	}
	w.space = blank(rune(s[len(s)-1]))
}

func blank(r rune) bool { return r == ' ' || r == '\n' || r == '\r' || r == '\t' || r == '\f' }

// pay writes the owed breaks, or the owed space.
func (w *textWriter) pay() {
	switch {
	case w.b.Len() == 0:
	case w.lines > 0:
		w.b.WriteString("\n\n"[:min(w.lines, 2)])
	case w.space:
		w.b.WriteByte(' ')
	}
	w.lines, w.space = 0, false
}

func (w *textWriter) breakLines(n int) { w.lines = max(w.lines, n) }

func (w *textWriter) start(z *html.Tokenizer) {
	name, more := z.TagName()
	tag := atom.Lookup(name)
	if w.skip != 0 {
		return
	}
	switch tag {
	case atom.Script, atom.Style, atom.Title, atom.Noscript, atom.Template, atom.Textarea:
		w.skip = tag
	case atom.Br:
		w.lines++
	case atom.Hr:
		w.breakLines(2)
	case atom.Li:
		w.breakLines(1)
		w.pay()
		w.b.WriteString("- ")
	case atom.Tr:
		w.breakLines(1)
		w.cells = 0
	case atom.Td, atom.Th:
		if w.cells++; w.cells > 1 {
			w.pay()
			w.b.WriteString(" | ")
		}
	case atom.Pre:
		w.breakLines(2)
		w.pre++
	case atom.A:
		w.link, w.label = attribute(z, more, "href"), w.b.Len()
	case atom.Img:
		if alt := attribute(z, more, "alt"); alt != "" {
			w.text("[" + alt + "]")
		}
	default:
		w.breakLines(breaks(tag))
	}
}

func (w *textWriter) end(tag atom.Atom) {
	if w.skip != 0 {
		if tag == w.skip {
			w.skip = 0
		}
		return
	}
	switch tag {
	case atom.A:
		w.endLink()
	case atom.Pre:
		w.pre = max(0, w.pre-1)
		w.breakLines(2)
	case atom.Li, atom.Tr:
		w.breakLines(1)
	default:
		w.breakLines(breaks(tag))
	}
}

// endLink says where a link leads, unless its text does.
func (w *textWriter) endLink() {
	link, label := w.link, ""
	if w.label <= w.b.Len() {
		label = w.b.String()[w.label:]
	}
	w.link = ""
	lower := strings.ToLower(link)
	if !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") && !strings.HasPrefix(lower, "mailto:") {
		return
	}
	if strings.Contains(label, strings.TrimPrefix(link, "mailto:")) {
		return
	}
	w.text(" <" + link + "> ")
}

// breaks is how many line breaks stand around a block.
func breaks(tag atom.Atom) int {
	switch tag {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Dl, atom.Table, atom.Blockquote:
		return 2
	case atom.Div, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Address, atom.Center, atom.Dt, atom.Dd, atom.Form, atom.Body:
		return 1
	default:
		return 0
	}
}

func attribute(z *html.Tokenizer, more bool, name string) string {
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		if string(k) == name {
			return tidyLine(string(v))
		}
	}
	return ""
}
