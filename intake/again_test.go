package intake_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tipline/crypto/receipt"
	"tipline/intake"
	"tipline/intake/intaketest"
)

const token = "Zm9yLXRlc3RzLW9ubHktMTI4"

// withToken is the form sent with its one-time token.
func withToken() *intake.Report {
	r := web()
	r.Token, r.Files = token, files("a.txt", "content of a", "b.txt", "content of b")
	return r
}

func TestTheSameSubmissionIsOneTip(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*intake.Report)
		same bool
	}{
		"nothing":      {func(*intake.Report) {}, true},
		"white space":  {func(r *intake.Report) { r.Words.Text += "\n " }, true},
		"file name":    {func(r *intake.Report) { r.Files = files("c.txt", "content of a", "d.txt", "content of b") }, true},
		"origin":       {func(r *intake.Report) { r.Origin = "198.51.100.0/24" }, true},
		"hold":         {func(r *intake.Report) { r.Hold = true }, true},
		"text":         {func(r *intake.Report) { r.Words.Text += "!" }, false},
		"moved":        {func(r *intake.Report) { r.Words.Address, r.Words.Subject = r.Words.Subject, r.Words.Address }, false},
		"identity":     {func(r *intake.Report) { r.Identity.Name = "another" }, false},
		"notes":        {func(r *intake.Report) { r.Identity.Notes = []string{"note"} }, false},
		"urgent":       {func(r *intake.Report) { r.Urgent = false }, false},
		"source":       {func(r *intake.Report) { r.Source = "ok-clue" }, false},
		"conduct":      {func(r *intake.Report) { r.Conduct = r.Conduct[:1] }, false},
		"reply":        {func(r *intake.Report) { r.Reply = intake.ReplyNone }, false},
		"token":        {func(r *intake.Report) { r.Token += "x" }, false},
		"no token":     {func(r *intake.Report) { r.Token = "" }, false},
		"file content": {func(r *intake.Report) { r.Files = files("a.txt", "content of A", "b.txt", "content of b") }, false},
		"file order":   {func(r *intake.Report) { r.Files = files("b.txt", "content of b", "a.txt", "content of a") }, false},
		"files joined": {func(r *intake.Report) { r.Files = files("a.txt", "content of acontent of b") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := intaketest.Open(t)
			first := submit(t, o, withToken())
			o.Clock.Add(24 * time.Hour)
			r := withToken()
			c.edit(r)
			second := submit(t, o, r)
			if second.Duplicate != c.same || (second.ID == first.ID) != c.same || (second.Receipt == first.Receipt) != c.same {
				t.Errorf("duplicate %v", second.Duplicate)
			}
			if c.same && second.ReceivedOn != first.ReceivedOn {
				t.Error("another day")
			}
			want := map[bool]int{true: 1, false: 2}[c.same]
			if n := tips(t, o); n != want || len(waiting(t, o)) != want {
				t.Errorf("%d tips", n)
			}
		})
	}
}

func tips(t testing.TB, o *intaketest.Office) (n int) {
	t.Helper()
	for _, err := range o.Store.Standings(t.Context(), intaketest.Desk) {
		intaketest.Must(t, err)
		n++
	}
	return n
}

func TestADuplicateLeavesNoFiles(t *testing.T) {
	o := intaketest.Open(t)
	for range 3 {
		r := withToken()
		r.Files = files("a", strings.Repeat("large text\n", 20_000))
		submit(t, o, r)
	}
	if n := blobs(t, o); n != 2 {
		t.Errorf("%d container files of one tip", n)
	}
}

func TestTheStateOfADuplicateIsTheTipsOwn(t *testing.T) {
	o := intaketest.Open(t)
	first := submit(t, o, withToken())
	intaketest.Must(t, o.Store.Act(t.Context(), intake.Act{Audit: intake.Audit{Tip: first.ID}, Move: &intake.Move{From: intake.StateReceived, To: intake.StateAccepted}}))
	if got := submit(t, o, withToken()); got.State != intake.StateAccepted || got.Receipt != first.Receipt {
		t.Errorf("state %s", got.State)
	}
}

func TestAWeakTokenIsRefusedBeforeTheFiles(t *testing.T) {
	for _, weak := range []string{"1", strings.Repeat("a", 40), "0123456789abcdef0123456789abcde", "with space and more and more", strings.Repeat("abcdefgh", 40)} {
		o, r := intaketest.Open(t), web()
		r.Token, r.Files = weak, fails
		_, err := o.Door().Submit(t.Context(), r)
		var invalid *intake.InvalidError
		if !errors.As(err, &invalid) || len(invalid.Problems) != 1 || invalid.Problems[0].Field != "token" || invalid.Problems[0].Code != "token" || strings.Contains(err.Error(), weak+" ") {
			t.Errorf("%v", err)
		}
	}
}

func TestARedeliveryIsOneTip(t *testing.T) {
	o := intaketest.Open(t)
	sms := func(gateway, id string) *intake.Report {
		return &intake.Report{Channel: intake.SMS, Gateway: gateway, MessageID: id, Words: intake.Words{Text: "text"}}
	}
	first := submit(t, o, sms("gw", "id-1"))
	again := submit(t, o, sms("gw", "id-1"))
	if first.Receipt.IsZero() || !again.Duplicate || again.ID != first.ID || again.Receipt != (receipt.Receipt{}) {
		t.Errorf("duplicate %v", again.Duplicate)
	}
	for _, r := range []*intake.Report{sms("gw", "id-2"), sms("other", "id-1"), sms("gw", "")} {
		if f := submit(t, o, r); f.Duplicate || f.Receipt.IsZero() {
			t.Error("another message was taken for the first")
		}
	}
	o.Clock.Add(15 * 24 * time.Hour)
	if f := submit(t, o, sms("gw", "id-1")); f.Duplicate {
		t.Error("a message is known after its 14 days")
	}
	if n := tips(t, o); n != 5 {
		t.Errorf("%d tips", n)
	}
}

// TestTwoProcessesRace sends the same form to two processes at once.
func TestTwoProcessesRace(t *testing.T) {
	o := intaketest.Open(t)
	doors := []*intake.Service{o.Door(), o.Beside(t).Door()}
	type outcome struct {
		f   intake.Filed
		err error
	}
	out := make(chan outcome)
	for n := range 8 {
		go func() {
			r := withToken()
			r.Files = files("a", strings.Repeat("large text\n", 20_000))
			f, err := doors[n%2].Submit(t.Context(), r)
			out <- outcome{f, err}
		}()
	}
	ids, receipts, fresh := map[string]bool{}, map[receipt.Receipt]bool{}, 0
	for range 8 {
		got := <-out
		if got.err != nil {
			t.Error(got.err)
			continue
		}
		ids[got.f.ID], receipts[got.f.Receipt] = true, true
		if !got.f.Duplicate {
			fresh++
		}
	}
	if len(ids) != 1 || len(receipts) != 1 || fresh != 1 || tips(t, o) != 1 || blobs(t, o) != 2 {
		t.Errorf("%d ids, %d receipts, %d fresh, %d tips, %d files", len(ids), len(receipts), fresh, tips(t, o), blobs(t, o))
	}
}
