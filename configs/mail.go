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

// checkMail holds mailboxes to what no single field tells.
func (c *Config) checkMail(report func(key, text string)) {
	for i, m := range c.Mail {
		key := fmt.Sprintf("mail[%d].", i)
		if m.Provider == "pop3" && m.After == "move" {
			report(key+"after", "POP3 knows no folders; use keep or delete, or IMAP")
		}
		if strings.EqualFold(m.Folder, "inbox") {
			report(key+"folder", "is where messages are taken from; name another")
		}
	}
}
