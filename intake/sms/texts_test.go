package sms

import (
	"context"
	"strings"
	"testing"

	"tipline/intake"
)

// TestWhatTextsComeTo: each thing the door says of a text has its outcome and, on
// a gateway whose answer carries one, its words.
func TestWhatTextsComeTo(t *testing.T) {
	for name, c := range map[string]struct {
		filed   intake.Filed
		ack     string
		outcome string
		answer  string // what of it is said; "" is nothing
	}{
		"joined":              {intake.Filed{ID: "1", Joined: true}, AckReceipt, "joined", "sms.ack.neutral"},
		"waiting":             {intake.Filed{Waiting: true}, AckNeutral, "waiting", ""},
		"stop":                {intake.Filed{Asked: intake.AskedStop, DoNotContact: true}, AckNeutral, "stop", ""},
		"joined after stop":   {intake.Filed{ID: "1", Joined: true, DoNotContact: true}, AckNeutral, "joined", ""},
		"new after stop":      {intake.Filed{ID: "1", DoNotContact: true}, AckReceipt, "stored", ""},
		"state":               {intake.Filed{ID: "1", Asked: intake.AskedState, State: intake.StateReviewing, ReceivedOn: "2026-11-24"}, AckNeutral, "asked", "sms.state on 2026-11-24 state zh-CN state.reviewing"},
		"state of nothing":    {intake.Filed{Asked: intake.AskedState}, AckReceipt, "asked", "sms.state.none"},
		"state, after stop":   {intake.Filed{Asked: intake.AskedState, State: intake.StateReviewing, DoNotContact: true}, AckNeutral, "asked", ""},
		"state, no answers":   {intake.Filed{Asked: intake.AskedState, State: intake.StateReviewing}, AckNone, "asked", ""},
		"duplicate of joined": {intake.Filed{ID: "1", Joined: true, Duplicate: true}, AckNeutral, "duplicate", ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := &office{seen: map[string]bool{}}
			options := o.options()
			options.Submit = func(_ context.Context, r *intake.Report) (intake.Filed, error) { return c.filed, nil }
			h, err := NewHandler(Channel{Name: "city", Provider: "twilio", Secrets: []string{keyText}, URL: hookURL, Ack: c.ack}, options)
			if err != nil {
				t.Fatal(err)
			}
			body := deliver(h, "twilio", form("MessageSid", "SM1", "From", "+8613800138000", "Body", "the words")).Body.String()
			said := strings.Contains(body, "<Message>")
			if o.outcomes[0] != c.outcome || said != (c.answer != "") || !strings.Contains(body, c.answer) || strings.Contains(body, "the words") {
				t.Errorf("%v, answered %s", o.outcomes, body)
			}
		})
	}
}

// TestTold: a gateway whose answer carries nothing sends the same words as a text of its
// own, to new senders and to who asks alone.
func TestTold(t *testing.T) {
	for name, c := range map[string]struct {
		filed intake.Filed
		ack   string
		want  string
	}{
		"new":      {intake.Filed{ID: "1", State: intake.StateReceived}, AckNeutral, "sms.ack.neutral"},
		"none":     {intake.Filed{ID: "1", State: intake.StateReceived}, AckNone, ""},
		"joined":   {intake.Filed{ID: "1", Joined: true}, AckNeutral, ""},
		"held":     {intake.Filed{ID: "1", Held: true}, AckNeutral, ""},
		"again":    {intake.Filed{ID: "1", Duplicate: true}, AckNeutral, ""},
		"stop":     {intake.Filed{Asked: intake.AskedStop, DoNotContact: true}, AckNeutral, ""},
		"state":    {intake.Filed{ID: "1", Asked: intake.AskedState, State: intake.StateReviewing, ReceivedOn: "2026-11-24"}, AckNeutral, "sms.state on 2026-11-24 state zh-CN state.reviewing"},
		"nothing":  {intake.Filed{Asked: intake.AskedState}, AckNeutral, "sms.state.none"},
		"silenced": {intake.Filed{ID: "1", Asked: intake.AskedState, State: intake.StateReviewing, DoNotContact: true}, AckNeutral, ""},
	} {
		o := &office{seen: map[string]bool{}}
		options := o.options()
		options.Submit = func(context.Context, *intake.Report) (intake.Filed, error) { return c.filed, nil }
		var told []Told
		options.Tell = func(t Told) { told = append(told, t) }
		h, err := NewHandler(Channel{Name: "city", Provider: "aliyun", Secrets: []string{keyText}, Ack: c.ack}, options)
		if err != nil {
			t.Fatal(err)
		}
		w := deliver(h, "aliyun", encode("aliyun", said{"13800138000", "1069", "the words"}))
		if w.Code != 200 || len(told) != min(1, len(c.want)) || c.want != "" && (!strings.Contains(told[0].Text, c.want) || told[0].To != "+8613800138000" && told[0].To != "13800138000") {
			t.Errorf("%s: answered %d, told %+v", name, w.Code, told)
		}
	}
}

// TestWhoConverses: a number's plain text does; a name, a picture and what can't be
// read don't, so that nothing of them is lost in a conversation.
func TestWhoConverses(t *testing.T) {
	h := &handler{channel: Channel{Name: "city"}}
	for name, c := range map[string]struct {
		m    message
		want bool
	}{
		"number":   {message{from: "13800138000", text: "x"}, true},
		"name":     {message{from: "VILLAGE", text: "x"}, false},
		"picture":  {message{from: "13800138000", text: "x", media: []string{"https://a.example/0"}}, false},
		"unparsed": {message{from: "13800138000", unparsed: true}, false},
	} {
		if r := h.report(c.m); r.Converse != c.want {
			t.Errorf("%s: converses %t", name, r.Converse)
		}
	}
	p := intake.Piece{Ref: "1", Number: 2, Of: 3}
	if r := h.report(message{from: "VILLAGE", part: p}); r.Piece != p {
		t.Errorf("the part is %+v", r.Piece)
	}
}
