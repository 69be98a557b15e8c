package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"

	"tipline/intake"
)

// transferTries is how often a transfer begins anew when the reporter adds something
// at the same moment.
const transferTries = 3

// Transfer moves a tip to another desk that works here (移交). Everything of it is opened
// in the session and sealed anew to that desk, whose triage begins from the beginning;
// the promise to the reporter keeps its date. The desk it leaves sees no more of it than
// that it went. Of the reporter's identity and the originals only the outer layer
// changes: the inner one is this desk's custodians' until one hands it over, by
// [Service.Handover].
//
// A tip whose triage is over is taken back to review first. Nothing may hang on it: no
// merged tip, no answer that is still to be sent, no other handover.
func (s *Service) Transfer(ctx context.Context, by Actor, tip, to, why string) (err error) {
	for range transferTries {
		if err = s.transfer(ctx, by, tip, to, why); !errors.Is(err, intake.ErrConflict) {
			break
		}
	}
	return err
}

func (s *Service) transfer(ctx context.Context, by Actor, tip, to, why string) error {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return err
	}
	if err := s.mayLeave(ctx, t, to, why); err != nil {
		return err
	}
	seen, err := s.seen(ctx, t)
	if err != nil {
		return err
	}
	r, m, err := s.removal(ctx, by, t, to)
	if err == nil {
		err = r.everything(ctx, m)
	}
	if err != nil {
		r.undo()
		return err
	}
	act, err := s.moved(ctx, by, t, m, why)
	if err != nil {
		r.undo()
		return err
	}
	act.Seen = seen
	s.tellBoth(t, m, seen.Changes)
	return r.store(ctx, act)
}

// moved is the act that moves a tip, with its clock and the reason as the new desk's
// first note.
func (s *Service) moved(ctx context.Context, by Actor, t intake.Tip, m *intake.Transfer, why string) (act intake.Act, err error) {
	there := t
	there.Desk = m.To
	act = intake.Act{Audit: s.row(by, "transfer", t.ID, m.To), Transfer: m}
	if m.DueOn, act.Clock, err = s.clock(ctx, there, intake.StateReceived); err != nil {
		return act, err
	}
	act.Move = &intake.Move{From: t.State, To: intake.StateReceived, On: m.On, DueOn: m.DueOn}
	m.Arrived = s.row(Actor{Name: by.Name, Desk: m.To}, "transfer.in", t.ID, t.Desk)
	act.Note, err = s.inside(by, there, why)
	return act, err
}

// mayLeave refuses what can't go to another desk as it stands.
func (s *Service) mayLeave(ctx context.Context, t intake.Tip, to, why string) error {
	if to == t.Desk || !s.Desks.Has(to) {
		return &intake.InvalidError{Problems: []intake.Problem{{Field: "desk", Code: "unknown"}}}
	}
	if strings.TrimSpace(why) == "" {
		return ErrReason
	}
	if err := checkWords(why); err != nil {
		return err
	}
	if !open(t.State) {
		return fmt.Errorf("%w: a report whose triage is over goes back to review first", ErrTransition)
	}
	merged, err := s.Store.MergedInto(ctx, t.ID, 1)
	if err != nil {
		return err
	}
	if len(merged) > 0 {
		return ErrOthers
	}
	waiting, err := s.Store.Dispatches(ctx, t.Desk, t.ID, 1, intake.OpenDispatches()...)
	if err == nil && len(waiting) > 0 {
		err = ErrUnsent
	}
	return err
}

// tellBoth is what the two ledgers hear: one that its row is over, the other that a tip
// came. Of a held tip neither knows.
func (s *Service) tellBoth(t intake.Tip, m *intake.Transfer, change int) {
	if t.Lane == intake.Held {
		return
	}
	left := s.Events.New(intake.EventWithdrawn, t, intake.Decision{Reason: intake.ReasonTransferred, Change: change})
	t.Desk, t.Commitment = m.To, m.Commitment
	received := s.Events.New(intake.EventReceived, t, intake.Decision{Change: change})
	m.Left, m.Received = &left, &received
}

// removal is a transfer with all that is there of the tip, as it is sealed by now, and
// what seals it anew. The rows are read after the tip's own: what comes in between
// fails the act.
func (s *Service) removal(ctx context.Context, by Actor, t intake.Tip, to string) (*resealing, *intake.Transfer, error) {
	r := &resealing{s: s, tip: t.ID}
	keys, err := s.Keys.DeskKeys(to)
	if err != nil {
		return r, nil, err
	}
	m := &intake.Transfer{From: t.Desk, To: to, On: s.today(), KeyVersion: keys.Version}
	if m.Parts, err = s.Store.AllParts(ctx, t.ID); err != nil {
		return r, nil, err
	}
	if m.Messages, err = s.Store.Messages(ctx, t.ID); err != nil {
		return r, nil, err
	}
	if m.Containers, err = s.Store.Containers(ctx, t.ID); err != nil {
		return r, nil, err
	}
	holds, err := s.Store.Holds(ctx, t.ID)
	if err != nil {
		return r, nil, err
	}
	m.Holds = slices.DeleteFunc(holds, func(h intake.Hold) bool { return h.LiftedOn != "" || h.Desk != t.Desk })
	r.with, r.to, r.outer = by.Ring.Identities(intake.DeskKey(t.Desk)), keys, []*age.HybridRecipient{keys.Desk}
	keeper, err := s.keeper(ctx, t, m)
	if err != nil || keeper == "" {
		return r, m, err
	}
	kept, err := s.Keys.DeskKeys(keeper)
	if err != nil {
		return r, nil, err
	}
	r.outer = append(r.outer, kept.Custodian)
	m.Handover = &intake.Custody{ID: intake.NewID(), Tip: t.ID, Desk: keeper, ForDesk: to, Asker: by.Name, AskedOn: m.On, Reason: []byte{}, KeyVersion: kept.Version}
	return r, m, nil
}

