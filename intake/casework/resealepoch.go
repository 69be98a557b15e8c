package casework

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"filippo.io/age"

	"tipline/crypto/seal"
	"tipline/intake"
)

// ErrNotHeld says that the member's session doesn't open what is sealed to a version.
var ErrNotHeld = errors.New("this member doesn't hold that version of the key: one who does must")

// Resealing is what came of sealing a version's tips anew.
type Resealing struct {
	Done int            // tips that were sealed anew
	Left []LeftSealed   // those that couldn't be
	Rest map[string]int // rows that are sealed to the version still, by table
}

// LeftSealed is a tip that couldn't be sealed anew, and why.
type LeftSealed struct {
	Tip string
	Err error
}

// resealBatch is how many tips are looked up at once.
const resealBatch = 100

// ResealEpoch seals all that is sealed to an old version of the desk's role key to the one in
// force, tip by tip, each in a transaction of its own with a row of the record, so that it may be
// interrupted at any moment and begun again. tell hears of each tip, with how many there are
// in all, and says whether to go on.
//
// Of an identity and the originals only the outer layer is changed; nobody opens the inner one.
// A tip whose identity waits for another desk's custodians is left, since that layer is theirs as well,
// and so is one of which something doesn't open, or that others change each time.
func (s *Service) ResealEpoch(ctx context.Context, by Actor, version int, tell func(done, all int) (more bool)) (out Resealing, err error) {
	keys, err := s.oldVersion(by, version)
	if err != nil {
		return out, err
	}
	all, err := s.Store.CountSealedTo(ctx, by.Desk, version)
	if err != nil {
		return out, err
	}
	for after := ""; ; {
		tips, err := s.Store.SealedTo(ctx, by.Desk, version, after, resealBatch)
		if err != nil || len(tips) == 0 {
			return s.stillSealed(ctx, by, version, out, err)
		}
		for _, tip := range tips {
			switch err := s.resealTip(ctx, by, tip, version, keys); {
			case errors.Is(err, errSealed): // by another meanwhile
				continue
			case stays(err):
				out.Left = append(out.Left, LeftSealed{tip, err})
			case err != nil:
				return out, fmt.Errorf("tip %s: %w", tip, err)
			default:
				out.Done++
			}
			if !tell(out.Done+len(out.Left), all) {
				return s.stillSealed(ctx, by, version, out, nil)
			}
		}
		after = tips[len(tips)-1]
	}
}

func (s *Service) stillSealed(ctx context.Context, by Actor, version int, out Resealing, err error) (Resealing, error) {
	if err == nil {
		out.Rest, err = s.Store.HeldUnder(ctx, by.Desk, version)
	}
	return out, err
}

// OldKey is an earlier version of a desk's role key to which tips are sealed, or which the reader
// still holds.
type OldKey struct {
	Version int
	Tips    int  // of which something is sealed to it
	Held    bool // the reader holds it, and may seal them anew
}

// oldKeys are those of the actor's desk, oldest first.
func (s *Service) oldKeys(ctx context.Context, by Actor) (out []OldKey, err error) {
	keys, err := s.Keys.DeskKeys(by.Desk)
	if err != nil {
		return nil, err
	}
	for version := 1; version < keys.Version; version++ {
		k := OldKey{Version: version, Held: by.Is(RoleHandler) && by.holds(version)}
		if k.Tips, err = s.Store.CountSealedTo(ctx, by.Desk, version); err != nil {
			return nil, err
		}
		if k.Held || k.Tips > 0 {
			out = append(out, k)
		}
	}
	return out, nil
}

// holds says whether the actor's session opens what is sealed to a version of the desk's key.
func (a Actor) holds(version int) bool {
	if a.Ring == nil {
		return false
	}
	_, ok := a.Ring.Get(intake.DeskKey(a.Desk), version)
	return ok
}

// oldVersion are the keys in force, for who holds an old version of the desk's.
func (s *Service) oldVersion(by Actor, version int) (intake.DeskKeys, error) {
	if !by.Is(RoleHandler) {
		return intake.DeskKeys{}, ErrForbidden
	}
	keys, err := s.replaced(by, version)
	if err != nil {
		return keys, err
	}
	if !by.holds(version) {
		return keys, ErrNotHeld
	}
	return keys, nil
}

// stays says whether an error is about one tip alone.
func stays(err error) bool {
	return slices.ContainsFunc([]error{ErrKept, seal.ErrKey, seal.ErrSealed, seal.ErrContext, fs.ErrNotExist, intake.ErrNotFound, intake.ErrConflict}, func(e error) bool { return errors.Is(err, e) })
}

// errSealed says that nothing of a tip is sealed to the old version any more.
var errSealed = errors.New("nothing is sealed to the old version")

// resealTip seals anew what a tip has. What changed meanwhile is read again.
func (s *Service) resealTip(ctx context.Context, by Actor, tip string, version int, keys intake.DeskKeys) (err error) {
	for range transferTries {
		if err = s.resealOnce(ctx, by, tip, version, keys); !errors.Is(err, intake.ErrConflict) {
			break
		}
	}
	return err
}

