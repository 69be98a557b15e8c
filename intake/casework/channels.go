package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tipline/intake"
)

// Roles that see the channels beside handlers: they open nothing.
const (
	roleSupervisor    = "supervisor"
	roleAdministrator = "administrator"
)

// RecentDays is how far back failures are counted, today included.
const RecentDays = 7

// maxQuarantine is how many tips the quarantine shows.
const maxQuarantine = 50

// inletStore keeps what is known of the channels.
type inletStore interface {
	Inlets(ctx context.Context, today, since intake.Date) ([]intake.InletCount, error)
	Channels(ctx context.Context) ([]intake.ChannelState, error)
	Fetches(ctx context.Context, tip string) ([]intake.Fetch, error)
	FailedFetches(ctx context.Context, desk string, limit int) ([]intake.Fetch, error)
}

// InletView is one channel and how it does.
type InletView struct {
	intake.Inlet
	Last          time.Time            // the hour in which a message was last kept; zero: none within memory
	Today, Recent int                  // messages kept
	Others        []intake.InletCount  // what was neither kept nor turned away, by outcome
	Failures      []intake.InletCount  // what was turned away within [RecentDays], by cause
	Unsent        []intake.InletCount  // acknowledgements and notices that couldn't be handed over within [RecentDays]; the outcome is the reason
	State         *intake.ChannelState // of a mailbox that was looked into
}

// Silent says that nothing was ever kept from the channel, as far as is known.
func (v InletView) Silent() bool { return v.Last.IsZero() }

// Ill says that somebody should look: a mailbox doesn't work, something couldn't be sent, or
// messages were turned away that may have been genuine.
func (v InletView) Ill() bool {
	if len(v.Unsent) > 0 {
		return true
	}
	if v.State != nil && (v.State.Cause != "" || v.State.Left > 0) || v.Polled && (v.State == nil || v.State.WorkedAt.IsZero()) {
		return true
	}
	return slices.ContainsFunc(v.Failures, func(c intake.InletCount) bool { return c.Outcome != "no_mailbox" && c.Outcome != "method" })
}

// ChannelsView is every channel, and what came in unreadable.
type ChannelsView struct {
	Inlets     []InletView
	Quarantine []Unread       // held tips of which nothing could be read; for handlers alone
	More       bool           // there may be more of them
	Files      []intake.Fetch // files of the desk's tips that couldn't be fetched; for handlers alone
	// Hidden says that what arrives isn't counted here: several desks work, and
	// who sees a total and their own inbox would learn of another desk's tips.
	Hidden bool
}

// Unread is a held tip of which nothing could be read.
type Unread struct {
	intake.Tip
	Flags  []string // why, as codes; none where the report itself doesn't open
	Reread Rereading
}

// SeesChannels says whether a member may see how the channels do.
func SeesChannels(by Actor) bool {
	return by.Is(RoleHandler) || by.Is(roleSupervisor) || by.Is(roleAdministrator)
}

// Channels tells how each channel does: handlers, supervisors and administrators may
// see it. It says nothing of who sent what.
func (s *Service) Channels(ctx context.Context, by Actor) (ChannelsView, error) {
	if !SeesChannels(by) {
		return ChannelsView{}, ErrForbidden
	}
	views, err := InletViews(ctx, s.Store, s.Inlets, s.Now(), s.Loc)
	if err != nil {
		return ChannelsView{}, err
	}
	v := ChannelsView{Inlets: views, Hidden: len(s.Desks) > 1}
	if v.Hidden {
		for i := range v.Inlets {
			w := &v.Inlets[i]
			w.Last, w.Today, w.Recent, w.Others, w.Unsent = time.Time{}, 0, 0, nil, nil // what couldn't be acknowledged has arrived
		}
	}
	if by.Is(RoleHandler) {
		if v.Quarantine, v.More, err = s.quarantine(ctx, by); err != nil {
			return v, err
		}
		v.Files, err = s.Store.FailedFetches(ctx, by.Desk, maxQuarantine)
	}
	return v, err
}

