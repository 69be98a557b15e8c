package mailhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

// mailgun is Mailgun's forward() route: a form with recipient, sender, timestamp,
// token, signature and, where the route's address ends in "mime", body-mime, the
// message as it came; else message-headers ([["Subject","…"],…]), body-plain,
// body-html and attachment-1 …. Of a store() route attachments lists files that are to be fetched with
// the account's key, which isn't here.
//
// signature = hex(HMAC-SHA256(key, timestamp + token)): the message isn't signed,
// so a token is good for one. 406 stops the retries, which go on for eight hours.
// https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http
type mailgun struct {
	secrets []string
	now     func() time.Time
}

// mailgunAge covers the eight hours of retries, whether they are signed anew or not.
const mailgunAge = 12 * time.Hour

func newMailgun(c Channel, o Options) (provider, error) {
	if len(c.Secrets) == 0 {
		return nil, errors.New("secret is missing: it is the HTTP webhook signing key")
	}
	return &mailgun{c.Secrets, o.Now}, nil
}

func (m *mailgun) open(_ context.Context, r *http.Request, body []byte) (delivery, error) {
	f, err := readForm(r, body)
	if told, ok := events(body); err != nil && ok {
		return delivery{nothing: true}, m.verify(told)
	}
	if err != nil {
		return delivery{}, err
	}
	if err := m.verify(f); err != nil {
		return delivery{}, err
	}
	d := delivery{from: f.fields["sender"], to: strings.Split(f.fields["recipient"], ","), nonce: f.fields["token"]}
	if raw, ok := f.fields["body-mime"]; ok {
		d.raw = []byte(raw)
		return d, nil
	}
	d.raw = m.parsed(f).compose()
	var stayed []any
	d.partial = json.Unmarshal([]byte(f.fields["attachments"]), &stayed) == nil && len(stayed) > len(f.files)
	return d, nil
}

// events reads what signs a body of the event webhooks, which tell in JSON what became of mail that was sent
// (https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks).
func events(body []byte) (f form, ok bool) {
	var told struct {
		Signature map[string]string
		Event     struct{ Event string } `json:"event-data"`
	}
	ok = json.Unmarshal(body, &told) == nil && told.Event.Event != ""
	return form{fields: told.Signature}, ok
}

func (m *mailgun) verify(f form) error {
	timestamp, token := f.fields["timestamp"], f.fields["token"]
	if token == "" {
		return errSignature
	}
	found := false
	for _, s := range m.secrets {
		mac := hmac.New(sha256.New, []byte(s))
		mac.Write([]byte(timestamp + token))
		found = same(hex.EncodeToString(mac.Sum(nil)), f.fields["signature"]) || found
	}
	if !found {
		return errSignature
	}
	return fresh(timestamp, m.now(), mailgunAge)
}

func (m *mailgun) parsed(f form) parsed {
	p := parsed{files: f.files}
	var pairs [][]string
	if json.Unmarshal([]byte(f.fields["message-headers"]), &pairs) == nil {
		for _, pair := range pairs {
			if len(pair) == 2 {
				p.header = append(p.header, headerField{pair[0], pair[1]})
			}
		}
	}
	if len(p.header) == 0 {
		p.header = []headerField{{"From", f.fields["from"]}, {"Subject", f.fields["subject"]}}
	}
	p.texts = alternatives(f.fields["body-plain"], f.fields["body-html"], "", "")
	return p
}

// alternatives are a message's words as plain text and as HTML.
func alternatives(plain, html, plainCharset, htmlCharset string) (out []bodyText) {
	if plain != "" || html == "" {
		out = append(out, bodyText{"text/plain", plainCharset, plain})
	}
	if html != "" {
		out = append(out, bodyText{"text/html", htmlCharset, html})
	}
	return out
}
