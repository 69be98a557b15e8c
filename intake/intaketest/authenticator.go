package intaketest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// Authenticator is a device that makes passkeys (WebAuthn Level 3, §6), in software: one
// ES256 key, no attestation, and a counter that a test may turn back.
type Authenticator struct {
	Origin string // of the page it is asked on
	Count  uint32
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
}

// NewAuthenticator is a device whose browser is on a page of origin.
func NewAuthenticator(t testing.TB, origin string) *Authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Must(t, err)
	return &Authenticator{Origin: origin, key: key, id: []byte(rand.Text())}
}

// asked are the options of either ceremony as far as a device reads them.
type asked struct {
	PublicKey struct {
		Challenge string
		RPID      string
		RP        struct{ ID string }
		User      struct{ ID string }
	}
}

func (a *Authenticator) read(t testing.TB, options []byte) (q asked) {
	t.Helper()
	Must(t, json.Unmarshal(options, &q))
	return q
}

// Make answers the options of navigator.credentials.create.
func (a *Authenticator) Make(t testing.TB, options []byte) []byte {
	t.Helper()
	q := a.read(t, options)
	handle, err := base64.RawURLEncoding.DecodeString(q.PublicKey.User.ID)
	Must(t, err)
	a.handle = handle
	point, err := a.key.PublicKey.ECDH()
	Must(t, err)
	xy := point.Bytes()[1:]
	cose, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: xy[:32], -3: xy[32:]}) // RFC 9053, §7.1.1
	Must(t, err)
	data := a.data(q.PublicKey.RP.ID, 0x45) // present, verified, with a credential
	data = append(data, make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.id)))
	data = append(append(data, a.id...), cose...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	Must(t, err)
	return a.answer(t, map[string]string{"clientDataJSON": text64(a.client(t, "webauthn.create", q)), "attestationObject": text64(object)})
}

// Use answers the options of navigator.credentials.get.
func (a *Authenticator) Use(t testing.TB, options []byte) []byte {
	t.Helper()
	q := a.read(t, options)
	a.Count++
	data, client := a.data(q.PublicKey.RPID, 0x05), a.client(t, "webauthn.get", q)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, a.key, sum[:])
	Must(t, err)
	return a.answer(t, map[string]string{"clientDataJSON": text64(client), "authenticatorData": text64(data), "signature": text64(sig), "userHandle": text64(a.handle)})
}

func (a *Authenticator) data(rp string, flags byte) []byte {
	hash := sha256.Sum256([]byte(rp))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), a.Count)
}

func (a *Authenticator) client(t testing.TB, kind string, q asked) []byte {
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": q.PublicKey.Challenge, "origin": a.Origin, "crossOrigin": false})
	Must(t, err)
	return b
}

func (a *Authenticator) answer(t testing.TB, response map[string]string) []byte {
	b, err := json.Marshal(map[string]any{"id": text64(a.id), "rawId": text64(a.id), "type": "public-key", "response": response})
	Must(t, err)
	return b
}

func text64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
