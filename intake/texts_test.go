package intake_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/servertest"
	"tipline/intake/store"
)

const farmer = "+8613800138000"

// sms is a text as the adapter makes it.
func sms(id, words string, change ...func(*intake.Report)) *intake.Report {
	r := &intake.Report{Channel: intake.SMS, Lang: "zh-CN", Category: intake.CategoryUnknown, Reply: intake.ReplyContact, Gateway: "city", MessageID: id,
		Words: intake.Words{Text: words}, Identity: intake.Identity{Sender: farmer}, Sender: farmer, Converse: true, Raw: strings.NewReader("raw of " + id)}
	for _, f := range change {
		f(r)
	}
	return r
}

func piece(ref string, n, of int) func(*intake.Report) {
	return func(r *intake.Report) { r.Piece = intake.Piece{Ref: ref, Number: n, Of: of} }
}

func by(number string) func(*intake.Report) {
	return func(r *intake.Report) { r.Sender, r.Identity.Sender = number, number }
}

func must(t testing.TB, s *intake.Service, r *intake.Report) intake.Filed {
	t.Helper()
	f, err := s.Submit(t.Context(), r)
	intaketest.Must(t, err)
	return f
}

// opened is a tip's report as the desk reads it.
func opened(t testing.TB, o *intaketest.Office, tip string) intake.SealedReport {
	t.Helper()
	sealed, err := o.Store.Part(t.Context(), tip, intake.CompartmentReport, intake.PartName)
	intaketest.Must(t, err)
	text, err := seal.OpenBytes(sealed, intake.PartContext(tip, intake.CompartmentReport, intake.PartName), o.Desk)
	intaketest.Must(t, err)
	var r intake.SealedReport
	intaketest.Must(t, json.Unmarshal(text, &r))
	return r
}

// followUps are what was added to a tip, as the desk reads it.
func followUps(t testing.TB, o *intaketest.Office, tip string) (out []string) {
	t.Helper()
	messages, err := o.Store.Messages(t.Context(), tip)
	intaketest.Must(t, err)
	for _, m := range messages {
		text, err := seal.OpenBytes(m.Sealed, intake.FollowUpContext(tip, m.ID), o.Desk)
		intaketest.Must(t, err)
		out = append(out, string(text))
	}
	return out
}

func inbox(t testing.TB, o *intaketest.Office) []intake.Tip {
	t.Helper()
	page, err := o.Store.List(t.Context(), intake.Filter{Desk: intaketest.Desk, Limit: 100})
	intaketest.Must(t, err)
	return page.Tips
}

// TestPartsInAnyOrder: whatever the order, and however often each is delivered,
// there is one tip with the whole text once the last part is here, and none before.
func TestPartsInAnyOrder(t *testing.T) {
	o := intaketest.Open(t)
	s := o.Door()
	run := 0
	rapid.Check(t, func(r *rapid.T) {
		run++
		number, of := fmt.Sprintf("+86138%08d", run), rapid.IntRange(2, 6).Draw(r, "parts")
		order := rapid.Permutation(numbers(of)).Draw(r, "order")
		var filed intake.Filed
		for i, n := range order {
			for range rapid.IntRange(1, 2).Draw(r, "deliveries") {
				f := must(t, s, sms(fmt.Sprintf("%d-%d", run, n), fmt.Sprintf("part %d;", n), piece("7", n, of), by(number)))
				switch {
				case i < of-1 && (!f.Waiting || f.ID != "" || f.New()):
					r.Fatalf("after %d of %d: %+v", i+1, of, f.Waiting)
				case i == of-1 && filed.ID == "":
					filed = f
				case i == of-1 && (!f.Duplicate || f.ID != filed.ID):
					r.Fatal("a redelivered last part was filed again")
				}
			}
		}
		want := ""
		for _, n := range numbers(of) {
			want += fmt.Sprintf("part %d;", n)
		}
		if got := opened(t, o, filed.ID); got.Text != want || len(got.Flags) > 0 {
			r.Fatalf("%q, flags %v", got.Text, got.Flags)
		}
		first := must(t, s, sms(fmt.Sprintf("%d-%d", run, order[0]), "again", piece("7", order[0], of), by(number)))
		if !first.Duplicate || first.ID != filed.ID {
			r.Fatal("a part delivered again after its text was filed is news")
		}
	})
	if groups, err := o.Store.Groups(t.Context()); err != nil || len(groups) > 0 {
		t.Errorf("%d groups wait on: %v", len(groups), err)
	}
}

func numbers(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i + 1
	}
	return out
}

