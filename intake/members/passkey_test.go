package members_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"

	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/members"
)

const origin = "https://desk.example.org:8443"

// keyed is an office whose desk has passkeys, with sessions.
func keyed(t *testing.T) (*office, *members.Sessions) {
	t.Helper()
	o := open(t)
	rp, err := members.NewRelyingParty(origin, "样例")
	intaketest.Must(t, err)
	o.Passkeys = rp
	return o, members.NewSessions(o.Service)
}

func (o *office) sit(t *testing.T, ss *members.Sessions, name, passphrase string) *members.Session {
	t.Helper()
	_, s, err := ss.Login(t.Context(), members.Attempt{Name: name, Passphrase: passphrase})
	intaketest.Must(t, err)
	return s
}

// made gives a session's member a passkey of a new device.
func made(t *testing.T, ss *members.Sessions, s *members.Session, name string) (*intaketest.Authenticator, []string) {
	t.Helper()
	a := intaketest.NewAuthenticator(t, origin)
	options, err := ss.OfferPasskey(t.Context(), s)
	intaketest.Must(t, err)
	printed, err := ss.AddPasskey(t.Context(), s, name, a.Make(t, options))
	intaketest.Must(t, err)
	return a, printed
}

func question(t *testing.T, ss *members.Sessions) []byte {
	t.Helper()
	q, err := ss.PasskeyQuestion()
	intaketest.Must(t, err)
	return q
}

func present(t *testing.T, ss *members.Sessions, name, passphrase string, answer []byte) error {
	t.Helper()
	_, _, err := ss.Login(t.Context(), members.Attempt{Name: name, Passphrase: passphrase, Passkey: answer})
	return err
}

// TestPasskey: the first comes with printed codes; from then on one of its answers or a
// code is asked for beside the passphrase, and each counts once.
func TestPasskey(t *testing.T) {
	o, ss := keyed(t)
	s := o.sit(t, ss, "wang", wangs)
	a, printed := made(t, ss, s, " 办公室电脑 ")
	if len(printed) != 10 || !s.Enrolled() {
		t.Fatalf("%d printed codes, enrolled %v", len(printed), s.Enrolled())
	}
	answer := a.Use(t, question(t, ss))
	for i, c := range []struct {
		passphrase string
		answer     []byte
		want       error
	}{{wangs, nil, members.ErrLogin}, {"not the passphrase at all", answer, members.ErrLogin}, {wangs, answer, nil}, {wangs, answer, members.ErrLogin},
		{wangs, []byte("{}"), members.ErrLogin}, {wangs, bytes.Repeat([]byte("x"), 100_000), members.ErrLogin}, {wangs, a.Use(t, question(t, ss)), nil}} {
		if err := present(t, ss, "wang", c.passphrase, c.answer); !errors.Is(err, c.want) {
			t.Errorf("%d: %v, want %v", i, err, c.want)
		}
	}
	if err := o.login(t, "wang", wangs, printed[0]); err != nil {
		t.Errorf("a printed code: %v", err)
	}
	b, more := made(t, ss, s, "手机")
	if more != nil || present(t, ss, "wang", wangs, b.Use(t, question(t, ss))) != nil || present(t, ss, "wang", wangs, a.Use(t, question(t, ss))) != nil {
		t.Error("the second device, or the first beside it, doesn't count")
	}
	own, err := o.Own(t.Context(), s.Unlocked)
	if err != nil || own.App || len(own.Passkeys) != 2 || own.Passkeys[0].Name != "办公室电脑" || own.Codes != 9 {
		t.Errorf("%+v, %v", own, err)
	}
	f, err := o.store.Factor(t.Context(), "wang")
	intaketest.Must(t, err)
	if bytes.Contains(f.Sealed, []byte("办公室")) || !strings.Contains(fmt.Sprintf("%v %#v", members.Secrets{Handle: []byte("x")}, members.Secrets{}), "[second factor]") {
		t.Error("a passkey's name stands in clear")
	}
}

