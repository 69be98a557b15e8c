package mailhook

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tipline/intake/mail"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// TestAliases: a message to another address of ours, from where it was redirected to the provider, is answered; one that
// names none of ours isn't.
func TestAliases(t *testing.T) {
	for to, want := range map[string]int{"tips+dumping@example.net": 1, "Office <JUBAO@town.example>": 1, "else@town.example": 0} {
		o, acks := newOffice(noon), 0
		now := func() time.Time { return noon }
		h, err := NewHandler(Channel{Name: "box", Provider: "mailgun", Secrets: []string{"key"}, MaxBytes: 1 << 20}, Options{Submit: o.submit, Log: slog.New(slog.DiscardHandler), Now: now,
			Aliases: []string{"jubao@town.example"}, Count: func(string) {}, Answers: mail.NewAnswers(func(context.Context, mail.Ack) { acks++ }, now)})
		if err != nil {
			t.Fatal(err)
		}
		fields := url.Values{"sender": {"wang@example.org"}, "recipient": {"tips+dumping@example.net"}, "body-mime": {"To: " + to + "\r\n" + message}}
		if status := call(h, post("application/x-www-form-urlencoded", []byte(mailgunSigned("key", "one", noon, fields).Encode()))); status != http.StatusOK || acks != want {
			t.Errorf("to %s: %d, %d acknowledgements, want %d", to, status, acks, want)
		}
	}
}

func mailgunSigned(key, token string, at time.Time, fields url.Values) url.Values {
	mac := hmac.New(sha256.New, []byte(key))
	fmt.Fprintf(mac, "%d%s", at.Unix(), token)
	out := url.Values{"timestamp": {fmt.Sprint(at.Unix())}, "token": {token}, "signature": {hex.EncodeToString(mac.Sum(nil))}}
	for k, v := range fields {
		out[k] = v
	}
	return out
}

// TestMailgun: raw and parsed messages come in, a token is good for one message,
// and a redelivery is a success that brings nothing.
func TestMailgun(t *testing.T) {
	o := newOffice(noon)
	h := o.handler(t, Channel{Provider: "mailgun", Secrets: []string{"old", "key"}}, nil)
	send := func(v url.Values) int { return call(h, post("application/x-www-form-urlencoded", []byte(v.Encode()))) }
	raw := url.Values{"sender": {"wang@example.org"}, "recipient": {"tips+dumping@example.net"}, "body-mime": {message}}
	first := mailgunSigned("key", "one", noon, raw)
	for _, tt := range []struct {
		name  string
		v     url.Values
		want  int
		taken int
	}{
		{"first", first, 200, 1},
		{"again", first, 200, 1},
		{"signed anew", mailgunSigned("old", "two", noon, raw), 200, 1},
		{"another message under the token", mailgunSigned("key", "one", noon, url.Values{"body-mime": {"Subject: forged\r\n\r\nx"}}), 200, 1},
		{"wrong key", mailgunSigned("other", "three", noon, raw), 403, 1},
		{"old", mailgunSigned("key", "four", noon.Add(-13*time.Hour), raw), 403, 1},
		{"to come", mailgunSigned("key", "five", noon.Add(time.Hour), raw), 403, 1},
		{"no token", mailgunSigned("key", "", noon, raw), 403, 1},
		{"parsed", mailgunSigned("key", "six", noon, url.Values{"sender": {"li@example.org"}, "recipient": {"tips@example.net"}, "body-plain": {"稻田里倒了渣土。"},
			"message-headers": {`[["Subject","田"],["From","Li <li@example.org>"],["Message-Id","<2@example.org>"],["Content-Type","text/plain; charset=gbk"]]`}}), 200, 2},
	} {
		if got := send(tt.v); got != tt.want || len(o.took) != tt.taken {
			t.Errorf("%s: %d, %d taken; want %d, %d", tt.name, got, len(o.took), tt.want, tt.taken)
		}
	}
	if o.raws[0] != message || o.took[0].Category != "dumping" || o.took[0].Sender != "wang@example.org" {
		t.Errorf("the raw message is %q, category %q", o.raws[0], o.took[0].Category)
	}
	if got := o.took[1].Words.Text; got != "田\n\n稻田里倒了渣土。" {
		t.Errorf("the parsed message says %q", got)
	}
}

