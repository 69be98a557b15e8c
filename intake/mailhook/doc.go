// Package mailhook takes mail that a provider delivers by callback: Mailgun,
// SendGrid, Postmark, and Amazon SES by SNS.
//
// A provider is one file: a sample of its fields, its signature, and how its
// message is read. Where the provider hands the message over as it came, that is
// sealed and read; where it took it apart, compose.go puts it together again.
// outcome.go is the only place where an error becomes a status.
package mailhook
