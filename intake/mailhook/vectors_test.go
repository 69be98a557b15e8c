package mailhook

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"testing"
	"time"
)

// TestVectors: signatures that the providers' own libraries are tested with.
func TestVectors(t *testing.T) {
	text, err := os.ReadFile("../../../shared/testdata/vectors/webhook-signatures.json")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the vectors aren't here")
	}
	var vectors []struct {
		Provider, Secret, Timestamp, Token, Signature, Body string
		PublicKey                                           string `json:"public_key"`
		Valid                                               bool
	}
	if err := errors.Join(err, json.Unmarshal(text, &vectors)); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, v := range vectors {
		var err error
		switch v.Provider {
		case "mailgun":
			m := &mailgun{[]string{"another", v.Secret}, func() time.Time { return time.Unix(1539112560, 0) }}
			err = m.verify(form{fields: map[string]string{"timestamp": v.Timestamp, "token": v.Token, "signature": v.Signature}})
		case "sendgrid-ecdsa":
			s, built := newSendGrid(Channel{Secrets: []string{v.PublicKey}}, Options{Now: func() time.Time { return time.Unix(1600112503, 0) }})
			if built != nil {
				t.Fatal(built)
			}
			r := &http.Request{Header: http.Header{}}
			r.Header.Set("X-Twilio-Email-Event-Webhook-Signature", v.Signature)
			r.Header.Set("X-Twilio-Email-Event-Webhook-Timestamp", v.Timestamp)
			err = s.(*sendgrid).verify(r, []byte(v.Body))
		default:
			continue
		}
		seen++
		if (err == nil) != v.Valid {
			t.Errorf("%s %s: %v, want valid %t", v.Provider, v.Token, err, v.Valid)
		}
	}
	if seen < 3 {
		t.Errorf("only %d vectors", seen)
	}
}