// TestALostPart: after the wait there is what there is, flagged; what comes later
// is added to it.
func TestALostPart(t *testing.T) {
	o := intaketest.Open(t)
	s := o.Door()
	must(t, s, sms("b", "second;", piece("9", 2, 4)))
	o.Clock.Add(9 * time.Minute)
	must(t, s, sms("c", "third;", piece("9", 3, 4)))
	o.Clock.Add(9 * time.Minute)
	if n, err := s.FileWaiting(t.Context()); n != 0 || err != nil {
		t.Fatalf("filed %d too early: %v", n, err)
	}
	o.Clock.Add(2 * time.Minute)
	if n, err := o.Beside(t).Door().FileWaiting(t.Context()); n != 1 || err != nil { // by another process, from the disk
		t.Fatalf("filed %d: %v", n, err)
	}
	all := inbox(t, o)
	if len(all) != 1 {
		t.Fatalf("%d tips", len(all))
	}
	got := opened(t, o, all[0].ID)
	if got.Text != "[…]second;third;[…]" || !slices.Contains(got.Flags, "parts:2/4") {
		t.Errorf("%q, flags %v", got.Text, got.Flags)
	}
	if n, err := s.FileWaiting(t.Context()); n != 0 || err != nil {
		t.Errorf("filed %d again: %v", n, err)
	}
	if f := must(t, s, sms("a", "first;", piece("9", 1, 4))); !f.Waiting {
		t.Errorf("the late part: %+v", f.Joined)
	}
	o.Clock.Add(intake.PartWait)
	if _, err := s.FileWaiting(t.Context()); err != nil {
		t.Fatal(err)
	}
	if added := followUps(t, o, all[0].ID); !slices.Equal(added, []string{"first;[…]"}) || len(inbox(t, o)) != 1 {
		t.Errorf("added %q, %d tips", added, len(inbox(t, o)))
	}
}

// TestPartsStandApart: neither another sender's part, nor another reference's, nor
// another message in the same place gets into a text.
func TestPartsStandApart(t *testing.T) {
	o := intaketest.Open(t)
	s := o.Door()
	must(t, s, sms("1", "a", piece("9", 1, 2)))
	for name, r := range map[string]*intake.Report{
		"sender":    sms("2", "x", piece("9", 2, 2), by("+8613900139000")),
		"reference": sms("3", "x", piece("8", 2, 2)),
		"number":    sms("4", "x", piece("9", 2, 3)),
	} {
		if f := must(t, s, r); !f.Waiting {
			t.Errorf("%s: %+v", name, f.ID)
		}
	}
	f := must(t, s, sms("5", "another", piece("9", 1, 2)))
	if f.Waiting || !slices.Contains(opened(t, o, f.ID).Flags, "part:1/2") {
		t.Errorf("the place was taken: waiting %t", f.Waiting)
	}
	if whole := must(t, s, sms("6", "b", piece("9", 2, 2))); !whole.Joined || !slices.Equal(followUps(t, o, f.ID), []string{"ab"}) {
		t.Errorf("joined %t", whole.Joined)
	}
	for _, bad := range []intake.Piece{{Of: 3}, {Number: 4, Of: 3}, {Number: 1, Of: 1}} {
		if !bad.Whole() {
			t.Errorf("%+v waits for ever", bad)
		}
	}
}

// TestPartsAreSealed: what waits can't be read in the database.
func TestPartsAreSealed(t *testing.T) {
	o := intaketest.Open(t)
	must(t, o.Door(), sms("1", "the words of the text", piece("9", 1, 2)))
	groups, err := o.Store.Groups(t.Context())
	intaketest.Must(t, err)
	parts, err := o.Store.Parts(t.Context(), groups[0])
	intaketest.Must(t, err)
	if row := fmt.Sprintf("%s%s%s", groups[0], parts[0].Tag, parts[0].Sealed); strings.Contains(row, "words") || strings.Contains(row, "138001") || strings.Contains(row, "raw of") {
		t.Error("a waiting part can be read")
	}
}

// TestTextsOfOneSenderAreOneTip within 72 hours, while the desk works on it.
func TestTextsOfOneSenderAreOneTip(t *testing.T) {
	o := intaketest.Open(t)
	s := o.Door()
	first := must(t, s, sms("1", "挖沙"))
	second := must(t, s, sms("2", "还在挖"))
	if !second.Joined || second.ID != first.ID || second.New() || !first.New() {
		t.Fatalf("joined %t", second.Joined)
	}
	again := must(t, s, sms("2", "还在挖"))
	if !again.Duplicate || again.ID != first.ID {
		t.Errorf("a redelivery is news: %+v", again.Joined)
	}
	if f := must(t, s, sms("1", "挖沙")); !f.Duplicate {
		t.Error("a redelivery of the first is news")
	}
	if f := must(t, s, sms("3", "别人", by("+8613900139000"))); !f.New() {
		t.Error("another sender's text was added")
	}
	if f := must(t, s, sms("4", strings.Repeat("长", intake.MaxMessage+1))); !f.New() {
		t.Error("a text too long for a message was added")
	}
	if f := must(t, s, sms("5", "名字", func(r *intake.Report) { r.Converse = false })); !f.New() {
		t.Error("a text that can't converse was added")
	}
	if got := followUps(t, o, first.ID); !slices.Equal(got, []string{"还在挖"}) {
		t.Errorf("added %q", got)
	}
	o.Clock.Add(72 * time.Hour)
	if f := must(t, s, sms("6", "三天后")); !f.New() {
		t.Error("a text after 72 hours was added")
	}
}

