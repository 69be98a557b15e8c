package mail

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/intake"
)

// TestWhenToAnswer holds RFC 3834 §2 (when not to answer), §4 (where to) and §5 (the
// field Auto-Submitted) against the real decoder: each row is one message.
func TestWhenToAnswer(t *testing.T) {
	const us, who = "tips@office.example", "ann@mail.example"
	plain := "To: " + us
	for _, tt := range []struct {
		section, from, header string
		answer                bool
	}{
		{"2", who, plain, true},
		// §2, first rule, and §5.1: any value but "no", with comments, parameters, in any case, given twice.
		{"5.1", who, plain + "\nAuto-Submitted: no", true},
		{"5.1", who, plain + "\nAuto-Submitted: (by hand) No (really)", true},
		{"5.1", who, plain + "\nAuto-Submitted: no; x-reason=\"a; b\"", true},
		{"5.1", who, plain + "\nAuto-Submitted: auto-replied", false},
		{"5.1", who, plain + "\nAuto-Submitted: Auto-Generated", false},
		{"5.1", who, plain + "\nAuto-Submitted: auto-notified; owner-email=\"ann@mail.example\"", false}, // RFC 5436
		{"5.1", who, plain + "\nAuto-Submitted: (no) auto-replied", false},
		{"5.1", who, plain + "\nAuto-Submitted:\n (folded) auto-replied ; a=b", false},
		{"5.1", who, plain + "\nAuto-Submitted: x-cron", false},
		{"5.1", who, plain + "\nAuto-Submitted:", false},
		{"5.1", who, plain + "\nAuto-Submitted: no\nAuto-Submitted: auto-replied", false},
		// §2, third rule: an address of ours stands in a field of recipients.
		{"2", who, "To: Tips <TIPS@Office.example>", true},
		{"2", who, "To: a@b.example,\n \"Tips, the\" <tips+soil@office.example>", true},
		{"2", who, "To: a@b.example\nCc: c@d.example, tips@office.example", true},
		{"2", who, "Bcc: tips@office.example", true},
		{"2", who, "To: a@b.example\nResent-To: tips@office.example", true},
		{"2", who, "To: a@b.example\nTo: tips@office.example", true},
		{"2", who, "To: undisclosed-recipients:;", false},
		{"2", who, "To: all@b.example", false},
		{"2", who, "Subject: nobody named", false},
		{"2", who, "To: tips@office.example.evil.example", false},
		// §2, fifth rule: nobody, responders, and ourselves.
		{"2", "", plain, false},
		{"2", "MAILER-DAEMON@mail.example", plain, false},
		{"2", "postmaster@mail.example", plain, false},
		{"2", "owner-farmers@mail.example", plain, false},
		{"2", "farmers-owner@mail.example", plain, false},
		{"2", "farmers-request@mail.example", plain, false},
		{"2", "farmers-bounces@mail.example", plain, false},
		{"2", "bounce+ab=c@mail.example", plain, false},
		{"2", "no-reply@mail.example", plain, false},
		{"2", "ann", plain, false},
		{"2", "ann@nowhere.invalid", plain, false}, // RFC 2606 §2
		{"2", us, plain, false},
		{"2", "tips+soil@office.example", plain, false},
		{"2", who, plain + "\nFrom: Mail System <MAILER-DAEMON@mail.example>", false},
		// §2, last rule: lists, mass mailings and who asks for quiet.
		{"2", who, plain + "\nPrecedence: list", false},
		{"2", who, plain + "\nPrecedence: Bulk (always)", false},
		{"2", who, plain + "\nPrecedence: junk", false},
		{"2", who, plain + "\nPrecedence: first-class", true},
		{"2", who, plain + "\nList-Id: <farmers.example>", false},
		{"2", who, plain + "\nlist-unsubscribe: <mailto:x@example.org>", false},
		{"2", who, plain + "\nX-BeenThere: farmers@mail.example", false},
		{"2", who, plain + "\nX-Auto-Response-Suppress: DR, OOF, AutoReply", false},
		{"2", who, plain + "\nX-Auto-Response-Suppress: DR, RN, NRN", true}, // receipts alone
		{"2", who, plain + "\nX-Autoreply: yes", false},
		// §3.2.1: notifications (RFC 3464, RFC 8098).
		{"3.2.1", who, plain + "\nContent-Type: multipart/report; report-type=delivery-status; boundary=x", false},
		{"3.2.1", who, plain + "\nContent-Type: multipart/report; report-type=disposition-notification; boundary=x", false},
		// §3.1.5: a subject alone says nothing.
		{"3.1.5", who, plain + "\nSubject: Auto: away", true},
		// §4: no address of the header is answered.
		{"4", "", plain + "\nFrom: ann@mail.example\nReply-To: ann@mail.example\nSender: ann@mail.example", false},
	} {
		r, facts := NewReport(Envelope{From: tt.from, Own: []string{us}}, strings.NewReader(strings.ReplaceAll(tt.header+"\n\nA pond.\n", "\n", "\r\n")))
		if _, err := take(r); err != nil {
			t.Fatal(err)
		}
		if facts.ShouldAck() != tt.answer || facts.ReturnPath != tt.from {
			t.Errorf("§%s, from <%s>, %q: answered is %t, want %t", tt.section, tt.from, tt.header, facts.ShouldAck(), tt.answer)
		}
	}
}

