package mail

import (
	"io"
	"strings"
	"testing"

	"tipline/intake"
)

func BenchmarkDecodeAttachment(b *testing.B) {
	raw := multipart("mixed", part("text/plain; charset=utf-8", sentence), part("image/jpeg; name=a.jpg\r\nContent-Transfer-Encoding: base64", strings.Repeat(strings.Repeat("QUJD", 19)+"\r\n", 130_000)))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		r, _ := NewReport(Envelope{From: "a@b.example"}, strings.NewReader(raw))
		for f := range r.Decode(r.Raw, r) {
			drain(b, f)
		}
	}
}

// BenchmarkServer is one small message over one connection, from MAIL to 250.
func BenchmarkServer(b *testing.B) {
	d := &desk{}
	addr, _ := d.start(b, nil)
	w := dial(b, addr)
	w.say("EHLO c", "250 ")
	for b.Loop() {
		w.send("MAIL FROM:<a@client.example>\r\nRCPT TO:<tips@localhost>\r\nDATA\r\n")
		w.want("250 ")
		w.want("250 ")
		w.want("354 ")
		w.say(hello+".", "250 ")
	}
}

func drain(b *testing.B, f intake.File) {
	if _, err := io.Copy(io.Discard, f.Body); err != nil {
		b.Fatal(err)
	}
}