// TestMailgunStores: a route that stores brings the words and leaves the files with Mailgun: who reads them is told that some is missing.
func TestMailgunStores(t *testing.T) {
	for attachments, missing := range map[string]bool{`[{"url":"https://sw.api.mailgun.net/v3/domains/x/messages/y/attachments/0","content-type":"image/jpeg","name":"a.jpg","size":1}]`: true, `[]`: false, "": false} {
		o := newOffice(noon)
		h := o.handler(t, Channel{Provider: "mailgun", Secrets: []string{"key"}}, nil)
		v := mailgunSigned("key", "one", noon, url.Values{"sender": {"li@example.org"}, "body-plain": {"稻田里倒了渣土。"}, "message-headers": {`[["Subject","田"]]`},
			"message-url": {"https://sw.api.mailgun.net/v3/domains/x/messages/y"}, "attachments": {attachments}})
		if got := call(h, post("application/x-www-form-urlencoded", []byte(v.Encode()))); got != 200 || len(o.took) != 1 || slices.Contains(o.took[0].Flags, mail.FlagMalformed) != missing {
			t.Errorf("%s: %d, flags %q", attachments, got, o.took[0].Flags)
		}
	}
}

// TestNewsOfSentMail: what a provider tells of mail that was sent is no message, though it came to the same address.
func TestNewsOfSentMail(t *testing.T) {
	s, user := newSigner(t), func(r *http.Request) { r.SetBasicAuth("user", "pass") }
	opened := []byte(`[{"email":"wang@example.org","timestamp":1600112492,"event":"open","sg_event_id":"x","sg_message_id":"y"}]`)
	for name, c := range map[string]struct {
		channel Channel
		request *http.Request
		taken   int
	}{
		"postmark, delivered":       {Channel{Provider: "postmark", Secrets: []string{"user:pass"}}, post("application/json", []byte(`{"RecordType":"Delivery","MessageID":"m","Recipient":"wang@example.org","DeliveredAt":"2026-11-24T12:00:00Z"}`), user), 0},
		"postmark, bounced":         {Channel{Provider: "postmark", Secrets: []string{"user:pass"}}, post("application/json", []byte(`{"RecordType":"Bounce","ID":1,"Type":"HardBounce","Email":"wang@example.org","From":"tips@example.net","Subject":"s"}`), user), 0},
		"postmark, another kind":    {Channel{Provider: "postmark", Secrets: []string{"user:pass"}}, post("application/json", []byte(`{"RecordType":"Inbound","From":"wang@example.org","Subject":"s","TextBody":"x"}`), user), 1},
		"postmark, a mail":          {Channel{Provider: "postmark", Secrets: []string{"user:pass"}}, post("application/json", []byte(`{"From":"wang@example.org","Subject":"s","TextBody":"x"}`), user), 1},
		"mailgun, delivered":        {Channel{Provider: "mailgun", Secrets: []string{"old", "key"}}, mailgunEvent(t, "key", `{"event":"delivered","recipient":"wang@example.org","timestamp":1600112492.5}`), 0},
		"sendgrid, opened":          {Channel{Provider: "sendgrid", Secrets: []string{s.public}}, post("application/json", opened, s.sign(opened, noon)), 0},
		"sendgrid, nobody's events": {Channel{Provider: "sendgrid", Secrets: []string{"user:pass"}}, post("application/json", []byte(`[{"email":"wang@example.org"}]`), user), 1},
	} {
		o := newOffice(noon)
		if got := call(o.handler(t, c.channel, nil), c.request); got != 200 || len(o.took) != c.taken {
			t.Errorf("%s: %d, %d taken", name, got, len(o.took))
		}
	}
}

