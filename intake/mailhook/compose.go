package mailhook

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime"
	"net/textproto"
	"strings"
)

// parsed is a message that a provider took apart.
type parsed struct {
	header []headerField
	texts  []bodyText
	files  []file
}

type headerField struct{ name, value string }

// bodyText is one form of the words, in its own charset.
type bodyText struct{ contentType, charset, text string }

// compose puts a message together again (RFC 5322, RFC 2046). The same parts give
// the same bytes, so that a redelivery is known again.
func (p parsed) compose() []byte {
	var out bytes.Buffer
	for _, f := range p.header {
		if name := textproto.CanonicalMIMEHeaderKey(f.name); plainName(name) && !strings.HasPrefix(name, "Content-") && name != "Mime-Version" {
			fmt.Fprintf(&out, "%s: %s\r\n", name, flat(f.value))
		}
	}
	outer, inner := p.boundaries()
	fmt.Fprintf(&out, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=%s\r\n\r\n--%s\r\nContent-Type: multipart/alternative; boundary=%s\r\n", outer, outer, inner)
	for _, t := range p.texts {
		fmt.Fprintf(&out, "\r\n--%s\r\nContent-Type: %s; charset=%s\r\nContent-Transfer-Encoding: base64\r\n\r\n", inner, t.contentType, charsetName(t.charset))
		writeBase64(&out, []byte(t.text))
	}
	fmt.Fprintf(&out, "\r\n--%s--\r\n", inner)
	for _, f := range p.files {
		fmt.Fprintf(&out, "\r\n--%s\r\nContent-Type: %s\r\nContent-Disposition: %s\r\nContent-Transfer-Encoding: base64\r\n\r\n", outer, typeName(f.contentType),
			mime.FormatMediaType("attachment", map[string]string{"filename": flat(f.name)}))
		writeBase64(&out, f.body)
	}
	fmt.Fprintf(&out, "\r\n--%s--\r\n", outer)
	return out.Bytes()
}

// boundaries follow from what they stand between.
func (p parsed) boundaries() (outer, inner string) {
	sum := sha256.New()
	for _, t := range p.texts {
		fmt.Fprintf(sum, "%d %s", len(t.text), t.text)
	}
	for _, f := range p.files {
		_, _ = sum.Write(f.body)
	}
	name := hex.EncodeToString(sum.Sum(nil)[:12])
	return "outer-" + name, "inner-" + name
}

func writeBase64(out *bytes.Buffer, b []byte) {
	const line = 57 // bytes, 76 characters (RFC 2045 §6.8)
	for len(b) > 0 {
		n := min(line, len(b))
		out.WriteString(base64.StdEncoding.EncodeToString(b[:n]))
		out.WriteString("\r\n")
		b = b[n:]
	}
}

// flat keeps a value from beginning a field of its own.
func flat(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' {
			return ' '
		}
		return r
	}, s)
}

func plainName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' })
}

func charsetName(s string) string {
	if s == "" || strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return "utf-8"
	}
	return s
}

func typeName(s string) string {
	kind, params, err := mime.ParseMediaType(s)
	if err != nil {
		return "application/octet-stream"
	}
	delete(params, "boundary")
	if out := mime.FormatMediaType(kind, params); out != "" {
		return out
	}
	return "application/octet-stream"
}

// headerBlock reads a header as a text of lines.
func headerBlock(text string) (out []headerField) {
	for _, l := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if (strings.HasPrefix(l, " ") || strings.HasPrefix(l, "\t")) && len(out) > 0 {
			out[len(out)-1].value += " " + strings.TrimSpace(l)
			continue
		}
		if name, value, ok := strings.Cut(l, ":"); ok {
			out = append(out, headerField{strings.TrimSpace(name), strings.TrimSpace(value)})
		}
	}
	return out
}
