// Package mailbox takes reports out of ordinary mailboxes, by IMAP or POP3, for
// offices that have an address at a provider and no mail server of their own.
//
// A message is moved or deleted only after its tip is durable. What was taken is
// remembered by UIDVALIDITY and UID (POP3: UIDL), so that it may also stay where
// it is; when a server gives all messages new numbers, what they say tells which
// of them were taken. poller.go keeps the connection, round.go decides what
// becomes of each message, imap.go and pop3.go speak the protocols.
package mailbox
