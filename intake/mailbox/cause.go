package mailbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"

	"tipline/intake"
)

// The protocols' own failures.
var (
	errLogin    = errors.New("the server refuses user and secret: many providers want an authorization code (授权码) in place of the password, and the protocol switched on")
	errUnsafe   = errors.New("the provider takes the login for unsafe: let it in at the provider's site")
	errProtocol = errors.New("the server answered in a way that the protocol doesn't know")
	errBroken   = errors.New("the connection broke off")
	errTalks    = fmt.Errorf("%w: it says more than an answer can be", errProtocol)
	errMany     = errors.New("the mailbox holds more messages than can be looked through: move older ones to another folder")
	errNoUIDL   = errors.New("the server can't tell messages apart by POP3 (no UIDL): use IMAP")
)

// causes are the codes by which a failure is shown; the first that fits counts.
func causes() []struct {
	err  error
	code string
} {
	return []struct {
		err  error
		code string
	}{
		{errLogin, "login"}, {errUnsafe, "unsafe"}, {errNoUIDL, "uidl"}, {errMany, "many"},
		{intake.ErrLimited, "limited"}, {intake.ErrNotDurable, "not_durable"},
		{os.ErrDeadlineExceeded, "timeout"}, {context.DeadlineExceeded, "timeout"}, {errProtocol, "protocol"},
	}
}

// causeOf is an error's code. It tells nothing of what a person sent, which an
// error's own text might.
func causeOf(err error) string {
	for _, c := range causes() {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	var cert *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var op *net.OpError
	switch {
	case errors.As(err, &cert), errors.As(err, &authority):
		return "certificate"
	case errors.As(err, &op) && op.Op == "dial":
		return "unreachable"
	default:
		return "broken"
	}
}

// broken marks what ended a connection.
func broken(err error) error { return fmt.Errorf("%w: %w", errBroken, err) }

// Advice says in words what a cause's code means and how to mend it.
func Advice(cause string) string {
	for _, c := range causes() {
		if c.code == cause {
			return c.err.Error()
		}
	}
	switch cause {
	case "certificate":
		return "the server's certificate can't be trusted: check the host's name and the clock, or name its authority in ca"
	case "unreachable":
		return "the server can't be reached: check host and port, and the way out of this machine"
	default:
		return errBroken.Error()
	}
}
