package members_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/crypto/keyring"
	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/members"
)

func TestSetUp(t *testing.T) {
	o := open(t)
	wang, li := o.unlock(t, "wang", wangs), o.unlock(t, "li", lis)
	for _, c := range []struct {
		u    *members.Unlocked
		role string
		has  bool
	}{{wang, "desk:main", true}, {wang, "ledger:main", true}, {wang, "custodian", false}, {li, "custodian", true}, {li, "desk:main", false}, {li, "ledger:main", false}} {
		if c.u.Ring.Has(c.role) != c.has {
			t.Errorf("%s holds %s: %v", c.u.Member.Name, c.role, !c.has)
		}
	}
	if wang.Member.MustChange || !li.Member.MustChange || wang.Member.CreatedOn != "2026-11-24" {
		t.Errorf("%v %v %s", wang.Member.MustChange, li.Member.MustChange, wang.Member.CreatedOn)
	}
	keys, err := o.store.RoleKeys(t.Context())
	if err != nil || len(keys) != 3 || o.pins.Check(keys) != nil {
		t.Errorf("%d role keys, %v, %v", len(keys), err, o.pins.Check(keys))
	}
	if d := cmp.Diff([]string{"wang member.add", "li member.add"}, o.acts(t)); d != "" {
		t.Error(d)
	}
	_, err = o.Setup(t.Context(), []members.NewMember{{Name: "zhao", Roles: []string{"handler"}, Passphrase: wangs}, {Name: "qian", Roles: []string{"custodian"}, Passphrase: wangs}}, nil)
	if !errors.Is(err, intake.ErrConflict) {
		t.Errorf("a second set-up: %v", err)
	}
}

func TestRecoveryOpensItsRoleAlone(t *testing.T) {
	o := open(t)
	grants, err := o.store.Grants(t.Context(), "recovery:1")
	if err != nil || len(grants) != 1 || grants[0].Role != "custodian" {
		t.Fatalf("%d grants, %v", len(grants), err)
	}
	keys, err := o.store.RoleKeys(t.Context())
	intaketest.Must(t, err)
	for _, k := range keys {
		secret, err := grants[0].Open(o.recovery, k)
		if k.Role == "custodian" && (err != nil || secret.Recipient().String() != k.Recipient) || k.Role != "custodian" && err == nil {
			t.Errorf("%s: %v", k.Role, err)
		}
	}
}

func TestSetUpsThatAreRefused(t *testing.T) {
	handler := members.NewMember{Name: "wang", Roles: []string{"handler"}, Passphrase: wangs}
	custodian := members.NewMember{Name: "li", Roles: []string{"custodian"}, Passphrase: lis}
	key := intaketest.Identity(t).Recipient()
	with := func(change func(*members.NewMember)) []members.NewMember {
		m := handler
		change(&m)
		return []members.NewMember{m, custodian}
	}
	for name, c := range map[string]struct {
		first    []members.NewMember
		recovery []members.Recovery
		want     error
	}{
		"nobody":            {nil, nil, members.ErrHolders},
		"no custodian":      {[]members.NewMember{handler}, nil, members.ErrHolders},
		"no handler":        {[]members.NewMember{custodian}, nil, members.ErrHolders},
		"both roles":        {with(func(m *members.NewMember) { m.Roles = []string{"handler", "custodian"} }), nil, members.ErrBothRoles},
		"twice":             {with(func(m *members.NewMember) { m.Roles = []string{"handler", "handler"} }), nil, members.ErrRole},
		"unknown role":      {with(func(m *members.NewMember) { m.Roles = []string{"handler", "king"} }), nil, members.ErrRole},
		"bad name":          {with(func(m *members.NewMember) { m.Name = "wang 2" }), nil, members.ErrName},
		"weak":              {with(func(m *members.NewMember) { m.Passphrase = "1234" }), nil, keyring.ErrWeakPassphrase},
		"same name":         {with(func(m *members.NewMember) { m.Name = "li" }), nil, intake.ErrConflict},
		"recovery of none":  {[]members.NewMember{handler, custodian}, []members.Recovery{{Role: "desk", Recipient: key}}, members.ErrRole},
		"one recovery both": {[]members.NewMember{handler, custodian}, []members.Recovery{{Role: "handler", Recipient: key}, {Role: "custodian", Recipient: key}}, members.ErrRecovery},
	} {
		t.Run(name, func(t *testing.T) {
			st := empty(t, filepath.Join(t.TempDir(), "tips.db"))
			_, err := service(st, intaketest.NewClock()).Setup(t.Context(), c.first, c.recovery)
			if !errors.Is(err, c.want) || strings.Contains(fmt.Sprint(err), wangs) {
				t.Errorf("%v", err)
			}
			keys, err := st.RoleKeys(t.Context())
			if all, merr := st.Members(t.Context()); err != nil || merr != nil || len(keys)+len(all) != 0 {
				t.Errorf("%d keys and %d members stayed", len(keys), len(all))
			}
		})
	}
}

