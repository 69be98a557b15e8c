package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestOutcomeComesBack: what the ledger says about a tip moves it at the desk and
// shows under its receipt, with Redis and without; a note is nowhere in clear.
func TestOutcomeComesBack(t *testing.T) {
	for name, redis := range map[string]func(t *testing.T) *realRedis{"outbox": func(*testing.T) *realRedis { return nil }, "redis": startRedis} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var env []string
			r := redis(t)
			if r != nil {
				env = append(env, "TIPLINE_REDIS="+r.URL())
			}
			in := install(t, env...)
			in.start()
			receipt := in.report(url.Values{"text": {"村北在打地基"}})
			until(t, 10*time.Second, "a row in the ledger", func() bool { return len(in.ledger()) == 1 })
			var tip string
			for tip = range in.ledger() {
			}
			in.login("li", handlerPass).act("/tips/"+tip+"/state", url.Values{"state": {"accepted"}, "department": {"natural_resources"}})
			for _, step := range []struct {
				args []string
				want string
			}{
				{[]string{"--state", "numbered", "--number", "2026-7"}, "in_ledger"},
				{[]string{"--state", "verifying", "--note", "canary-of-the-note"}, "verifying"},
				{[]string{"--state", "concluded"}, "concluded"},
			} {
				in.run(append([]string{"ledger", "outcome", tip}, step.args...)...)
				until(t, 20*time.Second, "the tip is "+step.want, func() bool {
					status, answer := in.look(receipt)
					return status == http.StatusOK && answer.State == step.want
				})
			}
			if _, page := in.login("li", handlerPass).get("/tips/" + tip); !strings.Contains(page, "canary-of-the-note") {
				t.Error("the ledger's note isn't on the tip's page")
			}
			if r != nil && strings.Contains(r.dump(t), "canary") {
				t.Error("the note is in Redis")
			}
			in.run("audit", "verify")
			in.stop()
		})
	}
}
