package casework_test

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
)

// courier keeps what it is given and answers with what it is told.
type courier struct {
	mu   sync.Mutex
	none map[intake.Channel]bool
	fail error
	then func() // happens once it is carried
	got  []carried
}

type carried struct {
	by intake.Channel
	to string
	m  intake.Outgoing
}

func (c *courier) Carries(by intake.Channel) bool { return !c.none[by] }

func (c *courier) Carry(_ context.Context, by intake.Channel, to string, m intake.Outgoing) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, carried{by, to, m})
	if c.then != nil {
		c.then()
	}
	return c.fail
}

// sending is an office whose answers go out.
func sending(t *testing.T) (*office, *courier) {
	o, c := open(t), &courier{none: map[intake.Channel]bool{}}
	d := o.Service.Deps
	d.Courier = c
	o.Service = casework.New(d)
	return o, c
}

func contact(r *intake.Report) { r.Reply = intake.ReplyContact }

func bySMS(r *intake.Report) {
	*r = intake.Report{Channel: intake.SMS, Gateway: "city", Reply: intake.ReplyContact, Lang: "zh-CN",
		Words: intake.Words{Text: canary + " words"}, Identity: intake.Identity{Sender: "+8613800138000"}}
}

// answered writes one answer and is its dispatch.
func (o *office) answered(t *testing.T, tip string) intake.Dispatch {
	t.Helper()
	intaketest.Must(t, o.Answer(t.Context(), o.wang, tip, "您反映的问题已经受理。", false))
	all := o.dispatches(t, tip)
	if len(all) == 0 {
		t.Fatal("no answer waits")
	}
	return all[len(all)-1]
}

func (o *office) dispatches(t *testing.T, tip string) []intake.Dispatch {
	t.Helper()
	all, err := o.Office.Store.Dispatches(t.Context(), "main", tip, 99)
	intaketest.Must(t, err)
	return all
}

// reasonOf is a failure's code, "" for none.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*intake.SendError](err); ok {
		return e.Reason
	}
	return ""
}

func TestAnAnswerIsTold(t *testing.T) {
	o, c := sending(t)
	f := o.tip(t, bySMS)
	o.put(t, f.ID, intake.StateConcluded, intake.Normal)
	d := o.answered(t, f.ID)
	if d.State != intake.DispatchWaiting || d.Asker != "wang" || d.Tries != 0 {
		t.Fatalf("it waits as %+v", d.State)
	}
	list, err := o.ToSend(t.Context(), o.li)
	if err != nil || len(list) != 1 || list[0].Answer.Text != "您反映的问题已经受理。" {
		t.Fatalf("%d wait, %v", len(list), err)
	}
	intaketest.Must(t, o.Dispatch(t.Context(), o.li, d.ID, false))
	want := carried{intake.SMS, "+8613800138000", intake.Outgoing{Text: "您反映的问题已经受理。", Lang: "zh-CN", Tip: f.ID, State: intake.StateConcluded, On: "2026-11-24"}}
	if len(c.got) != 1 || cmp.Diff(want, c.got[0], cmp.AllowUnexported(carried{})) != "" {
		t.Fatalf("%d were carried", len(c.got))
	}
	d = o.dispatches(t, f.ID)[0]
	if d.State != intake.DispatchSent || d.Channel != intake.SMS || d.Decider != "li" || d.On != "2026-11-24" || d.Inner != nil || d.Text != nil {
		t.Errorf("the row is %s by %s over %s, %d+%d bytes are left", d.State, d.Decider, d.Channel, len(d.Inner), len(d.Text))
	}
	if s := o.row(t, f.ID).State; s != intake.StateAnswered {
		t.Errorf("the tip is %s", s)
	}
	talk, err := o.door.Look(t.Context(), f.Receipt)
	if d := cmp.Diff([]intake.Told{{On: "2026-11-24", State: "sent"}}, talk.Told); err != nil || d != "" {
		t.Errorf("the receipt says %v %s", err, d)
	}
	// A second press finds nothing to send.
	for _, again := range []bool{false, true} {
		if err := o.Dispatch(t.Context(), o.sun, d.ID, again); !errors.Is(err, intake.ErrConflict) {
			t.Errorf("once more: %v", err)
		}
	}
	if d := cmp.Diff([]string{"wang message ", "li dispatch.claim " + d.ID, "li dispatch.sent " + d.ID + " sms"}, o.acts(t, f.ID)); d != "" {
		t.Error(d)
	}
	if len(c.got) != 1 {
		t.Errorf("it went out %d times", len(c.got))
	}
}