// FetchAgain has a file of a tip fetched again that couldn't be.
func (s *Service) FetchAgain(ctx context.Context, by Actor, tip, id string) error {
	if _, err := s.handler(ctx, by, tip); err != nil {
		return err
	}
	if id == "" {
		return fmt.Errorf("no file is named: %w", intake.ErrConflict)
	}
	return s.Store.Act(ctx, intake.Act{Audit: s.row(by, "media", tip, ""), Refetch: id})
}

// InletViews are the configured channels with what the store knows of them.
func InletViews(ctx context.Context, st inletStore, inlets []intake.Inlet, now time.Time, loc *time.Location) ([]InletView, error) {
	counts, err := st.Inlets(ctx, intake.DateOf(now, loc), intake.DateOf(now.AddDate(0, 0, 1-RecentDays), loc))
	if err != nil {
		return nil, err
	}
	states, err := st.Channels(ctx)
	if err != nil {
		return nil, err
	}
	var out []InletView
	for _, i := range inlets {
		v := InletView{Inlet: i}
		for _, c := range counts {
			if c.Inlet == i.Key {
				v.add(c)
			}
		}
		if at := slices.IndexFunc(states, func(s intake.ChannelState) bool { return i.Polled && s.Channel == i.Name }); at >= 0 {
			v.State = &states[at]
		}
		out = append(out, v)
	}
	return out, nil
}

// add puts a count where it belongs.
func (v *InletView) add(c intake.InletCount) {
	if reason, ok := intake.UnsentReason(c.Outcome); ok {
		if c.Outcome = reason; c.Recent > 0 {
			v.Unsent = append(v.Unsent, c)
		}
		return
	}
	switch {
	case intake.Kept(c.Outcome):
		v.Today, v.Recent = v.Today+c.N, v.Recent+c.Recent
		if c.Hour.After(v.Last) {
			v.Last = c.Hour
		}
	case c.Recent == 0:
	case intake.Failed(c.Outcome):
		v.Failures = append(v.Failures, c)
	default:
		v.Others = append(v.Others, c)
	}
}

// quarantine are the held tips of gateways and mail of which nothing could be read, and
// nothing was read since. Of each report nothing but its flags is looked at.
func (s *Service) quarantine(ctx context.Context, by Actor) (tips []Unread, more bool, err error) {
	for _, c := range []intake.Channel{intake.SMS, intake.Email} {
		page, err := s.Store.List(ctx, intake.Filter{Desk: by.Desk, Lane: intake.Held, Channel: c, Limit: maxQuarantine})
		if err != nil {
			return nil, false, err
		}
		more = more || page.Next != ""
		for _, t := range page.Tips {
			m, err := s.marks(ctx, by, t)
			if ctx.Err() != nil {
				return nil, false, ctx.Err()
			}
			if err == nil && !m.unparsed {
				continue
			}
			u, err := s.unread(ctx, by, t)
			if err != nil {
				return nil, false, err
			}
			if u.Reread != RereadDone {
				tips = append(tips, u)
			}
		}
	}
	return tips, more, nil
}

// unread is why a tip couldn't be read, and how far reading it again is. A report that
// doesn't open is one of which nothing can be read, and keeps the others from nobody.
func (s *Service) unread(ctx context.Context, by Actor, t intake.Tip) (u Unread, err error) {
	u = Unread{Tip: t, Reread: RereadDone}
	messages, err := s.Store.Messages(ctx, t.ID)
	if err != nil || slices.ContainsFunc(messages, func(m intake.Message) bool { return m.ID == intake.RereadID(t.ID) }) {
		return u, err
	}
	u.Reread = ""
	report, err := s.report(ctx, by, t)
	if err != nil {
		return u, ctx.Err()
	}
	u.Flags = slices.DeleteFunc(report.Flags, func(f string) bool { return f == intake.FlagUnparsed })
	requests, err := s.Store.Custodies(ctx, t.Desk, t.ID)
	u.Reread = s.rereadStep(by, requests)
	return u, err
}
