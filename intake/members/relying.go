package members

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// ErrNoPasskeys says that the desk is reached in a way in which browsers make no
// passkeys: WebAuthn wants a name under https, or localhost.
var ErrNoPasskeys = errors.New("passkeys need the desk to be reached by a name under https: set desk.base_url")

// RelyingParty is the desk as passkeys know it (WebAuthn Level 3, §4): a key that was
// made for its name counts nowhere else.
type RelyingParty struct{ web *webauthn.WebAuthn }

// NewRelyingParty is the desk at baseURL, as its members' browsers are shown it; nil
// where browsers make no passkeys, which is no error.
func NewRelyingParty(baseURL, name string) (*RelyingParty, error) {
	u, err := url.Parse(baseURL)
	if err != nil {
		return nil, err
	}
	host := u.Hostname()
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	if host == "" || net.ParseIP(host) != nil || u.Scheme != "https" && !local {
		return nil, nil
	}
	web, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: name, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		// The key names its member by itself, so that a login asks for it before anything
		// tells whether the passphrase was right. The passphrase is the first factor: the
		// key itself needn't ask for a PIN.
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationPreferred}})
	if err != nil {
		return nil, fmt.Errorf("passkeys at %s: %w", baseURL, err)
	}
	return &RelyingParty{web}, nil
}
