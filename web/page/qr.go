package page

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quiet is the margin around a QR code, in modules (ISO/IEC 18004 §6.3.8).
const quiet = 4

// QR is a QR code as the path of an SVG, a run of dark modules a stroke, and the
// width of its square view box.
func QR(text string) (size int, path string, err error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return 0, "", fmt.Errorf("QR code: %w", err)
	}
	n := code.Size
	var b strings.Builder
	for y := range n {
		for x := 0; x < n; x++ {
			from := x
			for code.Black(x, y) { // beyond the code all is white
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	return n + 2*quiet, b.String(), nil
}
