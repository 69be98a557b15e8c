package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// inbox is the one folder that is looked into.
const inbox = "INBOX"

// idleTime is how long IDLE may stand; routers on the way forget quiet
// connections (RFC 2177 allows 29 minutes).
const idleTime = 9 * time.Minute

// imapBox speaks IMAP4rev1 (RFC 3501) with what the server has of ID (RFC 2971),
// IDLE (RFC 2177), UIDPLUS (RFC 4315) and MOVE (RFC 6851).
type imapBox struct {
	line     *line
	c        *imapclient.Client
	after    string
	folder   string
	validity uint32
	next     imap.UID // the first that wasn't listed yet
	news     chan struct{}
	listed   time.Time
	most     int
}

func (p *Poller) openIMAP(ctx context.Context) (box, error) {
	l, err := p.dial(ctx, "imap")
	if err != nil {
		return nil, err
	}
	b := newIMAP(l, p.Options, p.most)
	if err := b.enter(p.User, p.Secrets, p.Version); err != nil {
		_ = b.c.Close() // the error before counts
		return nil, err
	}
	return b, nil
}

func newIMAP(l *line, o Options, most int) *imapBox {
	b := &imapBox{line: l, most: most, after: o.After, folder: o.Folder, next: 1, news: make(chan struct{}, 1)}
	b.c = imapclient.New(l, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: b.heard}})
	return b
}

// heard is told by the client that the server said something of the folder.
func (b *imapBox) heard(m *imapclient.UnilateralDataMailbox) {
	if m.NumMessages == nil {
		return
	}
	select {
	case b.news <- struct{}{}:
	default:
	}
}

// enter logs in, says who we are, and opens the folder. Some providers refuse the
// folder to who didn't say (163, 126: "Unsafe Login").
func (b *imapBox) enter(user string, secrets []string, version string) error {
	if err := b.c.WaitGreeting(); err != nil {
		return b.line.broken(err)
	}
	if err := b.login(user, secrets); err != nil {
		return err
	}
	if b.c.Caps().Has(imap.CapID) {
		if _, err := b.c.ID(&imap.IDData{Name: "tipline", Version: version, Vendor: "tipline"}).Wait(); err != nil && !refused(err) {
			return b.line.broken(err)
		}
	}
	data, err := b.c.Select(inbox, nil).Wait()
	if err != nil && strings.Contains(strings.ToLower(err.Error()), "unsafe login") {
		return errUnsafe
	}
	if err != nil {
		return b.failed(err)
	}
	b.validity = data.UIDValidity
	return nil
}

func (b *imapBox) login(user string, secrets []string) error {
	if b.c.State() != imap.ConnStateNotAuthenticated {
		return nil
	}
	for _, secret := range secrets {
		err := b.c.Login(user, secret).Wait()
		if err == nil {
			return nil
		}
		if !refused(err) {
			return b.line.broken(err)
		}
	}
	return errLogin
}

// refused says whether the server understood and said no.
func refused(err error) bool {
	var said *imap.Error
	return errors.As(err, &said)
}

// failed tells a server's no from a connection's end.
func (b *imapBox) failed(err error) error {
	if refused(err) {
		return errProtocol
	}
	return b.line.broken(err)
}

func (b *imapBox) list(all bool) ([]entry, error) {
	b.line.turn(answerTime, turnTime)
	from := b.next
	if all {
		from = 1
	}
	b.listed = time.Now()
	cmd := b.c.Fetch(imap.UIDSet{imap.UIDRange{Start: from, Stop: 0}}, &imap.FetchOptions{UID: true, RFC822Size: true, Flags: true})
	var out []entry
	for n, next := 0, cmd.Next(); next != nil; n, next = n+1, cmd.Next() {
		m, err := next.Collect()
		if err == nil && n == b.most {
			err = errMany
		}
		if err != nil {
			_ = b.line.Close() // the rest needn't be read
			_ = cmd.Close()
			return nil, b.line.broken(err)
		}
		b.line.used(listedLine)
		if m.UID < from { // "n:*" names the last message even when it is older
			continue
		}
		b.next = max(b.next, m.UID+1)
		out = append(out, entry{id: fmt.Sprintf("%d/%d", b.validity, m.UID), n: uint32(m.UID), size: m.RFC822Size, deleted: hasFlag(m.Flags, imap.FlagDeleted)})
	}
	if err := cmd.Close(); err != nil {
		return nil, b.failed(err)
	}
	return out, nil
}

