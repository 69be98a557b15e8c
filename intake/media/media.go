// Package media finds out what a file is from its bytes and makes a clean copy of it: the picture or the
// words, without what says who made it, where and with what. It streams, so memory doesn't grow with the
// file, and it decodes no pixels, so a hostile picture can't cost more than its bytes.
//
// A clean copy of a picture or a recording holds only the parts on a list of what it needs to be seen or
// heard. Embedded thumbnails, EXIF, XMP, IPTC, comments, tags, covers, dates, colour profiles and everything
// after the end are gone; the orientation of a JPEG or WebP stays. Where sizes and offsets stand before what
// they count (WebP, WAV, M4A), what goes is overwritten with zeros, so that its length is still to be seen.
// An Office file keeps the parts to be read, without properties, authors, changes, formulas and links. A plain text comes out as UTF-8 with line ends of "\n" and without control or invisible formatting
// characters.
//
// What stays: the compressed picture and sound themselves. What they show, a voice, a watermark, the sensor's
// noise and the choice of compression tables can still name a person or a device, and bytes hidden inside the
// compressed data (after the last block of a JPEG scan, after the end of the zlib stream within a PNG's IDAT
// chunks, between the samples of an M4A, in an MP3 frame's reservoir) pass, because finding them takes a full
// decode. A viewer doesn't show them; a forensic reader sees them.
package media

import (
	"errors"
	"io"
)

// Kind is what a file was found to be from its first bytes, never from its name or declared type.
type Kind string

// The kinds of file. Only those before Other can have a clean copy.
const (
	JPEG  Kind = "jpeg"
	PNG   Kind = "png"
	GIF   Kind = "gif"
	WebP  Kind = "webp"
	Text  Kind = "text"
	AMR   Kind = "amr"
	M4A   Kind = "m4a"
	MP3   Kind = "mp3"
	OGG   Kind = "ogg"
	WAV   Kind = "wav"
	DOCX  Kind = "docx"
	XLSX  Kind = "xlsx"
	PPTX  Kind = "pptx"
	PDF   Kind = "pdf" // has a clean copy only by Cleaner.PDF
	Other Kind = "other"
)

// The codes in [Result.Reason].
const (
	ReasonType     = "type"      // no clean copy is made of this type, or of this rare form of it
	ReasonDamaged  = "damaged"   // it ends too early, or breaks the rules of its format
	ReasonTooLarge = "too_large" // it claims more than MaxPixels, or unfolds to more than can be looked at
	ReasonBusy     = "busy"      // too many such files came at once
	ReasonLocked   = "locked"    // a password locks it
)

// MaxPixels is the largest picture that is copied, as width times height.
const MaxPixels = 100_000_000

// Result says what a file was and what became of its clean copy.
type Result struct {
	Kind   Kind
	Type   string // MIME type without parameters, such as "application/pdf"
	Clean  bool   // a whole clean copy was written
	Reason string // why there is none: one of the Reason codes, "" if Clean
	Width  int    // in stored pixels, before the orientation is applied; 0 if unknown
	Height int
	Size   int64 // bytes read from the source
	// Removed are the Removed codes of what a picture or a document told of its maker; of other kinds nothing is
	// noted. The original still has it.
	Removed []string
}

// refusal is a reason why there is no clean copy, as opposed to an error of the source or the writer.
type refusal string

// Refuse is the error of a cleaner of [Cleaner] that makes no copy, for one of the Reason codes.
func Refuse(reason string) error { return refusal(reason) }

func (r refusal) Error() string { return "media: no clean copy: " + string(r) }

const (
	errType     refusal = ReasonType
	errDamaged  refusal = ReasonDamaged
	errTooLarge refusal = ReasonTooLarge
	errLocked   refusal = ReasonLocked
)

// Cleaner makes clean copies, also of the kinds that need more than a stream.
type Cleaner struct {
	// PDF reads a PDF file from src and writes its clean copy to dst. An error by [Refuse] says that there is
	// none; dst must not have got anything then.
	PDF func(src io.Reader, dst io.Writer) error
}

// Copy is what a Cleaner does, with no copies of PDF files.
func Copy(src io.Reader, open func(contentType string) (io.Writer, error)) (Result, error) {
	return Cleaner{}.Copy(src, open)
}

// Copy reads src to its end, whatever it finds, and writes a clean copy to the writer that open returns, if
// the file's type has one. open gets the MIME type of the copy; it is called at most once, and not before
// there is something good to write (or, for an empty text, before the end).
//
// A file can turn out damaged midway: then nothing more is written, Clean is false, and the caller must
// throw away what was written so far. The same holds when Copy fails. Its errors are those of src, of open
// and of the writer alone, as they came; after one, src isn't read further.
func (c Cleaner) Copy(src io.Reader, open func(contentType string) (io.Writer, error)) (Result, error) {
	in := newInput(src)
	r, err := c.clean(in, open)
	reason, refused := errors.AsType[refusal](err)
	if err == nil || refused {
		err = in.drain()
	}
	r.Size = in.size
	if err != nil {
		return r, err
	}
	r.Clean, r.Reason = !refused, string(reason)
	return r, nil
}

func (c Cleaner) clean(in *input, open func(string) (io.Writer, error)) (Result, error) {
	head, err := in.head()
	if err != nil {
		return Result{Kind: Other}, err
	}
	r := identify(head)
	out := newOutput(open)
	out.contentType = r.Type
	if r.Kind == Text {
		out.contentType = "text/plain; charset=utf-8"
	}
	if r.Kind == Other {
		locked, err := in.passed(head)
		if err != nil {
			return r, err
		}
		return r, map[bool]error{true: errLocked, false: errType}[locked]
	}
	err = r.Kind.copier()(in, out, &r)
	if r.Kind == PDF && c.PDF != nil {
		err = c.PDF(in, out)
	}
	if err != nil {
		return r, err
	}
	return r, out.finish()
}

// copier makes the clean copy of a kind.
func (k Kind) copier() func(*input, *output, *Result) error {
	switch k {
	case JPEG:
		return copyJPEG
	case PNG:
		return copyPNG
	case GIF:
		return copyGIF
	case WebP:
		return copyWebP
	case Text:
		return copyText
	case AMR:
		return copyAMR
	case M4A:
		return copyM4A
	case MP3:
		return copyMP3
	case OGG:
		return copyOGG
	case WAV:
		return copyWAV
	case DOCX, XLSX, PPTX:
		return copyOffice
	}
	return func(*input, *output, *Result) error { return errType }
}
