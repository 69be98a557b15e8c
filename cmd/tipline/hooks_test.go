package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tipline/configs"
	"tipline/intake/sms"
)

// TestHooks: a local aggregator behind a proxy, by key in the path, from the
// addresses that are let in.
func TestHooks(t *testing.T) {
	in := install(t, `TIPLINE_SMS=[{"name":"town","provider":"custom","secret":["0ld","k3y"],"allow":["203.0.113.0/24"],`+
		`"custom":{"format":"get","fields":{"id":"id","from":"mobile","text":"content"},"success":{"status":201,"body":"0"}}}]`,
		`TIPLINE_PUBLIC_PROXIES=["127.0.0.1"]`)
	in.start()
	const query = "?id=1&mobile=13800000001&content=%B4%E5%B1%B1%D3%D0%C8%CB%CD%DA%C9%B3"
	for _, c := range []struct {
		name, path, from string
		status           int
	}{
		{"key in the path", "/hooks/sms/town/k3y", "203.0.113.9", 201},
		{"older key in the path, again", "/hooks/sms/town/0ld", "203.0.113.9", 201},
		{"from elsewhere", "/hooks/sms/town/k3y", "198.51.100.1", 403},
		{"forged hop", "/hooks/sms/town/k3y", "203.0.113.9, 198.51.100.1", 403},
		{"no proxy", "/hooks/sms/town/k3y", "", 403},
		{"no key", "/hooks/sms/town", "203.0.113.9", 403},
		{"wrong key", "/hooks/sms/town/wrong", "203.0.113.9", 403},
		{"deeper", "/hooks/sms/town/k3y/x", "203.0.113.9", 404},
		{"unknown", "/hooks/sms/village/k3y", "203.0.113.9", 404},
	} {
		req, err := http.NewRequest(http.MethodGet, "http://"+in.public+c.path+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.from != "" {
			req.Header.Set("X-Forwarded-For", c.from)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if body := readAll(t, resp); resp.StatusCode != c.status || c.status == 201 && body != "0" {
			t.Errorf("%s: answered %d %s", c.name, resp.StatusCode, body)
		}
	}
	until(t, 10*time.Second, "the tip in the ledger", func() bool { return len(in.ledger()) > 0 })
	if rows := in.ledger(); len(rows) != 1 {
		t.Errorf("%d tips of one message", len(rows))
	}
	in.stop()
	if log := in.log(); strings.Contains(log, "k3y") || strings.Contains(log, "13800000001") || strings.Contains(log, "203.0.113") {
		t.Errorf("the log holds what it mustn't: %s", log)
	}
}

// TestProvidersConfigured: what the handler speaks is what the configuration lets
// one choose.
func TestProvidersConfigured(t *testing.T) {
	for _, provider := range sms.Providers() {
		if _, err := configs.Load("", []string{`TIPLINE_SMS=[{"name":"a","provider":"` + provider + `","secret":"s"}]`}); err != nil {
			t.Errorf("%s: %v", provider, err)
		}
	}
}