// TestOnePressSendsOnce: whoever presses at the same moment, one text leaves.
func TestOnePressSendsOnce(t *testing.T) {
	o, c := sending(t)
	d := o.answered(t, o.tip(t, bySMS).ID)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if err := o.Dispatch(t.Context(), o.li, d.ID, true); err != nil && !errors.Is(err, intake.ErrConflict) {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if len(c.got) != 1 {
		t.Errorf("it went out %d times", len(c.got))
	}
}

// TestAFailureIsKept: with its reason, to be tried again; what may have gone out
// only by who says so.
func TestAFailureIsKept(t *testing.T) {
	o, c := sending(t)
	f := o.tip(t, bySMS)
	d := o.answered(t, f.ID)
	c.fail = &intake.SendError{Reason: intake.SendLimited}
	if err := o.Dispatch(t.Context(), o.li, d.ID, false); reasonOf(err) != intake.SendLimited {
		t.Errorf("limited: %v", err)
	}
	if d = o.dispatches(t, f.ID)[0]; d.State != intake.DispatchFailed || d.Result != intake.SendLimited || d.Inner == nil {
		t.Errorf("%s %s", d.State, d.Result)
	}
	c.fail = &intake.SendError{Reason: intake.SendUnclear, Uncertain: true}
	if err := o.Dispatch(t.Context(), o.sun, d.ID, false); reasonOf(err) != intake.SendUnclear {
		t.Errorf("unclear: %v", err)
	}
	c.fail = nil
	if err := o.Dispatch(t.Context(), o.li, d.ID, false); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("what may have gone out went again: %v", err)
	}
	intaketest.Must(t, o.Dispatch(t.Context(), o.li, d.ID, true))
	if d = o.dispatches(t, f.ID)[0]; d.State != intake.DispatchSent || d.Tries != 3 || d.Result != "" || len(c.got) != 3 {
		t.Errorf("%s after %d tries, %d carried", d.State, d.Tries, len(c.got))
	}
}

// TestACrashWhileSending leaves it unclear, and nobody sends it by itself.
func TestACrashWhileSending(t *testing.T) {
	o, _ := sending(t)
	f := o.tip(t, bySMS)
	d := o.answered(t, f.ID)
	intaketest.Must(t, o.Office.Store.Act(t.Context(), intake.Act{Audit: intake.Audit{At: o.Clock.Now(), Member: "li", Act: "dispatch.claim", Tip: f.ID},
		Claim: &intake.Claim{ID: d.ID, Member: "li", On: "2026-11-24", At: o.Clock.Now().Unix()}}))
	if err := o.Dispatch(t.Context(), o.sun, d.ID, true); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("while it is being sent: %v", err)
	}
	o.Clock.Add(11 * time.Minute)
	if n, err := o.Office.Store.GiveUpSending(t.Context(), o.Clock.Now()); n != 1 || err != nil {
		t.Errorf("%d given up, %v", n, err)
	}
	if d = o.dispatches(t, f.ID)[0]; d.State != intake.DispatchUnclear || d.Result != intake.ResultInterrupted {
		t.Errorf("%s %s", d.State, d.Result)
	}
	intaketest.Must(t, o.Dispatch(t.Context(), o.sun, d.ID, true))
}

// TestWhoPressedIsGone: a browser that hangs up while the gateway is at it leaves the result on record all the same.
func TestWhoPressedIsGone(t *testing.T) {
	o, c := sending(t)
	f := o.tip(t, bySMS)
	d := o.answered(t, f.ID)
	ctx, hangUp := context.WithCancel(t.Context())
	c.then = hangUp
	intaketest.Must(t, o.Dispatch(ctx, o.li, d.ID, false))
	if d = o.dispatches(t, f.ID)[0]; d.State != intake.DispatchSent {
		t.Errorf("it is %s", d.State)
	}
}

