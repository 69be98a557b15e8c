package spool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"tipline/intake"
)

// Store is where tips belong. Accept returns after a durable commit; nothing is
// kept when its error wraps [intake.ErrNotDurable], unless it is in doubt. The same acceptance may be
// given twice and is one tip.
type Store interface {
	Accept(ctx context.Context, a *intake.Acceptance) (intake.Accepted, error)
}

// Options are what a spool works with.
type Options struct {
	Store    Store
	MaxBytes int64            // of all files, set aside ones too
	Channels []intake.Channel // that may be spooled; nil is email and SMS
	Patience time.Duration    // how long the store may take to answer a gateway; 0 is 4 seconds
	Loc      *time.Location   // the office's time zone; nil is UTC
	Now      func() time.Time // nil is time.Now
	Log      *slog.Logger     // nil logs nothing
}

// Spool stands before a store. It is safe for several goroutines.
type Spool struct {
	o       Options
	folder  *folder
	turn    chan struct{} // held by whoever writes a file, so that numbers follow arrival
	closed  bool          // under turn
	arrived chan struct{} // a file is there
	back    chan struct{} // the store works again

	mu      sync.Mutex
	index   index
	outlook outlook
}

// Open opens the folder, makes it (0700) if there is none, and takes up what
// waits there. Files that can't be read are set aside with a line in the log.
// [ErrInUse] when another process has it. The caller closes it.
func Open(dir string, o Options) (*Spool, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	f, err := openFolder(dir, o.Loc, o.Now)
	if err != nil {
		return nil, fmt.Errorf("folder of the spool: %w", err)
	}
	s := &Spool{o: o, folder: f, turn: make(chan struct{}, 1), arrived: make(chan struct{}, 1), back: make(chan struct{}, 1), index: newIndex()}
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("folder of the spool: %w", errors.Join(err, f.close()))
	}
	return s, nil
}

func (o *Options) complete() error {
	if o.MaxBytes <= 0 {
		return ErrCap
	}
	if o.Channels == nil {
		o.Channels = []intake.Channel{intake.Email, intake.SMS}
	}
	if i := slices.IndexFunc(o.Channels, func(c intake.Channel) bool { return !c.Gateway() }); i >= 0 {
		return fmt.Errorf("%w: %s isn't one", ErrChannel, o.Channels[i])
	}
	if o.Patience <= 0 {
		o.Patience = 4 * time.Second
	}
	if o.Loc == nil {
		o.Loc = time.UTC
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// load takes up what an earlier process left.
func (s *Spool) load() error {
	for _, aside := range []string{damaged, refused} {
		files, err := list(s.folder.root.FS(), aside)
		if err != nil {
			return err
		}
		for _, f := range files {
			s.index.aside(aside, f.size)
			s.index.last = max(s.index.last, f.number)
		}
	}
	files, err := list(s.folder.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := s.take(f); err != nil {
			return err
		}
	}
	return nil
}

// take indexes one file, or sets it aside.
func (s *Spool) take(f found) error {
	a, err := s.read(f.name)
	e := newEntry(f.name, f.tip, f.size, a, f.day)
	s.index.last = max(s.index.last, f.number)
	s.index.add(e)
	if err != nil {
		return s.setAside(e, damaged, err)
	}
	return nil
}

// read is a waiting file's acceptance, which must be the one its name tells.
func (s *Spool) read(name string) (*intake.Acceptance, error) {
	content, err := s.folder.root.ReadFile(name)
	if err != nil {
		return nil, plain(err)
	}
	a, err := decode(content)
	if err != nil {
		return nil, err
	}
	if _, tip, _ := parseName(name); tip != a.Tip.ID {
		return nil, damage("its name is another tip's")
	}
	return a, nil
}

// setAside moves a waiting file out of the others' way. The log says why; it
// names neither the tip nor anything of it.
func (s *Spool) setAside(e *entry, to string, reason error) error {
	if err := s.folder.setAside(e.name, to); err != nil {
		return err
	}
	s.mu.Lock()
	s.index.remove(e)
	s.index.aside(to, e.size)
	s.mu.Unlock()
	s.o.Log.Error("a tip in the spool was set aside; nothing of it is lost", "folder", to, "reason", reason)
	return nil
}

// Close waits for a write under way and lets go of the folder. End Run first.
func (s *Spool) Close() error {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	if s.closed {
		return nil
	}
	s.closed = true
	return s.folder.close()
}
