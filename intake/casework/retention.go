package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tipline/crypto/seal"
	"tipline/intake"
)

// The ways a destruction is refused.
var (
	ErrDestroyed      = errors.New("this report is destroyed; its certificate tells of it")
	ErrPeriod         = errors.New("this report is to be kept still: it isn't at its end, or hasn't been for long enough")
	ErrOnHold         = errors.New("this report is held back from destruction, or something about it waits, or nobody read what its reporter added: see its page")
	ErrOthersHold     = errors.New("another's hold is lifted by a supervisor who didn't ask for the report's destruction")
	ErrLifted         = errors.New("who lifted another's hold of a report neither asks for its destruction nor approves it: another member must")
	ErrOwnDestruction = errors.New("nobody approves a destruction they asked for: another member must")
)

// Retention is how long tips are kept behind the day they came to their end, and how long
// a backup is.
type Retention struct {
	Days    map[intake.State]int
	Backups int
}

// DestructionReasons are the codes that say why a tip is destroyed. They stand on the
// certificate, which stays.
func DestructionReasons() []string { return []string{"period_over", "law", "person_asked"} }

func knownReason(code string) bool { return slices.Contains(DestructionReasons(), code) }

// until is the first day on which a tip may be destroyed that came to its end on a day,
// "" while it isn't at one.
func (r Retention) until(t intake.Tip, since intake.Date) intake.Date {
	days, ok := r.Days[t.State]
	if !ok || !t.State.Final() {
		return ""
	}
	return PlusDays(since, days)
}

// since is the day of a tip's last change.
func (s *Service) since(ctx context.Context, t intake.Tip) (intake.Date, error) {
	history, err := s.Store.History(ctx, t.ID)
	if err != nil || len(history) == 0 {
		return t.ReceivedOn, err
	}
	return history[len(history)-1].On, nil
}

// overseen is a tip of the actor's desk for who oversees: they see no words of it.
func (s *Service) overseen(ctx context.Context, by Actor, tip string) (intake.Tip, error) {
	if !mayOversee(by) {
		return intake.Tip{}, ErrForbidden
	}
	t, err := s.Store.Tip(ctx, tip)
	switch {
	case err != nil:
		return t, err
	case t.Desk != by.Desk:
		return t, fmt.Errorf("tip %s: %w", tip, intake.ErrNotFound)
	case t.DestroyedOn != "":
		return t, ErrDestroyed
	default:
		return t, nil
	}
}

// keeping adds what keeps an opened tip, and until when.
func (s *Service) keeping(ctx context.Context, by Actor, v *View) error {
	rows, err := s.Store.Holds(ctx, v.Tip.ID)
	if err != nil {
		return err
	}
	for _, h := range rows {
		if h.Desk != v.Tip.Desk {
			continue // another desk's, of before the tip came here
		}
		text, err := seal.OpenBytes(h.Note, holdContext(h.Tip, h.ID), by.Ring.Identities(intake.DeskKey(h.Desk))...)
		if err != nil {
			return fmt.Errorf("hold of tip %s: %w", h.Tip, err)
		}
		v.Holds = append(v.Holds, Hold{h, string(text)})
	}
	if n := len(v.History); n > 0 {
		if v.KeptUntil, err = s.keptUntil(ctx, v.Tip, v.History[n-1].On); err != nil {
			return err
		}
	}
	d, err := s.Store.Destruction(ctx, v.Tip.ID)
	if errors.Is(err, intake.ErrNotFound) {
		return nil
	}
	v.Doom = &d
	return err
}

// AskDestruction asks for a tip's destruction (销毁): one that is at its end for as long as
// it is kept. Another member decides.
func (s *Service) AskDestruction(ctx context.Context, by Actor, tip, reason string) error {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return err
	}
	if !knownReason(reason) {
		return &intake.InvalidError{Problems: []intake.Problem{{Field: "reason", Code: "unknown"}}}
	}
	since, err := s.old(ctx, t)
	if err != nil {
		return err
	}
	if err := s.uninvolved(ctx, by, t.ID); err != nil {
		return err
	}
	row := s.row(by, "destroy.ask", t.ID, string(t.State)+" "+reason)
	d := &intake.Destruction{ID: intake.NewID(), Tip: t.ID, Desk: t.Desk, Disposition: t.State, Since: since, Reason: reason, Asker: by.Name, AskedOn: s.dayOf(row)}
	return s.Store.Act(ctx, intake.Act{Audit: row, Doom: d})
}