func TestParseNewMember(t *testing.T) {
	for in, want := range map[string]error{
		"wang:handler": nil, "王建国:custodian": nil, "a.b-c_1:handler": nil, strings.Repeat("a", 64) + ":handler": nil,
		strings.Repeat("a", 65) + ":handler": members.ErrName, strings.Repeat("王", 43) + ":handler": members.ErrName, ":handler": members.ErrName, "ledger:handler": members.ErrName, "calendar:handler": members.ErrName,
		"wang li:handler": members.ErrName, "wang/x:handler": members.ErrName, "recovery:1": members.ErrRole, "wang:": members.ErrRole,
		"wang:Handler": members.ErrRole, "wang:handler,": members.ErrRole, "wang:handler,handler": members.ErrRole,
		"wang:handler,custodian": members.ErrBothRoles, "wang:custodian,handler": members.ErrBothRoles,
	} {
		m, err := members.ParseNewMember(in)
		if !errors.Is(err, want) || want == nil && (m.Name+":"+strings.Join(m.Roles, ",") != in) || want != nil && m.Name != "" {
			t.Errorf("%s: %v, %v", in, m, err)
		}
	}
	if _, err := members.ParseNewMember("wang"); err == nil || !strings.Contains(err.Error(), "NAME:ROLE") {
		t.Errorf("%v", err)
	}
}

func TestWhichHalfWasWrongIsNotTold(t *testing.T) {
	o := open(t)
	var texts []string
	for _, c := range [][2]string{{"wang", lis}, {"nobody", wangs}, {"nobody", wangs}, {"", ""}, {"wang", strings.Repeat("x", 5000)}} {
		u, err := o.Open(t.Context(), c[0], c[1], "")
		if !errors.Is(err, members.ErrLogin) || u != nil {
			t.Errorf("%s: %v", c[0], err)
		}
		texts = append(texts, fmt.Sprintf("%T %v", err, err))
	}
	if len(slices.Compact(texts)) != 1 {
		t.Errorf("%q", texts)
	}
	if d := cmp.Diff([]string{"wang member.add", "li member.add", "wang login.failed"}, o.acts(t)); d != "" {
		t.Error(d)
	}
}

func TestTriesRunOutAndComeBack(t *testing.T) {
	o := open(t)
	long := strings.Repeat("x", 5000) // is refused without a derivation
	guess := func() error { _, err := o.Open(t.Context(), "wang", long, ""); return err }
	for range 10 {
		if err := guess(); !errors.Is(err, members.ErrLogin) {
			t.Fatal(err)
		}
	}
	if _, err := o.Open(t.Context(), "wang", wangs, ""); !errors.Is(err, members.ErrTooMany) {
		t.Errorf("the right one while too many were wrong: %v", err)
	}
	if _, err := o.Open(t.Context(), "li", long, ""); !errors.Is(err, members.ErrLogin) {
		t.Errorf("another name: %v", err)
	}
	for i := range 2000 { // invented names don't wash the count away
		o.Open(t.Context(), fmt.Sprint("invented", i), long, "")
	}
	if err := guess(); !errors.Is(err, members.ErrTooMany) {
		t.Errorf("after many names: %v", err)
	}
	o.clock.Add(29 * time.Second)
	if err := guess(); !errors.Is(err, members.ErrTooMany) {
		t.Errorf("too early: %v", err)
	}
	o.clock.Add(time.Second)
	if err := guess(); !errors.Is(err, members.ErrLogin) {
		t.Errorf("after half a minute: %v", err)
	}
	o.clock.Add(30 * time.Second)
	o.unlock(t, "wang", wangs)
	for range 10 { // who got in begins anew
		if err := guess(); !errors.Is(err, members.ErrLogin) {
			t.Fatal(err)
		}
	}
}

func TestADisabledMember(t *testing.T) {
	o := open(t)
	intaketest.Must(t, o.store.SetDisabled(t.Context(), "wang", true, intake.Audit{At: o.clock.Now(), Act: "member.disable"}))
	if u, err := o.Open(t.Context(), "wang", wangs, ""); !errors.Is(err, members.ErrDisabled) || u != nil {
		t.Errorf("%v", err)
	}
	if _, err := o.Open(t.Context(), "wang", lis, ""); !errors.Is(err, members.ErrLogin) {
		t.Errorf("a stranger learns that the member is disabled: %v", err)
	}
}

