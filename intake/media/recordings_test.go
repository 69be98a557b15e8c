package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color/palette"
	"image/gif"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/webp"
)

// sample is a small file as a telephone or a program writes it, with canaries in every field that takes one.
func sample(t tb, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "samples", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func riff(form string, chunks ...string) []byte {
	body := form + strings.Join(chunks, "")
	return []byte("RIFF" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body)
}

func riffChunk(name, body string) string {
	b := name + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body
	return b + strings.Repeat("\x00", len(body)%2)
}

const (
	pcm    = "\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00"
	speech = "\x3c" + "0123456789012345678901234567890"                              // AMR at 12.2 kbit/s
	wide   = "\x44" + "012345678901234567890123456789012345678901234567890123456789" // AMR-WB at 23.85 kbit/s
)

// tagged puts another kind of tag in the place of an MP3 file's last.
func tagged(mp3 []byte) []byte {
	end := bytes.LastIndex(mp3, []byte("TAG"))
	return append(mp3[:end:end], "APETAGEX"+canary...)
}

// recordings are files of the kinds that are cleaned without decoding, and what they are.
func recordings(t tb) map[string]struct {
	kind Kind
	data []byte
} {
	var animation bytes.Buffer
	g := &gif.GIF{LoopCount: 3}
	for i := range 3 {
		p := image.NewPaletted(image.Rect(0, 0, 20, 10), palette.Plan9)
		p.Set(i, i, image.White)
		g.Image, g.Delay = append(g.Image, p), append(g.Delay, 10)
	}
	if err := gif.EncodeAll(&animation, g); err != nil {
		t.Fatal(err)
	}
	secret := "\x21\xFE" + string(rune(len(canary))) + canary + "\x00" + "\x21\xFF\x0BXMP DataXMP" + string(rune(len(canary))) + canary + "\x00"
	at := bytes.Index(animation.Bytes(), []byte("\x21\xFF\x0BNETSCAPE"))
	moving := string(animation.Bytes()[:at]) + secret + string(animation.Bytes()[at:]) + canary
	return map[string]struct {
		kind Kind
		data []byte
	}{
		"gif":            {GIF, []byte(moving)},
		"webp":           {WebP, sample(t, "photo.webp")},
		"webp alpha":     {WebP, append(sample(t, "alpha.webp"), canary...)},
		"webp lossless":  {WebP, append(sample(t, "lossless.webp"), canary...)},
		"webp moving":    {WebP, sample(t, "moving.webp")},
		"m4a":            {M4A, sample(t, "recording.m4a")},
		"m4a head first": {M4A, sample(t, "fast.m4a")},
		"mp3":            {MP3, sample(t, "recording.mp3")},
		"mp3 with APE":   {MP3, tagged(sample(t, "recording.mp3"))},
		"opus":           {OGG, sample(t, "opus.ogg")},
		"vorbis":         {OGG, append(sample(t, "vorbis.ogg"), canary...)},
		"wav":            {WAV, sample(t, "recording.wav")},
		"wav with junk":  {WAV, append(riff("WAVE", riffChunk("bext", canary+"!"), riffChunk("fmt ", pcm), riffChunk("iXML", canary), riffChunk("data", "12345678"), riffChunk("id3 ", canary)), canary...)},
		"amr":            {AMR, []byte(amrMagic + strings.Repeat(speech, 5) + "\x7c")},
		"amr wide":       {AMR, []byte(amrWideMagic + strings.Repeat(wide, 5))},
	}
}

func TestRecordingsAndMovingPicturesKeepNothingElse(t *testing.T) {
	for name, f := range recordings(t) {
		t.Run(name, func(t *testing.T) {
			if f.kind != AMR && !strings.Contains(name, "m4a") && !bytes.Contains(f.data, []byte("CANARY")) {
				t.Fatal("the sample holds no canary")
			}
			r, _ := clean(t, f.data)
			if r.Kind != f.kind {
				t.Fatalf("%+v", r)
			}
			once := mustClean(t, f.data)
			for _, word := range []string{"Lavf", "exiftool", "SoundHandler"} {
				if bytes.Contains(once, []byte(word)) {
					t.Errorf("%s is in the copy", word)
				}
			}
			if again, twice := clean(t, once); again.Kind != f.kind || !bytes.Equal(once, twice) {
				t.Errorf("copied again it differs: %+v", again)
			}
		})
	}
}

func TestWhatIsLongIsAsLongAsBefore(t *testing.T) {
	for name, f := range recordings(t) {
		if f.kind == M4A && len(mustClean(t, f.data)) != len(f.data) {
			t.Errorf("%s: the samples' offsets are wrong", name)
		}
	}
}

func TestAWebPKeepsItsPixelsAndStandsUpright(t *testing.T) {
	for _, name := range []string{"photo.webp", "alpha.webp", "lossless.webp"} {
		data := sample(t, name)
		copied := mustClean(t, data)
		samePixels(t, data, copied)
		if r, _ := clean(t, data); r.Width != 24 || r.Height != 17 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	copied := mustClean(t, sample(t, "photo.webp"))
	at := bytes.Index(copied, []byte("EXIF"))
	if at < 0 || orientation(copied[at+8:]) != 6 {
		t.Error("the orientation is lost")
	}
	if _, err := webp.Decode(bytes.NewReader(copied)); err != nil {
		t.Error(err)
	}
}

func TestAnAnimationKeepsItsFrames(t *testing.T) {
	f := recordings(t)["gif"]
	got, err := gif.DecodeAll(bytes.NewReader(mustClean(t, f.data)))
	if err != nil || len(got.Image) != 3 || got.LoopCount != 3 || got.Delay[1] != 10 {
		t.Fatalf("%v %+v", err, got)
	}
}

func TestARecordingCutAnywhereIsDamaged(t *testing.T) {
	for name, f := range recordings(t) {
		whole := mustClean(t, f.data)
		for n := 13; n < len(whole); n += 1 + len(whole)/97 {
			r, got := clean(t, whole[:n])
			// Sound without an end is whole as far as it goes: a phone that runs out of power leaves such files.
			if r.Clean && (f.kind != AMR && f.kind != OGG && f.kind != MP3 || bytes.Contains(got, []byte("CANARY"))) {
				t.Errorf("%s: cut after %d of %d bytes it passes", name, n, len(whole))
			}
		}
	}
}

func TestDamagedRecordings(t *testing.T) {
	box := func(name, body string) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))) + name + body
	}
	hdlr := func(kind string) string {
		return box("hdlr", "\x00\x00\x00\x00\x00\x00\x00\x00"+kind+strings.Repeat("\x00", 12))
	}
	stsd := func(kind string) string {
		return box("stsd", "\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x10"+kind+strings.Repeat("\x00", 8))
	}
	track := func(kind, coding string) string {
		return box("trak", box("mdia", hdlr(kind)+box("minf", box("stbl", stsd(coding)))))
	}
	film := box("ftyp", "isom\x00\x00\x02\x00")
	opus := sample(t, "opus.ogg")
	flipped := bytes.Clone(opus)
	flipped[len(flipped)-1] ^= 1
	for name, c := range map[string]struct{ data, reason string }{
		"a film":                    {string(sample(t, "film.mp4")), ReasonType},
		"a track of places":         {film + box("moov", track("soun", "mp4a")+track("meta", "mp4a")) + box("mdat", "x"), ReasonType},
		"sound of another kind":     {film + box("moov", track("soun", "drms")) + box("mdat", "x"), ReasonType},
		"fragments":                 {film + box("moof", ""), ReasonType},
		"no sound":                  {film + box("moov", track("soun", "mp4a")), ReasonDamaged},
		"a track without a handler": {film + box("moov", track("soun", "mp4a")+box("trak", "")) + box("mdat", "x"), ReasonDamaged},
		"a box in too small a box":  {film + box("moov", "\x00\x00\x00\xFFtrak"), ReasonDamaged},
		"boxes without end":         {film + strings.Repeat("\x00\x00\xFF\x00moov", 20), ReasonDamaged},
		"an endless head":           {film + "\x00\x00\x00\x00moov", ReasonDamaged},
		"a picture bomb":            {"GIF89a\xFF\xFF\xFF\xFF\x00\x00\x00", ReasonTooLarge},
		"a frame outside":           {"GIF89a\x02\x00\x02\x00\x00\x00\x00\x2C\x01\x00\x00\x00\x02\x00\x02\x00\x00\x02\x00;", ReasonDamaged},
		"no frame":                  {"GIF89a\x02\x00\x02\x00\x00\x00\x00;", ReasonDamaged},
		"an unknown block":          {"GIF89a\x02\x00\x02\x00\x00\x00\x00\x99", ReasonDamaged},
		"a large WebP":              {string(riff("WEBP", riffChunk("VP8X", "\x00\x00\x00\x00\xFF\xFF\xFF\xFF\xFF\xFF"))), ReasonTooLarge},
		"a WebP without a picture":  {string(riff("WEBP", riffChunk("VP8X", strings.Repeat("\x00", 10)))), ReasonDamaged},
		"a chunk that is too long":  {string(riff("WAVE", riffChunk("fmt ", pcm), "data\xFF\xFF\xFF\x7F")), ReasonDamaged},
		"sound before its format":   {string(riff("WAVE", riffChunk("data", "1234"), riffChunk("fmt ", pcm))), ReasonDamaged},
		"a strange format":          {string(riff("WAVE", riffChunk("fmt ", "\x55"+pcm[1:]), riffChunk("data", "1234"))), ReasonType},
		"a flipped bit":             {string(flipped), ReasonDamaged},
		"two streams":               {string(opus) + string(opus), ""},
		"words between frames":      {amrMagic + speech + canary, ReasonDamaged},
		"no frames":                 {amrMagic, ReasonDamaged},
		"words between MP3 frames":  {string(sample(t, "recording.mp3")[:1500]) + strings.Repeat(canary, 9), ReasonDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			if c.reason == "" {
				mustClean(t, []byte(c.data)) // what follows the first stream's end is dropped
				return
			}
			wantReason(t, []byte(c.data), c.reason)
		})
	}
}
