package media

import (
	"bytes"
	"encoding/binary"
	"io"
)

// mp3Frame is the length in bytes of the MPEG audio layer III frame that b, its first four bytes, begins
// (ISO/IEC 11172-3, 2.4.2.3, and 13818-3), and of its side information. It is 0 if b begins none.
func mp3Frame(b []byte) (length, side int) {
	h := binary.BigEndian.Uint32(b)
	version, layer := h>>19&3, h>>17&3
	bitrate, rate, padding := h>>12&15, h>>10&3, int(h>>9&1)
	if h>>21 != 0x7FF || version == 1 || layer != 1 || bitrate == 0 || bitrate == 15 || rate == 3 {
		return 0, 0
	}
	mono := h>>6&3 == 3
	hertz := []int{44100, 48000, 32000}[rate]
	if version == 3 {
		kbit := []int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}[bitrate]
		return 144000*kbit/hertz + padding, pick(mono, 17, 32)
	}
	if hertz /= 2; version == 0 {
		hertz /= 2
	}
	kbit := []int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}[bitrate]
	return 72000*kbit/hertz + padding, pick(mono, 9, 17)
}

func pick(first bool, a, b int) int {
	if first {
		return a
	}
	return b
}

// isMP3 tells whether head begins a tag of ID3v2, or two frames in a row.
func isMP3(head []byte) bool {
	if bytes.HasPrefix(head, []byte("ID3")) && len(head) > 10 && head[3] < 5 {
		return true
	}
	if len(head) < 4 {
		return false
	}
	n, _ := mp3Frame(head)
	if n == 0 || len(head) < n+4 {
		return false
	}
	next, _ := mp3Frame(head[n:])
	return next > 0
}

// copyMP3 copies the frames of an MP3 file. Tags before and after them are gone, and with them the frame
// that names the encoder and the number of frames.
func copyMP3(in *input, out *output, _ *Result) error {
	if err := skipID3(in); err != nil {
		return err
	}
	for frames := 0; ; {
		b, err := in.Peek(4)
		if err != nil && err != io.EOF {
			return err
		}
		length, side := 0, 0
		if len(b) == 4 {
			length, side = mp3Frame(b)
		}
		if length == 0 {
			return damagedUnless(frames > 1 && (len(b) == 0 || isTail(in)))
		}
		if b, err = in.take(length); err != nil {
			return err
		}
		if frames == 0 && describes(b[4:], side) {
			continue
		}
		if _, err := out.Write(b); err != nil {
			return err
		}
		frames++
	}
}

// describes tells a frame that holds the encoder's name instead of sound; it may come behind a CRC.
func describes(b []byte, side int) bool {
	for _, at := range []int{side, side + 2, 32} {
		if len(b) < at+4 {
			continue
		}
		switch string(b[at : at+4]) {
		case "Xing", "Info", "VBRI":
			return true
		}
	}
	return false
}

// skipID3 drops tags of ID3v2 at the start.
func skipID3(in *input) error {
	for {
		b, err := in.Peek(10)
		if err != nil && err != io.EOF {
			return err
		}
		if len(b) < 10 || string(b[:3]) != "ID3" {
			return nil
		}
		if (b[6]|b[7]|b[8]|b[9])&0x80 != 0 {
			return errDamaged
		}
		n := 10 + int(b[6])<<21 + int(b[7])<<14 + int(b[8])<<7 + int(b[9])
		if b[5]&0x10 != 0 {
			n += 10 // a footer
		}
		if err := in.skip(n); err != nil {
			return err
		}
	}
}

// isTail tells whether what is left is a tag, or the zeros some encoders end with.
func isTail(in *input) bool {
	b, _ := in.Peek(16)
	for _, tag := range []string{"TAG", "APETAGEX", "LYRICSBEGIN", "3DI", "ID3", "\x00\x00\x00"} {
		if bytes.HasPrefix(b, []byte(tag)) {
			return true
		}
	}
	return len(b) < 4
}
