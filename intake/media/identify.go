package media

import (
	"bytes"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// headSize is how many bytes decide what a file is; mimetype looks no further than 4096 by default.
const headSize = 3072

const pngSignature = "\x89PNG\r\n\x1a\n"

// identify names the file that begins with head.
func identify(head []byte) Result {
	if r, ok := known(head); ok {
		return r
	}
	found := mimetype.Detect(head)
	// A list with commas in it is a text to us: shown as plain text, it can do nothing.
	if found.Is("text/plain") || found.Is("text/csv") || found.Is("text/tab-separated-values") {
		if looksActive(head) {
			return Result{Kind: Other, Type: "application/octet-stream"}
		}
		return Result{Kind: Text, Type: "text/plain"}
	}
	name, _, _ := strings.Cut(found.String(), ";")
	switch name {
	case "application/pdf":
		return Result{Kind: PDF, Type: name}
	case officeType + "wordprocessingml.document":
		return Result{Kind: DOCX, Type: name}
	case officeType + "spreadsheetml.sheet":
		return Result{Kind: XLSX, Type: name}
	case officeType + "presentationml.presentation":
		return Result{Kind: PPTX, Type: name}
	}
	return Result{Kind: Other, Type: name}
}

// officeType is how the types of Office Open XML begin.
const officeType = "application/vnd.openxmlformats-officedocument."

// known tells the kinds whose clean copies are made from parts of their format.
func known(head []byte) (Result, bool) {
	for _, k := range []struct {
		found bool
		Result
	}{
		{bytes.HasPrefix(head, []byte{0xFF, mSOI, 0xFF}), Result{Kind: JPEG, Type: "image/jpeg"}},
		{bytes.HasPrefix(head, []byte(pngSignature)), Result{Kind: PNG, Type: "image/png"}},
		{bytes.HasPrefix(head, []byte("GIF87a")) || bytes.HasPrefix(head, []byte("GIF89a")), Result{Kind: GIF, Type: "image/gif"}},
		{isRIFF(head, "WEBP"), Result{Kind: WebP, Type: "image/webp"}},
		{isRIFF(head, "WAVE"), Result{Kind: WAV, Type: "audio/wav"}},
		{bytes.HasPrefix(head, []byte(amrMagic)), Result{Kind: AMR, Type: "audio/amr"}},
		{bytes.HasPrefix(head, []byte(amrWideMagic)), Result{Kind: AMR, Type: "audio/amr-wb"}},
		{bytes.HasPrefix(head, []byte("OggS")), Result{Kind: OGG, Type: "audio/ogg"}},
		{isM4A(head), Result{Kind: M4A, Type: "audio/mp4"}},
		{isMP3(head), Result{Kind: MP3, Type: "audio/mpeg"}},
	} {
		if k.found {
			return k.Result, true
		}
	}
	return Result{}, false
}

func isRIFF(head []byte, form string) bool {
	return len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == form
}

// isM4A tells an MP4 file by its brand. Whether it holds a film or sound alone, its tracks tell later.
func isM4A(head []byte) bool {
	if len(head) < 12 || string(head[4:8]) != "ftyp" {
		return false
	}
	switch string(head[8:12]) {
	case "M4A ", "M4B ", "mp41", "mp42", "isom", "iso2", "iso5", "iso6", "3gp4", "3gp5", "3gp6", "3gr6", "MSNV", "dash":
		return true
	}
	return false
}

// looksActive tells whether a browser or a shell might take the text for more than words.
func looksActive(head []byte) bool {
	head = bytes.TrimSpace(head)
	if bytes.HasPrefix(head, []byte("#!")) {
		return true
	}
	if len(head) < 2 || head[0] != '<' {
		return false
	}
	c := head[1]
	return c == '!' || c == '?' || c == '/' || 'a' <= c|0x20 && c|0x20 <= 'z'
}
