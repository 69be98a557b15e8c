package seal

// bech32 is the encoding of age's keys (BIP 173, without its limit of 90 characters). age keeps its own
// to itself, and takes a key only in this form. hrp is lower-case ASCII.
func bech32(hrp string, data []byte) string {
	const charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	groups := fiveBits(data)
	groups = append(groups, bech32Checksum(hrp, groups)...)
	out := append([]byte(hrp), '1')
	for _, g := range groups {
		out = append(out, charset[g])
	}
	return string(out)
}

// fiveBits cuts data into groups of five bits, most significant first, zero bits behind the last.
func fiveBits(data []byte) []byte {
	var out []byte
	var pending uint32
	bits := 0
	for _, b := range data {
		pending = pending<<8 | uint32(b)
		for bits += 8; bits >= 5; bits -= 5 {
			out = append(out, byte(pending>>(bits-5))&31)
		}
	}
	if bits > 0 {
		out = append(out, byte(pending<<(5-bits))&31)
	}
	return out
}

// bech32Checksum is the BCH code of BIP 173 over the prefix, expanded, and the groups.
func bech32Checksum(hrp string, groups []byte) []byte {
	var values []byte
	for i := range len(hrp) {
		values = append(values, hrp[i]>>5)
	}
	values = append(values, 0)
	for i := range len(hrp) {
		values = append(values, hrp[i]&31)
	}
	values = append(values, groups...)
	state := bech32Remainder(append(values, make([]byte, 6)...)) ^ 1
	sum := make([]byte, 6)
	for i := range sum {
		sum[i] = byte(state>>(5*(5-i))) & 31
	}
	return sum
}

func bech32Remainder(values []byte) uint32 {
	generator := [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}
	state := uint32(1)
	for _, v := range values {
		top := state >> 25
		state = (state&0x1ffffff)<<5 ^ uint32(v)
		for i, g := range generator {
			if top>>i&1 == 1 {
				state ^= g
			}
		}
	}
	return state
}