func TestWhereAnAnswerGoes(t *testing.T) {
	mailed := func(r *intake.Report) { contact(r); r.Identity = intake.Identity{Email: "who@example.org"} }
	both := func(r *intake.Report) {
		contact(r)
		r.Identity = intake.Identity{Phone: "138 0013 8000", Email: "who@example.org"}
	}
	for name, c := range map[string]struct {
		report func(*intake.Report)
		none   intake.Channel
		by     intake.Channel
		to     string
		reason string
	}{
		"a phone":               {contact, "", intake.SMS, "13800138000", ""},
		"a mailbox":             {mailed, "", intake.Email, "who@example.org", ""},
		"both":                  {both, "", intake.SMS, "138 0013 8000", ""},
		"both, no gateway":      {both, intake.SMS, intake.Email, "who@example.org", ""},
		"a phone, no gateway":   {contact, intake.SMS, "", "", intake.SendNoChannel},
		"a mailbox, no relay":   {mailed, intake.Email, "", "", intake.SendNoChannel},
		"no address in a field": {func(r *intake.Report) { contact(r); r.Identity = intake.Identity{Name: "x", Email: "a@b.example"} }, intake.Email, "", "", intake.SendNoChannel},
	} {
		o, k := sending(t)
		k.none[c.none] = true
		err := o.Dispatch(t.Context(), o.li, o.answered(t, o.tip(t, c.report).ID).ID, false)
		if reasonOf(err) != c.reason || (err == nil) != (c.reason == "") {
			t.Errorf("%s: %v", name, err)
		}
		if c.reason == "" && (len(k.got) != 1 || k.got[0].by != c.by || k.got[0].to != c.to) {
			t.Errorf("%s: %d carried", name, len(k.got))
		}
	}
}

