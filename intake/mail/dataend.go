package mail

// dataEnd finds the end of DATA, CRLF . CRLF, and nothing else. A bare CR, or a
// line "." with a bare LF at either side, is what servers disagree about and
// what SMTP smuggling lives on: from there on the message is bad, and it is read
// to its true end without being handed on. Bare LF elsewhere is let through.
type dataEnd struct {
	total int64
	ended bool
	bad   bool
	// doubtful: CR CR LF stands before the last line, which not everybody takes for the end of a line.
	doubtful bool

	cr       bool // the last byte was CR
	crs      bool // and the one before it
	odd      bool // the line began after CR CR LF
	bareLine bool // the line began after a bare LF
	dots     int  // the line's length while it is "." only; -1 otherwise
}

func newDataEnd() *dataEnd { return &dataEnd{} }

// scan reads src and copies to dst what the engine may have, until either is
// used up or the message ends. It gives the bytes read and the bytes copied.
func (d *dataEnd) scan(src, dst []byte) (read, out int) {
	for read < len(src) && !d.ended {
		if !d.bad && out == len(dst) {
			return read, out
		}
		c := src[read]
		read++
		d.total++
		d.step(c)
		if !d.bad {
			dst[out] = c
			out++
		}
	}
	return read, out
}

func (d *dataEnd) step(c byte) {
	cr, crs := d.cr, d.crs
	d.cr, d.crs = c == '\r', c == '\r' && cr
	switch {
	case c == '\n':
		d.line(cr)
		d.odd = crs
	case cr:
		d.bad = true
		d.dots = -1
	case c == '\r':
	case c == '.' && d.dots == 0:
		d.dots = 1
	default:
		d.dots = -1
	}
}

// line ends a line, by CRLF or by a bare LF.
func (d *dataEnd) line(crlf bool) {
	if d.dots == 1 {
		if crlf && !d.bareLine {
			d.ended, d.doubtful = true, d.odd
			return
		}
		d.bad = true
	}
	d.dots, d.bareLine = 0, !crlf
}
