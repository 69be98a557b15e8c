package media

import (
	"bufio"
	"encoding/xml"
	"io"
)

// Bounds of the XML in a package.
const (
	maxXML   = 24 << 20 // all parts together: about a second
	maxToken = 1 << 20
)

// treatment is what becomes of an element.
type treatment int

const (
	keepElement treatment = iota
	dropTags              // its children stay
	dropTree
)

// xmlFilter is one pass over a part's XML.
type xmlFilter struct {
	src   *tokenSource
	w     *bufio.Writer
	judge func(*xml.StartElement) treatment
	open  []treatment // of the elements that are open
	cut   int         // how many of them are dropped with all they hold
}

// filterXML copies XML token by token. judge says what becomes of an element and may change its attributes;
// names come as they are written, with the prefix as their space. Comments and processing instructions are
// gone; a document type is refused, since it can define entities.
//
// left is how many bytes may still be read, here and in what follows.
func filterXML(src io.Reader, w io.Writer, left *int, judge func(*xml.StartElement) treatment) error {
	s := &tokenSource{src: src, left: left}
	f := &xmlFilter{src: s, w: bufio.NewWriter(w), judge: judge}
	d := xml.NewDecoder(bufio.NewReader(s))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) {
		s.err = errType
		return nil, errType
	}
	_, _ = f.w.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n")
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return s.cause()
		}
		s.since = 0
		if err := f.token(t); err != nil {
			return err
		}
	}
	if len(f.open) > 0 {
		return errDamaged
	}
	return f.w.Flush()
}

// tokenSource bounds what is read and each of its tokens, which the decoder keeps in memory.
type tokenSource struct {
	src   io.Reader
	left  *int
	since int // the last token
	err   error
}

func (s *tokenSource) Read(p []byte) (int, error) {
	n, err := s.src.Read(p)
	*s.left -= n
	if s.since += n; s.since > maxToken || *s.left < 0 {
		err = errTooLarge
	}
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// cause is what broke off the reading, or that the XML is none.
func (s *tokenSource) cause() error {
	if s.err != nil {
		return s.err
	}
	return errDamaged
}

func (f *xmlFilter) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return f.start(&t)
	case xml.EndElement:
		return f.end(t.Name)
	case xml.CharData:
		if f.cut > 0 || len(f.open) == 0 {
			return nil
		}
		return xml.EscapeText(f.w, t)
	case xml.Directive:
		return errType
	}
	return nil
}

func (f *xmlFilter) start(e *xml.StartElement) error {
	how := dropTree
	if f.cut == 0 {
		how = f.judge(e)
	}
	f.open = append(f.open, how)
	switch how {
	case dropTree:
		f.cut++
	case keepElement:
		return f.writeStart(e)
	}
	return damagedUnless(len(f.open) < 1000)
}

func (f *xmlFilter) writeStart(e *xml.StartElement) error {
	_, _ = f.w.WriteString("<" + written(e.Name))
	for _, a := range e.Attr {
		_, _ = f.w.WriteString(" " + written(a.Name) + `="`)
		if err := xml.EscapeText(f.w, []byte(a.Value)); err != nil {
			return err
		}
		_ = f.w.WriteByte('"')
	}
	return f.w.WriteByte('>')
}

func (f *xmlFilter) end(name xml.Name) error {
	if len(f.open) == 0 {
		return errDamaged
	}
	how := f.open[len(f.open)-1]
	f.open = f.open[:len(f.open)-1]
	switch how {
	case dropTree:
		f.cut--
	case keepElement:
		_, err := f.w.WriteString("</" + written(name) + ">")
		return err
	}
	return nil
}

// written is a name as it stood in the file.
func written(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}