func TestWhoMayNotSend(t *testing.T) {
	o, c := sending(t)
	f := o.tip(t, bySMS)
	d := o.answered(t, f.ID)
	own, stranger, keyless := o.li, o.sun, o.sun
	own.Name, stranger.Desk = "wang", "other"
	keyless.Ring = o.wang.Ring // without a custodian's key it never opens
	for name, call := range map[string]struct {
		do   func() error
		want error
	}{
		"a handler sends":     {func() error { return o.Dispatch(t.Context(), o.zhao, d.ID, false) }, casework.ErrForbidden},
		"a handler lists":     {func() error { _, err := o.ToSend(t.Context(), o.zhao); return err }, casework.ErrForbidden},
		"a handler returns":   {func() error { return o.ReturnAnswer(t.Context(), o.zhao, d.ID, "x") }, casework.ErrForbidden},
		"one's own":           {func() error { return o.Dispatch(t.Context(), own, d.ID, false) }, casework.ErrOwnAnswer},
		"one's own, returned": {func() error { return o.ReturnAnswer(t.Context(), own, d.ID, "x") }, casework.ErrOwnAnswer},
		"another desk's":      {func() error { return o.Dispatch(t.Context(), stranger, d.ID, false) }, intake.ErrNotFound},
		"no such answer":      {func() error { return o.Dispatch(t.Context(), o.li, intake.NewID(), false) }, intake.ErrNotFound},
		"returned, no reason": {func() error { return o.ReturnAnswer(t.Context(), o.li, d.ID, " ") }, casework.ErrReason},
		"without the key":     {func() error { return o.Dispatch(t.Context(), keyless, d.ID, false) }, nil},
		"an empty refusal":    {func() error { return o.Refuse(t.Context(), o.li, o.ask(t, o.zhao, f.ID), "\n") }, casework.ErrReason},
		"nothing is left open": {func() error {
			_, err := o.Office.Store.Dispatch(t.Context(), d.ID)
			return errors.Join(err, fs.ErrExist)
		}, fs.ErrExist},
	} {
		if err := call.do(); err == nil || call.want != nil && !errors.Is(err, call.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d = o.dispatches(t, f.ID)[0]; len(c.got) != 0 || d.State != intake.DispatchWaiting || d.Tries != 0 {
		t.Errorf("%d carried, it is %s", len(c.got), d.State)
	}
}

// TestReasonsReachTheHandler: a refused request and a returned answer say why.
func TestReasonsReachTheHandler(t *testing.T) {
	o, _ := sending(t)
	f := o.tip(t, bySMS)
	d, id := o.answered(t, f.ID), o.ask(t, o.wang, f.ID)
	intaketest.Must(t, o.Refuse(t.Context(), o.li, id, " no need to know "))
	intaketest.Must(t, o.ReturnAnswer(t.Context(), o.sun, d.ID, "name the date"))
	v, err := o.Read(t.Context(), o.wang, f.ID)
	intaketest.Must(t, err)
	if diff := cmp.Diff(map[string]string{id: "no need to know", d.ID: "name the date"}, v.Because); diff != "" {
		t.Error(diff)
	}
	if err := o.Dispatch(t.Context(), o.li, d.ID, true); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("a returned answer is sent: %v", err)
	}
}

// TestWhoGetsNoText: neither who asked for none, nor who asked for the receipt
// alone, nor who left nothing.
func TestWhoGetsNoText(t *testing.T) {
	o, _ := sending(t)
	for name, report := range map[string]func(*intake.Report){
		"none":    func(r *intake.Report) { r.Reply = intake.ReplyNone },
		"receipt": func(r *intake.Report) { r.Reply = intake.ReplyReceipt },
	} {
		f := o.tip(t, report)
		intaketest.Must(t, o.Answer(t.Context(), o.wang, f.ID, "您反映的问题已经受理。", false))
		if all := o.dispatches(t, f.ID); len(all) != 0 {
			t.Errorf("%s: %d wait to be sent", name, len(all))
		}
	}
}

func TestDoNotContact(t *testing.T) {
	o, c := sending(t)
	f := o.tip(t, bySMS)
	d := o.answered(t, f.ID)
	for range 2 { // the same wish twice is one
		intaketest.Must(t, o.door.Wish(t.Context(), f.Receipt, intake.WishNoContact))
	}
	if err := o.Dispatch(t.Context(), o.li, d.ID, false); !errors.Is(err, casework.ErrNoContact) {
		t.Errorf("at once: %v", err)
	}
	intaketest.Must(t, o.CarryOut(t.Context()))
	intaketest.Must(t, o.CarryOut(t.Context()))
	if d = o.dispatches(t, f.ID)[0]; d.State != intake.DispatchStopped || d.Inner != nil || d.Text != nil {
		t.Errorf("%s", d.State)
	}
	intaketest.Must(t, o.Answer(t.Context(), o.wang, f.ID, "已经办结。", false))
	v, err := o.Read(t.Context(), o.wang, f.ID)
	if err != nil || len(v.Dispatches) != 1 || len(v.Messages) != 2 || !v.Identity || len(v.Differs) != 0 || len(v.Wishes) != 1 {
		t.Errorf("%d dispatches, %d messages, differs %v, %v", len(v.Dispatches), len(v.Messages), v.Differs, err)
	}
	if diff := cmp.Diff([]string{"wang message ", "reporter contact.stop ", "wang message ", "wang read "}, o.acts(t, f.ID)); diff != "" || len(c.got) != 0 {
		t.Errorf("%d carried %s", len(c.got), diff)
	}
}

// TestAWithdrawnIdentityIsDestroyed: compartment, originals, open layers, tags; at
// once closed, then gone.
func TestAWithdrawnIdentityIsDestroyed(t *testing.T) {
	o, c := sending(t)
	big := strings.Repeat(canary+" original\n", 20_000) // stands in a file
	f := o.tip(t, contact, func(r *intake.Report) {
		r.Sender = "+8613800138000"
		r.Files = func(yield func(intake.File, error) bool) {
			yield(intake.File{Name: canary + ".txt", Body: strings.NewReader(big)}, nil)
		}
	})
	d, asked, approved := o.answered(t, f.ID), o.ask(t, o.zhao, f.ID), o.ask(t, o.wang, f.ID)
	intaketest.Must(t, o.Approve(t.Context(), o.li, approved))
	intaketest.Must(t, o.door.Wish(t.Context(), f.Receipt, intake.WishWithdraw))
	closed := func(when string) {
		t.Helper()
		_, askErr := o.AskIdentity(t.Context(), o.wang, f.ID, "x")
		_, _, openErr := o.OpenIdentity(t.Context(), o.wang, f.ID)
		if !errors.Is(askErr, casework.ErrNoIdentity) || !errors.Is(openErr, casework.ErrNoIdentity) || o.Approve(t.Context(), o.li, asked) == nil || o.Dispatch(t.Context(), o.li, d.ID, true) == nil {
			t.Errorf("%s: ask %v, open %v", when, askErr, openErr)
		}
	}
	closed("before it is destroyed")
	intaketest.Must(t, o.CarryOut(t.Context()))
	closed("after")
	for _, compartment := range []string{intake.CompartmentIdentity, intake.CompartmentOriginals} {
		for _, name := range []string{intake.PartName, intake.PartNames} {
			if _, err := o.Office.Store.Part(t.Context(), f.ID, compartment, name); !errors.Is(err, intake.ErrNotFound) {
				t.Errorf("%s/%s: %v", compartment, name, err)
			}
		}
	}
	containers, err := o.Office.Store.Containers(t.Context(), f.ID)
	left, _ := filepath.Glob(filepath.Join(o.Dir, "blobs", "*", f.ID+".originals"))
	kept, _ := filepath.Glob(filepath.Join(o.Dir, "blobs", "*", f.ID+".clean"))
	if err != nil || len(containers) != 1 || containers[0].Compartment != intake.CompartmentClean || len(left) != 0 || len(kept) != 1 {
		t.Errorf("%d containers, files %d + %d, %v", len(containers), len(left), len(kept), err)
	}
	for _, id := range []string{asked, approved} {
		if row, err := o.Office.Store.Custody(t.Context(), id); err != nil || row.Inner != nil || row.View != nil || row.State != intake.CustodyClosed {
			t.Errorf("request: %s, %d+%d bytes, %v", row.State, len(row.Inner), len(row.View), err)
		}
	}
	if d = o.dispatches(t, f.ID)[0]; d.State != intake.DispatchStopped || d.Inner != nil || d.Text != nil || len(c.got) != 0 {
		t.Errorf("answer: %s, %d+%d bytes", d.State, len(d.Inner), len(d.Text))
	}
	o.told(t, f)
}

// told: the handler sees it, and so does the reporter; the row's facts are theirs by
// right.
func (o *office) told(t *testing.T, f intake.Filed) {
	t.Helper()
	if r := o.row(t, f.ID); r.RealName || r.Reply != intake.ReplyReceipt || !r.Unread {
		t.Errorf("the row: real name %v, reply %s, unread %v", r.RealName, r.Reply, r.Unread)
	}
	v, err := o.Read(t.Context(), o.wang, f.ID)
	if err != nil || v.Identity || len(v.Differs) != 0 || len(v.Wishes) != 1 {
		t.Errorf("the page: identity %v, differs %v, %v", v.Identity, v.Differs, err)
	}
	talk, err := o.door.Look(t.Context(), f.Receipt)
	if err != nil || talk.Identity != intake.IdentityWithdrawn || talk.Reply != intake.ReplyReceipt {
		t.Errorf("the receipt: %s, %s, %v", talk.Identity, talk.Reply, err)
	}
	if acts := o.acts(t, f.ID); acts[len(acts)-2] != "reporter identity.destroy " {
		t.Errorf("the record: %q", acts)
	}
}

// TestADecisionsLetterGoesOut, too.
func TestADecisionsLetterGoesOut(t *testing.T) {
	o, c := sending(t)
	f := o.tip(t, bySMS)
	intaketest.Must(t, o.Move(t.Context(), o.wang, f.ID, casework.Triage{To: intake.StateDeclined, Reason: "out_of_scope", Letter: "不属于受理范围。"}))
	intaketest.Must(t, o.Dispatch(t.Context(), o.li, o.dispatches(t, f.ID)[0].ID, false))
	if len(c.got) != 1 || c.got[0].m.State != intake.StateDeclined || o.row(t, f.ID).State != intake.StateDeclined {
		t.Errorf("%d carried, the tip is %s", len(c.got), o.row(t, f.ID).State)
	}
}
