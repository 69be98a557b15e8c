package members

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tipline/intake"
)

// ErrPasskey says that what a passkey answered isn't an answer to what it was asked.
var ErrPasskey = errors.New("this passkey's answer doesn't count: it is too old, was used already, or is for another place")

// ErrPasskeyName says that a passkey has no name by which its member tells it apart.
var ErrPasskeyName = errors.New("a passkey's name is 1 to 40 characters, and there are at most ten")

const (
	mostPasskeys    = 10
	mostPasskeyName = 40
	mostAnswer      = 64 << 10 // bytes of what a passkey answers
	handleBytes     = 32       // WebAuthn Level 3, §14.6.1: random, and nothing about the member
)

// Passkey is a key of a device beside the code app, sealed with the other secrets of the
// second factor. One whose counter went back is a copy, or has one: CloneWarning stays set,
// and it opens nothing any more.
type Passkey struct {
	ID         string // to remove it by
	Name       string // the member's own word for it
	AddedOn    intake.Date
	Credential webauthn.Credential
}

// PasskeyInfo is what a member is shown of one.
type PasskeyInfo struct {
	ID, Name string
	AddedOn  intake.Date
	Doubtful bool // there may be a copy of it
}

// holderOf is a member as WebAuthn knows them.
type holderOf struct {
	name string
	Secrets
}

func (h holderOf) WebAuthnID() []byte          { return h.Handle }
func (h holderOf) WebAuthnName() string        { return h.name }
func (h holderOf) WebAuthnDisplayName() string { return h.name }
func (h holderOf) WebAuthnCredentials() (out []webauthn.Credential) {
	for _, k := range h.Passkeys {
		out = append(out, k.Credential)
	}
	return out
}

// ceremony is a passkey that is being made.
type ceremony struct {
	data webauthn.SessionData
	ends time.Time
}

