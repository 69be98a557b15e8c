package mailhook

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// postmark is Postmark's inbound webhook: JSON with RawEmail, the message as it
// came, when that is switched on; else Headers, TextBody, HtmlBody and
// Attachments with their Content in base64.
//
// Nothing is signed: the secret is "user:password" and stands in the address that
// was entered at Postmark. 403 stops the retries, which go on for ten hours.
// https://postmarkapp.com/developer/webhooks/inbound-webhook
//
// What became of mail that was sent has a RecordType
// (https://postmarkapp.com/developer/webhooks/webhooks-overview).
type postmark struct{ secrets []string }

func newPostmark(c Channel, _ Options) (provider, error) {
	for _, s := range c.Secrets {
		if user, password, ok := strings.Cut(s, ":"); !ok || user == "" || password == "" {
			return nil, errors.New("secret must be user:password, as in the address that Postmark calls")
		}
	}
	if len(c.Secrets) == 0 {
		return nil, errors.New("secret is missing: it is user:password, as in the address that Postmark calls")
	}
	return &postmark{c.Secrets}, nil
}

// inbound is what is read of a callback.
type inbound struct {
	From, Subject, OriginalRecipient string
	MessageID, TextBody              string
	HTMLBody                         string `json:"HtmlBody"`
	RawEmail, RecordType             string
	Headers                          []struct{ Name, Value string }
	Attachments                      []struct {
		Name, ContentType string
		Content           []byte
	}
}

func (p *postmark) open(_ context.Context, r *http.Request, body []byte) (delivery, error) {
	if !basic(r, p.secrets) {
		return delivery{}, errSignature
	}
	var in inbound
	if json.Unmarshal(body, &in) != nil {
		return delivery{raw: body, unread: true}, nil
	}
	switch in.RecordType {
	case "Bounce", "Click", "Delivery", "Open", "SpamComplaint", "SubscriptionChange":
		return delivery{nothing: true}, nil
	}
	d := delivery{to: []string{in.OriginalRecipient}, polled: true}
	if in.RawEmail != "" {
		d.raw = []byte(in.RawEmail)
		return d, nil
	}
	d.raw = in.parsed().compose()
	return d, nil
}

// parsed gives From and Subject back, which aren't among the header fields.
func (in inbound) parsed() parsed {
	p := parsed{header: []headerField{{"From", in.From}, {"Subject", in.Subject}}, texts: alternatives(in.TextBody, in.HTMLBody, "", "")}
	id := false
	for _, f := range in.Headers {
		p.header = append(p.header, headerField{f.Name, f.Value})
		id = id || strings.EqualFold(f.Name, "Message-ID")
	}
	if !id && in.MessageID != "" {
		p.header = append(p.header, headerField{"Message-ID", "<" + in.MessageID + "@inbound.postmark>"})
	}
	for _, a := range in.Attachments {
		p.files = append(p.files, file{name: a.Name, contentType: a.ContentType, body: a.Content})
	}
	return p
}