// listedLine is more bytes than a message's line in a list has.
const listedLine = 4096

func hasFlag(flags []imap.Flag, want imap.Flag) bool {
	for _, f := range flags {
		if strings.EqualFold(string(f), string(want)) {
			return true
		}
	}
	return false
}

func (b *imapBox) fetch(e entry, take func(io.Reader) error) error {
	b.line.turn(answerTime, transferTime)
	cmd := b.c.Fetch(imap.UIDSetNum(imap.UID(e.n)), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}})
	took, cut, err := handOver(cmd, b.line.used, take)
	if err != nil {
		_ = b.line.Close() // the rest needn't be read
		if cut {
			<-b.c.Closed() // the library reads on behind a body that broke off, and Close would read beside it
		}
		_ = cmd.Close()
		return err
	}
	if err := cmd.Close(); err != nil {
		return b.failed(err)
	}
	if !took {
		return errGone
	}
	return nil
}

// handOver gives the message's bytes on while they come in; cut says that they broke off.
func handOver(cmd *imapclient.FetchCommand, used func(int64), take func(io.Reader) error) (took, cut bool, err error) {
	m := cmd.Next()
	for m != nil {
		item := m.Next()
		if item == nil {
			return took, false, nil
		}
		body, ok := item.(imapclient.FetchItemDataBodySection)
		if !ok || body.Literal == nil || took {
			continue
		}
		took = true
		x := &exact{src: body.Literal, left: body.Literal.Size(), used: used}
		if err := take(x); err != nil {
			return took, x.cut, err
		}
	}
	return took, false, nil
}

// settle moves or deletes. Without UIDPLUS nothing is expunged: that would remove
// what others marked, and what we haven't read. A message that is marked to be
// deleted was copied before, if it was to be.
func (b *imapBox) settle(e entry) (sure bool, err error) {
	b.line.turn(answerTime, turnTime)
	set := imap.UIDSetNum(imap.UID(e.n))
	if e.deleted {
		return b.expunge(set)
	}
	if b.after == Move {
		if b.c.Caps().Has(imap.CapMove) {
			return true, b.create(func() error { _, err := b.c.Move(set, b.folder).Wait(); return err })
		}
		if err := b.create(func() error { _, err := b.c.Copy(set, b.folder).Wait(); return err }); err != nil {
			return false, err
		}
	}
	if err := b.c.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close(); err != nil {
		return false, b.failed(err)
	}
	return b.expunge(set)
}

func (b *imapBox) expunge(set imap.UIDSet) (sure bool, err error) {
	if !b.c.Caps().Has(imap.CapUIDPlus) {
		return false, nil
	}
	if err := b.c.UIDExpunge(set).Close(); err != nil {
		return false, b.failed(err)
	}
	return true, nil
}

// create does what needs the folder, and makes it when it is missing.
func (b *imapBox) create(do func() error) error {
	err := do()
	if err == nil {
		return nil
	}
	if !refused(err) {
		return b.line.broken(err)
	}
	if err := b.c.Create(b.folder, nil).Wait(); err != nil && !refused(err) {
		return b.line.broken(err)
	}
	if err := do(); err != nil {
		return b.failed(err)
	}
	return nil
}

func (b *imapBox) wait(ctx context.Context, d time.Duration) (again bool, err error) {
	d = min(d, idleTime)
	b.line.turn(d+answerTime, d+turnTime)
	defer b.line.turn(answerTime, turnTime)
	if !b.c.Caps().Has(imap.CapIdle) {
		pause(ctx, d)
		if err := b.c.Noop().Wait(); err != nil {
			return false, b.failed(err)
		}
		return true, ctx.Err()
	}
	idle, err := b.c.Idle()
	if err != nil {
		return false, b.failed(err)
	}
	b.listen(ctx, d)
	if err := errors.Join(idle.Close(), idle.Wait()); err != nil {
		return false, b.failed(err)
	}
	return true, ctx.Err()
}

// breath is how often news is looked at, at most.
const breath = time.Second

// listen returns at the first news.
func (b *imapBox) listen(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-b.c.Closed():
	case <-t.C:
	case <-b.news:
		pause(ctx, time.Until(b.listed.Add(breath)))
	}
}

// close says good-bye; a connection that is broken already needs none.
func (b *imapBox) close() error {
	b.line.turn(answerTime, answerTime)
	if b.c.State() != imap.ConnStateLogout {
		_ = b.c.Logout().Wait()
	}
	_ = b.c.Close()
	return nil
}
