package members_test

import (
	"bytes"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/hotp"

	"tipline/crypto/keyring"
	"tipline/crypto/pseudonym"
	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/members"
)

// app is a code app at a moment.
func app(t *testing.T, s members.Secrets, at time.Time) string {
	t.Helper()
	code, err := hotp.GenerateCode(s.Text(), uint64(at.Unix()/30))
	intaketest.Must(t, err)
	return code
}

// enrolled is an office whose wang has a second factor.
func enrolled(t *testing.T) (*office, members.Secrets, []string) {
	t.Helper()
	o := open(t)
	s := members.NewSecrets()
	printed, err := o.Enrol(t.Context(), o.unlock(t, "wang", wangs), s, app(t, s, o.clock.Now()))
	intaketest.Must(t, err)
	o.clock.Add(time.Hour)
	return o, s, printed
}

func (o *office) login(t *testing.T, name, passphrase, code string) error {
	t.Helper()
	_, _, err := members.NewSessions(o.Service).Login(t.Context(), members.Attempt{Name: name, Passphrase: passphrase, Code: code})
	return err
}

// TestVectors: RFC 6238, appendix B, SHA-1, the last six of their eight digits.
func TestVectors(t *testing.T) {
	secrets := members.Secrets{App: []byte("12345678901234567890"), Printed: make([]byte, 32)}
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"} {
		o := open(t)
		o.clock.Add(time.Unix(at, 0).Sub(o.clock.Now()))
		if _, err := o.Enrol(t.Context(), o.unlock(t, "wang", wangs), secrets, code); err != nil {
			t.Errorf("%d: %v", at, err)
		}
	}
	if got := secrets.Text(); got != base32.StdEncoding.EncodeToString(secrets.App) {
		t.Errorf("typed as %s", got)
	}
}

