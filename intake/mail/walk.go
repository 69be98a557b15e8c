package mail

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"

	"tipline/intake"
)

// content reads one part's body and gives its texts in order. fallback is the
// type of a part that names none.
func (d *decoder) content(s *scanner, depth int, h header, fallback string) []text {
	if d.parts++; d.parts > maxParts {
		d.enough = true
		d.flag(FlagLimits)
	}
	if d.enough {
		return nil
	}
	contentType, p := parseParams(h.get("Content-Type"))
	if !strings.Contains(contentType, "/") || contentType == "text/" {
		contentType = fallback
	}
	disposition, dp := parseParams(h.get("Content-Disposition"))
	d.mark(contentType, p)
	encoding := h.get("Content-Transfer-Encoding")
	switch {
	case strings.HasPrefix(contentType, "multipart/") && p["boundary"] != "":
		return d.multipart(s, depth, strings.TrimPrefix(contentType, "multipart/"), p["boundary"])
	case contentType == "message/rfc822" || contentType == "message/global":
		return d.attached(s, depth, encoding)
	case disposition != "attachment" && readable(contentType, fileName(dp, p)):
		return d.text(s, contentType, p, encoding)
	}
	f := intake.File{Name: fileName(dp, p), Type: contentType, InRaw: true}
	if isTNEF(contentType, f.Name) {
		return d.tnef(s, f, encoding)
	}
	if isOpaque(contentType, f.Name) {
		return d.opaque(s, depth, f, encoding)
	}
	d.file(s, f, encoding)
	return nil
}

// isTNEF says whether a part calls itself a winmail.dat.
func isTNEF(contentType, name string) bool {
	return contentType == "application/ms-tnef" || contentType == "application/vnd.ms-tnef" || strings.EqualFold(name, "winmail.dat")
}

// mark flags the kinds of parts a handler must open otherwise.
func (d *decoder) mark(contentType string, p params) {
	switch {
	case strings.Contains(contentType, "pkcs7-signature") || strings.Contains(p["protocol"], "pkcs7"):
		d.flag(FlagSigned)
	case strings.HasPrefix(contentType, "application/pgp") || strings.HasPrefix(p["protocol"], "application/pgp"):
		d.flag(FlagPGP)
	}
}

// readable says whether a part belongs into the text.
func readable(contentType, name string) bool {
	switch contentType {
	case "text/plain", "text/html", "text/enriched", "text/richtext", "text/rfc822-headers",
		"message/delivery-status", "message/disposition-notification", "message/partial", "message/external-body", "message/feedback-report":
		return true
	}
	if strings.HasPrefix(contentType, "multipart/") { // without a boundary
		return true
	}
	return strings.HasPrefix(contentType, "text/") && contentType != "text/calendar" && contentType != "text/csv" && name == ""
}

// multipart reads the parts between boundaries. A boundary further out ends it
// as well, so nothing has to be terminated.
func (d *decoder) multipart(s *scanner, depth int, kind, boundary string) []text {
	if depth >= maxDepth {
		d.flag(FlagLimits)
		s.skip()
		return nil
	}
	level := s.open(boundary)
	preamble := d.read(&partBody{s: s})
	fallback := "text/plain"
	if kind == "digest" {
		fallback = "message/rfc822"
	}
	var parts [][]text
	for s.hit == level && !s.closed && !d.enough {
		s.hit = -1
		h, _, cut := readHeader(s)
		if cut {
			d.flag(FlagMalformed)
		}
		parts = append(parts, d.content(s, depth+1, h, fallback))
		s.skip()
	}
	closed := s.hit == level && s.closed
	s.close(level)
	if closed {
		s.skip() // the epilogue
	}
	if len(parts) == 0 { // no boundary came: the text stands where the preamble would
		d.odd = true
		return []text{{s: toUTF8(preamble, "")}}
	}
	return choose(kind, parts)
}

