package media

import "encoding/binary"

// copyWAV copies a WAVE file: how the sound is coded, and the sound.
func copyWAV(in *input, out *output, _ *Result) error {
	f := &riffCopy{in: in, out: out, seen: map[string]int{}}
	f.keep = func(name string, n int) (bool, bool, error) {
		switch name {
		case "fmt ":
			return true, false, f.format(n)
		case "fact":
			return f.seen[name] == 0 && n == 4, false, nil
		case "data":
			return true, false, damagedUnless(f.seen["fmt "] == 1 && f.seen[name] == 0 && n > 0)
		}
		return false, false, nil
	}
	if err := f.file("WAVE"); err != nil {
		return err
	}
	return damagedUnless(f.seen["data"] == 1)
}

// format checks that the sound is coded in one of the ways that recorders use: the tags of RFC 2361.
func (f *riffCopy) format(n int) error {
	if f.seen["fmt "] > 0 || n < 16 || n > 64 {
		return errDamaged
	}
	b, err := f.in.look(n)
	if err != nil {
		return err
	}
	switch binary.LittleEndian.Uint16(b) {
	case 0x0001, 0x0002, 0x0003, 0x0006, 0x0007, 0x0011, 0x0031, 0xFFFE: // PCM, ADPCM, float, A-law, µ-law, IMA, GSM 6.10, extensible
		return nil
	}
	return errType
}
