package mail

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestUnpackRTF are the examples of MS-OXRTFCP (4.1, 4.2), and what isn't whole.
func TestUnpackRTF(t *testing.T) {
	simple := "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
	crossing := "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0"
	for _, tt := range []struct {
		packed, want string
		whole        bool
	}{
		{simple, "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", true},
		{crossing, "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", true},
		{crossing[:48], "{\\rtf1 WXYZ", false},                                                         // cut off
		{simple[:len(simple)-10] + "ff" + simple[len(simple)-8:], "{\\rtf1\\ansi\\ansicpg1252", false}, // altered
		{hex.EncodeToString([]byte("\x10\x00\x00\x00\x04\x00\x00\x00MELA\x00\x00\x00\x00{\\rt")), "{\\rt", true},
		{hex.EncodeToString([]byte("\x10\x00\x00\x00\xff\x00\x00\x00MELA\x00\x00\x00\x00{\\rt")), "{\\rt", false},
		{hex.EncodeToString([]byte("\x10\x00\x00\x00\x04\x00\x00\x00NONE\x00\x00\x00\x00{\\rt")), "", false},
		{"00", "", false},
	} {
		b, err := hex.DecodeString(tt.packed)
		if err != nil {
			t.Fatal(err)
		}
		got, whole := unpackRTF(b)
		if !bytes.HasPrefix(got, []byte(tt.want)) || tt.whole && string(got) != tt.want || whole != tt.whole {
			t.Errorf("%s: %q, whole %t; want %q", tt.packed, got, whole, tt.want)
		}
	}
	bomb := packRTF(strings.Repeat("a", maxRTF+1000))
	if got, whole := unpackRTF(bomb); len(got) < maxRTF || len(got) > maxRTF+200 || whole {
		t.Errorf("of %d bytes %d are made, whole %t", len(bomb), len(got), whole)
	}
}

// packRTF is MS-OXRTFCP, 2.2.2, the simplest way: the longest place before, or a byte.
func packRTF(doc string) []byte {
	said := rtfBefore + doc
	var packed, run []byte
	head, n := byte(0), 0
	flush := func() {
		packed = append(append(packed, head), run...)
		head, run, n = 0, nil, 0
	}
	place := func(from, length int) {
		head |= 1 << n
		run = binary.BigEndian.AppendUint16(run, uint16(from%rtfWindow)<<4|uint16(length-2))
	}
	for i := len(rtfBefore); ; {
		if i == len(said) {
			place(i, 2) // the place that is written next is the end
			flush()
			break
		}
		length, from := 0, 0
		for l := min(17, len(said)-i); l >= 2 && length == 0; l-- {
			if at := strings.LastIndex(said[max(0, i-rtfWindow+20):i], said[i:i+l]); at >= 0 {
				length, from = l, max(0, i-rtfWindow+20)+at
			}
		}
		if length > 0 {
			place(from, length)
			i += length
		} else {
			run = append(run, said[i])
			i++
		}
		if n++; n == 8 {
			flush()
		}
	}
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(packed)+rtfHead-4))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(doc)))
	out = binary.LittleEndian.AppendUint32(out, rtfCompressed)
	return append(binary.LittleEndian.AppendUint32(out, rtfSum(packed)), packed...)
}

func TestPackedRTFComesBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		doc := strings.Repeat(rapid.StringN(0, 50, 200).Draw(rt, "doc"), rapid.IntRange(1, 100).Draw(rt, "times"))
		if got, whole := unpackRTF(packRTF(doc)); string(got) != doc || !whole {
			rt.Errorf("%d bytes come back as %d, whole %t", len(doc), len(got), whole)
		}
	})
}

