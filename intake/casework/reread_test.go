package casework_test

import (
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

// unread files a message that nothing could be read of.
func (o *office) unread(t *testing.T, raw string, who intake.Identity) string {
	t.Helper()
	f, err := o.door.Submit(t.Context(), &intake.Report{Channel: intake.SMS, Gateway: "city", MessageID: raw[:4], Category: intake.CategoryUnknown, Reply: intake.ReplyNone,
		Identity: who, Flags: []string{intake.FlagUnparsed}, Hold: true, Raw: strings.NewReader(raw)})
	intaketest.Must(t, err)
	return f.ID
}

// reader is an office whose adapters read what parse reads.
func (o *office) reader(parse func(raw string) []*intake.Report) *casework.Service {
	d := o.Service.Deps
	d.AddReread = o.door.Reread
	d.Parse = func(channel intake.Channel, gateway string, raw io.Reader) ([]*intake.Report, error) {
		text, err := io.ReadAll(raw)
		if err != nil || channel != intake.SMS || gateway != "city" {
			return nil, errors.Join(err, errors.New(gateway))
		}
		return parse(string(text)), nil
	}
	return casework.New(d)
}

// TestReread: the original of a message that couldn't be read opens with two people, as an
// identity does, for the one who asked and for fifteen minutes. What is read then is
// added, with its files and its sender, once.
func TestReread(t *testing.T) {
	o := open(t)
	tip := o.unread(t, "from=138&text="+canary, intake.Identity{Notes: []string{"as it came"}})
	works := false
	s := o.reader(func(raw string) []*intake.Report {
		if !works || raw != "from=138&text="+canary {
			return nil
		}
		files := func(yield func(intake.File, error) bool) {
			yield(intake.File{Name: "a.txt", Body: strings.NewReader("a file")}, nil)
		}
		return []*intake.Report{{Channel: intake.SMS, Category: intake.CategoryUnknown, Reply: intake.ReplyContact, Words: intake.Words{Text: "the words"}, Identity: intake.Identity{Sender: "+8613800138000"},
			Raw: strings.NewReader(raw), Decode: func(io.Reader, *intake.Report) iter.Seq2[intake.File, error] { return files }}}
	})
	step := func(by casework.Actor, want casework.Rereading) casework.View {
		t.Helper()
		v, err := s.Read(t.Context(), by, tip)
		intaketest.Must(t, err)
		if v.Reread != want {
			t.Errorf("%s: it is at %q, not %q", by, v.Reread, want)
		}
		return v
	}
	again := func(by casework.Actor, want error) {
		t.Helper()
		if err := s.Reread(t.Context(), by, tip); !errors.Is(err, want) {
			t.Errorf("%s read it again: %v, want %v", by, err, want)
		}
	}
	step(o.wang, casework.RereadAsk)
	again(o.wang, casework.ErrNoView)
	id, err := s.AskIdentity(t.Context(), o.wang, tip, "the field map is right now")
	intaketest.Must(t, err)
	step(o.wang, casework.RereadAsked)
	again(o.wang, casework.ErrNoView)
	intaketest.Must(t, s.Refuse(t.Context(), o.li, id, "which field is it?"))
	step(o.wang, casework.RereadRefused)
	step(o.zhao, casework.RereadAsk)
	again(o.wang, casework.ErrNoView)
	id, err = s.AskIdentity(t.Context(), o.wang, tip, "text is right now")
	intaketest.Must(t, err)
	step(o.wang, casework.RereadAsked)
	intaketest.Must(t, s.Approve(t.Context(), o.li, id))
	step(o.zhao, casework.RereadAsk) // another's request opens nothing
	again(o.zhao, casework.ErrNoView)
	again(o.li, casework.ErrForbidden)
	step(o.wang, casework.RereadOpen)
	again(o.wang, intake.ErrUnreadable)
	if v, err := s.Channels(t.Context(), o.wang); err != nil || len(v.Quarantine) != 1 || v.Quarantine[0].Reread != casework.RereadOpen {
		t.Errorf("the quarantine: %+v, %v", v.Quarantine, err)
	}

	works = true
	again(o.wang, nil)
	again(o.wang, nil) // it is added once
	v := step(o.wang, casework.RereadDone)
	if len(v.Messages) != 1 || v.Messages[0].Text != "the words" || len(v.Messages[0].Files) != 1 || !slices.Contains(v.Messages[0].Flags, intake.FlagReread) {
		t.Errorf("added: %+v", v.Messages)
	}
	if v.Tip.Reply != intake.ReplyContact || len(v.Differs) != 0 {
		t.Errorf("reply %s, differs %v", v.Tip.Reply, v.Differs)
	}
	if c, err := s.Channels(t.Context(), o.wang); err != nil || len(c.Quarantine) != 0 {
		t.Errorf("it is still in quarantine: %v, %v", c.Quarantine, err)
	}
	id, err = s.AskIdentity(t.Context(), o.zhao, tip, "to call back")
	intaketest.Must(t, err)
	intaketest.Must(t, s.Approve(t.Context(), o.li, id))
	who, _, err := s.OpenIdentity(t.Context(), o.zhao, tip)
	if err != nil || who.Sender != "+8613800138000" || !slices.Equal(who.Notes, []string{"as it came"}) {
		t.Errorf("the identity: %+v, %v", who, err)
	}
	o.Clock.Add(16 * time.Minute)
	again(o.wang, casework.ErrNoView)
	acts := o.acts(t, tip)
	if n := slices.Index(acts, "wang reread unread"); n < 0 || slices.Index(acts[n:], "wang reread ") < 0 {
		t.Errorf("the record lacks the tries: %q", acts)
	}
}

// TestRereadWithoutSender: a message that nobody is named in is asked for all the same, and
// one that holds several gives each other one a tip of its own, once.
func TestRereadWithoutSender(t *testing.T) {
	o := open(t)
	tip := o.unread(t, "several", intake.Identity{})
	s := o.reader(func(string) (out []*intake.Report) {
		for _, n := range []string{"one", "two"} {
			out = append(out, &intake.Report{Channel: intake.SMS, Gateway: "city", MessageID: n, Category: intake.CategoryUnknown, Reply: intake.ReplyContact,
				Words: intake.Words{Text: n}, Identity: intake.Identity{Sender: "+861380013800" + n}})
		}
		return out
	})
	id, err := s.AskIdentity(t.Context(), o.wang, tip, "the list's path is right now")
	intaketest.Must(t, err)
	intaketest.Must(t, s.Approve(t.Context(), o.li, id))
	for range 2 {
		intaketest.Must(t, s.Reread(t.Context(), o.wang, tip))
	}
	v, err := s.Read(t.Context(), o.wang, tip)
	intaketest.Must(t, err)
	page, err := o.Office.Store.List(t.Context(), intake.Filter{Desk: "main", Lane: intake.Normal, Limit: 10})
	intaketest.Must(t, err)
	if len(v.Messages) != 1 || v.Messages[0].Text != "one" || len(page.Tips) != 1 {
		t.Errorf("%d messages, %d further tips", len(v.Messages), len(page.Tips))
	}
}

// TestRereadRefused: a refusal and a withdrawal leave nothing that opens the original.
func TestRereadRefused(t *testing.T) {
	o := open(t)
	tip := o.unread(t, "nothing", intake.Identity{Sender: "x"})
	s := o.reader(func(string) []*intake.Report { return nil })
	id, err := s.AskIdentity(t.Context(), o.wang, tip, "why")
	intaketest.Must(t, err)
	intaketest.Must(t, s.Refuse(t.Context(), o.li, id, "not now"))
	c, err := o.Office.Store.Custody(t.Context(), id)
	if err != nil || c.Raw != nil {
		t.Errorf("a refused request keeps the head: %d bytes, %v", len(c.Raw), err)
	}
	if err := s.Reread(t.Context(), o.wang, tip); !errors.Is(err, casework.ErrNoView) {
		t.Errorf("after a refusal: %v", err)
	}
}
