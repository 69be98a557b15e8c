package media

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// textCopy writes a text rune by rune.
type textCopy struct {
	out *output
	cr  bool // the rune before was a carriage return
}

// copyText copies a text in UTF-8, in UTF-16 with a byte order mark, or in GB18030 (and so in GBK and
// GB2312). ASCII fits the first and the last, so the choice between them waits for the first other byte.
func copyText(in *input, out *output, r *Result) error {
	// What looks like a web page once its control characters are gone is none of ours.
	out.judge = func(head []byte) error {
		found := identify(head)
		if found.Kind != Text {
			*r = found
			return errType
		}
		return nil
	}
	t := &textCopy{out: out}
	head, err := in.head()
	if err != nil {
		return err
	}
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) {
		return t.decode(in, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder(), true)
	}
	if err := t.ascii(in); err != nil {
		return err
	}
	if head, err = in.head(); err != nil {
		return err
	}
	if utf8.Valid(wholeRunes(head)) {
		return t.decode(in, encoding.UTF8Validator, false)
	}
	return t.decode(in, simplifiedchinese.GB18030.NewDecoder(), true)
}

// ascii copies up to the first byte that isn't ASCII, or to the end.
func (t *textCopy) ascii(in *input) error {
	for {
		b, err := in.ReadByte()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if b >= utf8.RuneSelf {
			return in.UnreadByte()
		}
		if err := t.put(rune(b)); err != nil {
			return err
		}
	}
}

// decode copies the rest. A decoder that marks bad bytes with U+FFFD has marks set; in UTF-8, the mark is
// a character like others.
func (t *textCopy) decode(in *input, decoder transform.Transformer, marks bool) error {
	runes := bufio.NewReader(transform.NewReader(in, decoder))
	for {
		r, _, err := runes.ReadRune()
		switch {
		case err == io.EOF:
			return nil
		case err != nil && in.err != nil:
			return in.err
		case err != nil || marks && r == utf8.RuneError:
			return errDamaged
		}
		if err := t.put(r); err != nil {
			return err
		}
	}
}

// put writes r, with line ends made one, unless it is invisible. No text holds a zero.
func (t *textCopy) put(r rune) error {
	after := t.cr
	t.cr = r == '\r'
	switch {
	case r == 0:
		return errDamaged
	case r == '\n' && after:
		return nil
	case r == '\r':
		r = '\n'
	case r != '\n' && r != '\t' && hidden(r):
		return nil
	}
	_, err := t.out.WriteRune(r)
	return err
}

// hidden tells control characters, and the formatting characters that no language needs to be read but
// that can carry a mark of whose copy this is or make words read otherwise than they are stored: zero-width
// spaces, byte order marks, invisible operators, tags, and overrides of direction.
func hidden(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7F && r < 0xA0, r == 0x200B, r == 0xFEFF,
		r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F, r >= 0xE0000 && r <= 0xE007F:
		return true
	}
	return false
}

// wholeRunes is b without a rune that is cut at its end.
func wholeRunes(b []byte) []byte {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			break
		}
	}
	return b
}