// offerPasskey begins one: what the browser is asked, and what its answer is held against.
func (s *Service) offerPasskey(ctx context.Context, u *Unlocked) (*protocol.CredentialCreation, *ceremony, error) {
	if s.Passkeys == nil {
		return nil, nil, ErrNoPasskeys
	}
	secrets, err := s.own(ctx, u)
	if err != nil {
		return nil, nil, err
	}
	if secrets.Handle == nil {
		secrets.Handle = make([]byte, handleBytes)
		rand.Read(secrets.Handle) // never fails (crypto/rand since Go 1.24)
	}
	holder := holderOf{u.Member.Name, secrets}
	options, data, err := s.Passkeys.web.BeginRegistration(holder, webauthn.WithExclusions(webauthn.Credentials(holder.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return nil, nil, err
	}
	return options, &ceremony{*data, s.Now().Add(challengeTime)}, nil
}

// addPasskey gives the member whose keys u are the passkey that answered the ceremony.
// When it is their first factor it comes with printed codes, which are never seen again.
func (s *Service) addPasskey(ctx context.Context, u *Unlocked, c *ceremony, name string, answer []byte) (printed []string, err error) {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > mostPasskeyName || !utf8.ValidString(name) {
		return nil, ErrPasskeyName
	}
	if c == nil || s.Now().After(c.ends) || len(answer) > mostAnswer {
		return nil, ErrPasskey
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, ErrPasskey
	}
	f, has, err := s.factor(ctx, u.Member.Name)
	if err != nil {
		return nil, err
	}
	secrets := Secrets{Printed: NewSecrets().Printed}
	if has {
		if secrets, err = openSecrets(f, u.Key); err != nil {
			return nil, err
		}
	}
	if len(secrets.Passkeys) >= mostPasskeys {
		return nil, ErrPasskeyName
	}
	if secrets.Handle == nil {
		secrets.Handle = c.data.UserID
	}
	credential, err := s.Passkeys.web.CreateCredential(holderOf{u.Member.Name, secrets}, c.data, parsed)
	if err != nil {
		return nil, ErrPasskey
	}
	secrets.Passkeys = append(secrets.Passkeys, Passkey{ID: rand.Text(), Name: name, AddedOn: intake.DateOf(s.Now(), s.Loc), Credential: *credential})
	if has {
		return nil, s.replace(ctx, u, f, secrets, "factor.passkey")
	}
	return s.begin(ctx, u, secrets, 0, "factor.passkey")
}

// replace puts other secrets in the place of those in f; [intake.ErrConflict] when
// somebody else did so meanwhile.
func (s *Service) replace(ctx context.Context, u *Unlocked, f intake.Factor, secrets Secrets, act string) error {
	sealed, err := sealSecrets(secrets, u.Member.Name, u.Key.Recipient())
	if err != nil {
		return err
	}
	return s.Store.ReplaceFactor(ctx, f.Holder, f.Sealed, sealed, s.row(u.Member.Desk, u.Member.Name, act, ""))
}

// own are the secrets of the member's own factor; the zero value without one.
func (s *Service) own(ctx context.Context, u *Unlocked) (Secrets, error) {
	f, has, err := s.factor(ctx, u.Member.Name)
	if err != nil || !has {
		return Secrets{}, err
	}
	return openSecrets(f, u.Key)
}

// RemovePasskey takes one of the member's own away. With the last way in, the printed
// codes go as well. An unknown one is [intake.ErrNotFound].
func (s *Service) RemovePasskey(ctx context.Context, u *Unlocked, id string) (left bool, err error) {
	f, has, err := s.factor(ctx, u.Member.Name)
	if err != nil || !has {
		return has, errors.Join(err, fmt.Errorf("passkey: %w", intake.ErrNotFound))
	}
	secrets, err := openSecrets(f, u.Key)
	if err != nil {
		return true, err
	}
	at := slices.IndexFunc(secrets.Passkeys, func(k Passkey) bool { return k.ID == id })
	if at < 0 {
		return true, fmt.Errorf("passkey: %w", intake.ErrNotFound)
	}
	secrets.Passkeys = slices.Delete(secrets.Passkeys, at, at+1)
	if secrets.none() {
		return false, s.Store.DropFactor(ctx, u.Member.Name, s.row(u.Member.Desk, u.Member.Name, "factor.passkey.remove", ""))
	}
	return true, s.replace(ctx, u, f, secrets, "factor.passkey.remove")
}

// passkeyQuestion is what a login asks of any passkey of the desk's.
func (s *Service) passkeyQuestion() (*protocol.CredentialAssertion, error) {
	if s.Passkeys == nil {
		return nil, ErrNoPasskeys
	}
	options, _, err := s.Passkeys.web.BeginDiscoverableLogin(webauthn.WithChallenge(s.challenges.fresh(s.Now())))
	return options, err
}

// present uses a passkey's answer up for an act; [ErrPasskey] if it isn't one that counts.
func (s *Service) present(ctx context.Context, f intake.Factor, u *Unlocked, answer []byte, act string) error {
	if s.Passkeys == nil || len(answer) > mostAnswer {
		return ErrPasskey
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return ErrPasskey
	}
	said := parsed.Response.CollectedClientData.Challenge
	raw, err := base64.RawURLEncoding.DecodeString(said)
	if err != nil || !s.challenges.spend(raw, s.Now()) {
		return ErrPasskey
	}
	for range 3 { // another login of this member may have moved a counter meanwhile
		if err = s.count(ctx, f, u, parsed, act); !errors.Is(err, intake.ErrConflict) {
			return err
		}
		if f, err = s.Store.Factor(ctx, f.Holder); err != nil {
			return err
		}
	}
	return ErrPasskey
}

// count holds an answer against the member's passkeys and keeps its counter.
func (s *Service) count(ctx context.Context, f intake.Factor, u *Unlocked, parsed *protocol.ParsedCredentialAssertionData, act string) error {
	secrets, err := openSecrets(f, u.Key)
	if err != nil {
		return err
	}
	mine := func(_, handle []byte) (webauthn.User, error) {
		if len(secrets.Handle) == 0 || !bytes.Equal(handle, secrets.Handle) {
			return nil, ErrPasskey
		}
		return holderOf{f.Holder, secrets}, nil
	}
	_, got, err := s.Passkeys.web.ValidatePasskeyLogin(mine, webauthn.SessionData{Challenge: parsed.Response.CollectedClientData.Challenge,
		RelyingPartyID: s.Passkeys.web.Config.RPID, UserVerification: protocol.VerificationPreferred}, parsed)
	if err != nil {
		return ErrPasskey
	}
	at := slices.IndexFunc(secrets.Passkeys, func(k Passkey) bool { return bytes.Equal(k.Credential.ID, got.ID) })
	if at < 0 || secrets.Passkeys[at].Credential.Authenticator.CloneWarning {
		return ErrPasskey
	}
	secrets.Passkeys[at].Credential = *got
	row := s.row(u.Member.Desk, f.Holder, act, "passkey")
	if got.Authenticator.CloneWarning {
		row = s.row(u.Member.Desk, f.Holder, "factor.passkey.copied", "")
	}
	sealed, err := sealSecrets(secrets, f.Holder, u.Key.Recipient())
	if err != nil {
		return err
	}
	if err := s.Store.ReplaceFactor(ctx, f.Holder, f.Sealed, sealed, row); err != nil {
		return err
	}
	if got.Authenticator.CloneWarning {
		return ErrPasskey
	}
	return nil
}
