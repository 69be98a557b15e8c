package mail

import (
	"bytes"
	"encoding/base64"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// opaqueMail is a mail that is packed into its signature.
func opaqueMail(signed []byte) string {
	return crlf("Subject: s", "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", "Content-Transfer-Encoding: base64", "", base64.StdEncoding.EncodeToString(signed))
}

func smimeFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/smime/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestOpaque: the message in an opaque signature is read, by OpenSSL in one piece and in
// many; what is encrypted is a file; a cut one gives what is there. The raw mail is whole.
func TestOpaque(t *testing.T) {
	whole := smimeFile(t, "def.p7m")
	for name, c := range map[string]struct {
		p7m   []byte
		files []string
		flags []string
		text  string
	}{
		"definite":   {whole, []string{"a.pdf"}, []string{FlagSigned}, "s\n\n村北有人挖沙"},
		"indefinite": {smimeFile(t, "indef.p7m"), []string{"a.pdf"}, []string{FlagSigned}, "s\n\n村北有人挖沙"},
		"encrypted":  {smimeFile(t, "enc.p7m"), []string{"smime.p7m"}, []string{FlagSMIME}, "s"},
		"cut":        {whole[:200], []string{}, []string{FlagDamaged, FlagSigned}, "s\n\n村北有人挖沙"},
		"nothing":    {nil, []string{"smime.p7m"}, []string{FlagSMIME}, "s"},
		"no BER":     {[]byte("hello"), []string{"smime.p7m"}, []string{FlagSMIME}, "s"},
	} {
		raw := opaqueMail(c.p7m)
		got := decode(t, raw)
		names := []string{}
		for _, f := range got.files {
			names = append(names, f.name)
		}
		slices.Sort(got.report.Flags)
		if !slices.Equal(names, c.files) || !slices.Equal(got.report.Flags, c.flags) || got.report.Words.Text != c.text || got.raw != raw {
			t.Errorf("%s: %v, %v, %q", name, names, got.report.Flags, got.report.Words.Text)
		}
	}
}

// TestOpaqueDeep: signatures within signatures end at a depth, and a long content isn't
// held in memory.
func TestOpaqueDeep(t *testing.T) {
	element := func(tag byte, content ...[]byte) []byte {
		b := bytes.Join(content, nil)
		n := len(b)
		return append([]byte{tag, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, b...)
	}
	signed := func(content []byte) []byte {
		return element(berSequence, oidSigned, element(berExplicit, element(berSequence, element(berInteger, []byte{1}), element(berSet),
			element(berSequence, oidData, element(berExplicit, element(berOctets, content))))))
	}
	inner := []byte(crlf("Content-Type: text/plain", "", "the end"))
	for range 2 * maxDepth {
		inner = append([]byte("Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n"), signed(inner)...)
	}
	if got := decode(t, "Subject: s\r\n"+string(inner)); !slices.Contains(got.report.Flags, FlagSMIME) || strings.Contains(got.report.Words.Text, "the end") {
		t.Errorf("%v: %q", got.report.Flags, got.report.Words.Text)
	}
	var before, after runtime.MemStats
	long := opaqueMail(signed(append([]byte("Content-Type: application/octet-stream\r\n\r\n"), make([]byte, 20<<20)...)))
	r, _ := NewReport(Envelope{}, strings.NewReader(long))
	runtime.ReadMemStats(&before)
	for range r.Decode(r.Raw, r) {
	}
	if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 4<<20 {
		t.Errorf("it took %d KB of memory", (after.TotalAlloc-before.TotalAlloc)>>10)
	}
}
