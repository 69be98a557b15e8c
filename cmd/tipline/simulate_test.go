package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	mailgateway "tipline/intake/mailhook/gateway"
	"tipline/intake/sms/gateway"
)

// TestSimulate plays every gateway and a mail server against a running office: what is
// genuine is a tip once, what is forged is refused, what can't be read is held.
func TestSimulate(t *testing.T) {
	t.Parallel()
	var channels, urls, keys []string
	for _, p := range gateway.Providers() {
		secret := "k3y-of-" + p
		if p == "telnyx" {
			secret = gateway.TelnyxKey(secret)
		}
		more := ""
		if p == "custom" {
			more = `,"custom":{"format":"json","list":"data.items","fields":{"id":"msgid","from":"mobile","text":"content"},"header":"X-Key"}`
		}
		urls, keys = append(urls, p), append(keys, "KEY_"+p+"=k3y-of-"+p)
		channels = append(channels, fmt.Sprintf(`{"name":%q,"provider":%q,"secret":%q%s}`, p, p, secret, more))
	}
	boxes := []string{`{"name":"mg","provider":"mailgun","secret":"k3y-mg"}`, `{"name":"pm","provider":"postmark","secret":"user:k3y-pm"}`, `{"name":"sg","provider":"sendgrid","secret":"user:k3y-sg"}`,
		fmt.Sprintf(`{"name":"signed","provider":"sendgrid","secret":%q}`, mailgateway.SendGridKey("k3y-of-signed")), `{"name":"aws","provider":"ses","topic":"arn:aws-cn:sns:cn-north-1:1:tips"}`}
	in := install(t, slices.Concat(generousLimits, keys, []string{"KEY_wrong=wrong", "KEY_signed=k3y-of-signed", "TIPLINE_MAIL=[" + strings.Join(boxes, ",") + "]", "TIPLINE_SMS=[" + strings.Join(channels, ",") + "]"})...)
	in.start()
	want := 0
	for i, p := range urls {
		args := []string{"simulate", "sms", "--to", "http://" + in.public + "/hooks/sms/" + p, "--channel", p, "--secret", "env:KEY_" + p, "--rate", "200",
			"--from", fmt.Sprintf("+86138%02d000000", i), "--count", "3", "--redeliver", "--shuffle", "--broken", "1", "--forge", "2"}
		out := in.run(args...)
		for _, line := range []string{"genuine  sent 3, answered as it should be 3", "again    sent 3, answered as it should be 3", "broken   sent 1, answered as it should be 1", "forged   sent 2, answered as it should be 2"} {
			if !strings.Contains(out, line) {
				t.Errorf("%s lacks %q:\n%s", p, line, out)
			}
		}
		want += 3
	}
	parts := in.run("simulate", "sms", "--to", "http://"+in.public+"/hooks/sms/vonage", "--provider", "vonage", "--secret", "env:KEY_vonage", "--parts", "3", "--rate", "100", "--shuffle", "--from", "+8613999000000")
	want++
	if !strings.Contains(parts, "genuine  sent 3, answered as it should be 3") {
		t.Error(parts)
	}
	letters := in.run("simulate", "mail", "--to", in.smtp, "--count", "3", "--redeliver", "--attach", "1", "--broken", "1", "--forge", "1", "--relay", "1", "--rate", "50")
	want += 4
	if !strings.Contains(letters, "relay    sent 1, answered as it should be 1") {
		t.Error(letters)
	}
	for _, box := range []string{"mg", "pm", "sg", "signed"} {
		for i, more := range [][]string{nil, {"--parsed", "--attach", "1"}} {
			args := []string{"simulate", "mail", "--to", "http://" + in.public + "/hooks/mail/" + box, "--channel", box, "--rate", "200", "--from", fmt.Sprintf("%s%d@example.org", box, i),
				"--count", "2", "--redeliver", "--shuffle", "--broken", "1", "--forge", "2"}
			if box == "signed" {
				args = append(args, "--secret", "env:KEY_signed")
			}
			out := in.run(append(args, more...)...)
			for _, line := range []string{"genuine  sent 2, answered as it should be 2", "again    sent 2, answered as it should be 2", "broken   sent 1, answered as it should be 1", "forged   sent 2, answered as it should be 2"} {
				if !strings.Contains(out, line) {
					t.Errorf("%s %v lacks %q:\n%s", box, more, line, out)
				}
			}
			want += 2
			if box == "mg" || more == nil { // cut off it can't be read and is held
				want++
			}
		}
	}
	if out := in.run("simulate", "mail", "--to", "http://"+in.public+"/hooks/mail/aws", "--channel", "aws", "--count", "0", "--forge", "2"); !strings.Contains(out, "forged   sent 2, answered as it should be 2") {
		t.Error(out)
	}
	// What is broken in a mail is still read; a broken callback is held, and no row.
	until(t, 2*time.Minute, "every tip in the ledger", func() bool { return len(in.ledger()) >= want })
	if got := len(in.ledger()); got > want+1 {
		t.Errorf("%d tips of %d messages", got, want)
	}
	if out, err := in.try("simulate", "sms", "--to", "http://"+in.public+"/hooks/sms/twilio", "--provider", "twilio", "--secret", "env:KEY_wrong", "--retries", "0"); err == nil || !strings.Contains(out, "403") {
		t.Errorf("a wrong secret goes unnoticed:\n%s", out)
	}
	// Whole numbers only: four digits of one also stand in some time's nanoseconds.
	if log := in.log(); strings.Contains(log, "k3y") || regexp.MustCompile(`138\d\d000000|13999000000`).MatchString(log) {
		t.Errorf("the log holds what it mustn't: %s", log)
	}
}