// TestRTFText: HTML and plain text come out of RTF as they went in (MS-OXRTFEX), of other RTF
// the words do.
func TestRTFText(t *testing.T) {
	const head = `{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fnil\fcharset134 SimSun;}{\f2\fcharset204 Courier;}}{\colortbl;\red0\green0\blue0;}`
	for name, c := range map[string]struct {
		doc, want string
		html      bool
	}{
		"html": {`{\rtf1\ANSI\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}}` + "\r\n" + `{\*\htmltag64 <p>}\htmlrtf \par \plain \htmlrtf0 A pond {\*\htmltag84 <b>}\htmlrtf {\b \htmlrtf0 is dug{\*\htmltag92 </b>}\htmlrtf }\htmlrtf0 {\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0 .{\*\htmltag72 </p>}{\*\mhtmltag72 </q>}}`,
			"<p>A pond <b>is dug</b>&lt;.</p>", true},
		"html in two bytes":             {`{\rtf1\ansi\ansicpg936\fromhtml1{\fonttbl{\f1\fcharset134 SimSun;}}{\*\htmltag <p>}\f1 \'b4\'e5\'b1\'b1{\*\htmltag </p>\par}}`, "<p>村北</p>\n", true},
		"text":                          {`{\rtf1\ansi\fromtext \fbidis \deff0{\fonttbl{\f0 Arial;}}\uc1\pard\plain one\par` + "\r\n" + `two\tab \'e9\par}`, "one\ntwo\té\n", false},
		"words":                         {head + `{\stylesheet{\s0 Normal;}}{\*\generator Riched20;}{\info{\title secret}}\pard\f1\'b4\'e5\'b1\'b1\par\f2\'cf\'d0\f0\par}`, "村北\nПР\n", false},
		"unicode":                       {head + `\uc1\u26449?\u21271?\uc2\u-10179\'3f\'3f\u-8704\'3f\'3f\uc0\u8364 x}`, "村北😀€x", false},
		"signs":                         {head + `a\{b\}c\\d\~e\lquote f\rquote\emdash\bullet\cell g\row}`, "a{b}c\\d\u00a0e‘f’—•\tg\n", false},
		"a trail byte that is a letter": {head + `\f1\'81@x}`, "丂x", false},
		"a picture":                     {head + `a{\pict\pngblip 89504e47}{\*\shppict{\pict 00}}b{\object{\*\objdata 00}}\bin4 }}}}c}`, "abc", false},
		"a link":                        {head + `{\field{\*\fldinst HYPERLINK "https://x"}{\fldrslt there}}}`, "there", false},
		"cut":                           {`{\rtf1 abc\`, "abc", false},
		"a code that is none":           {`{\rtf1 a\'zz\'4}`, "a", false},
	} {
		if got, html := rtfText([]byte(c.doc)); got != c.want || html != c.html {
			t.Errorf("%s: %q, html %t; want %q", name, got, html, c.want)
		}
	}
	for name, doc := range map[string]string{"groups": `{\rtf1` + strings.Repeat("{", 1<<20), "ends": strings.Repeat("}", 1<<20), "fonts": `{\rtf1{\fonttbl` + strings.Repeat(`\f9\fcharset134`, 1<<16),
		"text": `{\rtf1 ` + strings.Repeat("x", 2<<20), "codes": `{\rtf1` + strings.Repeat(`\u26449`, 1<<18), "switching": `{\rtf1` + strings.Repeat(`a\f1 \u9 `, 1<<17)} {
		began := time.Now()
		if got, _ := rtfText([]byte(doc)); time.Since(began) > time.Second || len(got) > 4*maxText {
			t.Errorf("%s: %v, %d bytes", name, time.Since(began), len(got))
		}
	}
}

// TestTNEFRich: a winmail.dat that has its text as packed RTF alone is read; what is said
// elsewhere isn't said twice.
func TestTNEFRich(t *testing.T) {
	rich := func(doc string) string {
		return packed(1, tnefProperties, props(prop(mapiBinary, mapiRTF, string(packRTF(doc)))))
	}
	const html = `{\rtf1\ansi\ansicpg936\fromhtml1{\fonttbl{\f1\fcharset134 SimSun;}}{\*\htmltag <html><body><p>}\f1 \'b4\'e5\'b1\'b1\htmlrtf\par\htmlrtf0{\*\htmltag </p><p>}pond{\*\htmltag </p></body></html>}}`
	if got := decode(t, winmail(rich(html))); got.report.Words.Text != "x\n\n村北\n\npond" || flagged(got, FlagDamaged) || !flagged(got, FlagHTML) {
		t.Errorf("%q, %v", got.report.Words.Text, got.report.Flags)
	}
	if got := decode(t, winmail(packed(1, tnefBody, "plain words"), rich(`{\rtf1 plain words}`))); strings.Count(got.report.Words.Text, "plain words") != 1 {
		t.Errorf("said twice: %q", got.report.Words.Text)
	}
	broken := string(packRTF(`{\rtf1 the beginning and the end}`))
	if got := decode(t, winmail(packed(1, tnefProperties, props(prop(mapiBinary, mapiRTF, broken[:len(broken)-6]))))); !strings.Contains(got.report.Words.Text, "the beginning") || !flagged(got, FlagDamaged) {
		t.Errorf("broken: %q, %v", got.report.Words.Text, got.report.Flags)
	}
	if got := decode(t, winmail(packed(1, tnefProperties, props(prop(mapiBinary, mapiRTF, "junk"))))); got.report.Words.Text != "x" || !flagged(got, FlagDamaged) {
		t.Errorf("junk: %q, %v", got.report.Words.Text, got.report.Flags)
	}
}

func FuzzRTF(f *testing.F) {
	for _, seed := range []string{`{\rtf1\ansi\ansicpg936\fromhtml1{\fonttbl{\f1\fcharset134 S;}}{\*\htmltag <p>}\f1\'b4\'e5\htmlrtf x\htmlrtf0\u26449?}`, `{\rtf1\bin3 abc\uc2\u-1xy}`, `{\rtf1\'`} {
		f.Add([]byte(seed))
		f.Add(packRTF(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 64<<10 {
			t.Skip("long inputs are TestRTFText's")
		}
		began := time.Now()
		rtf, _ := unpackRTF(b)
		for _, doc := range [][]byte{b, rtf} {
			if text, _ := rtfText(doc); !utf8.ValidString(text) {
				t.Fatalf("%q isn't UTF-8", text)
			}
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Fatalf("%d bytes took %v", len(b), took)
		}
	})
}
