package sms

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// provider is one gateway's wire format. It is safe for concurrent use.
type provider interface {
	// verify says whether the gateway sent this body. Its errors wrap
	// [errSignature] or [errStale].
	verify(r *http.Request, body []byte) error
	// decode reads a verified body. It never fails: what it can't read comes as
	// an unparsed message, and nothing at all means that there is no report in it.
	decode(r *http.Request, body []byte) []message
	// answer is the success the gateway waits for, with ack in it if it can
	// carry a text back to the sender.
	answer(ack string) reply
}

// reply is a success; status 0 is 200.
type reply struct {
	status            int
	contentType, body string
}

// The types most answers have.
const (
	textType = "text/plain; charset=utf-8"
	jsonType = "application/json; charset=utf-8"
)

// kind is how a provider is set up.
type kind struct {
	build    func(c Channel, now func() time.Time) (provider, error)
	signsURL bool  // the signature covers the configured URL
	acks     bool  // the answer carries a text back to the sender
	most     int64 // bytes of a callback; 0 is maxBody
	// gets says that a channel's callbacks may come by GET, with their fields in
	// the query; nil takes POST alone.
	gets func(c Channel) bool
	// looks says that the provider asks for the address with nothing in the query, and takes it for a hook only
	// after 200.
	looks bool
}

// kinds is the table of providers.
func kinds() map[string]kind {
	return map[string]kind{
		"africastalking":  {build: newAfricasTalking},
		"aliyun":          {build: newAliyun},
		"android":         {build: newAndroid, most: 8 << 20}, // pictures come along, in base64
		"bird":            {build: newBird, signsURL: true},
		"custom":          {build: newCustom, gets: func(c Channel) bool { return c.Custom.Format == FormatGet }},
		"huawei":          {build: newHuawei, signsURL: true},
		"infobip":         {build: newInfobip},
		"messagebird":     {build: newMessageBird, signsURL: true, gets: always},
		"plivo":           {build: newPlivo, signsURL: true, gets: always},
		"sinch":           {build: newSinch},
		"standard":        {build: newStandard},
		"telnyx":          {build: newTelnyx},
		"tencent":         {build: newTencent},
		"twilio":          {build: newTwilio, signsURL: true, acks: true},
		"vonage":          {build: newVonage, gets: always, looks: true},
		"vonage-messages": {build: newVonageMessages},
	}
}

func always(Channel) bool { return true }

// Providers lists the names a channel's provider may have, sorted.
func Providers() []string { return slices.Sorted(maps.Keys(kinds())) }