// TestAnswersThatDontCount: from another page, for another desk, to another question, too
// late, with a flipped bit, or of somebody else.
func TestAnswersThatDontCount(t *testing.T) {
	o, ss := keyed(t)
	s := o.sit(t, ss, "wang", wangs)
	a, _ := made(t, ss, s, "one")
	for name, spoil := range map[string]func() []byte{
		"another page": func() []byte {
			a.Origin = "https://evil.example"
			defer func() { a.Origin = origin }()
			return a.Use(t, question(t, ss))
		},
		"another port": func() []byte {
			a.Origin = "https://desk.example.org"
			defer func() { a.Origin = origin }()
			return a.Use(t, question(t, ss))
		},
		"another desk": func() []byte {
			return a.Use(t, bytes.Replace(question(t, ss), []byte(`"desk.example.org"`), []byte(`"desk.example.com"`), 1))
		},
		"its own question": func() []byte {
			return a.Use(t, []byte(`{"publicKey":{"challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","rpId":"desk.example.org"}}`))
		},
		"the question that makes one": func() []byte {
			options, err := ss.OfferPasskey(t.Context(), s)
			intaketest.Must(t, err)
			return a.Use(t, bytes.Replace(options, []byte(`"rp":{`), []byte(`"rpId":"desk.example.org","rp":{`), 1))
		},
		"too late":       func() []byte { q := question(t, ss); o.clock.Add(6 * time.Minute); return a.Use(t, q) },
		"another device": func() []byte { return intaketest.NewAuthenticator(t, origin).Use(t, question(t, ss)) },
		"a flipped bit": func() []byte {
			var m map[string]any
			intaketest.Must(t, json.Unmarshal(a.Use(t, question(t, ss)), &m))
			r := m["response"].(map[string]any)
			sig := []byte(r["signature"].(string))
			sig[20] ^= 1
			r["signature"] = string(sig)
			b, err := json.Marshal(m)
			intaketest.Must(t, err)
			return b
		},
	} {
		if err := present(t, ss, "wang", wangs, spoil()); !errors.Is(err, members.ErrLogin) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := present(t, ss, "wang", wangs, a.Use(t, question(t, ss))); err != nil {
		t.Errorf("and then a right one: %v", err)
	}
}

// TestCopiedPasskey: a counter that goes back is refused and noted, and that key opens
// nothing any more; the codes do.
func TestCopiedPasskey(t *testing.T) {
	o, ss := keyed(t)
	s := o.sit(t, ss, "wang", wangs)
	a, printed := made(t, ss, s, "one")
	intaketest.Must(t, present(t, ss, "wang", wangs, a.Use(t, question(t, ss))))
	a.Count = 0
	for range 3 {
		if err := present(t, ss, "wang", wangs, a.Use(t, question(t, ss))); !errors.Is(err, members.ErrLogin) {
			t.Errorf("a copy: %v", err)
		}
	}
	if n := strings.Count(strings.Join(o.acts(t), "\n"), "factor.passkey.copied"); n != 1 {
		t.Errorf("it is noted %d times", n)
	}
	own, err := o.Own(t.Context(), s.Unlocked)
	if err != nil || !own.Passkeys[0].Doubtful {
		t.Errorf("%+v, %v", own, err)
	}
	intaketest.Must(t, o.login(t, "wang", wangs, printed[0]))
	intaketest.Must(t, ss.RemovePasskey(t.Context(), s, own.Passkeys[0].ID))
	if s.Enrolled() {
		t.Error("the last one is gone, and a factor is left")
	}
	intaketest.Must(t, o.login(t, "wang", wangs, ""))
}

// TestMakingCountsOnce: a session's question is answered once, in time, by a page of the
// desk; another session's answer is nobody's.
func TestMakingCountsOnce(t *testing.T) {
	o, ss := keyed(t)
	wang, li := o.sit(t, ss, "wang", wangs), o.sit(t, ss, "li", lis)
	a := intaketest.NewAuthenticator(t, origin)
	options, err := ss.OfferPasskey(t.Context(), wang)
	intaketest.Must(t, err)
	_, err = ss.OfferPasskey(t.Context(), li)
	intaketest.Must(t, err)
	answer := a.Make(t, options)
	if _, err := ss.AddPasskey(t.Context(), li, "x", answer); !errors.Is(err, members.ErrPasskey) {
		t.Errorf("another session's: %v", err)
	}
	if _, err := ss.AddPasskey(t.Context(), wang, "x", answer); err != nil {
		t.Errorf("its own: %v", err)
	}
	for name, try := range map[string]func() error{
		"again":   func() error { _, err := ss.AddPasskey(t.Context(), wang, "x", answer); return err },
		"unasked": func() error { _, err := ss.AddPasskey(t.Context(), li, "x", answer); return err },
		"late": func() error {
			q, err := ss.OfferPasskey(t.Context(), wang)
			intaketest.Must(t, err)
			o.clock.Add(6 * time.Minute)
			_, err = ss.AddPasskey(t.Context(), wang, "x", a.Make(t, q))
			return err
		},
		"from elsewhere": func() error {
			q, err := ss.OfferPasskey(t.Context(), wang)
			intaketest.Must(t, err)
			_, err = ss.AddPasskey(t.Context(), wang, "x", intaketest.NewAuthenticator(t, "https://evil.example").Make(t, q))
			return err
		},
	} {
		if err := try(); !errors.Is(err, members.ErrPasskey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "  ", strings.Repeat("长", 41), "\xff"} {
		if _, err := ss.AddPasskey(t.Context(), wang, name, answer); !errors.Is(err, members.ErrPasskeyName) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestPasskeyBesideTheApp: either opens, removing one leaves the other, a new passphrase
// takes both along, and a lost passphrase ends both.
func TestPasskeyBesideTheApp(t *testing.T) {
	o, ss := keyed(t)
	s := o.sit(t, ss, "wang", wangs)
	a, _ := made(t, ss, s, "one")
	secrets := s.Pending()
	_, err := ss.Enrol(t.Context(), s, app(t, secrets, o.clock.Now()))
	intaketest.Must(t, err)
	o.clock.Add(time.Minute)
	intaketest.Must(t, o.login(t, "wang", wangs, app(t, secrets, o.clock.Now())))
	intaketest.Must(t, present(t, ss, "wang", wangs, a.Use(t, question(t, ss))))
	intaketest.Must(t, ss.Unenrol(t.Context(), s))
	o.clock.Add(time.Minute)
	if err := o.login(t, "wang", wangs, app(t, secrets, o.clock.Now())); !errors.Is(err, members.ErrLogin) || !s.Enrolled() {
		t.Errorf("a code of the app that was removed: %v", err)
	}
	empty, err := hotp.GenerateCode("", uint64(o.clock.Now().Unix()/30))
	intaketest.Must(t, err)
	for _, code := range []string{empty, ""} { // an empty secret must be no way in
		if err := o.login(t, "wang", wangs, code); !errors.Is(err, members.ErrLogin) {
			t.Errorf("%q: %v", code, err)
		}
	}
	fresh := "wang has eight quiet lamps"
	unlocked := *s.Unlocked
	intaketest.Must(t, o.ChangePassphrase(t.Context(), &unlocked, wangs, fresh))
	intaketest.Must(t, present(t, ss, "wang", fresh, a.Use(t, question(t, ss))))
	if want := []string{"wang factor.passkey", "wang factor.add", "wang factor.remove"}; !slices.Equal(want, slices.DeleteFunc(o.acts(t), func(a string) bool { return !strings.Contains(a, "factor.") })) {
		t.Errorf("the record says %q", o.acts(t))
	}
}

// TestOneCounter: logins of one member at once all count, and the counter ends at the
// highest.
func TestOneCounter(t *testing.T) {
	o, ss := keyed(t)
	s := o.sit(t, ss, "wang", wangs)
	a, _ := made(t, ss, s, "one")
	b, _ := made(t, ss, s, "two")
	var wait sync.WaitGroup
	for _, d := range []*intaketest.Authenticator{a, b} {
		answer := d.Use(t, question(t, ss))
		wait.Go(func() {
			if err := present(t, ss, "wang", wangs, answer); err != nil {
				t.Errorf("%v", err)
			}
		})
	}
	wait.Wait()
	for _, d := range []*intaketest.Authenticator{a, b} {
		d.Count = 0
		if err := present(t, ss, "wang", wangs, d.Use(t, question(t, ss))); !errors.Is(err, members.ErrLogin) {
			t.Errorf("a counter was lost: %v", err)
		}
	}
}

func TestWhereBrowsersMakePasskeys(t *testing.T) {
	for base, want := range map[string]bool{"https://desk.example.org": true, "https://example.org/desk": true, "http://localhost:8081": true, "http://127.0.0.1:8081": false,
		"https://192.0.2.1": false, "http://desk.example.org": false, "https://[2001:db8::1]:8443": false, "": false} {
		rp, err := members.NewRelyingParty(base, "x")
		if err != nil || (rp != nil) != want {
			t.Errorf("%s: %v, %v", base, rp, err)
		}
	}
	o, ss := keyed(t)
	o.Passkeys = nil
	if _, err := ss.PasskeyQuestion(); !errors.Is(err, members.ErrNoPasskeys) {
		t.Errorf("%v", err)
	}
	if _, err := ss.OfferPasskey(t.Context(), o.sit(t, ss, "wang", wangs)); !errors.Is(err, members.ErrNoPasskeys) {
		t.Errorf("%v", err)
	}
	if _, err := ss.AddPasskey(t.Context(), o.sit(t, ss, "wang", wangs), "x", nil); !errors.Is(err, members.ErrPasskey) {
		t.Errorf("%v", err)
	}
	if err := ss.RemovePasskey(t.Context(), o.sit(t, ss, "wang", wangs), "x"); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("%v", err)
	}
}
