package media

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

const complaint = "举报:某某村强占耕地30亩,毁麦施工。\n联系人不便透露。\n"

func encoded(t *testing.T, name string) string {
	t.Helper()
	var s string
	var err error
	switch name {
	case "GB18030":
		s, err = simplifiedchinese.GB18030.NewEncoder().String(complaint)
	case "UTF-16LE":
		s, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(complaint)
	case "UTF-16BE":
		s, err = unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(complaint)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTextsComeOutAlike(t *testing.T) {
	long := strings.Repeat("ascii line\n", 4000)
	for name, c := range map[string]struct{ in, want string }{
		"UTF-8":                {complaint, complaint},
		"UTF-8 with mark":      {"\uFEFF" + complaint, complaint},
		"GB18030":              {encoded(t, "GB18030"), complaint},
		"GB18030 after ASCII":  {long + encoded(t, "GB18030"), long + complaint},
		"UTF-8 after ASCII":    {long + complaint, long + complaint},
		"UTF-16LE":             {encoded(t, "UTF-16LE"), complaint},
		"UTF-16BE":             {encoded(t, "UTF-16BE"), complaint},
		"empty":                {"", ""},
		"line ends":            {"a\r\nb\rc\n\r\n\rd\r", "a\nb\nc\n\n\nd\n"},
		"controls":             {"a\x1b[31mb\x0cc\td\x7fe\u0085f", "a[31mbc\tdef"},
		"invisible marks":      {"机\u200b密\u2060文\u202e件\U000E0041", "机密文件"},
		"joiners stay":         {"نمی\u200cخواهم 👩\u200d🌾", "نمی\u200cخواهم 👩\u200d🌾"},
		"rare glyphs stay":     {"葛\U000E0100城", "葛\U000E0100城"},
		"replacement in UTF-8": {"坏\uFFFD字", "坏\uFFFD字"},
		"list":                 {"a,b\n1,2\n3,4\n", "a,b\n1,2\n3,4\n"},
		"quoted word":          {"<紧急>\n请查收", "<紧急>\n请查收"},
	} {
		t.Run(name, func(t *testing.T) {
			r, out := clean(t, []byte(c.in))
			if !r.Clean || r.Kind != Text || r.Type != "text/plain" {
				t.Fatalf("%+v", r)
			}
			if string(out) != c.want {
				t.Errorf("%.80q, want %.80q", out, c.want)
			}
		})
	}
}

func TestWhatIsNoPlainText(t *testing.T) {
	wide := func(s string) string {
		out := "\xFF\xFE"
		for i := range len(s) {
			out += s[i:i+1] + "\x00"
		}
		return out
	}
	long := strings.Repeat("ascii line\n", 4000)
	for name, c := range map[string]struct{ in, reason string }{
		"HTML":              {"  <html><script>alert(1)</script>", ReasonType},
		"SVG":               {`<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>`, ReasonType},
		"XML":               {`<?xml version="1.0"?><a/>`, ReasonType},
		"unknown element":   {"<blink>hello</blink>", ReasonType},
		"shell":             {"#!/bin/sh\nrm -rf /\n", ReasonType},
		"unknown script":    {"#!/opt/thing\nboom\n", ReasonType},
		"RTF":               {`{\rtf1\ansi hello}`, ReasonType},
		"HTML in disguise":  {"<\x1bhtml><\x1bscript>alert(1)</script>", ReasonType},
		"HTML in UTF-16":    {wide("<html><script>alert(1)</script>"), ReasonType},
		"HTML after a mark": {"\uFEFF<html>", ReasonType},
		"HTML after marks":  {"\u200b\u2060<html>", ReasonType},
		"zero at once":      {"abc\x00def", ReasonType},
		"zero later":        {long + "\x00", ReasonDamaged},
		"junk later":        {long + "\xFF\xFE\xFD\x81\x20", ReasonDamaged},
		"cut UTF-8":         {long + complaint[:len(complaint)-3], ReasonDamaged},
		"bad UTF-8 later":   {complaint + long + "\xC0\x80", ReasonDamaged},
		"lone surrogate":    {"\xFF\xFE\x00\xD8a\x00", ReasonDamaged},
	} {
		t.Run(name, func(t *testing.T) { wantReason(t, []byte(c.in), c.reason) })
	}
}

func TestOtherTypesAreNamed(t *testing.T) {
	for want, data := range map[string]string{
		"image/tiff":      "II*\x00\x08\x00\x00\x00\x00\x00",
		"text/html":       "<html><body>",
		"application/zip": "PK\x03\x04\x14\x00\x00\x00\x00\x00",
	} {
		if r, out := clean(t, []byte(data)); r.Clean || r.Kind != Other || r.Type != want || r.Reason != ReasonType || len(out) > 0 {
			t.Errorf("%+v, want type %s", r, want)
		}
	}
}

func TestACleanTextIsItsOwnCleanCopy(t *testing.T) {
	pieces := rapid.OneOf(
		rapid.SampledFrom([]string{"\r", "\n", "<", "html>", "#!", "\uFEFF", "\x1b", "\u200b", "\xFF\xFE", "\xC4\xE3", complaint, "{", "}", "\x0c", strings.Repeat("x, y\n", 900)}),
		rapid.String(),
	)
	rapid.Check(t, func(rt *rapid.T) {
		data := strings.Join(rapid.SliceOf(pieces).Draw(rt, "pieces"), "")
		r, once := clean(rt, []byte(data))
		if !r.Clean {
			return
		}
		if !utf8.Valid(once) || bytes.ContainsAny(once, "\x00\r\x1b\x0c") {
			rt.Fatalf("%q", once)
		}
		if twice := mustClean(rt, once); !bytes.Equal(once, twice) {
			rt.Fatalf("%q became %q", once, twice)
		}
	})
}
