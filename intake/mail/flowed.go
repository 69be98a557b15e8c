package mail

import "strings"

// unflow joins the lines of format=flowed text (RFC 3676): a line that ends in a
// space goes on in the next, when both are quoted equally deep. The signature
// line "-- " isn't flowed.
func unflow(s string, delSp bool) string {
	var out strings.Builder
	open, depth := false, 0
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, "\r\n")
		d, text := quoteDepth(line)
		if open && d != depth {
			out.WriteByte('\n')
			open = false
		}
		if !open {
			out.WriteString(strings.Repeat(">", d))
			if d > 0 {
				out.WriteByte(' ')
			}
		}
		depth = d
		flows := strings.HasSuffix(text, " ") && text != "-- "
		if flows && delSp {
			text = text[:len(text)-1]
		}
		out.WriteString(text)
		if open = flows; !flows {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// quoteDepth counts the quote marks and undoes the space that was stuffed.
func quoteDepth(line string) (depth int, text string) {
	text = strings.TrimLeft(line, ">")
	depth = len(line) - len(text)
	return depth, strings.TrimPrefix(text, " ")
}