// mailgunEvent is a callback of Mailgun's event webhooks.
func mailgunEvent(t testing.TB, key, event string) *http.Request {
	signature := map[string]string{}
	for name, v := range mailgunSigned(key, "one", noon, nil) {
		signature[name] = v[0]
	}
	body, err := json.Marshal(map[string]any{"signature": signature, "event-data": json.RawMessage(event)})
	if err != nil {
		t.Fatal(err)
	}
	return post("application/json", body)
}

// TestForgedNews: news that the provider didn't sign is refused as a forged mail is, and JSON that tells nothing isn't news.
func TestForgedNews(t *testing.T) {
	h := newOffice(noon).handler(t, Channel{Provider: "mailgun", Secrets: []string{"key"}}, nil)
	for _, c := range []struct {
		request *http.Request
		want    int
	}{
		{mailgunEvent(t, "other", `{"event":"delivered"}`), http.StatusForbidden},
		{post("application/json", []byte(`{"event-data":{"event":"delivered"}}`)), http.StatusForbidden},
		{mailgunEvent(t, "key", `{}`), http.StatusBadRequest},
	} {
		if got := call(h, c.request); got != c.want {
			t.Errorf("%d, want %d", got, c.want)
		}
	}
}

func formData(t testing.TB, fields map[string]string, files map[string]string) (contentType string, body []byte) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for name, text := range fields {
		p, err := w.CreateFormField(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(p, text)
	}
	for name, text := range files {
		p, err := w.CreateFormFile("attachment1", name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(p, text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), out.Bytes()
}

// signer is a SendGrid security policy of the tests.
type signer struct {
	key    *ecdsa.PrivateKey
	public string
}

func newSigner(t testing.TB) signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return signer{key, base64.StdEncoding.EncodeToString(der)}
}

func (s signer) sign(body []byte, at time.Time) func(*http.Request) {
	timestamp := fmt.Sprint(at.Unix())
	digest := sha256.Sum256(append([]byte(timestamp), body...))
	signature, err := ecdsa.SignASN1(rand.Reader, s.key, digest[:])
	return func(r *http.Request) {
		if err == nil {
			r.Header.Set("X-Twilio-Email-Event-Webhook-Signature", base64.StdEncoding.EncodeToString(signature))
			r.Header.Set("X-Twilio-Email-Event-Webhook-Timestamp", timestamp)
		}
	}
}

// TestSendGrid: raw and parsed, signed or with the address's password; a text in
// the charset that SendGrid names is read.
func TestSendGrid(t *testing.T) {
	o, s := newOffice(noon), newSigner(t)
	h := o.handler(t, Channel{Provider: "sendgrid", Secrets: []string{s.public, "user:pass:word"}}, nil)
	kind, raw := formData(t, map[string]string{"email": message, "envelope": `{"to":["tips@example.net"],"from":"wang@example.org"}`}, nil)
	if got := call(h, post(kind, raw, s.sign(raw, noon))); got != 200 || len(o.took) != 1 || o.raws[0] != message || o.took[0].Sender != "wang@example.org" {
		t.Fatalf("raw: %d, %d taken", got, len(o.took))
	}
	if got := call(h, post(kind, raw, s.sign(raw, noon.Add(time.Minute)))); got != 200 || len(o.took) != 1 {
		t.Errorf("again: %d, %d taken", got, len(o.took))
	}
	kind, parts := formData(t, map[string]string{"headers": "Subject: field\nMessage-ID: <3@example.org>\nX-Long: a\n b", "text": "\xb5\xbe\xcc\xef\xc0\xef\xb5\xb9\xc1\xcb\xd4\xfc\xcd\xc1\xa1\xa3",
		"charsets": `{"text":"gb2312"}`}, map[string]string{"photo of me.jpg": "jpeg"})
	password := func(r *http.Request) { r.SetBasicAuth("user", "pass:word") }
	if got := call(h, post(kind, parts, password)); got != 200 || len(o.took) != 2 || o.took[1].Words.Text != "field\n\n稻田里倒了渣土。" || len(o.names) != 1 || o.names[0] != "photo of me.jpg" {
		t.Errorf("parsed: %d, %d taken, files %q", got, len(o.took), o.names)
	}
	for name, change := range map[string]func(*http.Request){
		"nothing":            func(*http.Request) {},
		"wrong password":     func(r *http.Request) { r.SetBasicAuth("user", "password") },
		"another key":        newSigner(t).sign(parts, noon),
		"another body":       s.sign(raw, noon),
		"old":                s.sign(parts, noon.Add(-14*24*time.Hour)),
		"to come":            s.sign(parts, noon.Add(time.Hour)),
		"wrong and password": func(r *http.Request) { newSigner(t).sign(parts, noon)(r); password(r) },
	} {
		if got := call(h, post(kind, parts, change)); got != 403 || len(o.took) != 2 {
			t.Errorf("%s: %d, %d taken", name, got, len(o.took))
		}
	}
}

// TestPostmark: the raw message when it is there, else its parts; only with the
// address's password.
func TestPostmark(t *testing.T) {
	o := newOffice(noon)
	h := o.handler(t, Channel{Provider: "postmark", Secrets: []string{"user:new", "user:old"}}, nil)
	send := func(password string, v any) int {
		body, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return call(h, post("application/json", body, func(r *http.Request) { r.SetBasicAuth("user", password) }))
	}
	withPath := "Return-Path: <wang@example.org>\r\n" + message
	if got := send("old", map[string]any{"RawEmail": withPath, "OriginalRecipient": "tips+house@example.net"}); got != 200 || o.raws[0] != withPath {
		t.Fatalf("raw: %d", got)
	}
	if r := o.took[0]; r.Category != "house" || r.Sender != "wang@example.org" {
		t.Errorf("category %q, sender %q", r.Category, r.Sender)
	}
	parts := map[string]any{"From": "li@example.org", "Subject": "田", "MessageID": "p-1", "TextBody": "稻田里倒了渣土。", "HtmlBody": "<p>x</p>",
		"Headers":     []map[string]string{{"Name": "X-Spam", "Value": "no\r\nInjected: yes"}},
		"Attachments": []map[string]any{{"Name": "a.txt", "ContentType": "text/plain", "Content": []byte("file")}}}
	if got := send("new", parts); got != 200 || o.took[1].Words.Text != "田\n\n稻田里倒了渣土。" || len(o.names) != 1 {
		t.Errorf("parsed: %d, files %q", got, o.names)
	}
	if strings.Contains(o.raws[1], "\nInjected:") {
		t.Error("a value began a field of its own")
	}
	if got := send("new", parts); got != 200 || len(o.took) != 2 {
		t.Errorf("again: %d, %d taken", got, len(o.took))
	}
	if got := send("wrong", parts); got != 403 {
		t.Errorf("wrong password: %d", got)
	}
}

// TestUnread: what is certainly the provider's and can't be read isn't refused, for not every provider
// would bring it again. It is kept and held, and whoever wrote it stands with the identity alone.
func TestUnread(t *testing.T) {
	const address = "wang@example.org"
	s, a := newSigner(t), newAmazon(t)
	kind, whole := formData(t, map[string]string{"email": "From: " + address + "\r\n\r\nx"}, nil)
	cut := whole[:len(whole)-20]
	user := func(r *http.Request) { r.SetBasicAuth("user", "pass") }
	amazons := func(text string) *http.Request {
		body, err := json.Marshal(a.notification("Notification", text))
		if err != nil {
			t.Fatal(err)
		}
		return post("text/plain", body)
	}
	for name, c := range map[string]struct {
		channel Channel
		request *http.Request
	}{
		"sendgrid, cut off":             {Channel{Provider: "sendgrid", Secrets: []string{s.public}}, post(kind, cut, s.sign(cut, noon))},
		"sendgrid, no form":             {Channel{Provider: "sendgrid", Secrets: []string{"user:pass"}}, post("text/plain", []byte(address), user)},
		"postmark, cut off":             {Channel{Provider: "postmark", Secrets: []string{"user:pass"}}, post("application/json", []byte(`{"From":"`+address), user)},
		"postmark, a broken file":       {Channel{Provider: "postmark", Secrets: []string{"user:pass"}}, post("application/json", []byte(`{"From":"`+address+`","Attachments":[{"Content":"?"}]}`), user)},
		"ses, the message is elsewhere": {Channel{Provider: "ses", Topic: topic}, amazons(`{"notificationType":"Received","mail":{"source":"` + address + `"},"receipt":{"action":{"type":"S3"}}}`)},
		"ses, broken base64":            {Channel{Provider: "ses", Topic: topic}, amazons(`{"notificationType":"Received","mail":{"source":"` + address + `"},"receipt":{"action":{"encoding":"BASE64"}},"content":"?"}`)},
		"ses, words":                    {Channel{Provider: "ses", Topic: topic}, amazons("a test by " + address)},
	} {
		o := newOffice(noon)
		if got := call(o.handler(t, c.channel, &http.Client{Transport: a}), c.request); got != 200 || len(o.took) != 1 {
			t.Errorf("%s: %d, %d taken", name, got, len(o.took))
			continue
		}
		if r := o.took[0]; !r.Hold || r.Words.Text != "" || !strings.Contains(r.Identity.Notes[0], address) || !strings.Contains(o.raws[0], address) {
			t.Errorf("%s: kept as %+v", name, r)
		}
	}
	o := newOffice(noon) // what SES tells of itself
	for _, kind := range []string{"AmazonSnsSubscriptionSucceeded", "Bounce"} {
		if got := call(o.handler(t, Channel{Provider: "ses", Topic: topic}, &http.Client{Transport: a}), amazons(`{"notificationType":"`+kind+`"}`)); got != 200 || len(o.took) != 0 {
			t.Errorf("%s: %d, %d taken", kind, got, len(o.took))
		}
	}
}

const topic = "arn:aws-cn:sns:cn-north-1:1:tips"

// amazon stands in for SNS's own servers.
type amazon struct {
	key   *rsa.PrivateKey
	cert  []byte
	asked []string
}

func newAmazon(t testing.TB) *amazon {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &amazon{key: key, cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

// RoundTrip answers what is fetched.
func (a *amazon) RoundTrip(r *http.Request) (*http.Response, error) {
	a.asked = append(a.asked, r.URL.String())
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(a.cert)), Request: r}, nil
}

const certURL = "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-1.pem"

func (a *amazon) notification(kind, text string, change ...func(*notification)) notification {
	n := notification{Type: kind, MessageID: "m", TopicArn: topic, Message: text, Timestamp: noon.Format("2006-01-02T15:04:05.000Z"), SignatureVersion: "2", SigningCertURL: certURL,
		SubscribeURL: "https://sns.cn-north-1.amazonaws.com.cn/?Action=ConfirmSubscription", Token: "t"}
	for _, c := range change {
		c(&n)
	}
	hash, sum := crypto.SHA256, sha256.Sum256([]byte(n.signed()))
	digest := sum[:]
	if n.SignatureVersion == "1" {
		old := sha1.Sum([]byte(n.signed()))
		hash, digest = crypto.SHA1, old[:]
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, a.key, hash, digest)
	if err != nil {
		panic(err)
	}
	n.Signature = base64.StdEncoding.EncodeToString(signature)
	return n
}

// TestSES: both signatures, both encodings, the subscription; and nothing from
// another topic, another server or another key.
func TestSES(t *testing.T) {
	o, a := newOffice(noon), newAmazon(t)
	h := o.handler(t, Channel{Provider: "ses", Topic: topic}, &http.Client{Transport: a})
	send := func(n notification) int {
		body, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		return call(h, post("text/plain; charset=UTF-8", body))
	}
	content := func(raw, encoding string) string {
		text, err := json.Marshal(map[string]any{"notificationType": "Received", "content": raw,
			"mail":    map[string]any{"source": "wang@example.org", "destination": []string{"tips+pond@example.net"}},
			"receipt": map[string]any{"action": map[string]string{"encoding": encoding}}})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	subject := "Amazon SES Email Receipt Notification"
	if got := send(a.notification("SubscriptionConfirmation", "confirm")); got != 200 || len(o.took) != 0 || len(a.asked) != 2 || !strings.Contains(a.asked[1], "ConfirmSubscription") {
		t.Fatalf("subscription: %d, asked %q", got, a.asked)
	}
	good := a.notification("Notification", content(message, "UTF-8"), func(n *notification) { n.Subject = &subject })
	if got := send(good); got != 200 || len(o.took) != 1 || o.raws[0] != message || o.took[0].Category != "pond" {
		t.Fatalf("plain: %d, %d taken", got, len(o.took))
	}
	other := strings.ReplaceAll(message, "<1@", "<9@")
	if got := send(a.notification("Notification", content(base64.StdEncoding.EncodeToString([]byte(other)), "BASE64"), func(n *notification) { n.SignatureVersion = "1" })); got != 200 || o.raws[len(o.raws)-1] != other {
		t.Errorf("base64, version 1: %d", got)
	}
	if got := send(good); got != 200 || len(o.took) != 2 {
		t.Errorf("again: %d, %d taken", got, len(o.took))
	}
	if len(a.asked) != 2 {
		t.Errorf("the certificate was fetched again: %q", a.asked)
	}
	for name, n := range map[string]notification{
		"another topic":     a.notification("Notification", "x", func(n *notification) { n.TopicArn += "2" }),
		"another host":      a.notification("Notification", "x", func(n *notification) { n.SigningCertURL = "https://sns.evil.example/a.pem" }),
		"a host like it":    a.notification("Notification", "x", func(n *notification) { n.SigningCertURL = "https://sns.cn.amazonaws.com.evil.example/a.pem" }),
		"a user in front":   a.notification("Notification", "x", func(n *notification) { n.SigningCertURL = "https://sns.cn-north-1.amazonaws.com@evil.example/a.pem" }),
		"in clear":          a.notification("Notification", "x", func(n *notification) { n.SigningCertURL = strings.Replace(certURL, "https", "http", 1) }),
		"another key":       newAmazon(t).notification("Notification", "x"),
		"no such version":   a.notification("Notification", "x", func(n *notification) { n.SignatureVersion = "3" }),
		"old":               a.notification("Notification", "x", func(n *notification) { n.Timestamp = noon.AddDate(0, 0, -14).Format(time.RFC3339) }),
		"confirm elsewhere": a.notification("SubscriptionConfirmation", "x", func(n *notification) { n.SubscribeURL = "https://169.254.169.254/latest" }),
	} {
		if got := send(n); got != 403 || len(o.took) != 2 {
			t.Errorf("%s: %d, %d taken", name, got, len(o.took))
		}
	}
	late := noon.AddDate(1, 0, 1) // behind the certificate's end
	past := newOffice(late)
	n := a.notification("Notification", content(message, "UTF-8"), func(n *notification) { n.Timestamp = late.Format(time.RFC3339) })
	body, err := json.Marshal(n)
	if got := call(past.handler(t, Channel{Provider: "ses", Topic: topic}, &http.Client{Transport: a}), post("text/plain", body)); err != nil || got != 403 || len(past.took) > 0 {
		t.Errorf("a certificate that ran out: %d, %v", got, err)
	}
	changed := good
	changed.Message += " "
	if got := send(changed); got != 403 {
		t.Errorf("changed: %d", got)
	}
}

// TestOneBit: no bit of what is signed can be changed.
func TestOneBit(t *testing.T) {
	s, a := newSigner(t), newAmazon(t)
	kind, body := formData(t, map[string]string{"email": message}, nil)
	sg, err := newSendGrid(Channel{Secrets: []string{s.public}}, Options{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	note := a.notification("Notification", message)
	text := note.signed()
	cert, err := x509.ParseCertificate(func() []byte { b, _ := pem.Decode(a.cert); return b.Bytes }())
	if err != nil {
		t.Fatal(err)
	}
	aws := &ses{topic: topic, now: func() time.Time { return noon }, certs: map[string]*x509.Certificate{certURL: cert}}
	mg := &mailgun{[]string{"key"}, func() time.Time { return noon }}
	signed := s.sign(body, noon)
	rapid.Check(t, func(t *rapid.T) {
		at, bit := rapid.IntRange(0, len(body)-1).Draw(t, "at"), byte(1)<<rapid.IntRange(0, 7).Draw(t, "bit")
		other := bytes.Clone(body)
		other[at] ^= bit
		if sg.(*sendgrid).verify(post(kind, other, signed), other) == nil {
			t.Errorf("sendgrid takes a change at %d", at)
		}
		n := note
		m := []byte(n.Message)
		m[at%len(m)] ^= bit
		n.Message = string(m)
		if n.signed() != text && aws.verify(t.Context(), n) == nil {
			t.Errorf("ses takes a change at %d", at)
		}
		f := form{fields: map[string]string{}}
		for k, v := range mailgunSigned("key", "token", noon, nil) {
			b := []byte(v[0])
			if name := rapid.SampledFrom([]string{"timestamp", "token", "signature"}).Draw(t, "field"+k); name == k {
				b[at%len(b)] ^= bit
			}
			f.fields[k] = string(b)
		}
		if same := mailgunSigned("key", "token", noon, nil); f.fields["timestamp"] != same.Get("timestamp") || f.fields["token"] != "token" || f.fields["signature"] != same.Get("signature") {
			if mg.verify(f) == nil {
				t.Errorf("mailgun takes %v", f.fields)
			}
		}
	})
	if sg.(*sendgrid).verify(post(kind, body, signed), body) != nil || aws.verify(t.Context(), note) != nil {
		t.Error("what wasn't changed is refused")
	}
}

// TestComposed: what is put together from parts is read as those parts, and the
// same parts give the same message.
func TestComposed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringMatching(`[a-z稻田 .\-]{1,200}[a-z]`).Draw(t, "words")
		p := parsed{header: []headerField{{"Subject", "s"}, {"Content-Type", "text/html"}, {"bad name", "x"}}, texts: alternatives(words, "", "", ""),
			files: []file{{name: "报告.txt", contentType: "text/plain", body: rapid.SliceOf(rapid.Byte()).Draw(t, "file")}}}
		if !bytes.Equal(p.compose(), p.compose()) {
			t.Fatal("two messages of the same parts differ")
		}
		o := newOffice(noon)
		h := &handler{channel: Channel{MaxBytes: 1 << 20}, Options: Options{Submit: o.submit}}
		if _, err := h.file(t.Context(), delivery{raw: p.compose()}); err != nil {
			t.Fatal(err)
		}
		want := strings.Trim("s\n\n"+words, "\n")
		if got := o.took[0].Words.Text; strings.TrimSpace(got) != strings.TrimSpace(want) || len(o.names) != 1 || o.names[0] != "报告.txt" {
			t.Fatalf("read as %q, files %q; want %q", got, o.names, want)
		}
	})
}

// FuzzOpen gives every provider any body at all, behind a key that fits.
func FuzzOpen(f *testing.F) {
	f.Add("application/x-www-form-urlencoded", []byte("a=b&signature=c"))
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nm\r\n--x--"))
	f.Add("application/json", []byte(`{"RawEmail":"x","Type":"Notification","Message":"{}"}`))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		o := newOffice(noon)
		for _, c := range []Channel{{Provider: "mailgun", Secrets: []string{"k"}}, {Provider: "sendgrid", Secrets: []string{"u:p"}}, {Provider: "postmark", Secrets: []string{"u:p"}}, {Provider: "ses", Topic: topic}} {
			h := o.handler(t, c, &http.Client{Transport: &amazon{}})
			got := call(h, post(kind, body, func(r *http.Request) { r.SetBasicAuth("u", "p") }))
			if (c.Provider == "mailgun" || c.Provider == "ses") && got == 200 {
				t.Errorf("%s took what nobody signed", c.Provider)
			}
			if got != 200 && got != 400 && got != 403 {
				t.Errorf("%s answered %d", c.Provider, got)
			}
		}
	})
}
