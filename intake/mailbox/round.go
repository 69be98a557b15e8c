package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"tipline/intake"
	"tipline/intake/mail"
)

// visit is the work of one connection.
type visit struct {
	*Poller
	ctx     context.Context
	box     box
	settled [][]byte        // marks to forget once the connection ended well
	done    map[string]bool // settled in this connection, by entry id
	missing map[string]int  // contents of marked messages that the server doesn't list by their number
}

// rounds looks into the mailbox until the connection is old or can't be asked
// again.
func (v *visit) rounds() error {
	v.done = map[string]bool{}
	began := v.Now()
	for all := true; ; all = false {
		if err := v.round(all); err != nil {
			return err
		}
		v.worked(v.ctx)
		if v.Now().Sub(began) >= sessionTime {
			return nil
		}
		if again, err := v.box.wait(v.ctx, v.Poll); err != nil || !again {
			return err
		}
	}
}

// round takes what is new.
func (v *visit) round(all bool) error {
	entries, err := v.box.list(all)
	if err != nil {
		return err
	}
	if v.first && v.SkipBacklog {
		return v.leaveAll(entries)
	}
	v.first = false
	var gone [][]byte
	if all {
		gone = v.compare(entries)
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return v.tries[a.id] - v.tries[b.id] })
	for _, e := range entries {
		if err := v.entry(e); err != nil {
			v.tries[e.id]++
			return err
		}
		delete(v.tries, e.id)
	}
	return v.forget(gone)
}

// leaveAll marks everything as done with, so that only what comes from now on is
// taken.
func (v *visit) leaveAll(entries []entry) error {
	marks := make([]intake.MailboxMark, len(entries))
	for i, e := range entries {
		marks[i] = intake.MailboxMark{ID: v.idTag(e)}
	}
	if err := v.remember(marks...); err != nil {
		return err
	}
	v.first = false
	return nil
}

// compare finds the marks whose numbers the server doesn't list: their messages
// were removed, or have new numbers.
func (v *visit) compare(entries []entry) (gone [][]byte) {
	listed := make(map[string]bool, len(entries))
	for _, e := range entries {
		listed[string(v.idTag(e))] = true
	}
	v.missing = map[string]int{}
	for id, m := range v.known {
		if !listed[id] {
			gone = append(gone, m.ID)
			v.missing[string(m.Content)]++
		}
	}
	delete(v.missing, "")
	return gone
}

// entry does what is to be done with one message.
func (v *visit) entry(e entry) error {
	if v.done[e.id] {
		return nil
	}
	m, known := v.known[string(v.idTag(e))]
	switch {
	case known && len(m.Content) == 0:
		return nil
	case known:
		return v.settle(e, m)
	case e.size > v.MaxBytes:
		return v.leave(e)
	}
	if renumbered, err := v.renumbered(e); err != nil || renumbered {
		return err
	}
	return v.take(e)
}

// leave keeps a message where it is that is larger than may be taken.
func (v *visit) leave(e entry) error {
	if !v.left[e.id] {
		v.left[e.id] = true
		v.Count(mail.OutcomeTooLarge)
		v.Log.Warn("a message is larger than smtp.max_bytes and was left in its mailbox", "mailbox", v.Name)
	}
	return nil
}

// renumbered says whether a message that isn't known by its number is one that
// was taken under another. It is read for that: a server rarely gives new ones.
func (v *visit) renumbered(e entry) (bool, error) {
	if len(v.missing) == 0 {
		return false, nil
	}
	var content []byte
	err := v.box.fetch(e, func(r io.Reader) (err error) {
		content, err = v.contentOf(r)
		return err
	})
	if errors.Is(err, errGone) {
		return true, nil
	}
	if err != nil || v.missing[string(content)] == 0 {
		return false, err
	}
	if v.missing[string(content)]--; v.missing[string(content)] == 0 {
		delete(v.missing, string(content))
	}
	m := intake.MailboxMark{ID: v.idTag(e), Content: content}
	if err := v.remember(m); err != nil {
		return false, err
	}
	return true, v.settle(e, m)
}

// contentOf reads a message as a report without filing it.
func (v *visit) contentOf(r io.Reader) ([]byte, error) {
	src := &source{src: r, left: v.MaxBytes}
	report, _ := mail.NewReport(mail.Envelope{Gateway: v.gateway(), Polled: true}, src)
	for f, err := range report.Decode(report.Raw, report) {
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(io.Discard, f.Body); err != nil {
			return nil, err
		}
	}
	if _, err := io.Copy(io.Discard, report.Raw); err != nil {
		return nil, err
	}
	return v.Tag(report.MessageID), nil
}

