package mail

import (
	"bufio"
	"io"
	"strings"
)

// decoding is a transfer decoder that reads what can be read.
type decoding interface {
	io.Reader
	// damaged says whether something had to be skipped.
	damaged() bool
}

// decodeTransfer undoes a Content-Transfer-Encoding; an unknown one is left.
func decodeTransfer(r io.Reader, encoding string) decoding {
	encoding, _, _ = strings.Cut(encoding, ";")
	encoding, _, _ = strings.Cut(encoding, "(")
	switch strings.ToLower(strings.Trim(encoding, " \t\"")) {
	case "base64":
		return newBase64(r)
	case "quoted-printable":
		return newQuoted(r)
	case "uuencode", "x-uuencode", "x-uue", "uue":
		return &uuReader{in: bufio.NewReaderSize(r, 4096)}
	default:
		return plainReader{r}
	}
}

// identity says whether an encoding leaves the bytes alone.
func identity(encoding string) bool {
	_, plain := decodeTransfer(nil, encoding).(plainReader)
	return plain
}

type plainReader struct{ io.Reader }

func (plainReader) damaged() bool { return false }
