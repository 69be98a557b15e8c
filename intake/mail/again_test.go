package mail_test

import (
	"strings"
	"testing"

	"tipline/intake/intaketest"
	"tipline/intake/mail"
)

// TestOneMailManyWays: one mail is one tip, by whichever of our ways it comes and comes
// again; another mail is a tip of its own, also under the same Message-ID.
func TestOneMailManyWays(t *testing.T) {
	o := intaketest.Open(t)
	door := o.Door()
	const lines = "Message-ID: <1@example.org>\nDate: Tue, 24 Nov 2026 02:00:00 +0800\nFrom: Wang <wang@example.org>\nTo: tips@office.example\nSubject: pond\n\nA pond is being dug.\n"
	wire := strings.ReplaceAll(lines, "\n", "\r\n")
	first := ""
	for _, tt := range []struct {
		gateway, raw string
		again        bool
	}{
		{mail.Gateway, "Received: by mx1.example; 1\r\n" + wire, false},
		{mail.Gateway, "Received: by mx1.example; 1\r\n" + wire, true},        // the answer was lost
		{mail.Gateway, "Received: by mx2.example; 2\r\n" + wire, true},        // by another way
		{"mailbox/box", "Delivered-To: box\r\nX-QQ-mid: 1\r\n" + wire, true},  // a copy in a mailbox
		{"mailbox/box", "Delivered-To: box\r\nX-QQ-mid: 1\r\n" + wire, true},  // which is read again
		{"mailbox/pop", "Return-Path: <wang@example.org>\n" + lines, true},    // with other line ends
		{"mail/mg", "Authentication-Results: mg; spf=pass\r\n" + lines, true}, // and by a callback
		{mail.Gateway, strings.Replace(wire, "dug", "filled", 1), false},
		{mail.Gateway, strings.Replace(wire, "pond\r\n", "another pond\r\n", 1), false},
		{mail.Gateway, strings.Replace(wire, "From: Wang", "From: Li", 1), false},
	} {
		r, _ := mail.NewReport(mail.Envelope{Gateway: tt.gateway, From: "wang@example.org"}, strings.NewReader(tt.raw))
		filed, err := door.Submit(t.Context(), r)
		intaketest.Must(t, err)
		if first == "" {
			first = filed.ID
		}
		if filed.Duplicate != tt.again || tt.again && filed.ID != first {
			t.Errorf("%s, %q: again is %t, want %t", tt.gateway, tt.raw[:30], filed.Duplicate, tt.again)
		}
	}
}
