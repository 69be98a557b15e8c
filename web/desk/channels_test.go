package desk_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tipline/intake"
	"tipline/intake/casework"
	"tipline/intake/intaketest"
	"tipline/web/desk"
)

// inlets are the channels of the tests' office.
func inlets() []intake.Inlet {
	return []intake.Inlet{{Key: intake.InletWeb, Channel: intake.Web}, {Key: intake.InletSMTP, Channel: intake.Email},
		{Key: "sms/city", Channel: intake.SMS, Name: "city", Provider: "aliyun"}, {Key: "mail/box", Channel: intake.Email, Name: "box", Provider: "imap", Polled: true},
		{Key: intake.InletRelay, Channel: intake.Email, Out: true}}
}

// withInlets gives the casework its channels, and desks that work beside the first.
func withInlets(desks ...string) func(*desk.Options) {
	return func(o *desk.Options) {
		d := o.Casework.Deps
		d.Inlets, d.Desks = inlets(), append(intake.Desks{intaketest.Desk}, desks...)
		o.Casework = casework.New(d)
		o.SiteURL = "https://t.example.org"
	}
}

// TestChannels: each channel with its last hour, its numbers and what it turned away;
// a mailbox that doesn't work; what couldn't be read, to handlers alone.
func TestChannels(t *testing.T) {
	h := open(t, withInlets())
	now := h.clock.Now().Truncate(time.Hour)
	today := intake.DateOf(now, intaketest.Loc())
	intaketest.Must(t, h.store.CountInlets(t.Context(),
		intake.InletCount{Inlet: "sms/city", Outcome: intake.BecameStored, On: today, N: 41, Hour: now},
		intake.InletCount{Inlet: "sms/city", Outcome: intake.BecameDuplicate, On: today, N: 5, Hour: now},
		intake.InletCount{Inlet: "sms/city", Outcome: "signature", On: today, N: 7, Hour: now},
		intake.InletCount{Inlet: "sms/city", Outcome: "unsent:" + intake.SendCredentials, On: today, N: 3, Hour: now},
		intake.InletCount{Inlet: intake.InletRelay, Outcome: "unsent:" + intake.SendUnreachable, On: today, N: 2, Hour: now},
		intake.InletCount{Inlet: intake.InletWeb, Outcome: intake.BecameStored, On: "2020-01-01", N: 9, Hour: now.AddDate(-2, 0, 0)}))
	intaketest.Must(t, h.store.NoteChannel(t.Context(), intake.ChannelState{Channel: "box", Provider: "imap", Cause: "login", Since: now, Failures: 3}))
	bad := h.tip(func(r *intake.Report) {
		r.Channel, r.Hold, r.Flags, r.Words.Text = intake.SMS, true, []string{intake.FlagUnparsed}, ""
	})
	held := h.tip(func(r *intake.Report) { r.Channel, r.Hold = intake.SMS, true })

	body := h.login("li").page("/channels?lang=en")
	for _, want := range []string{"city", ">41<", now.In(intaketest.Loc()).Format("2006-01-02 15:00"), "7 times", "The signature is wrong", "delivered again 5",
		"its credit needs mending", "3 times", "Outgoing mail", "2 times", "It can&#39;t be reached",
		"authorization code", "3 failures in a row", bad.ID, "https://t.example.org/channels/poster?lang=en"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, held.ID) {
		t.Error("a tip that was only held is shown as unread")
	}
	boss := h.login("boss").page("/channels?lang=en")
	if strings.Contains(boss, bad.ID) || !strings.Contains(boss, ">41<") {
		t.Error("an administrator sees the numbers, and no tip")
	}
}

// TestChannelsOfSeveralDesks: what arrives isn't counted where another desk's tips
// could be guessed from it.
func TestChannelsOfSeveralDesks(t *testing.T) {
	h := open(t, withInlets("second"))
	now := h.clock.Now().Truncate(time.Hour)
	intaketest.Must(t, h.store.CountInlets(t.Context(), intake.InletCount{Inlet: "sms/city", Outcome: intake.BecameStored, On: intake.DateOf(now, intaketest.Loc()), N: 41, Hour: now},
		intake.InletCount{Inlet: "sms/city", Outcome: "unsent:" + intake.SendCredentials, On: intake.DateOf(now, intaketest.Loc()), N: 41, Hour: now},
		intake.InletCount{Inlet: "sms/city", Outcome: "stale", On: intake.DateOf(now, intaketest.Loc()), N: 3, Hour: now}))
	body := h.login("li").page("/channels?lang=en")
	if strings.Contains(body, ">41<") || strings.Contains(body, "41 times") || !strings.Contains(body, "3 times") || !strings.Contains(body, "Several desks") {
		t.Errorf("the page tells another desk's tips:\n%s", body)
	}
}

// TestRereadPages: what couldn't be read is asked for, approved and read again on the desk's
// pages, and is in quarantine no more.
func TestRereadPages(t *testing.T) {
	works := false
	var h *house
	h = open(t, withInlets(), func(o *desk.Options) {
		d := o.Casework.Deps
		d.AddReread = func(ctx context.Context, tip intake.Tip, r *intake.Report, known intake.Identity, by intake.Audit) error {
			return h.door.Reread(ctx, tip, r, known, by)
		}
		d.Parse = func(intake.Channel, string, io.Reader) ([]*intake.Report, error) {
			if !works {
				return nil, nil
			}
			return []*intake.Report{{Channel: intake.SMS, Category: intake.CategoryUnknown, Words: intake.Words{Text: "村北有人挖沙"}}}, nil
		}
		o.Casework = casework.New(d)
	})
	tip := h.tip(func(r *intake.Report) {
		r.Channel, r.Hold, r.Flags, r.Words.Text, r.Raw = intake.SMS, true, []string{intake.FlagUnparsed}, "", strings.NewReader("garbage")
	})
	li, wang := h.login("li"), h.login("wang")
	has := func(path string, want ...string) {
		t.Helper()
		body := li.page(path)
		for _, w := range want {
			if !strings.Contains(body, w) {
				t.Errorf("%s lacks %q", path, w)
			}
		}
	}
	again := `action="/tips/` + tip.ID + `/reread"`
	has("/channels", "申请再次解析", "核对 sms 配置")
	has("/tips/"+tip.ID, "要两个人才能打开", `name="reason"`)
	li.act("/tips/"+tip.ID+"/identity", "reason", "配置已改好")
	has("/channels", "等保管员同意")
	custody := wang.page("/custody")
	if !strings.Contains(custody, "把原件再解析一次") {
		t.Error("the custodian isn't told what else they allow")
	}
	wang.act("/custody/"+requestOf(t, custody)+"/refuse", "reason", "请先核对字段")
	has("/tips/"+tip.ID, "没有同意再次解析", "请先核对字段", `name="reason"`)
	has("/channels", "申请再次解析")
	li.act("/tips/"+tip.ID+"/identity", "reason", "字段已核对")
	wang.act("/custody/" + requestOf(t, wang.page("/custody")) + "/approve")
	has("/channels", again)
	has("/tips/"+tip.ID, again)
	if w := li.post("/tips/" + tip.ID + "/reread"); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "现在还是读不出来") {
		t.Errorf("still unreadable: %d", w.Code)
	}
	works = true
	li.act("/tips/" + tip.ID + "/reread")
	has("/tips/"+tip.ID, "村北有人挖沙", "后来又解析了一次")
	has("/channels", "没有读不出来的来件")
}
