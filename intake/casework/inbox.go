package casework

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"

	"tipline/crypto/seal"
	"tipline/intake"
)

// DueBound is how far tips are counted by their date: what is more shows as this
// many and a plus sign.
const DueBound = 100

// Inbox is one page of the desk's tips with what stands beside it.
type Inbox struct {
	intake.Page
	Counts   Counts
	Due      map[intake.DueFilter]int // up to [DueBound] each
	Awaiting map[string]intake.ReviewKind
	Watched  map[string]bool // whose reporters are looked after
	Unsure   bool            // dates fall into a year whose holidays aren't known
	Floods   []intake.Flood  // of the held lane, when that is what is looked at
}

// Inbox is one page of the desk's tips, newest day first, or by the date that runs.
func (s *Service) Inbox(ctx context.Context, by Actor, f intake.Filter) (in Inbox, err error) {
	if !by.Is(RoleHandler) {
		return in, ErrForbidden
	}
	f.Desk, f.Today = by.Desk, s.today()
	f.Unsent = s.Deadlines.Unsent(by.Desk, f.Today)
	if in.Page, err = s.Store.List(ctx, f); err != nil {
		return in, err
	}
	if in.Counts, err = s.Store.Counts(ctx, by.Desk); err != nil {
		return in, err
	}
	if in.Due, err = s.Store.DueCounts(ctx, by.Desk, f.Today, f.Unsent, DueBound); err != nil {
		return in, err
	}
	if f.Lane == intake.Held {
		if in.Floods, err = s.Store.Floods(ctx, by.Desk); err != nil {
			return in, err
		}
	}
	if in.Awaiting, err = s.Store.Awaiting(ctx, in.Tips); err != nil {
		return in, err
	}
	if in.Watched, err = s.Store.Watched(ctx, in.Tips); err != nil {
		return in, err
	}
	in.Unsure, err = s.Unsure(ctx, by.Desk)
	return in, err
}

// NextUnread is the newest tip that nobody has read yet, "" when there is none.
func (s *Service) NextUnread(ctx context.Context, by Actor) (string, error) {
	if !by.Is(RoleHandler) {
		return "", ErrForbidden
	}
	page, err := s.Store.List(ctx, intake.Filter{Desk: by.Desk, Lane: intake.Normal, Unread: true, Limit: 1})
	if err != nil || len(page.Tips) == 0 {
		return "", err
	}
	return page.Tips[0].ID, nil
}

// SavedView is one of a member's views of the inbox: its name and its filters as a
// query.
type SavedView struct {
	ID    string `json:"-"`
	Name  string `json:"name"`
	Query string `json:"query"`
}

// String keeps a view's name out of logs and error texts.
func (SavedView) String() string { return "[view]" }

// LogValue keeps a view's name out of structured logs.
func (SavedView) LogValue() slog.Value { return slog.StringValue("[view]") }

// maxViewName is the longest name of a view, in characters.
const maxViewName = 40

// SaveView keeps a view, sealed to its member alone.
func (s *Service) SaveView(ctx context.Context, by Actor, v SavedView) error {
	if !by.Is(RoleHandler) {
		return ErrForbidden
	}
	v.Name = strings.TrimSpace(strings.ToValidUTF8(v.Name, "\uFFFD"))
	if v.Name == "" || utf8.RuneCountInString(v.Name) > maxViewName || len(v.Query) > 1024 {
		return &intake.InvalidError{Problems: []intake.Problem{{Field: "name", Code: "format"}}}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	id := intake.NewID()
	sealed, err := seal.Seal(viewOf(by.Name, id), text, by.Key.Recipient())
	if err != nil {
		return err
	}
	return s.Store.SaveView(ctx, by.Name, intake.SavedView{ID: id, Sealed: sealed})
}

// Views are a member's saved views. Those sealed to a key that the member has
// replaced since are forgotten.
func (s *Service) Views(ctx context.Context, by Actor) (out []SavedView, err error) {
	stored, err := s.Store.Views(ctx, by.Name)
	if err != nil {
		return nil, err
	}
	for _, v := range stored {
		text, err := seal.OpenBytes(v.Sealed, viewOf(by.Name, v.ID), by.Key)
		if errors.Is(err, seal.ErrKey) {
			err = s.Store.DropView(ctx, by.Name, v.ID)
			if err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("saved view: %w", err)
		}
		view := SavedView{ID: v.ID}
		if err := json.Unmarshal(text, &view); err != nil {
			return nil, errors.New("a saved view is not readable")
		}
		out = append(out, view)
	}
	return out, nil
}

// DropView forgets one of the member's views.
func (s *Service) DropView(ctx context.Context, by Actor, id string) error {
	return s.Store.DropView(ctx, by.Name, id)
}

// viewOf takes a hash of the member's name, which may be in any script.
func viewOf(member, id string) seal.Context {
	sum := sha256.Sum256([]byte(member))
	return seal.Context{Tip: "inbox", Compartment: intake.CompartmentNotes, Part: id + "." + hex.EncodeToString(sum[:8]), Direction: intake.Inward}
}