// old says since when a tip is at its end, if that is long enough.
func (s *Service) old(ctx context.Context, t intake.Tip) (since intake.Date, err error) {
	if since, err = s.since(ctx, t); err != nil {
		return "", err
	}
	until, err := s.keptUntil(ctx, t, since)
	if err == nil && (until == "" || s.today() < until) {
		err = ErrPeriod
	}
	return since, err
}

// keptUntil is the first day on which a tip may be destroyed that is in its state since a
// day, "" while there is none. A merged one is kept for as long as the one it is part of.
func (s *Service) keptUntil(ctx context.Context, t intake.Tip, since intake.Date) (intake.Date, error) {
	until := s.Retention.until(t, since)
	if t.State != intake.StateMerged || until == "" {
		return until, nil
	}
	m, err := s.Store.MergeOf(ctx, t.ID)
	if errors.Is(err, intake.ErrNotFound) {
		return until, nil
	}
	if err != nil {
		return "", err
	}
	whole, err := s.Store.Tip(ctx, m.Into)
	if err != nil || whole.DestroyedOn != "" {
		return until, err
	}
	if since, err = s.since(ctx, whole); err != nil {
		return "", err
	}
	if other := s.Retention.until(whole, since); other == "" || other > until {
		return other, nil
	}
	return until, nil
}

// ApproveDestruction approves what another member asked for, and carries it out: of a tip, or
// of what is asked for under one certificate, by its id.
func (s *Service) ApproveDestruction(ctx context.Context, by Actor, id string) error {
	if all, err := s.overseenBatch(ctx, by, id); err != nil || len(all) > 0 {
		return s.decided(ctx, by, all, intake.DestructionApproved, "destroy.approve", err)
	}
	d, err := s.decidableDestruction(ctx, by, id)
	if err != nil {
		return err
	}
	t, err := s.Store.Tip(ctx, d.Tip)
	if err != nil {
		return err
	}
	if _, err := s.old(ctx, t); err != nil {
		return err
	}
	if err := s.uninvolved(ctx, by, t.ID); err != nil {
		return err
	}
	row := s.row(by, "destroy.approve", d.Tip, string(d.Disposition)+" "+d.Reason)
	d.State, d.DecidedOn = intake.DestructionApproved, s.dayOf(row)
	err = s.Store.Act(ctx, intake.Act{Audit: row, Doomed: &d})
	if errors.Is(err, intake.ErrConflict) {
		return errors.Join(ErrOnHold, err)
	}
	if err != nil {
		return err
	}
	return s.destroy(ctx, d)
}

// RefuseDestruction keeps the tip.
func (s *Service) RefuseDestruction(ctx context.Context, by Actor, id string) error {
	if all, err := s.overseenBatch(ctx, by, id); err != nil || len(all) > 0 {
		return s.decided(ctx, by, all, intake.DestructionRefused, "destroy.refuse", err)
	}
	d, err := s.decidableDestruction(ctx, by, id)
	if err != nil {
		return err
	}
	row := s.row(by, "destroy.refuse", d.Tip, "")
	d.State, d.DecidedOn = intake.DestructionRefused, s.dayOf(row)
	return s.Store.Act(ctx, intake.Act{Audit: row, Doomed: &d})
}

func (s *Service) decidableDestruction(ctx context.Context, by Actor, id string) (d intake.Destruction, err error) {
	if !mayOversee(by) {
		return d, ErrForbidden
	}
	d, err = s.Store.Destruction(ctx, id)
	switch {
	case err != nil:
		return d, err
	case d.Desk != by.Desk:
		return d, fmt.Errorf("destruction %s: %w", id, intake.ErrNotFound)
	case d.Asker == by.Name:
		return d, ErrOwnDestruction
	}
	d.Decider = by.Name
	return d, nil
}

// destroyerMember is who the audit chain names when an approved destruction is carried
// out.
const destroyerMember = "retention"

// Destroy carries out what was approved and a crash kept from being done.
func (s *Service) Destroy(ctx context.Context) error {
	open, err := s.Store.Destructions(ctx, "", maxDestructions, intake.DestructionApproved)
	for _, d := range open {
		err = errors.Join(err, s.destroy(ctx, d))
	}
	return err
}