func TestANewPassphrase(t *testing.T) {
	o := open(t)
	u := o.unlock(t, "wang", wangs)
	roleSecret := u.Ring.Identities("desk:main")[0].String()
	before := u.Member.Key.Recipient
	for _, c := range []struct {
		old, fresh string
		want       error
	}{{lis, "a wholly new sentence", members.ErrLogin}, {wangs, wangs, members.ErrSame}, {wangs, " " + strings.ReplaceAll(wangs, "w", "ｗ"), members.ErrSame}, {wangs, "short", keyring.ErrWeakPassphrase}} {
		if err := o.ChangePassphrase(t.Context(), u, c.old, c.fresh); !errors.Is(err, c.want) {
			t.Errorf("%q: %v", c.fresh, err)
		}
	}
	const fresh = "a wholly new sentence"
	intaketest.Must(t, o.ChangePassphrase(t.Context(), u, wangs, fresh))
	if u.Member.Key.Recipient == before || u.Key.Recipient().String() != u.Member.Key.Recipient {
		t.Error("the key is the old one")
	}
	if _, err := o.Open(t.Context(), "wang", wangs, ""); !errors.Is(err, members.ErrLogin) {
		t.Errorf("the old passphrase: %v", err)
	}
	again := o.unlock(t, "wang", fresh)
	if again.Ring.Identities("desk:main")[0].String() != roleSecret || !again.Ring.Has("ledger:main") || again.Ring.Has("custodian") {
		t.Error("the grants aren't the same roles'")
	}
	if acts := o.acts(t); !slices.Contains(acts, "wang passphrase") {
		t.Errorf("%v", acts)
	}
}

func TestAForcedChangeIsDone(t *testing.T) {
	o := open(t)
	u := o.unlock(t, "li", lis)
	old := u.Key
	intaketest.Must(t, o.ChangePassphrase(t.Context(), u, lis, "another sentence of li"))
	m, err := o.store.Member(t.Context(), "li")
	if err != nil || m.MustChange || u.Member.MustChange {
		t.Errorf("%v, %v", m.MustChange, err)
	}
	grants, err := o.store.Grants(t.Context(), "li")
	if err != nil || len(grants) != 1 {
		t.Fatalf("%d grants, %v", len(grants), err)
	}
	keys, err := o.store.RoleKeys(t.Context())
	intaketest.Must(t, err)
	if _, err := grants[0].Open(old, keys[slices.IndexFunc(keys, func(k keyring.RoleKey) bool { return k.Role == "custodian" })]); !errors.Is(err, seal.ErrKey) {
		t.Errorf("the old key opens the new grant: %v", err)
	}
}

func TestGuessingTheOldPassphraseIsLimited(t *testing.T) {
	o := open(t)
	u := o.unlock(t, "wang", wangs)
	for range 10 {
		if err := o.ChangePassphrase(t.Context(), u, strings.Repeat("x", 5000), "a wholly new sentence"); !errors.Is(err, members.ErrLogin) {
			t.Fatal(err)
		}
	}
	if err := o.ChangePassphrase(t.Context(), u, wangs, "a wholly new sentence"); !errors.Is(err, members.ErrTooMany) {
		t.Errorf("%v", err)
	}
}

func TestAGrantWithoutItsKeyIsTold(t *testing.T) {
	o := open(t)
	if _, err := o.store.Database().Write.Exec(`DELETE FROM role_keys WHERE role = 'ledger:main'`); err != nil {
		t.Fatal(err)
	}
	if u, err := o.Open(t.Context(), "wang", wangs, ""); err == nil || u != nil || !strings.Contains(err.Error(), "backup") {
		t.Errorf("%v", err)
	}
}

func TestNothingUnlockedIsPrinted(t *testing.T) {
	o := open(t)
	u := o.unlock(t, "wang", wangs)
	for name, v := range map[string]any{"unlocked": u, "by value": struct{ U *members.Unlocked }{u}, "session": &members.Session{Unlocked: u},
		"new member": members.NewMember{Name: "wang", Passphrase: wangs}, "in a slice": []members.NewMember{{Passphrase: wangs}}} {
		var out bytes.Buffer
		fmt.Fprintf(&out, "%v %+v", v, v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		if strings.Contains(out.String(), "SECRET") || strings.Contains(out.String(), wangs) {
			t.Errorf("%s: %s", name, out.String())
		}
	}
}