func TestCodesThatCount(t *testing.T) {
	for name, c := range map[string]struct {
		off  time.Duration
		want error
	}{"now": {0, nil}, "a step late": {-30 * time.Second, nil}, "a step early": {30 * time.Second, nil},
		"two steps late": {-60 * time.Second, members.ErrLogin}, "two steps early": {60 * time.Second, members.ErrLogin}} {
		t.Run(name, func(t *testing.T) {
			o, s, _ := enrolled(t)
			if err := o.login(t, "wang", wangs, app(t, s, o.clock.Now().Add(c.off))); !errors.Is(err, c.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestCodesCountOnce(t *testing.T) {
	o, s, printed := enrolled(t)
	now := o.clock.Now()
	code, before := app(t, s, now), app(t, s, now.Add(-30*time.Second))
	for i, c := range []struct {
		code string
		want error
	}{{code, nil}, {code, members.ErrLogin}, {before, members.ErrLogin}, {printed[3], nil}, {printed[3], members.ErrLogin},
		{strings.ToUpper(strings.ReplaceAll(printed[4], "-", " ")), nil}, {printed[4], members.ErrLogin}} {
		if err := o.login(t, "wang", wangs, c.code); !errors.Is(err, c.want) {
			t.Errorf("%d: %v, want %v", i, err, c.want)
		}
	}
	if _, left, err := o.Factor(t.Context(), "wang"); err != nil || left != 8 {
		t.Errorf("%d codes are left, %v", left, err)
	}
	o.clock.Add(30 * time.Second)
	if err := o.login(t, "wang", wangs, " "+app(t, s, o.clock.Now())[:3]+" "+app(t, s, o.clock.Now())[3:]); err != nil {
		t.Errorf("the next code, typed with a space: %v", err)
	}
}

// TestWrongHalvesLookAlike: who has the passphrase without a code learns no more than
// who has neither.
func TestWrongHalvesLookAlike(t *testing.T) {
	o, s, _ := enrolled(t)
	var texts []string
	for _, c := range [][3]string{{"wang", "wrong wrong wrong", ""}, {"wang", "wrong wrong wrong", app(t, s, o.clock.Now())}, {"wang", wangs, ""},
		{"wang", wangs, "000000"}, {"wang", wangs, strings.Repeat("7", 100_000)}, {"nobody", wangs, "123456"}} {
		texts = append(texts, fmt.Sprintf("%v", o.login(t, c[0], c[1], c[2])))
	}
	if all := slices.Compact(slices.Clone(texts)); len(all) != 1 || all[0] != members.ErrLogin.Error() {
		t.Errorf("%q", texts)
	}
	rows, err := o.store.AuditRows(t.Context(), 0, 100)
	intaketest.Must(t, err)
	wrong := 0
	for _, r := range rows {
		if r.Act == "login.failed" && r.Detail == "code" {
			wrong++
		}
	}
	if wrong != 3 {
		t.Errorf("the record tells of %d wrong codes", wrong)
	}
}

// TestTheDatabaseTellsNoSecret: neither the app's secret nor a printed code can be
// found in what is stored.
func TestTheDatabaseTellsNoSecret(t *testing.T) {
	o, s, printed := enrolled(t)
	f, err := o.store.Factor(t.Context(), "wang")
	intaketest.Must(t, err)
	for _, secret := range [][]byte{s.App, s.Printed, []byte(s.Text()), []byte(printed[0])} {
		if bytes.Contains(f.Sealed, secret) {
			t.Error("the row holds a secret")
		}
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%v %+v %#v %v", s, s, s, members.Attempt{Name: "wang", Passphrase: wangs, Code: "123456"})
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "s", s, "a", members.Attempt{Passphrase: wangs, Code: "123456"})
	if text := out.String(); strings.Contains(text, s.Text()) || strings.Contains(text, fmt.Sprint(s.App)) || strings.Contains(text, wangs) || strings.Contains(text, "123456") {
		t.Errorf("%s", text)
	}
}

func TestEnrolmentWantsACode(t *testing.T) {
	o := open(t)
	u := o.unlock(t, "wang", wangs)
	s := members.NewSecrets()
	for _, code := range []string{"", "000000", app(t, members.NewSecrets(), o.clock.Now()), app(t, s, o.clock.Now().Add(-5*time.Minute))} {
		if _, err := o.Enrol(t.Context(), u, s, code); !errors.Is(err, members.ErrCode) {
			t.Errorf("%q: %v", code, err)
		}
	}
	if since, _, err := o.Factor(t.Context(), "wang"); err != nil || since != "" {
		t.Errorf("enrolled since %q, %v", since, err)
	}
	code := app(t, s, o.clock.Now())
	printed, err := o.Enrol(t.Context(), u, s, code)
	if err != nil || len(printed) != 10 {
		t.Fatalf("%d codes, %v", len(printed), err)
	}
	if err := o.login(t, "wang", wangs, code); !errors.Is(err, members.ErrLogin) {
		t.Errorf("the enrolment's code again: %v", err)
	}
	fresh, err := o.Reprint(t.Context(), u)
	intaketest.Must(t, err)
	if err := o.login(t, "wang", wangs, printed[0]); !errors.Is(err, members.ErrLogin) {
		t.Errorf("a code from before the reprint: %v", err)
	}
	if err := o.login(t, "wang", wangs, fresh[0]); err != nil {
		t.Errorf("a fresh code: %v", err)
	}
	if left, err := o.Unenrol(t.Context(), u); left || err != nil {
		t.Errorf("after the removal something is left: %v, %v", left, err)
	}
	if err := o.login(t, "wang", wangs, ""); err != nil {
		t.Errorf("without a factor: %v", err)
	}
	if _, err := o.Reprint(t.Context(), u); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("codes without a factor: %v", err)
	}
}

// TestAFactorFollowsItsMember: a new passphrase means a new key, and the factor is
// sealed to that; a row put under another name opens nothing there.
func TestAFactorFollowsItsMember(t *testing.T) {
	o, s, printed := enrolled(t)
	u, err := o.Open(t.Context(), "wang", wangs, printed[1])
	intaketest.Must(t, err)
	intaketest.Must(t, o.ChangePassphrase(t.Context(), u, wangs, lis+" again"))
	if err := o.login(t, "wang", lis+" again", app(t, s, o.clock.Now())); err != nil {
		t.Errorf("the app after the change: %v", err)
	}
	if err := o.login(t, "wang", lis+" again", printed[0]); err != nil {
		t.Errorf("a printed code after the change: %v", err)
	}
	f, err := o.store.Factor(t.Context(), "wang")
	intaketest.Must(t, err)
	li, err := o.store.Member(t.Context(), "li")
	intaketest.Must(t, err)
	f.Holder = li.Name
	intaketest.Must(t, o.store.SetFactor(t.Context(), f, li, nil, intake.Audit{At: o.clock.Now(), Member: "x", Act: "x"}))
	if err := o.login(t, "li", lis, app(t, s, o.clock.Now().Add(30*time.Second))); err == nil {
		t.Error("another member's factor lets in")
	}
}

// TestTheMachineAsksForTheCodeAsWell: who sits beside the data needs what the desk asks
// for, a code counts once, and both the way in and the refusal are rows.
func TestTheMachineAsksForTheCodeAsWell(t *testing.T) {
	o, _, printed := enrolled(t)
	if has, err := o.HasFactor(t.Context(), "wang"); err != nil || !has {
		t.Errorf("its factor isn't known: %v", err)
	}
	for _, c := range []struct {
		code string
		want error
	}{{"", members.ErrLogin}, {"000000", members.ErrLogin}, {printed[0], nil}, {printed[0], members.ErrLogin}} {
		if _, err := o.Open(t.Context(), "wang", wangs, c.code); !errors.Is(err, c.want) {
			t.Errorf("code %q: %v, want %v", c.code, err, c.want)
		}
	}
	rows, err := o.store.AuditRows(t.Context(), 0, 1000)
	intaketest.Must(t, err)
	var got []string
	for _, r := range rows[len(rows)-4:] {
		got = append(got, r.Act+" "+r.Detail)
	}
	if d := cmp.Diff([]string{"login.failed code", "login.failed code", "login.here printed code", "login.failed code"}, got); d != "" {
		t.Error(d)
	}
}

func TestAddress(t *testing.T) {
	s := members.NewSecrets()
	u, err := url.Parse(s.Address("示范乡 受理台", "王建国"))
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/王建国" || u.Query().Get("secret") != s.Text() || u.Query().Get("issuer") != "示范乡 受理台" {
		t.Errorf("%v %v", u, err)
	}
	if strings.Contains(s.Address("a b", "c"), "+") {
		t.Error("apps read + as it stands")
	}
}

// TestPlacesOfTries: who guesses from elsewhere, at one name or at all, leaves the
// member's own place as it is; and the right passphrase works after the pause.
func TestPlacesOfTries(t *testing.T) {
	o := open(t)
	ss := members.NewSessions(o.Service)
	wrong := strings.Repeat("x", 5000) // is refused without a derivation
	try := func(name, passphrase, origin string) error {
		_, _, err := ss.Login(t.Context(), members.Attempt{Name: name, Passphrase: passphrase, Origin: origin})
		return err
	}
	intaketest.Must(t, try("wang", wangs, "192.0.2.7")) // the member's desk
	for i := range 30 {
		for range 11 {
			_ = try("wang", wrong, fmt.Sprintf("198.51.100.%d", i))
		}
	}
	if err := try("wang", wangs, "198.51.100.250"); !errors.Is(err, members.ErrTooMany) {
		t.Errorf("a new place while many guess: %v", err)
	}
	if err := try("wang", wangs, "192.0.2.7"); err != nil {
		t.Errorf("the member's own place is shut: %v", err)
	}
	if err := try("li", lis, "203.0.113.5"); err != nil {
		t.Errorf("another member: %v", err)
	}
	for i := range 100 {
		_ = try(fmt.Sprint("name", i), wrong, "203.0.113.9")
	}
	if err := try("li", lis, "203.0.113.9"); !errors.Is(err, members.ErrTooMany) {
		t.Errorf("a place that goes through names goes on: %v", err)
	}
	o.clock.Add(10 * time.Minute)
	for name, passphrase := range map[string]string{"wang": wangs, "li": lis} {
		if err := try(name, passphrase, "203.0.113.9"); err != nil {
			t.Errorf("%s after the pause: %v", name, err)
		}
	}
}

// TestAPlaceIsKnownForAMonth: where a member hasn't come from for so long somebody else may sit by now.
func TestAPlaceIsKnownForAMonth(t *testing.T) {
	for days, want := range map[int]error{29: nil, 31: members.ErrTooMany} {
		o := open(t)
		ss := members.NewSessions(o.Service)
		try := func(passphrase, origin string) error {
			_, _, err := ss.Login(t.Context(), members.Attempt{Name: "wang", Passphrase: passphrase, Origin: origin})
			return err
		}
		intaketest.Must(t, try(wangs, "192.0.2.7"))
		o.clock.Add(time.Duration(days) * 24 * time.Hour)
		for i := range 100 {
			_ = try(strings.Repeat("x", 5000), fmt.Sprintf("198.51.100.%d", i)) // refused without a derivation
		}
		if err := try(wangs, "192.0.2.7"); !errors.Is(err, want) {
			t.Errorf("after %d days, while many guess: %v, want %v", days, err, want)
		}
	}
}

// TestAWideNetworkIsOnePlace: who holds a /48 of IPv6 has 65,536 places to guess from, and each guess is dear.
func TestAWideNetworkIsOnePlace(t *testing.T) {
	o := open(t)
	ss := members.NewSessions(o.Service)
	wrong, refused := strings.Repeat("x", 5000), 0 // which costs no derivation
	for i := range 500 {
		_, _, err := ss.Login(t.Context(), members.Attempt{Name: fmt.Sprint("name", i), Passphrase: wrong, Origin: pseudonym.Origin(netip.MustParseAddr(fmt.Sprintf("2001:db8:7:%x::1", i)))})
		if errors.Is(err, members.ErrTooMany) {
			refused++
		}
	}
	if refused != 100 {
		t.Errorf("%d of 500 tries from one /48 are refused", refused)
	}
	if _, _, err := ss.Login(t.Context(), members.Attempt{Name: "li", Passphrase: lis, Origin: pseudonym.Origin(netip.MustParseAddr("2001:db8:8::1"))}); err != nil {
		t.Errorf("another network: %v", err)
	}
}

// TestACrowdOfStrangers: of many places that try at once few wait, and a member at the usual place gets in.
func TestACrowdOfStrangers(t *testing.T) {
	o := open(t)
	ss := members.NewSessions(serviceWith(o.store, o.clock, keyring.NewVault(2))) // at what a try costs
	try := func(name, passphrase, origin string) error {
		_, _, err := ss.Login(t.Context(), members.Attempt{Name: name, Passphrase: passphrase, Origin: origin})
		return err
	}
	intaketest.Must(t, try("wang", wangs, "192.0.2.7"))
	var crowd sync.WaitGroup
	var refused atomic.Int32
	for i := range 60 {
		crowd.Go(func() {
			if errors.Is(try(fmt.Sprint("name", i), "some words that are wrong", fmt.Sprintf("198.51.100.%d", i)), members.ErrTooMany) {
				refused.Add(1)
			}
		})
	}
	if err := try("wang", wangs, "192.0.2.7"); err != nil {
		t.Errorf("at the usual place: %v", err)
	}
	crowd.Wait()
	if n := refused.Load(); n == 0 {
		t.Error("all of sixty strangers were let wait")
	}
	if err := try("li", lis, "203.0.113.5"); err != nil {
		t.Errorf("behind the crowd: %v", err)
	}
}
