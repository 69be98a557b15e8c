// Package mail takes reports by e-mail: an SMTP and LMTP server whose
// transactions end in [intake.Service.Submit], and a decoder that turns any
// message, however broken, into an [intake.Report] while its raw bytes are
// sealed.
//
// The way of a message: server.go accepts the connection, front.go keeps the
// library's SMTP engine from the traps of a raw connection, session.go runs one
// transaction, decode.go walks the message.
package mail
