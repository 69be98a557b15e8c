package casework

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"

	"tipline/crypto/seal"
	"tipline/intake"
)

// resealing opens what is sealed to the keys of one desk and seals it to another's, or to that
// desk's newer ones. New
// containers stand in files of new names, so that nothing is lost with it.
type resealing struct {
	s     *Service
	tip   string
	with  []*age.HybridIdentity // open what is there
	to    intake.DeskKeys
	outer []*age.HybridRecipient // take the outer layers, as long as the inner ones stay as they are
	both  bool                   // the inner layers are opened as well, and sealed to to's custodians

	made []intake.BlobWriter
}

// everything seals all of a tip anew.
func (r *resealing) everything(ctx context.Context, m *intake.Transfer) error {
	for i := range m.Parts {
		if err := r.part(&m.Parts[i], m); err != nil {
			return err
		}
	}
	if err := r.messages(ctx, m.Messages); err != nil {
		return err
	}
	for i, h := range m.Holds {
		var err error
		if m.Holds[i].Note, err = r.small(h.Note, holdContext(r.tip, h.ID), false); err != nil {
			return fmt.Errorf("hold of tip %s: %w", r.tip, err)
		}
	}
	for i, c := range m.Containers {
		var err error
		if m.Containers[i], err = r.container(c); err != nil {
			return err
		}
	}
	return nil
}

// part seals a small text anew, a report that m moves with its new desk. A note of the ledger's
// came from outside: one that never opened here stays as it is.
func (r *resealing) part(p *intake.StoredPart, m *intake.Transfer) (err error) {
	c := intake.PartContext(r.tip, p.Compartment, p.Name)
	switch {
	case twoLayers(p.Compartment):
		p.Sealed, err = r.small(p.Sealed, c, true)
	case p.Compartment == intake.CompartmentReport && m != nil:
		p.Sealed, err = r.report(p.Sealed, c, m)
	default:
		sealed, failed := r.small(p.Sealed, c, false)
		if failed != nil && p.Compartment == intake.CompartmentNotes && p.Name == intake.NoteOfLedger {
			return nil
		}
		p.Sealed, err = sealed, failed
	}
	if err != nil {
		return fmt.Errorf("%s of tip %s: %w", p.Compartment, r.tip, err)
	}
	return nil
}

// report seals the report with the facts as they are by now, and its commitment with it.
func (r *resealing) report(sealed []byte, c seal.Context, m *intake.Transfer) ([]byte, error) {
	text, err := seal.OpenBytes(sealed, c, r.with...)
	if err != nil {
		return nil, err
	}
	if text, err = movedReport(text, m.To); err != nil {
		return nil, err
	}
	sealed, err = seal.Seal(c, text, r.to.Desk)
	m.Commitment = commitment(sealed)
	return sealed, err
}

// messages seals the conversation anew; the reporter's receipt opens its answers as
// before.
func (r *resealing) messages(ctx context.Context, all []intake.Message) error {
	reporter, err := r.reporter(ctx)
	if err != nil {
		return err
	}
	for i, m := range all {
		c, to := intake.FollowUpContext(r.tip, m.ID), []*age.HybridRecipient{r.to.Desk}
		if m.From == intake.FromDesk {
			c, to = intake.AnswerContext(r.tip, m.ID), append(to, reporter)
		}
		text, err := seal.OpenBytes(m.Sealed, c, r.with...)
		if err == nil {
			all[i].Sealed, err = seal.Seal(c, text, to...)
		}
		if err != nil {
			return fmt.Errorf("message %s of tip %s: %w", m.ID, r.tip, err)
		}
	}
	return nil
}

// reporter is who opens the desk's answers.
func (r *resealing) reporter(ctx context.Context) (*age.HybridRecipient, error) {
	recipient, err := r.s.Store.Reporter(ctx, r.tip)
	if err != nil {
		return nil, err
	}
	return seal.ParseRecipient(recipient)
}

// held seals anew what custodians hold. What isn't sealed to them, such as what the
// reporter added since, is the new desk's already.
func (r *resealing) held(ctx context.Context, h *intake.Handover) error {
	parts, err := r.s.Store.AllParts(ctx, r.tip)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if !twoLayers(p.Compartment) {
			continue
		}
		p.Sealed, err = r.small(p.Sealed, intake.PartContext(r.tip, p.Compartment, p.Name), true)
		if err == nil {
			h.Parts = append(h.Parts, p)
		} else if !errors.Is(err, seal.ErrKey) {
			return fmt.Errorf("%s of tip %s: %w", p.Compartment, r.tip, err)
		}
	}
	containers, err := r.s.Store.Containers(ctx, r.tip)
	if err != nil {
		return err
	}
	for _, c := range containers {
		if !twoLayers(c.Compartment) {
			continue
		}
		anew, err := r.container(c)
		if err == nil {
			h.Containers = append(h.Containers, anew)
		} else if !errors.Is(err, seal.ErrKey) {
			return err
		}
	}
	return r.answers(ctx, h)
}

