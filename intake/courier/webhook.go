package courier

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Webhook calls one address with signed events (Standard Webhooks 1.0,
// github.com/standard-webhooks/standard-webhooks):
//
//	POST …
//	webhook-id: …, webhook-timestamp: 1674087231, webhook-signature: v1,base64(HMAC-SHA256(id.timestamp.body))
//	{"type":"tipline.urgent.v1","timestamp":"2026-11-24T08:00:00Z","data":{"console":"https://desk.example.org/"}}
type Webhook struct {
	url    string
	key    []byte
	client *http.Client
	now    func() time.Time
}

// NewWebhook is a webhook at url. A secret that begins with whsec_ is base64, as the
// specification has it; any other is its own bytes.
func NewWebhook(url, secret string, now func() time.Time) *Webhook {
	key := []byte(secret)
	if text, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
			key = decoded
		}
	}
	return &Webhook{url: url, key: key, client: newClient(), now: now}
}

// Send posts one event of type kind. The same event again has the same id, by which
// its receiver knows it. Errors are [*intake.SendError].
func (w *Webhook) Send(ctx context.Context, id, kind string, data any) error {
	now := w.now().UTC().Truncate(time.Second)
	body, err := json.Marshal(map[string]any{"type": kind, "timestamp": now.Format(time.RFC3339), "data": data})
	if err != nil {
		return err
	}
	req, err := post(w.url, typeJSON, body)
	if err != nil {
		return unclear()
	}
	stamp := strconv.FormatInt(now.Unix(), 10)
	m := hmac.New(sha256.New, w.key)
	m.Write([]byte(id + "." + stamp + "." + string(body)))
	req.Header.Set("webhook-id", id)
	req.Header.Set("webhook-timestamp", stamp)
	req.Header.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(m.Sum(nil)))
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	a, err := call(w.client, req.WithContext(ctx))
	if err != nil {
		return err
	}
	return byStatus(a.status)
}