// choose gives one of the alternatives, plain text first, or all of the parts.
func choose(kind string, parts [][]text) []text {
	var all, last []text
	for _, p := range parts {
		all = append(all, p...)
		if kind == "alternative" && slices.ContainsFunc(p, func(t text) bool { return !t.html && strings.TrimSpace(t.s) != "" }) {
			return p
		}
		if len(p) > 0 {
			last = p
		}
	}
	if kind == "alternative" {
		return last
	}
	return all
}

// attached reads a message within the message.
func (d *decoder) attached(s *scanner, depth int, encoding string) []text {
	if depth >= maxDepth {
		d.flag(FlagLimits)
		s.skip()
		return nil
	}
	d.flag(FlagForwarded)
	inner := s
	if !identity(encoding) {
		inner = newScanner(decodeTransfer(&partBody{s: s}, encoding), nil)
	}
	h, _, _ := readHeader(inner)
	title := "--------"
	if subject := decodeWords(h.get("Subject")); subject != "" {
		title += "\n" + subject
	}
	return append([]text{{s: title}}, d.content(inner, depth+1, h, "text/plain")...)
}

// text reads a text part.
func (d *decoder) text(s *scanner, contentType string, p params, encoding string) []text {
	var coded bytes.Buffer
	dec := decodeTransfer(io.TeeReader(&partBody{s: s}, &limited{&coded, plainSample}), encoding)
	raw := d.read(dec)
	if dec.damaged() {
		d.flag(FlagDamaged)
		if whole := coded.Bytes(); strings.Contains(strings.ToLower(encoding), "base64") && len(whole) < plainSample && isPlain(whole) { // it isn't coded at all
			raw = bytes.Clone(whole)
		}
	}
	t := text{html: contentType == "text/html"}
	declared := p["charset"]
	if t.html && declared == "" {
		declared = metaCharset(raw)
	}
	t.s = toUTF8(raw, declared)
	if strings.EqualFold(p["format"], "flowed") && !t.html {
		t.s = unflow(t.s, strings.EqualFold(p["delsp"], "yes"))
	}
	return []text{t}
}

// plainSample is how much of a coded text is kept to see whether it is coded.
const plainSample = 64 << 10

// limited keeps the beginning of what is written.
type limited struct {
	to   *bytes.Buffer
	most int
}

func (l *limited) Write(p []byte) (int, error) {
	l.to.Write(p[:min(len(p), max(0, l.most-l.to.Len()))])
	return len(p), nil
}

// isPlain says whether what is said to be coded is prose as it stands: words with spaces
// between them, which no coding leaves.
func isPlain(coded []byte) bool {
	spaces := bytes.Count(coded, []byte(" "))
	return utf8.Valid(coded) && spaces > 0 && spaces*12 >= len(bytes.TrimSpace(coded))-10
}

// read takes as much of a text as is kept, and reads the rest.
func (d *decoder) read(r io.Reader) []byte {
	raw, _ := io.ReadAll(io.LimitReader(r, int64(min(maxText, d.left))))
	d.left -= len(raw)
	if more, _ := io.Copy(io.Discard, r); more > 0 {
		d.flag(FlagTruncated)
	}
	return raw
}

// file hands a file on, decoded while it is read.
func (d *decoder) file(s *scanner, f intake.File, encoding string) {
	dec := decodeTransfer(&partBody{s: s}, encoding)
	d.hand(f, dec, dec)
}

// hand hands a file on, and reads what its taker leaves of it. dec knows whether its
// coding was damaged; nil is one that has none.
func (d *decoder) hand(f intake.File, body io.Reader, dec decoding) {
	if d.yielded++; d.yielded > maxFiles {
		d.flag(FlagLimits)
		return
	}
	f.Body = body
	d.yielding = true
	ok := d.yield(f, nil)
	d.yielding = false
	d.enough = !ok
	_, _ = io.Copy(io.Discard, body)
	if dec != nil && dec.damaged() {
		d.flag(FlagDamaged)
	}
}

// metaCharset is the charset a page names itself, "" when it doesn't.
func metaCharset(page []byte) string {
	_, name, _ := charset.DetermineEncoding(page[:min(len(page), 1024)], "")
	if name == "windows-1252" { // also what stands for nothing found
		return ""
	}
	return name
}
