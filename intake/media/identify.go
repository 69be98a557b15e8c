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
	switch {
	case bytes.HasPrefix(head, []byte{0xFF, mSOI, 0xFF}):
		return Result{Kind: JPEG, Type: "image/jpeg"}
	case bytes.HasPrefix(head, []byte(pngSignature)):
		return Result{Kind: PNG, Type: "image/png"}
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
	return Result{Kind: Other, Type: name}
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