// answers seals the identity anew that answers on their way are to be sent to.
func (r *resealing) answers(ctx context.Context, h *intake.Handover) error {
	all, err := r.s.Store.Dispatches(ctx, h.To, r.tip, maxDispatches, append(intake.OpenDispatches(), intake.DispatchPending)...)
	if err != nil {
		return err
	}
	for _, d := range all {
		text, err := seal.OpenBytes(d.Inner, identityContext(r.tip), r.with...)
		if err == nil {
			d.Inner, err = seal.Seal(identityContext(r.tip), text, r.to.Custodian)
		}
		if err != nil {
			return fmt.Errorf("answer %s: %w", d.ID, err)
		}
		h.Dispatches = append(h.Dispatches, d)
	}
	return nil
}

// small is a sealed text, sealed anew.
func (r *resealing) small(sealed []byte, c seal.Context, nested bool) ([]byte, error) {
	var out bytes.Buffer
	err := r.stream(&out, io.NewSectionReader(bytes.NewReader(sealed), 0, int64(len(sealed))), c, nested)
	return out.Bytes(), err
}

// container writes a container anew, stream by stream, and makes it durable.
func (r *resealing) container(c intake.Container) (out intake.Container, err error) {
	base, _, _ := strings.Cut(c.Compartment, ".")
	out = intake.Container{Compartment: c.Compartment, File: c.Compartment + "-" + intake.NewID()[:8]}
	w, err := r.s.Blobs.Create(r.tip, out.File)
	if err != nil {
		return out, err
	}
	r.made = append(r.made, w)
	for _, st := range c.Streams {
		start := w.Offset()
		if err := r.copied(w, c, st, intake.PartContext(r.tip, base, st.Name)); err != nil {
			return out, fmt.Errorf("stream %s/%s of tip %s: %w", c.Compartment, st.Name, r.tip, err)
		}
		out.Streams = append(out.Streams, intake.Stream{Name: st.Name, Offset: start, Length: w.Offset() - start})
	}
	out.Inline, err = w.Commit()
	return out, err
}

func (r *resealing) copied(w io.Writer, c intake.Container, st intake.Stream, place seal.Context) error {
	src, closer, err := r.s.section(r.tip, c, st)
	if err != nil {
		return err
	}
	defer closer.Close()
	return r.stream(w, src, place, twoLayers(c.Compartment))
}

// stream opens one sealed stream and seals it anew, in constant memory.
func (r *resealing) stream(dst io.Writer, src *io.SectionReader, c seal.Context, nested bool) error {
	open, begin := r.ways(nested)
	plain, err := open(src, src.Size(), c, r.with...)
	if err == nil && nested && r.both {
		plain, err = seal.Open(plain, plain.Size(), c, r.with...)
	}
	if err != nil {
		return err
	}
	w, err := begin(dst, c)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, plain); err != nil {
		return err
	}
	return w.Close()
}

type opener func(src io.ReaderAt, size int64, c seal.Context, with ...*age.HybridIdentity) (*io.SectionReader, error)

// ways are how a stream is opened and how it is sealed.
func (r *resealing) ways(nested bool) (opener, func(dst io.Writer, c seal.Context) (io.WriteCloser, error)) {
	desk := []*age.HybridRecipient{r.to.Desk}
	switch {
	case !nested:
		return seal.Open, func(dst io.Writer, c seal.Context) (io.WriteCloser, error) { return seal.NewWriter(dst, c, desk...) }
	case r.both:
		return seal.OpenOuter, func(dst io.Writer, c seal.Context) (io.WriteCloser, error) {
			return seal.NewNestedWriter(dst, c, desk, []*age.HybridRecipient{r.to.Custodian})
		}
	default:
		return seal.OpenOuter, func(dst io.Writer, c seal.Context) (io.WriteCloser, error) {
			return seal.NewOuterWriter(dst, c, r.outer...)
		}
	}
}

// undo removes what was made for nothing; what can't be removed is collected.
func (r *resealing) undo() {
	for _, w := range r.made {
		_ = w.Abort()
	}
	r.made = nil
}