// gateway is what senders are limited under: no other channel's name.
func (p *Poller) gateway() string { return "mailbox/" + p.Name }

// own are the addresses that its mail may name; some providers log in by a name that is none, and
// then they aren't known.
func (p *Poller) own() []string {
	if !strings.Contains(p.Address, "@") {
		return nil
	}
	return append([]string{p.Address, p.User}, p.Aliases...)
}

// take files one message, and only then has it moved or deleted.
func (v *visit) take(e entry) error {
	var report *intake.Report
	var facts *mail.Facts
	var filed intake.Filed
	err := v.box.fetch(e, func(r io.Reader) (err error) {
		src := &source{src: r, left: v.MaxBytes}
		report, facts = mail.NewReport(mail.Envelope{Gateway: v.gateway(), Polled: true, Mailbox: v.Address, Own: v.own(), Senders: v.Senders}, src)
		filed, err = v.Submit(v.ctx, report)
		if src.err != nil && src.err != io.EOF {
			err = src.err // its cause is nearer than what Submit made of it
		}
		return err
	})
	switch {
	case errors.Is(err, errGone):
		return nil
	case errors.Is(err, intake.ErrTooLarge):
		return v.leave(e)
	case err != nil:
		v.countFailure(err)
		return err
	}
	m := intake.MailboxMark{ID: v.idTag(e), Content: v.Tag(report.MessageID)}
	if err := v.remember(m); err != nil {
		return err
	}
	v.Count(filed.Became(report))
	v.Answers.Taken(v.ctx, filed, report, facts)
	return v.settle(e, m)
}

func (v *visit) countFailure(err error) {
	switch {
	case v.ctx.Err() != nil:
	case errors.Is(err, intake.ErrLimited):
		v.Count(mail.OutcomeLimited)
	case errors.Is(err, intake.ErrNotDurable):
		v.Count(mail.OutcomeNotDurable)
	default:
		v.Count(mail.OutcomeBroken)
	}
}

// settle moves or deletes what was taken.
func (v *visit) settle(e entry, m intake.MailboxMark) error {
	if v.After == Keep {
		return nil
	}
	sure, err := v.box.settle(e)
	if err != nil {
		return err
	}
	v.done[e.id] = true
	if sure {
		return v.forget([][]byte{m.ID})
	}
	v.settled = append(v.settled, m.ID)
	return nil
}

// forgetSettled forgets what went with the end of the connection.
func (v *visit) forgetSettled() error { return v.forget(v.settled) }

func (v *visit) remember(marks ...intake.MailboxMark) error {
	if err := v.Memory.MarkMailbox(v.ctx, v.Name, marks...); err != nil {
		return err
	}
	for _, m := range marks {
		v.known[string(m.ID)] = m
	}
	return nil
}

func (v *visit) forget(ids [][]byte) error {
	if len(ids) == 0 {
		return nil
	}
	if err := v.Memory.UnmarkMailbox(v.ctx, v.Name, ids...); err != nil {
		return err
	}
	for _, id := range ids {
		delete(v.known, string(id))
	}
	return nil
}

func (v *visit) idTag(e entry) []byte { return v.Tag("id " + e.id) }

// source is one message on its way, held to its size. An end that comes too
// early is an error of the connection's; see exact.
type source struct {
	src  io.Reader
	left int64
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.src.Read(p)
	if s.left -= int64(n); s.left < 0 {
		n, err = 0, intake.ErrTooLarge
	}
	if err != nil && err != io.EOF && !errors.Is(err, intake.ErrTooLarge) {
		err = fmt.Errorf("%w: %w", intake.ErrRead, err)
	}
	s.err = err
	return n, err
}

// exact gives exactly n bytes, or an error: a connection that breaks off looks
// like an end otherwise.
type exact struct {
	src  io.Reader
	left int64
	used func(n int64) // is told what was passed on
	cut  bool          // it broke off
}

func (x *exact) Read(p []byte) (int, error) {
	if x.left == 0 {
		return 0, io.EOF
	}
	n, err := x.src.Read(p[:min(int64(len(p)), x.left)])
	x.left -= int64(n)
	x.used(int64(n))
	if err == io.EOF && x.left > 0 {
		err = io.ErrUnexpectedEOF
	} else if err == io.EOF {
		err = nil
	}
	x.cut = err != nil
	return n, err
}
