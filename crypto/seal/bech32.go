package seal

// bech32 is the encoding of age's keys (BIP 173, without its limit of 90 characters). age keeps its own
// to itself, and takes a key only in this form. hrp is lower-case ASCII.
func bech32(hrp string, data []byte) string {
	const charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	out := make([]byte, 0, len(hrp)+1+(8*len(data)+4)/5+6)
	out = append(append(out, hrp...), '1')
	out = appendFiveBits(out, data)
	groups := out[len(hrp)+1:]
	sum := bech32Checksum(hrp, groups)
	out = append(out, sum[:]...)
	for i := len(hrp) + 1; i < len(out); i++ {
		out[i] = charset[out[i]]
	}
	return string(out)
}

// appendFiveBits appends data in groups of five bits, most significant first, zero bits behind the last.
func appendFiveBits(out, data []byte) []byte {
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
func bech32Checksum(hrp string, groups []byte) (sum [6]byte) {
	head := make([]byte, 0, 2*len(hrp)+1)
	for i := range len(hrp) {
		head = append(head, hrp[i]>>5)
	}
	head = append(head, 0)
	for i := range len(hrp) {
		head = append(head, hrp[i]&31)
	}
	state := bech32Remainder(head, groups, sum[:]) ^ 1
	for i := range sum {
		sum[i] = byte(state>>(5*(5-i))) & 31
	}
	return sum
}

// bech32Remainder takes a hybrid key's two thousand groups one look at a table each.
func bech32Remainder(parts ...[]byte) uint32 {
	var steps [32]uint32 // by the five bits that leave the state
	for top := range steps {
		for i, g := range [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				steps[top] ^= g
			}
		}
	}
	state := uint32(1)
	for _, values := range parts {
		for _, v := range values {
			state = (state&0x1ffffff)<<5 ^ uint32(v) ^ steps[state>>25]
		}
	}
	return state
}
