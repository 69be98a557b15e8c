package mail

import (
	"bytes"
	"io"
	"strings"
	"time"

	gomessage "github.com/emersion/go-message"
	"github.com/jhillyerd/enmime/v2"
)

// oracle is what another parser reads in a message; ok is false when it gives up.
type oracle struct {
	name string
	read func(raw []byte) (text string, ok bool)
}

// oracles are parsers that know nothing of ours.
func oracles() []oracle {
	return []oracle{{"go-message", byGoMessage}, {"enmime", byEnmime}}
}

// byGoMessage puts the text parts together that go-message gives, plain ones before
// their alternatives.
func byGoMessage(raw []byte) (string, bool) {
	e, err := gomessage.Read(bytes.NewReader(raw))
	if err != nil && !gomessage.IsUnknownCharset(err) && !gomessage.IsUnknownEncoding(err) {
		return "", false
	}
	return entityText(e, 0)
}

func entityText(e *gomessage.Entity, depth int) (string, bool) {
	kind, _, _ := e.Header.ContentType()
	disposition, _, _ := e.Header.ContentDisposition()
	if r := e.MultipartReader(); r != nil && depth < 20 {
		var plain, all []string
		for {
			p, err := r.NextPart()
			if err == io.EOF {
				break
			}
			if err != nil && !gomessage.IsUnknownCharset(err) && !gomessage.IsUnknownEncoding(err) {
				return "", false
			}
			text, ok := entityText(p, depth+1)
			if !ok {
				return "", false
			}
			if k, _, _ := p.Header.ContentType(); k == "text/plain" && text != "" {
				plain = append(plain, text)
			}
			all = append(all, text)
		}
		if kind == "multipart/alternative" && len(plain) > 0 {
			return strings.Join(plain, "\n"), true
		}
		return strings.Join(all, "\n"), true
	}
	if kind == "" {
		kind = "text/plain"
	}
	if !strings.HasPrefix(kind, "text/") || disposition == "attachment" {
		return "", true
	}
	b, err := io.ReadAll(e.Body)
	if err != nil {
		return "", false
	}
	if kind == "text/html" {
		return htmlText(bytes.NewReader(b)), true
	}
	return string(b), true
}

// byEnmime is enmime's text. It takes exponential time on nested multiparts that don't
// end, so it isn't asked for those, nor for longer than a second.
func byEnmime(raw []byte) (string, bool) {
	if bytes.Count(bytes.ToLower(raw), []byte("boundary")) > 12 {
		return "", false
	}
	type answer struct {
		text string
		ok   bool
	}
	got := make(chan answer, 1)
	go func() {
		e, err := enmime.ReadEnvelope(bytes.NewReader(raw))
		if err != nil {
			got <- answer{}
			return
		}
		text := strings.ReplaceAll(e.Text, "\r\n\r\n--\n", "\n") // what it puts between parts
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n--\n", "\n"), "\n--\n", "\n")
		if e.HTML != "" && !strings.Contains(string(raw), "text/plain") {
			text = htmlText(strings.NewReader(e.HTML))
		}
		got <- answer{text, true}
	}()
	select {
	case a := <-got:
		return a.text, a.ok
	case <-time.After(time.Second):
		return "", false
	}
}