// TestTextsAtOnce: a gateway that brings the pieces of a long text as texts of their own brings them at
// once; they are one tip all the same, and other senders don't wait for them.
func TestTextsAtOnce(t *testing.T) {
	o := intaketest.Open(t)
	s := o.Door()
	var fresh, joined atomic.Int32
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			f, err := s.Submit(t.Context(), sms(fmt.Sprint(i), fmt.Sprint("第", i, "段"), by(fmt.Sprint("+861380013800", i%2))))
			switch {
			case err != nil:
				t.Error(err)
			case f.Joined:
				joined.Add(1)
			case f.New():
				fresh.Add(1)
			}
		})
	}
	all.Wait()
	if fresh.Load() != 2 || joined.Load() != 22 {
		t.Errorf("%d tips, %d additions", fresh.Load(), joined.Load())
	}
}

// lookers makes two processes look for a sender's tip at the same moment, the first time.
type lookers struct {
	intake.Texts
	met *sync.WaitGroup
	one sync.Once
}

func (l *lookers) Latest(ctx context.Context, tag []byte, today intake.Date) (intake.Tip, error) {
	tip, err := l.Texts.Latest(ctx, tag, today)
	l.one.Do(func() { l.met.Done(); l.met.Wait() })
	return tip, err
}

// TestTextsAtTwoProcesses: texts of one sender that come to two processes, neither of which has seen the
// other's, are one tip all the same; also where their last tip was closed.
func TestTextsAtTwoProcesses(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		o := intaketest.Open(t)
		twoProcesses(t, o, o.Beside(t))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		url, err := servertest.StartPostgres(t).Database()
		intaketest.Must(t, err)
		o := intaketest.Open(t)
		twin := *o
		for _, p := range []*intaketest.Office{o, &twin} {
			p.Store, err = store.Open(t.Context(), store.Options{URL: url, Loc: intaketest.Loc(), Now: o.Clock.Now})
			intaketest.Must(t, err)
			p.Deps.Store, p.Deps.Texts, p.Deps.Fetches = p.Store, p.Store, p.Store
			defer func() { intaketest.Must(t, p.Store.Close()) }()
		}
		twoProcesses(t, o, &twin)
	})
}