func (s *Service) resealOnce(ctx context.Context, by Actor, tip string, version int, keys intake.DeskKeys) error {
	was, err := s.Store.Tip(ctx, tip)
	if err != nil {
		return err
	}
	m, err := s.Store.SealedUnder(ctx, tip, by.Desk, version)
	if err != nil {
		return err
	}
	if m.Empty() {
		return errSealed
	}
	if err := s.mayReseal(ctx, tip, m); err != nil {
		return err
	}
	m.To = keys.Version
	r := &resealing{s: s, tip: tip, with: by.Ring.Identities(intake.DeskKey(by.Desk)), to: keys, outer: []*age.HybridRecipient{keys.Desk}}
	if err := r.anew(ctx, &m); err != nil {
		r.undo()
		return err
	}
	detail := fmt.Sprintf("%d>%d", version, m.To)
	if m.Commitment != "" { // the record leads from one to the other
		detail += " " + was.Commitment + ">" + m.Commitment
	}
	return r.store(ctx, intake.Act{Audit: s.row(by, "keys.reseal", tip, detail), Reseal: &m})
}

// mayReseal refuses a tip whose outer layers other custodians hold as well: it can't be told from
// outside which of them do.
func (s *Service) mayReseal(ctx context.Context, tip string, m intake.Resealed) error {
	if !slices.ContainsFunc(m.Parts, func(p intake.StoredPart) bool { return twoLayers(p.Compartment) }) &&
		!slices.ContainsFunc(m.Containers, func(c intake.Container) bool { return twoLayers(c.Compartment) }) {
		return nil
	}
	open, err := s.handoverOf(ctx, tip)
	if err == nil && open != nil {
		err = ErrKept
	}
	return err
}

// anew seals all of m to the same desk's newer key.
func (r *resealing) anew(ctx context.Context, m *intake.Resealed) (err error) {
	for i := range m.Parts {
		if err := r.part(&m.Parts[i], nil); err != nil {
			return err
		}
		if p := m.Parts[i]; p.Compartment == intake.CompartmentReport {
			m.Commitment = commitment(p.Sealed)
		}
	}
	if len(m.Messages) > 0 {
		if err := r.messages(ctx, m.Messages); err != nil {
			return err
		}
	}
	for i, c := range m.Containers {
		if m.Containers[i], err = r.container(c); err != nil {
			return err
		}
	}
	return r.beside(ctx, m)
}

// beside seals anew what members wrote about a tip. A reason stays readable for the
// custodians, a letter for the reporter.
func (r *resealing) beside(ctx context.Context, m *intake.Resealed) error {
	for i, c := range m.Requests {
		if len(c.Reason) > 0 { // a handover has none
			if err := r.words(&m.Requests[i].Reason, reasonContext(r.tip, c.ID), r.to.Custodian); err != nil {
				return err
			}
		}
	}
	for i, v := range m.Reviews {
		if err := r.words(&m.Reviews[i].Sealed, reviewContext(r.tip, v.ID)); err != nil {
			return err
		}
	}
	for i, h := range m.Holds {
		if err := r.words(&m.Holds[i].Note, holdContext(r.tip, h.ID)); err != nil {
			return err
		}
	}
	for i, e := range m.Extensions {
		if err := r.withLetter(ctx, &m.Extensions[i].Note, extensionContext(r.tip, e.ID), &m.Extensions[i].Letter, e.LetterID); err != nil {
			return err
		}
	}
	for i, l := range m.Looks {
		if err := r.withLetter(ctx, &m.Looks[i].Note, lookContext(r.tip, l.ID), &m.Looks[i].Letter, l.LetterID); err != nil {
			return err
		}
	}
	return nil
}

func (r *resealing) withLetter(ctx context.Context, note *[]byte, c seal.Context, letter *[]byte, id string) error {
	if err := r.words(note, c); err != nil || *letter == nil {
		return err
	}
	reporter, err := r.reporter(ctx)
	if err != nil {
		return err
	}
	return r.words(letter, intake.AnswerContext(r.tip, id), reporter)
}

// words seals a text anew to the desk and to whoever else reads it; none stays none.
func (r *resealing) words(sealed *[]byte, c seal.Context, also ...*age.HybridRecipient) error {
	if *sealed == nil {
		return nil
	}
	text, err := seal.OpenBytes(*sealed, c, r.with...)
	if err == nil {
		*sealed, err = seal.Seal(c, text, append([]*age.HybridRecipient{r.to.Desk}, also...)...)
	}
	if err != nil {
		return fmt.Errorf("%s of tip %s: %w", c.Part, r.tip, err)
	}
	return nil
}

// commitment is what stands for a sealed report where the report isn't.
func commitment(sealed []byte) string {
	sum := sha256.Sum256(sealed)
	return hex.EncodeToString(sum[:])
}
