package members

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/pquerna/otp/hotp"
	"golang.org/x/text/unicode/norm"

	"tipline/crypto/seal"
	"tipline/intake"
)

// A second factor is a code app's secret (RFC 6238: SHA-1, six digits, thirty
// seconds), passkeys, or both, and printed codes for the day the telephone is lost. All
// are sealed to the member's own key, so that the passphrase comes first and a stolen
// database tells none.
const (
	stepSeconds  = 30
	stepSlack    = 1  // steps that a telephone's clock may be off
	secretBytes  = 20 // RFC 4226 §4 R6
	printedCodes = 10
	printedSize  = 12 // letters of a printed code, 52 bits
	letters      = "abcdefghjkmnpqrstuwxyz"
)

// Secrets are what a second factor holds once it is open.
type Secrets struct {
	App     []byte // the code app's secret; nil without one
	Printed []byte // the key under which printed codes are hashed

	Handle   []byte    `json:",omitempty"` // what passkeys know the member by
	Passkeys []Passkey `json:",omitempty"`
}

// none says whether no way to log in is left but the printed codes.
func (s Secrets) none() bool { return len(s.App) == 0 && len(s.Passkeys) == 0 }

// String keeps the secrets out of logs and error texts.
func (Secrets) String() string { return "[second factor]" }

// GoString keeps the secrets out of what is printed with %#v.
func (s Secrets) GoString() string { return s.String() }

// LogValue keeps the secrets out of structured logs.
func (s Secrets) LogValue() slog.Value { return slog.StringValue(s.String()) }

// NewSecrets are fresh ones, for an app to take in.
func NewSecrets() Secrets {
	s := Secrets{App: make([]byte, secretBytes), Printed: make([]byte, sha256.Size)}
	rand.Read(s.App) // never fails (crypto/rand since Go 1.24)
	rand.Read(s.Printed)
	return s
}

// Text is the app's secret as it is typed: base32, 32 letters and digits.
func (s Secrets) Text() string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(s.App)
}

// Address is what the app reads from a picture (Key URI Format, otpauth://). The issuer
// stands there once: a name in Chinese is long as it is, and a picture of fewer dots is
// easier to scan.
func (s Secrets) Address(issuer, member string) string {
	q := url.Values{"secret": {s.Text()}, "issuer": {issuer}}
	return "otpauth://totp/" + url.PathEscape(member) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

// step is the step whose code this is, if it is one of those that count at now.
func (s Secrets) step(code string, now time.Time) (int64, bool) {
	if len(s.App) == 0 {
		return 0, false // an empty secret has codes, too
	}
	at := now.Unix() / stepSeconds
	found, ok := int64(0), false
	for step := at - stepSlack; step <= at+stepSlack; step++ {
		want, err := hotp.GenerateCode(s.Text(), uint64(step))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found, ok = step, true
		}
	}
	return found, ok
}

// hash is a printed code as it is stored.
func (s Secrets) hash(code string) []byte {
	h := hmac.New(sha256.New, s.Printed)
	h.Write([]byte(code))
	return h.Sum(nil)
}

// print makes printed codes up, and how they are stored.
func (s Secrets) print() (codes []string, hashes [][]byte) {
	for range printedCodes {
		code := make([]byte, 0, printedSize)
		var b [1]byte
		for len(code) < printedSize {
			rand.Read(b[:])
			if fair := 256 - 256%len(letters); int(b[0]) < fair { // what is past it would make some letters likelier
				code = append(code, letters[int(b[0])%len(letters)])
			}
		}
		codes = append(codes, fmt.Sprintf("%s-%s-%s", code[:4], code[4:8], code[8:]))
		hashes = append(hashes, s.hash(string(code)))
	}
	return codes, hashes
}

// plainCode is a code as it is compared, however it was typed.
func plainCode(typed string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.TrimSpace(norm.NFKC.String(typed[:min(len(typed), 200)]))))
}

func factorContext(holder string) seal.Context {
	h := sha256.Sum256([]byte(holder)) // a name may be in any script
	return seal.Context{Tip: "members", Compartment: "factor", Part: fmt.Sprintf("%x", h), Direction: "v1"}
}

func sealSecrets(s Secrets, holder string, to *age.HybridRecipient) ([]byte, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	defer clear(text)
	return seal.Seal(factorContext(holder), text, to)
}

func openSecrets(f intake.Factor, with *age.HybridIdentity) (s Secrets, err error) {
	text, err := seal.OpenBytes(f.Sealed, factorContext(f.Holder), with)
	if err != nil {
		return s, fmt.Errorf("the second factor of %s: %w", f.Holder, err)
	}
	defer clear(text)
	return s, json.Unmarshal(text, &s)
}

// factor is a member's factor, if they have one.
func (s *Service) factor(ctx context.Context, name string) (f intake.Factor, has bool, err error) {
	f, err = s.Store.Factor(ctx, name)
	if errors.Is(err, intake.ErrNotFound) {
		return f, false, nil
	}
	return f, err == nil, err
}

// spend uses a code up for an act; [ErrCode] if it isn't one that counts.
func (s *Service) spend(ctx context.Context, f intake.Factor, desk string, key *age.HybridIdentity, typed, act string) error {
	secrets, err := openSecrets(f, key)
	if err != nil {
		return err
	}
	code := plainCode(typed)
	if step, ok := secrets.step(code, s.Now()); ok {
		err = s.Store.SpendStep(ctx, f.Holder, step, s.row(desk, f.Holder, act, "code"))
	} else {
		err = s.Store.SpendCode(ctx, f.Holder, secrets.hash(code), s.row(desk, f.Holder, act, "printed code"))
	}
	if errors.Is(err, intake.ErrConflict) {
		return ErrCode
	}
	return err
}

// resealed is the member's factor as it is stored, and what it holds, sealed to another key of theirs; nil
// without a factor.
func (s *Service) resealed(ctx context.Context, u *Unlocked, to *age.HybridRecipient) (was, fresh []byte, err error) {
	f, has, err := s.factor(ctx, u.Member.Name)
	if err != nil || !has {
		return nil, nil, err
	}
	secrets, err := openSecrets(f, u.Key)
	if err != nil {
		return nil, nil, err
	}
	fresh, err = sealSecrets(secrets, u.Member.Name, to)
	return f.Sealed, fresh, err
}
