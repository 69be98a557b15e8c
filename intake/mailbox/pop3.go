package mailbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

// popBox speaks POP3 (RFC 1939). What is deleted goes when the connection ends
// well, and a connection sees no new messages: each visit is one round.
type popBox struct {
	line *line
	most int
	in   *bufio.Reader
	out  *textproto.Writer
	busy bool // a message is under way; nothing else can be said
}

func (p *Poller) openPOP3(ctx context.Context) (box, error) {
	l, err := p.dial(ctx, "pop3")
	if err != nil {
		return nil, err
	}
	b := newPOP3(l, p.most)
	if err := b.enter(p.User, p.Secrets); err != nil {
		_ = l.Close() // the error before counts
		return nil, err
	}
	return b, nil
}

func newPOP3(c *line, most int) *popBox {
	return &popBox{line: c, most: most, in: bufio.NewReader(c), out: textproto.NewWriter(bufio.NewWriter(c))}
}

func (b *popBox) enter(user string, secrets []string) error {
	if _, err := b.answer(); err != nil {
		return err
	}
	for _, secret := range secrets {
		if strings.ContainsAny(user+secret, "\r\n") {
			return errLogin
		}
		_, err := b.say("USER " + user)
		if err == nil {
			_, err = b.say("PASS " + secret)
		}
		if err == nil {
			return nil
		}
		if !errors.Is(err, errProtocol) {
			return err
		}
	}
	return errLogin
}

// say sends one command and reads its first line.
func (b *popBox) say(command string) (string, error) {
	if err := b.out.PrintfLine("%s", command); err != nil {
		return "", broken(err)
	}
	return b.answer()
}

// maxAnswer is the longest line of an answer that is read.
const maxAnswer = 4096

// maxID is more than a message's id may have, which is 70 (RFC 1939 §7): all of them are kept in memory.
const maxID = 256

// answer reads a status line: [errProtocol] is the server's no, and what it said
// isn't kept.
func (b *popBox) answer() (string, error) {
	text, err := b.short()
	if err != nil {
		return "", err
	}
	rest, ok := strings.CutPrefix(text, "+OK")
	if !ok {
		return "", errProtocol
	}
	return strings.TrimSpace(rest), nil
}

func (b *popBox) short() (string, error) {
	var text []byte
	for {
		piece, err := b.in.ReadSlice('\n')
		text = append(text, piece...)
		if err == nil {
			return strings.TrimRight(string(text), "\r\n"), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return "", broken(err)
		}
		if len(text) > maxAnswer {
			return "", fmt.Errorf("%w: a line is too long", errProtocol)
		}
	}
}

// lines reads the answer of several lines to a command.
func (b *popBox) lines(command string, each func(n uint32, rest string) error) error {
	if _, err := b.say(command); err != nil {
		return err
	}
	for n := 0; ; n++ {
		text, err := b.short()
		if err != nil {
			return err
		}
		if text == "." {
			return nil
		}
		if n == b.most {
			b.busy = true
			return errMany
		}
		b.line.used(int64(len(text)) + 2)
		number, rest, _ := strings.Cut(strings.TrimPrefix(text, "."), " ")
		n, err := strconv.ParseUint(number, 10, 32)
		if err != nil {
			return errProtocol
		}
		if err := each(uint32(n), strings.TrimSpace(rest)); err != nil {
			return err
		}
	}
}

func (b *popBox) list(bool) (out []entry, err error) {
	b.line.turn(answerTime, turnTime)
	sizes := map[uint32]int64{}
	err = b.lines("LIST", func(n uint32, rest string) error {
		size, _, _ := strings.Cut(rest, " ")
		octets, err := strconv.ParseInt(size, 10, 64)
		if err != nil {
			return errProtocol
		}
		sizes[n] = octets
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = b.lines("UIDL", func(n uint32, uidl string) error {
		if uidl == "" || len(uidl) > maxID {
			return errProtocol
		}
		out = append(out, entry{id: uidl, n: n, size: sizes[n]})
		return nil
	})
	if errors.Is(err, errProtocol) {
		return nil, fmt.Errorf("%w: %w", errNoUIDL, err)
	}
	return out, err
}

func (b *popBox) fetch(e entry, take func(io.Reader) error) error {
	b.line.turn(answerTime, transferTime)
	if _, err := b.say("RETR " + strconv.FormatUint(uint64(e.n), 10)); errors.Is(err, errProtocol) {
		return errGone
	} else if err != nil {
		return err
	}
	b.busy = true
	body := &dotBody{in: b.in, used: b.line.used}
	if err := take(body); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return broken(err)
	}
	b.busy = false
	return nil
}

// settle marks a message to be deleted (RFC 1939 §5, DELE).
func (b *popBox) settle(e entry) (sure bool, err error) {
	b.line.turn(answerTime, turnTime)
	_, err = b.say("DELE " + strconv.FormatUint(uint64(e.n), 10))
	return false, err
}

func (*popBox) wait(context.Context, time.Duration) (again bool, err error) { return false, nil }

// close has the server delete what was marked.
func (b *popBox) close() error {
	defer func() { _ = b.line.Close() }()
	if b.busy {
		return nil // the error that broke the message off is the one to show
	}
	b.line.turn(answerTime, answerTime)
	_, err := b.say("QUIT")
	return err
}

// dotBody is a message up to the line of a dot alone (RFC 1939 §3), its line ends
// as they came.
type dotBody struct {
	in    *bufio.Reader
	rest  []byte
	mid   bool // the next piece goes on within a line
	ended bool
	used  func(n int64) // is told what was passed on
}

func (d *dotBody) Read(p []byte) (int, error) {
	for len(d.rest) == 0 {
		if d.ended {
			return 0, io.EOF
		}
		piece, err := d.in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return 0, err
		}
		if !d.mid && piece[0] == '.' {
			if text := strings.TrimRight(string(piece), "\r\n"); text == "." && err == nil {
				d.ended = true
				continue
			}
			piece = piece[1:]
		}
		d.mid = err != nil
		d.rest = piece
	}
	n := copy(p, d.rest)
	d.used(int64(n) + 1) // and a dot
	d.rest = d.rest[n:]
	return n, nil
}
