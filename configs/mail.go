package configs

import (
	"fmt"
	"strings"
	"time"
)

// fill completes what was left out of a mailbox.
func (m *Mail) fill() {
	m.Ack = or(m.Ack, "neutral")
	m.After = or(m.After, "keep")
	m.Folder = or(m.Folder, "tipline")
	m.Backlog = or(m.Backlog, "take")
	if m.Poll == 0 {
		m.Poll = time.Minute
	}
	if port := map[string]string{"imap": ":993", "pop3": ":995"}[m.Provider]; isHost(m.Host) && !strings.Contains(m.Host, ":") {
		m.Host += port
	}
}

// checkMail holds channels of mail to what no single field tells.
func (c *Config) checkMail(report func(key, text string)) {
	for i, m := range c.Mail {
		problem := func(field, text string) { report(fmt.Sprintf("mail[%d].%s", i, field), text) }
		if len(m.Secret) == 0 && m.Provider != "ses" {
			problem("secret", "must be at least one entry")
		}
		if m.Provider == "ses" && !strings.HasPrefix(m.Topic, "arn:aws") {
			problem("topic", "must be the ARN of the one SNS topic that messages come from, as in arn:aws:sns:eu-west-1:1234:tips")
		}
		if m.Polled() {
			m.checkBox(problem)
		}
	}
}

// checkBox holds a mailbox to what polling needs.
func (m Mail) checkBox(problem func(field, text string)) {
	if m.Host == "" {
		problem("host", "must be a host, with a port or without, as in imap.example.org:993")
	}
	if m.User == "" {
		problem("user", "is required; fill it in")
	}
	if m.Provider == "pop3" && m.After == "move" {
		problem("after", "POP3 knows no folders; use keep or delete, or IMAP")
	}
	if strings.EqualFold(m.Folder, "inbox") {
		problem("folder", "is where messages are taken from; name another")
	}
}
