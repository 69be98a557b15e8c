package gateway

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
)

// asJSON is v as JSON; what is written here always can be.
func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "null"
	}
	return string(b)
}

// form is a multipart form (RFC 7578) of fields in their order, and of files; a letter's is the same whenever
// it is delivered.
func (l Letter) form(fields []Field, files []File) (kind, body string) {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	_ = w.SetBoundary("x" + l.sum()[:24]) // is none that could be refused
	for _, f := range fields {
		_ = w.WriteField(f.Name, f.Value) // a Buffer never fails
	}
	for i, f := range files {
		p, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {multipart.FileContentDisposition("attachment"+strconv.Itoa(i+1), f.Name)}, "Content-Type": {f.Type}})
		if err == nil {
			_, _ = p.Write([]byte(f.Body))
		}
	}
	_ = w.Close()
	return w.FormDataContentType(), out.String()
}

// sum follows from the letter's id.
func (l Letter) sum() string {
	sum := sha256.Sum256([]byte(l.ID))
	return hex.EncodeToString(sum[:])
}

// mailgun signs a time and a token, which is the same when it delivers again.
func mailgun(a Account, l Letter) *call {
	timestamp, token := strconv.FormatInt(a.Now.Unix(), 10), l.sum()[:50]
	mac := hmac.New(sha256.New, []byte(a.Secret))
	mac.Write([]byte(timestamp + token))
	fields := []Field{{"recipient", l.To}, {"sender", l.From}, {"from", l.value("From")}, {"subject", l.value("Subject")},
		{"timestamp", timestamp}, {"token", token}, {"signature", hex.EncodeToString(mac.Sum(nil))}}
	if l.Parsed {
		pairs := make([][2]string, 0, len(l.Header))
		for _, f := range l.Header {
			pairs = append(pairs, [2]string{f.Name, f.Value})
		}
		fields = append(fields, Field{"message-headers", l.cut(asJSON(pairs))}, Field{"body-plain", l.Text}, Field{"attachment-count", strconv.Itoa(len(l.Files))})
		kind, body := l.form(fields, l.Files)
		return &call{kind: kind, body: body}
	}
	v := url.Values{}
	for _, f := range append(fields, Field{"body-mime", l.Raw}) {
		v.Set(f.Name, f.Value)
	}
	return &call{kind: "application/x-www-form-urlencoded", body: v.Encode()}
}

// value is a field's of the header.
func (l Letter) value(name string) string {
	for _, f := range l.Header {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// sendgrid brings the message under email in raw mode, and its parts else.
func sendgrid(a Account, l Letter) *call {
	fields := []Field{{"from", l.value("From")}, {"to", l.value("To")}, {"subject", l.value("Subject")}, {"sender_ip", "192.0.2.1"}, {"SPF", "none"},
		{"envelope", asJSON(map[string]any{"to": []string{l.To}, "from": l.From})}, {"charsets", `{"subject":"UTF-8","text":"utf-8"}`}}
	var files []File
	if l.Parsed {
		var header strings.Builder
		for _, f := range l.Header {
			header.WriteString(f.Name + ": " + f.Value + "\n")
		}
		fields = append(fields, Field{"headers", header.String()}, Field{"text", l.Text}, Field{"attachments", strconv.Itoa(len(l.Files))})
		files = l.Files
	} else {
		fields = append(fields, Field{"email", l.Raw})
	}
	kind, body := l.form(fields, files)
	c := &call{kind: kind, body: l.cut(body), header: http.Header{}}
	if user, password, basic := strings.Cut(a.Secret, ":"); basic {
		c.user, c.password = user, password
		return c
	}
	timestamp := strconv.FormatInt(a.Now.Unix(), 10)
	digest := sha256.Sum256([]byte(timestamp + c.body))
	if signature, err := ecdsa.SignASN1(rand.Reader, sendgridPair(a.Secret), digest[:]); err == nil {
		c.header.Set("X-Twilio-Email-Event-Webhook-Signature", base64.StdEncoding.EncodeToString(signature))
		c.header.Set("X-Twilio-Email-Event-Webhook-Timestamp", timestamp)
	}
	return c
}

// SendGridKey is the public key of the security policy, in base64, that belongs to an account's secret: it
// is what the office is to be given.
func SendGridKey(secret string) string {
	der, err := x509.MarshalPKIXPublicKey(sendgridPair(secret).Public())
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(der)
}

// sendgridPair is a P-256 key that follows from a secret. Next to no hash is no key; then its own hash
// is tried.
func sendgridPair(secret string) *ecdsa.PrivateKey {
	for seed := sha256.Sum256([]byte(secret)); ; seed = sha256.Sum256(seed[:]) {
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:]); err == nil {
			return key
		}
	}
}

// postmark signs nothing: user and password stand in the address it calls.
func postmark(a Account, l Letter) *call {
	in := map[string]any{"From": l.value("From"), "To": l.value("To"), "OriginalRecipient": l.To, "Subject": l.value("Subject"), "MessageStream": "inbound",
		"MessageID": l.ID, "Date": l.value("Date")}
	if l.Parsed {
		headers, files := []map[string]string{}, []map[string]any{}
		for _, f := range append([]Field{{"Return-Path", "<" + l.From + ">"}}, l.Header...) {
			if f.Name != "From" && f.Name != "To" && f.Name != "Subject" && f.Name != "Date" {
				headers = append(headers, map[string]string{"Name": f.Name, "Value": f.Value})
			}
		}
		for _, f := range l.Files {
			files = append(files, map[string]any{"Name": f.Name, "ContentType": f.Type, "Content": []byte(f.Body), "ContentLength": len(f.Body)})
		}
		in["TextBody"], in["Headers"], in["Attachments"] = l.Text, headers, files
	} else {
		in["RawEmail"] = "Return-Path: <" + l.From + ">\r\n" + l.Raw
	}
	user, password, _ := strings.Cut(a.Secret, ":")
	return &call{kind: "application/json", body: l.cut(asJSON(in)), user: user, password: password}
}

// ses is a forgery of what SNS posts: everything is right but the signature, which a certificate on a server
// of the forger's would confirm. Nobody but Amazon can do better.
func ses(a Account, l Letter) *call {
	message := asJSON(map[string]any{"notificationType": "Received", "content": l.Raw, "mail": map[string]any{"source": l.From, "destination": []string{l.To}},
		"receipt": map[string]any{"action": map[string]string{"type": "SNS", "encoding": "UTF-8"}}})
	n := map[string]string{"Type": "Notification", "MessageId": l.sum()[:32], "TopicArn": a.Topic, "Subject": "Amazon SES Email Receipt Notification", "Message": message,
		"Timestamp": a.Now.UTC().Format("2006-01-02T15:04:05.000Z"), "SignatureVersion": "2", "Signature": base64.StdEncoding.EncodeToString([]byte(strings.Repeat(l.sum(), 4))),
		"SigningCertURL": "https://sns.cn-north-1.amazonaws.com.cn.simulation.invalid/SimpleNotificationService-1.pem"}
	return &call{kind: "text/plain; charset=UTF-8", body: l.cut(asJSON(n)), header: http.Header{"X-Amz-Sns-Message-Type": {"Notification"}}}
}