// keeper is the desk whose custodians are to hand the identity or the originals over, ""
// when there is nothing to hand over. What waits for a handover may only go back to who
// keeps it, as long as nothing was added since: that is sealed to other custodians.
func (s *Service) keeper(ctx context.Context, t intake.Tip, m *intake.Transfer) (string, error) {
	open, err := s.handoverOf(ctx, t.ID)
	if err != nil {
		return "", err
	}
	nested := slices.ContainsFunc(m.Parts, func(p intake.StoredPart) bool { return twoLayers(p.Compartment) }) ||
		slices.ContainsFunc(m.Containers, func(c intake.Container) bool { return twoLayers(c.Compartment) })
	added := slices.ContainsFunc(m.Containers, func(c intake.Container) bool { return twoLayers(c.Compartment) && c.File == "" })
	switch {
	case open == nil && nested:
		return t.Desk, nil
	case open == nil, open.Desk == m.To && !added:
		return "", nil
	default:
		return "", ErrKept
	}
}

// twoLayers says whether a compartment, or a batch of one, is sealed to the custodians
// inside.
func twoLayers(compartment string) bool {
	base, _, _ := strings.Cut(compartment, ".")
	return base == intake.CompartmentIdentity || base == intake.CompartmentOriginals
}

// handoverOf is the handover that waits about a tip, nil without one.
func (s *Service) handoverOf(ctx context.Context, tip string) (*intake.Custody, error) {
	open, err := s.Store.Handovers(ctx, "", tip)
	if err != nil || len(open) == 0 {
		return nil, err
	}
	return &open[0], nil
}

// movedReport is a report with the desk it is at by now, so that its row doesn't differ
// from it.
func movedReport(text []byte, to string) ([]byte, error) {
	var r intake.SealedReport
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, errors.New("a report is not readable")
	}
	r.Facts.Desk = to
	return json.Marshal(r)
}

// Handovers are the identities that the actor's desk holds for tips that went to
// another one, oldest first.
func (s *Service) Handovers(ctx context.Context, by Actor) ([]intake.Custody, error) {
	if !by.Is(RoleCustodian) {
		return nil, ErrForbidden
	}
	return s.Store.Handovers(ctx, by.Desk, "")
}

// Handover gives what the actor's desk holds of a tip's reporter, identity, originals and
// answers on their way, to the custodians of the desk that the tip went to. It is
// opened in the session and sealed anew; the custodian sees nothing of it. From then on
// their own desk opens nothing of it any more.
func (s *Service) Handover(ctx context.Context, by Actor, id string) error {
	c, err := s.handoverAt(ctx, by, id)
	if err != nil {
		return err
	}
	if gone, err := s.withdrawn(ctx, c.Tip); gone || err != nil {
		return errors.Join(ErrNoIdentity, err)
	}
	keys, err := s.Keys.DeskKeys(c.ForDesk)
	if err != nil {
		return err
	}
	r := &resealing{s: s, tip: c.Tip, with: by.Ring.Identities(s.Desks.CustodianKey(by.Desk)), to: keys, both: true}
	h := &intake.Handover{ID: id, To: c.ForDesk, KeyVersion: keys.Version, Decider: by.Name, On: s.today(),
		Arrived: s.row(Actor{Name: by.Name, Desk: c.ForDesk}, "identity.handover.in", c.Tip, by.Desk)}
	if err := r.held(ctx, h); err != nil {
		r.undo()
		return err
	}
	return r.store(ctx, intake.Act{Audit: s.row(by, "identity.handover", c.Tip, c.ForDesk), Handover: h})
}

// handoverAt is an open handover that by may make.
func (s *Service) handoverAt(ctx context.Context, by Actor, id string) (intake.Custody, error) {
	if !by.Is(RoleCustodian) {
		return intake.Custody{}, ErrForbidden
	}
	c, err := s.Store.Custody(ctx, id)
	switch {
	case err != nil:
		return c, err
	case c.Desk != by.Desk || c.ForDesk == "":
		return c, fmt.Errorf("handover %s: %w", id, intake.ErrNotFound)
	case c.Asker == by.Name:
		return c, ErrOwnRequest
	case c.State != intake.CustodyAsked:
		return c, fmt.Errorf("handover %s is made already: %w", id, intake.ErrConflict)
	}
	return c, nil
}

// store writes an act whose files stand already. What they took the place of stays until it
// is collected, a day later: somebody may be reading it, such as a backup. When nobody
// knows whether the act was written, all of them stay for as long.
func (r *resealing) store(ctx context.Context, act intake.Act) error {
	err := r.s.Store.Act(ctx, act)
	if errors.Is(err, intake.ErrConflict) || errors.Is(err, intake.ErrNotFound) {
		r.undo()
	}
	return err
}