func twoProcesses(t *testing.T, o, twin *intaketest.Office) {
	for round := range 3 {
		var met, all sync.WaitGroup
		met.Add(2)
		filed := make([]intake.Filed, 2)
		for i, s := range []*intake.Service{o.Door(), twin.Door()} {
			s.Texts = &lookers{Texts: s.Texts, met: &met}
			all.Go(func() {
				var err error
				if filed[i], err = s.Submit(t.Context(), sms(fmt.Sprint(round, i), fmt.Sprint("第", i, "段"))); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if filed[0].ID != filed[1].ID || filed[0].New() == filed[1].New() || filed[0].Joined == filed[1].Joined {
			t.Fatalf("round %d: joined %t and %t", round, filed[0].Joined, filed[1].Joined)
		}
		if got := followUps(t, o, filed[0].ID); len(got) != 1 {
			t.Errorf("added %q", got)
		}
		intaketest.Must(t, o.Store.Act(t.Context(), intake.Act{Audit: intake.Audit{Member: "li", Act: "state", Tip: filed[0].ID, At: o.Clock.Now().UTC().Truncate(time.Second)},
			Move: &intake.Move{From: intake.StateReceived, To: intake.StateSpam, On: filed[0].ReceivedOn}}))
	}
}

// frozen is a store that doesn't answer who asks for a sender's tip.
type frozen struct {
	intake.Texts
	waited time.Duration
}

func (f *frozen) Latest(ctx context.Context, _ []byte, _ intake.Date) (intake.Tip, error) {
	end, _ := ctx.Deadline()
	f.waited = time.Until(end)
	return intake.Tip{}, context.DeadlineExceeded
}

// TestFrozenLook: a gateway doesn't wait for long until its text is filed on its own.
func TestFrozenLook(t *testing.T) {
	o := intaketest.Open(t)
	s := o.Door()
	must(t, s, sms("1", "挖沙"))
	f := &frozen{Texts: s.Texts}
	s.Texts = f
	if got := must(t, s, sms("2", "还在挖")); !got.New() || f.waited <= 0 || f.waited > 3*time.Second {
		t.Errorf("joined %t, it would have waited for %v", got.Joined, f.waited)
	}
}

// TestClosedTipsBeginAnew: what was decided against, or is over, takes nothing up.
func TestClosedTipsBeginAnew(t *testing.T) {
	for _, state := range intake.States() {
		o := intaketest.Open(t)
		s := o.Door()
		first := must(t, s, sms("1", "挖沙"))
		if state != intake.StateReceived {
			intaketest.Must(t, o.Store.Act(t.Context(), intake.Act{Audit: intake.Audit{Member: "li", Act: "state", Tip: first.ID, At: o.Clock.Now().UTC().Truncate(time.Second)},
				Move: &intake.Move{From: intake.StateReceived, To: state, On: first.ReceivedOn}}))
		}
		if f := must(t, s, sms("2", "还在挖")); f.Joined != state.Conversing() {
			t.Errorf("%s: joined %t", state, f.Joined)
		}
	}
}

// TestStop: 退订 marks the sender's tips, and their next within the window; nobody
// else's. Words that only begin so are a report.
func TestStop(t *testing.T) {
	o := intaketest.Open(t)
	s := o.Door()
	mine, other := must(t, s, sms("1", "挖沙")), must(t, s, sms("2", "占地", by("+8613900139000")))
	for _, word := range []string{"退订", " stop ", "TD。", "Unsubscribe!"} {
		if f := must(t, s, sms("w"+word, word)); f.Asked != intake.AskedStop || !f.DoNotContact || f.New() {
			t.Errorf("%q: %+v", word, f.Asked)
		}
	}
	for id, want := range map[string]bool{mine.ID: true, other.ID: false} {
		if tip, err := o.Store.Tip(t.Context(), id); err != nil || tip.DoNotContact != want {
			t.Errorf("do not contact is %t, %v", tip.DoNotContact, err)
		}
	}
	if f := must(t, s, sms("3", "停止挖沙")); f.Asked != "" || !f.Joined || !f.DoNotContact {
		t.Errorf("a report that begins so: %q, joined %t, do not contact %t", f.Asked, f.Joined, f.DoNotContact)
	}
	if f := must(t, s, sms("4", strings.Repeat("长", intake.MaxMessage+1))); !f.New() || !f.DoNotContact {
		t.Errorf("the next tip: do not contact %t", f.DoNotContact)
	}
	if n := len(inbox(t, o)); n != 3 {
		t.Errorf("%d tips: a word became one", n)
	}
}

// TestInquire: 查询 tells the state and nothing else, for 72 hours, to its number.
func TestInquire(t *testing.T) {
	o := intaketest.Open(t)
	s := o.Door()
	if f := must(t, s, sms("0", "查询")); f.Asked != intake.AskedState || f.State != "" {
		t.Errorf("nothing there: %+v", f.State)
	}
	first := must(t, s, sms("1", "挖沙"))
	if f := must(t, s, sms("2", "查询")); f.State != intake.StateReceived || f.ReceivedOn != first.ReceivedOn || f.New() {
		t.Errorf("state %q", f.State)
	}
	if f := must(t, s, sms("3", "查询", by("+8613900139000"))); f.State != "" {
		t.Errorf("another number hears %q", f.State)
	}
	if len(inbox(t, o)) != 1 || len(followUps(t, o, first.ID)) != 0 {
		t.Error("a question became a report")
	}
	o.Limits.Verdict = intake.Verdict{RetryAfter: time.Minute}
	if _, err := s.Submit(t.Context(), sms("4", "查询")); !errors.Is(err, intake.ErrLimited) {
		t.Errorf("questions without end: %v", err)
	}
	if _, err := s.Submit(t.Context(), sms("5", "还在挖")); !errors.Is(err, intake.ErrLimited) {
		t.Errorf("texts without end: %v", err)
	}
}

// TestWithoutTexts: a door that keeps none files every text for itself.
func TestWithoutTexts(t *testing.T) {
	o := intaketest.Open(t)
	o.Deps.Texts = nil
	s := o.Door()
	for _, r := range []*intake.Report{sms("1", "a", piece("9", 1, 2)), sms("2", "b"), sms("3", "退订")} {
		if f := must(t, s, r); !f.New() {
			t.Error("it was no tip of its own")
		}
	}
	if _, err := io.ReadAll(sms("1", "a").Raw); err != nil {
		t.Fatal(err)
	}
}