// destroy removes a tip's files, its words in the ledger and its rows, in this order: what
// a crash interrupts is begun again, and nothing is left behind.
func (s *Service) destroy(ctx context.Context, d intake.Destruction) error {
	if waits, err := s.Store.EventsWait(ctx, d.Tip); waits || err != nil {
		return err // of a restored tip: the ledger would learn its words behind the destruction
	}
	if s.Forget != nil {
		if err := s.Forget(ctx, d.Tip); err != nil {
			return err
		}
	}
	if err := s.removeFiles(ctx, d.Tip, ""); err != nil {
		return err
	}
	row := s.row(Actor{Name: destroyerMember, Desk: d.Desk}, "destroy.done", d.Tip, "")
	if d.DoneOn == "" { // not when a backup brought it back
		d.DoneOn = s.dayOf(row)
		d.BackupsEnd = PlusDays(d.DoneOn, s.Retention.Backups)
	}
	row.Detail = strings.Join([]string{string(d.Disposition), d.ID, string(d.BackupsEnd)}, " ")
	err := s.Store.Act(ctx, intake.Act{Audit: row, Destroy: &d})
	if errors.Is(err, intake.ErrConflict) {
		return nil // another process did
	}
	return err
}

// maxDestructions is how many destructions one page shows.
const maxDestructions = 100

// Keeping is what an office keeps too long, and what it destroyed.
type Keeping struct {
	Overage []intake.Tip // tips that may be destroyed
	Spam    int          // how many of them one certificate could be about
	Asked   []Destruction
	Holds   []intake.Hold // without their words
	Done    []intake.Destruction
	Keys    []OldKey
}

// Destruction is one that waits for a second member.
type Destruction struct {
	intake.Destruction
	Mine     bool // the reader asked for it
	Together int  // how many tips it is about, under one certificate; 0 for one
}

// Keeping is the page of the actor's desk: facts and no words.
func (s *Service) Keeping(ctx context.Context, by Actor) (k Keeping, err error) {
	if !mayOversee(by) {
		return k, ErrForbidden
	}
	if k.Overage, err = s.overage(ctx, by.Desk); err != nil {
		return k, err
	}
	spam, err := s.oldSpam(ctx, by)
	if err != nil {
		return k, err
	}
	k.Spam = len(spam)
	asked, err := s.Store.Destructions(ctx, by.Desk, maxDestructions, intake.DestructionAsked)
	if err != nil {
		return k, err
	}
	for _, d := range asked {
		wait := Destruction{Destruction: d, Mine: d.Asker == by.Name}
		if d.Batch != "" {
			all, err := s.Store.Batch(ctx, d.Batch)
			if err != nil {
				return k, err
			}
			wait.ID, wait.Together = d.Batch, len(all)
		}
		k.Asked = append(k.Asked, wait)
	}
	if k.Holds, err = s.Store.HeldBack(ctx, by.Desk, maxDestructions); err != nil {
		return k, err
	}
	for i := range k.Holds {
		k.Holds[i].Note = nil
	}
	if k.Done, err = s.Store.Destructions(ctx, by.Desk, maxDestructions, intake.DestructionApproved, intake.DestructionDone); err != nil {
		return k, err
	}
	k.Keys, err = s.oldKeys(ctx, by)
	return k, err
}

func (s *Service) overage(ctx context.Context, desk string) (out []intake.Tip, err error) {
	for _, state := range intake.States() {
		days, ok := s.Retention.Days[state]
		if !ok || !state.Final() {
			continue
		}
		tips, err := s.Store.Overage(ctx, desk, state, PlusDays(s.today(), -days), maxDestructions-len(out))
		if err == nil && state == intake.StateMerged {
			tips, err = s.oldOnes(ctx, tips)
		}
		if err != nil {
			return nil, err
		}
		if out = append(out, tips...); len(out) >= maxDestructions {
			break
		}
	}
	return out, nil
}

// oldOnes leaves out merged tips whose main one is to be kept still.
func (s *Service) oldOnes(ctx context.Context, tips []intake.Tip) (out []intake.Tip, err error) {
	for _, t := range tips {
		_, err := s.old(ctx, t)
		if err != nil && !errors.Is(err, ErrPeriod) {
			return nil, err
		}
		if err == nil {
			out = append(out, t)
		}
	}
	return out, nil
}

// Certificate is the destruction of a tip, by its id or the tip's.
func (s *Service) Certificate(ctx context.Context, by Actor, id string) (Certificate, error) {
	if all, err := s.overseenBatch(ctx, by, id); err != nil || len(all) > 0 && all[0].State != intake.DestructionAsked {
		if err != nil {
			return Certificate{}, err
		}
		return together(all), nil
	}
	d, err := s.Store.Destruction(ctx, id)
	if err == nil && (d.Desk != by.Desk || d.State != intake.DestructionDone && d.State != intake.DestructionApproved) {
		err = fmt.Errorf("certificate %s: %w", id, intake.ErrNotFound)
	}
	return Certificate{Destruction: d}, err
}
