package members

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// SessionInfo is what may be shown of a session.
type SessionInfo struct {
	ID          string
	Member      string
	Began, Seen time.Time
}

// List are a member's sessions that go on, the newest first.
func (ss *Sessions) List(name string) (out []SessionInfo) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	now := ss.members.Now()
	for _, s := range ss.byHash {
		if s.Member.Name == name && !s.over(now) {
			out = append(out, SessionInfo{s.ID, name, s.Began, s.Seen()})
		}
	}
	slices.SortFunc(out, func(a, b SessionInfo) int {
		return cmp.Or(b.Began.Compare(a.Began), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// EndOwn ends one of the member's own sessions, or all but the one that asks with id
// "". Somebody else's session has an id that isn't found here.
func (ss *Sessions) EndOwn(ctx context.Context, s *Session, id string) (ended int, err error) {
	ended = ss.end(func(o *Session) bool {
		return o.Member.Name == s.Member.Name && (o.ID == id || id == "" && o.ID != s.ID)
	})
	if ended == 0 {
		return 0, nil
	}
	return ended, ss.members.Store.AppendAudit(ctx, ss.members.row(s.Member.Desk, s.Member.Name, "session.end", s.Member.Name))
}

// EndOf ends all sessions of another member. A supervisor or an administrator may.
func (ss *Sessions) EndOf(ctx context.Context, s *Session, name string) error {
	if !s.holds(Supervisor) && !s.holds(Administrator) {
		return ErrNotAllowed
	}
	if _, err := ss.members.colleague(ctx, s.Unlocked, name); err != nil {
		return err
	}
	ss.End(name)
	return ss.members.Store.AppendAudit(ctx, ss.members.row(s.Member.Desk, s.Member.Name, "session.end", name))
}

// End ends every session of a member.
func (ss *Sessions) End(name string) { ss.end(func(s *Session) bool { return s.Member.Name == name }) }

func (ss *Sessions) end(which func(*Session) bool) (ended int) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	for h, s := range ss.byHash {
		if which(s) {
			ss.drop(h)
			ended++
		}
	}
	return ended
}

// holds says whether the member has a role.
func (u *Unlocked) holds(role string) bool { return slices.Contains(u.Member.Roles, role) }