// TestOwnUnknown: where our addresses aren't known, a message needs not name one.
func TestOwnUnknown(t *testing.T) {
	for _, own := range [][]string{nil, {""}, {"", " "}} {
		r, facts := NewReport(Envelope{From: "ann@mail.example", Own: own}, strings.NewReader("To: alias@office.example\r\n\r\nA pond.\r\n"))
		if _, err := take(r); err != nil {
			t.Fatal(err)
		}
		if !facts.ShouldAck() {
			t.Errorf("of %q it names none", own)
		}
	}
}

// TestWhomAMailboxAnswers: §4 of a message that lay in a mailbox: the field Return-Path,
// or nobody.
func TestWhomAMailboxAnswers(t *testing.T) {
	const rest = "From: ann@mail.example\r\nReply-To: list@mail.example\r\n\r\nA pond.\r\n"
	for field, want := range map[string]string{"Return-Path: <bea@mail.example>\r\n": "bea@mail.example", "Return-Path: <>\r\n": "", "": ""} {
		r, facts := NewReport(Envelope{Polled: true}, strings.NewReader(field+rest))
		if _, err := take(r); err != nil {
			t.Fatal(err)
		}
		if facts.ReturnPath != want || facts.ShouldAck() != (want != "") {
			t.Errorf("%q: answers <%s>, %t", field, facts.ReturnPath, facts.ShouldAck())
		}
	}
}

// TestThreadOfAnAnswer is RFC 5322 §3.6.4 by way of RFC 3834 §3.1.6.
func TestThreadOfAnAnswer(t *testing.T) {
	for header, want := range map[string][]string{
		"References: <1@x> <bad id@x>\r\n <2@x>\r\nIn-Reply-To: <9@x>": {"<1@x>", "<2@x>"},
		"In-Reply-To: <1@x> (of Monday)":                               {"<1@x>"},
		"In-Reply-To: <1@x> <2@x>":                                     nil, // of two parents there is no one thread
		"Subject: s":                                                   nil,
	} {
		r, facts := NewReport(Envelope{From: "a@b.example"}, strings.NewReader(header+"\r\nMessage-ID: <3@x>\r\n\r\n"))
		if _, err := take(r); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, facts.References); diff != "" || facts.MessageID != "<3@x>" {
			t.Errorf("%q: of %s: %s", header, facts.MessageID, diff)
		}
	}
}

// TestHowOften: §2 and §6: one answer a thread and week, ten a day and address; none for what
// is held (a malformed message, a flood) or was there already.
func TestHowOften(t *testing.T) {
	sent, now := 0, time.Unix(1e9, 0)
	a := NewAnswers(func(context.Context, Ack) { sent++ }, func() time.Time { return now })
	tell := func(filed intake.Filed, id string, references ...string) int {
		before := sent
		a.Taken(t.Context(), filed, &intake.Report{}, &Facts{ReturnPath: "ann@mail.example", MessageID: id, References: references})
		return sent - before
	}
	for _, tt := range []struct {
		filed      intake.Filed
		id         string
		references []string
		want       int
	}{
		{intake.Filed{Held: true}, "<1@x>", nil, 0},
		{intake.Filed{Duplicate: true}, "<1@x>", nil, 0},
		{intake.Filed{Joined: true}, "<1@x>", nil, 0},
		{intake.Filed{}, "<1@x>", nil, 1},
		{intake.Filed{}, "<2@x>", []string{"<1@x>"}, 0},
		{intake.Filed{}, "<3@x>", []string{"<1@x>", "<2@x>"}, 0},
		{intake.Filed{}, "<4@x>", nil, 1},
	} {
		if got := tell(tt.filed, tt.id, tt.references...); got != tt.want {
			t.Errorf("%+v %s: %d answers, want %d", tt.filed, tt.id, got, tt.want)
		}
	}
	now = now.Add(6 * 24 * time.Hour)
	if tell(intake.Filed{}, "<5@x>", "<1@x>") != 0 {
		t.Error("a thread is answered again within the week")
	}
	now = now.Add(2 * 24 * time.Hour)
	for i := range 30 {
		tell(intake.Filed{}, "<n"+strings.Repeat("i", i)+"@x>")
	}
	if sent != 2+perAddress {
		t.Errorf("%d answers, want %d", sent, 2+perAddress)
	}
}
