package mailhook

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

// ses is Amazon SES's receipt rule with an SNS action: SNS posts
//
//	{"Type":"Notification","MessageId":"…","TopicArn":"…","Subject":"…","Message":"{…}",
//	 "Timestamp":"…Z","SignatureVersion":"1","Signature":"…","SigningCertURL":"https://sns.….amazonaws.com/….pem"}
//
// and Message is JSON with mail.source, mail.destination and content, the message
// as it came, in base64 when receipt.action.encoding says so. The signature is
// RSA over the named fields, SHA-1 in version 1 and SHA-256 in version 2. A
// SubscriptionConfirmation is answered by a look at its SubscribeURL. No 4xx but
// 429 is tried again. SNS carries messages up to 150 KB; larger ones need another
// way in.
// https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
type ses struct {
	topic  string
	client *http.Client
	now    func() time.Time

	mu    sync.Mutex
	certs map[string]*x509.Certificate
}

func newSES(c Channel, o Options) (provider, error) {
	if !strings.HasPrefix(c.Topic, "arn:aws") {
		return nil, errors.New("topic is missing: it is the ARN of the one SNS topic that messages come from")
	}
	if o.Client == nil {
		return nil, errors.New("no client was given to fetch certificates with")
	}
	return &ses{topic: c.Topic, client: o.Client, now: o.Now, certs: map[string]*x509.Certificate{}}, nil
}

// notification is SNS's envelope.
type notification struct {
	Type, MessageID, TopicArn, Message, Timestamp string
	Subject                                       *string
	Token, SubscribeURL                           string
	SignatureVersion, Signature, SigningCertURL   string
}

func (s *ses) open(ctx context.Context, _ *http.Request, body []byte) (delivery, error) {
	var n notification
	if err := json.Unmarshal(body, &n); err != nil {
		return delivery{}, errForm
	}
	if !same(n.TopicArn, s.topic) {
		return delivery{}, errSignature
	}
	if err := s.verify(ctx, n); err != nil {
		return delivery{}, err
	}
	switch n.Type {
	case "Notification":
		return n.delivery(), nil
	case "SubscriptionConfirmation":
		return delivery{nothing: true}, s.confirm(ctx, n.SubscribeURL)
	default:
		return delivery{nothing: true}, nil
	}
}

// signed is the text that the signature covers.
func (n notification) signed() string {
	fields := [][2]string{{"Message", n.Message}, {"MessageId", n.MessageID}}
	if n.Type == "Notification" {
		if n.Subject != nil {
			fields = append(fields, [2]string{"Subject", *n.Subject})
		}
		fields = append(fields, [2]string{"Timestamp", n.Timestamp})
	} else {
		fields = append(fields, [2]string{"SubscribeURL", n.SubscribeURL}, [2]string{"Timestamp", n.Timestamp}, [2]string{"Token", n.Token})
	}
	fields = append(fields, [2]string{"TopicArn", n.TopicArn}, [2]string{"Type", n.Type})
	var b strings.Builder
	for _, f := range fields {
		b.WriteString(f[0] + "\n" + f[1] + "\n")
	}
	return b.String()
}

func (s *ses) verify(ctx context.Context, n notification) error {
	signature, err := base64.StdEncoding.DecodeString(n.Signature)
	if err != nil {
		return errSignature
	}
	cert, err := s.certificate(ctx, n.SigningCertURL)
	if err != nil {
		return err
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok || s.now().After(cert.NotAfter) {
		return errSignature
	}
	hash, digest := crypto.SHA256, sha256.Sum256([]byte(n.signed()))
	sum := digest[:]
	switch n.SignatureVersion {
	case "1":
		old := sha1.Sum([]byte(n.signed()))
		hash, sum = crypto.SHA1, old[:]
	case "2":
	default:
		return errSignature
	}
	if rsa.VerifyPKCS1v15(key, hash, sum, signature) != nil {
		return errSignature
	}
	at, err := time.Parse(time.RFC3339, n.Timestamp)
	if err != nil {
		return errSignature
	}
	return freshTime(at, s.now(), knownFor)
}

// awsHost is where SNS's certificates and subscriptions stand, China included.
var awsHost = regexp.MustCompile(`^sns\.[a-zA-Z0-9\-]{3,}\.amazonaws\.com(\.cn)?$`)

func ours(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.User == nil && awsHost.MatchString(u.Host)
}

// most certificates are kept, and most bytes of one.
const (
	maxCerts = 8
	maxCert  = 64 << 10
	fetchFor = 10 * time.Second
)

// certificate fetches what signs, from nowhere else but SNS; it is kept.
func (s *ses) certificate(ctx context.Context, address string) (*x509.Certificate, error) {
	if !ours(address) || !strings.HasSuffix(address, ".pem") {
		return nil, errSignature
	}
	s.mu.Lock()
	cert := s.certs[address]
	s.mu.Unlock()
	if cert != nil {
		return cert, nil
	}
	text, err := s.fetch(ctx, address)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errFetch
	}
	cert, err = x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, errFetch
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.certs) >= maxCerts {
		clear(s.certs)
	}
	s.certs[address] = cert
	return cert, nil
}

func (s *ses) fetch(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchFor)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errSignature
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, errFetch
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxCert))
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, errFetch
	}
	return text, nil
}

// confirm tells SNS that the subscription is wanted: it is for the pinned topic.
func (s *ses) confirm(ctx context.Context, address string) error {
	if !ours(address) {
		return errSignature
	}
	_, err := s.fetch(ctx, address)
	return err
}

// delivery reads SES's own message. One without content, or with content that isn't what it says,
// is kept: the rule has another action than the one for SNS, and a person must see it. What SES
// tells of itself and of mail that was sent is no message.
func (n notification) delivery() delivery {
	unread := delivery{raw: []byte(n.Message), unread: true}
	var in struct {
		Type string `json:"notificationType"`
		Mail struct {
			Source      string
			Destination []string
		}
		Receipt struct {
			Action struct{ Encoding string }
		}
		Content string
	}
	if json.Unmarshal([]byte(n.Message), &in) != nil {
		return unread
	}
	if in.Type != "" && in.Type != "Received" {
		return delivery{nothing: true}
	}
	d := delivery{from: in.Mail.Source, to: in.Mail.Destination, raw: []byte(in.Content)}
	if strings.EqualFold(in.Receipt.Action.Encoding, "BASE64") {
		raw, err := base64.StdEncoding.DecodeString(in.Content)
		if err != nil {
			return unread
		}
		d.raw = raw
	}
	if len(d.raw) == 0 {
		return unread
	}
	return d
}
