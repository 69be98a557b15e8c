package members_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/crypto/keyring"
	"tipline/intake"
	"tipline/intake/intaketest"
	"tipline/intake/members"
)

const (
	bosss = "boss counts every copper nail"
	zhaos = "zhao whistles under the bridge"
)

// staffed is an office with boss, an administrator, beside wang and li.
func staffed(t *testing.T) (*office, *members.Unlocked) {
	t.Helper()
	o := open(t)
	intaketest.Must(t, o.AddHere(t.Context(), nil, members.NewMember{Name: "boss", Roles: []string{members.Administrator}, Passphrase: bosss}))
	return o, o.unlock(t, "boss", bosss)
}

func (o *office) waiting(t *testing.T, name string) []string {
	t.Helper()
	all, err := o.Staff(t.Context(), intaketest.Desk)
	intaketest.Must(t, err)
	i := slices.IndexFunc(all, func(s members.Staff) bool { return s.Name == name })
	return all[i].Waiting
}

// mark is what the list of members shows of somebody's key.
func (o *office) mark(t *testing.T, name string) string {
	t.Helper()
	all, err := o.Staff(t.Context(), intaketest.Desk)
	intaketest.Must(t, err)
	i := slices.IndexFunc(all, func(s members.Staff) bool { return s.Name == name })
	if i < 0 {
		return ""
	}
	return all[i].Mark
}

// swapKey puts a key of their own in a member's place, as who writes the database can.
func (o *office) swapKey(t *testing.T, name string) string {
	t.Helper()
	key := keyring.MemberKey{Recipient: intaketest.Identity(t).Recipient().String()}
	_, err := o.store.Database().Write.ExecContext(t.Context(), `UPDATE members SET recipient = $2 WHERE name = $1`, name, key.Recipient)
	intaketest.Must(t, err)
	return members.Mark(key)
}

// TestAMemberWaitsForAGrant: who keeps the list can't hand out what they don't hold; a
// holder does, and not to a key whose passphrase was printed.
func TestAMemberWaitsForAGrant(t *testing.T) {
	o, boss := staffed(t)
	wang := o.unlock(t, "wang", wangs)
	intaketest.Must(t, o.Add(t.Context(), boss, members.NewMember{Name: "zhao", Roles: []string{members.Handler, members.Supervisor}, Passphrase: zhaos, MustChange: true}))
	if d := cmp.Diff([]string{members.Handler}, o.waiting(t, "zhao")); d != "" {
		t.Error(d)
	}
	if err := o.Grant(t.Context(), wang, "zhao", members.Handler, o.mark(t, "zhao")); !errors.Is(err, members.ErrNotReady) {
		t.Errorf("while the passphrase is the printed one: %v", err)
	}
	zhao := o.unlock(t, "zhao", zhaos)
	intaketest.Must(t, o.ChangePassphrase(t.Context(), zhao, zhaos, zhaos+" at night"))
	if zhao := o.unlock(t, "zhao", zhaos+" at night"); zhao.Ring.Has("desk:main") {
		t.Error("zhao holds a key that nobody granted")
	}
	for name, c := range map[string]struct {
		by         *members.Unlocked
		name, role string
		want       error
	}{
		"an administrator": {boss, "zhao", members.Handler, members.ErrNotAllowed}, "another role": {o.unlock(t, "li", lis), "zhao", members.Handler, members.ErrNotAllowed},
		"a role they don't have": {wang, "li", members.Handler, members.ErrNotAllowed}, "themselves": {wang, "wang", members.Handler, members.ErrSelf},
		"nobody": {wang, "nobody", members.Handler, intake.ErrNotFound}, "a role without keys": {wang, "zhao", members.Supervisor, members.ErrNotAllowed},
	} {
		if err := o.Grant(t.Context(), c.by, c.name, c.role, o.mark(t, c.name)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	intaketest.Must(t, o.Grant(t.Context(), wang, "zhao", members.Handler, o.mark(t, "zhao")))
	if err := o.Grant(t.Context(), wang, "zhao", members.Handler, o.mark(t, "zhao")); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("twice: %v", err)
	}
	if zhao := o.unlock(t, "zhao", zhaos+" at night"); !zhao.Ring.Has("desk:main") || !zhao.Ring.Has("ledger:main") || zhao.Ring.Has("custodian") || o.waiting(t, "zhao") != nil {
		t.Error("the grant isn't the role's keys")
	}
	want := []string{"command line member.add", "boss member.add", "zhao passphrase", "wang member.grant"}
	if d := cmp.Diff(want, o.acts(t)[2:]); d != "" {
		t.Error(d)
	}
}

func TestWhoMayAdd(t *testing.T) {
	o, boss := staffed(t)
	wang, li := o.unlock(t, "wang", wangs), o.unlock(t, "li", lis)
	for name, c := range map[string]struct {
		by    *members.Unlocked
		roles []string
		want  error
	}{
		"a handler a handler": {wang, []string{"handler"}, nil}, "a custodian a custodian": {li, []string{"custodian"}, nil},
		"a handler a custodian": {wang, []string{"custodian"}, members.ErrNotAllowed}, "a handler an auditor": {wang, []string{"auditor"}, members.ErrNotAllowed},
		"a handler an administrator": {wang, []string{"handler", "administrator"}, members.ErrNotAllowed}, "both roles": {boss, []string{"handler", "custodian"}, members.ErrBothRoles}, "no role": {boss, nil, members.ErrRole}, "a king": {boss, []string{"king"}, members.ErrRole},
	} {
		n := members.NewMember{Name: "new" + strings.ReplaceAll(name, " ", ""), Roles: c.roles, Passphrase: zhaos}
		if err := o.Add(t.Context(), c.by, n); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if c.want == nil && o.waiting(t, n.Name) != nil {
			t.Errorf("%s: not granted at once", name)
		}
	}
	if err := o.Add(t.Context(), boss, members.NewMember{Name: "li", Roles: []string{"auditor"}, Passphrase: zhaos}); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("a name that is taken: %v", err)
	}
}

func TestDisablingAndRoles(t *testing.T) {
	o, boss := staffed(t)
	wang := o.unlock(t, "wang", wangs)
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"by a handler":     {o.SetDisabled(t.Context(), wang, "li", true), members.ErrNotAllowed},
		"oneself":          {o.SetDisabled(t.Context(), boss, "boss", true), members.ErrSelf},
		"nobody":           {o.SetDisabled(t.Context(), boss, "nobody", true), intake.ErrNotFound},
		"roles by wang":    {o.SetRoles(t.Context(), wang, "li", []string{"auditor"}), members.ErrNotAllowed},
		"one's own roles":  {o.SetRoles(t.Context(), boss, "boss", []string{"handler"}), members.ErrSelf},
		"both":             {o.SetRoles(t.Context(), boss, "li", []string{"handler", "custodian"}), members.ErrBothRoles},
		"disabled":         {o.SetDisabled(t.Context(), boss, "li", true), nil},
		"another's roles":  {o.SetRoles(t.Context(), boss, "wang", []string{"auditor", "custodian"}), nil},
		"from the machine": {o.SetRoles(t.Context(), nil, "boss", []string{"administrator", "supervisor"}), nil},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
	if _, err := o.Open(t.Context(), "li", lis, ""); !errors.Is(err, members.ErrDisabled) {
		t.Errorf("li: %v", err)
	}
	if wang := o.unlock(t, "wang", wangs); wang.Ring.Has("desk:main") || !slices.Equal(o.waiting(t, "wang"), []string{"custodian"}) {
		t.Error("the keys of a role that was taken away are left")
	}
}

// TestALostPassphrase is restored by who shares the role, by the recovery key, or by an
// administrator, who grants nothing by it; the second factor goes with the old key.
func TestALostPassphrase(t *testing.T) {
	o, boss := staffed(t)
	wang, li := o.unlock(t, "wang", wangs), o.unlock(t, "li", lis)
	intaketest.Must(t, o.Add(t.Context(), wang, members.NewMember{Name: "zhao", Roles: []string{"handler"}, Passphrase: zhaos}))
	s := members.NewSecrets()
	_, err := o.Enrol(t.Context(), o.unlock(t, "zhao", zhaos), s, app(t, s, o.clock.Now()))
	intaketest.Must(t, err)
	if err := o.Rekey(t.Context(), li, "zhao", lis+" x"); !errors.Is(err, members.ErrNotAllowed) {
		t.Errorf("by a custodian: %v", err)
	}
	if err := o.Rekey(t.Context(), wang, "wang", lis+" x"); !errors.Is(err, members.ErrSelf) {
		t.Errorf("oneself: %v", err)
	}
	if err := o.Rekey(t.Context(), wang, "zhao", "short"); !errors.Is(err, keyring.ErrWeakPassphrase) {
		t.Errorf("weak: %v", err)
	}
	intaketest.Must(t, o.Rekey(t.Context(), wang, "zhao", "printed for zhao one day"))
	if err := o.login(t, "zhao", zhaos, ""); !errors.Is(err, members.ErrLogin) {
		t.Errorf("the lost one: %v", err)
	}
	if err := o.login(t, "zhao", "printed for zhao one day", ""); err != nil {
		t.Errorf("the printed one: %v", err)
	}
	if u := o.unlock(t, "zhao", "printed for zhao one day"); !u.Member.MustChange || !u.Ring.Has("desk:main") || !u.Ring.Has("ledger:main") {
		t.Error("zhao isn't restored")
	}
	intaketest.Must(t, o.Rekey(t.Context(), boss, "zhao", "printed by the boss one day"))
	if u := o.unlock(t, "zhao", "printed by the boss one day"); u.Ring.Has("desk:main") {
		t.Error("an administrator gave a key they don't hold")
	}

	intaketest.Must(t, o.SetRoles(t.Context(), boss, "zhao", []string{"handler", "supervisor"}))
	if err := o.Rekey(t.Context(), wang, "zhao", lis+" x"); !errors.Is(err, members.ErrNotAllowed) {
		t.Errorf("who is more than the one who restores them: %v", err)
	}

	if err := o.RekeyByRecovery(t.Context(), o.recovery, "wang", lis+" x"); !errors.Is(err, members.ErrNoRecovery) {
		t.Errorf("a handler by the custodians' recovery key: %v", err)
	}
	if err := o.RekeyByRecovery(t.Context(), intaketest.Identity(t), "li", lis+" x"); !errors.Is(err, members.ErrNoRecovery) {
		t.Errorf("by any key: %v", err)
	}
	intaketest.Must(t, o.RekeyByRecovery(t.Context(), o.recovery, "li", "printed for li by recovery"))
	if u := o.unlock(t, "li", "printed for li by recovery"); !u.Ring.Has("custodian") {
		t.Error("li isn't restored")
	}
	if acts := o.acts(t); acts[len(acts)-1] != "recovery key member.rekey" {
		t.Errorf("%q", acts)
	}
}

// TestAKeyThatWasSwappedIsGrantedNothing: between the look at the mark and the grant, somebody who writes the
// database puts a key of their own in the member's place.
func TestAKeyThatWasSwappedIsGrantedNothing(t *testing.T) {
	o, boss := staffed(t)
	wang := o.unlock(t, "wang", wangs)
	intaketest.Must(t, o.Add(t.Context(), boss, members.NewMember{Name: "zhao", Roles: []string{members.Handler}, Passphrase: zhaos}))
	compared := o.mark(t, "zhao")
	swapped := o.swapKey(t, "zhao")
	for _, mark := range []string{compared, ""} {
		if err := o.Grant(t.Context(), wang, "zhao", members.Handler, mark); !errors.Is(err, members.ErrMark) {
			t.Errorf("mark %q: %v", mark, err)
		}
	}
	if held, err := o.store.Grants(t.Context(), "zhao"); err != nil || len(held) > 0 {
		t.Errorf("%d grants, %v", len(held), err)
	}
	if now := o.mark(t, "zhao"); now != swapped || now == compared {
		t.Errorf("the mark of the swapped key is %q", now)
	}
}

// TestARotationTellsWhoseKeysItUsed: it has no mark to compare beforehand, so it names those of the keys it sealed to.
func TestARotationTellsWhoseKeysItUsed(t *testing.T) {
	o, _ := staffed(t)
	wang := o.unlock(t, "wang", wangs)
	intaketest.Must(t, o.Add(t.Context(), wang, members.NewMember{Name: "zhao", Roles: []string{members.Handler}, Passphrase: zhaos}))
	own := members.Mark(o.unlock(t, "zhao", zhaos).Member.Key)
	swapped := o.swapKey(t, "zhao")
	r, err := o.Rotate(t.Context(), wang, members.Handler, nil)
	intaketest.Must(t, err)
	if !slices.Contains(r.Holders, members.Holder{Name: "zhao", Mark: swapped}) || swapped == own {
		t.Errorf("%v, and the key that was put there has the mark %s", r.Holders, swapped)
	}
}

// TestRotation: a new version goes to every holder and the recovery key, the old one
// stays, and who comes later is granted both.
func TestRotation(t *testing.T) {
	o, _ := staffed(t)
	wang, li := o.unlock(t, "wang", wangs), o.unlock(t, "li", lis)
	kept := []members.Recovery{{Role: members.Custodian, Recipient: o.recovery.Recipient()}}
	if _, err := o.Rotate(t.Context(), wang, members.Custodian, kept); !errors.Is(err, members.ErrNotAllowed) {
		t.Errorf("by a handler: %v", err)
	}
	if _, err := o.Rotate(t.Context(), li, members.Custodian, nil); err == nil || !strings.Contains(err.Error(), "recovery:1") {
		t.Errorf("a recovery key would be left out: %v", err)
	}
	r, err := o.Rotate(t.Context(), li, members.Custodian, kept)
	if err != nil || len(r.Keys) != 1 || r.Keys[0].Version != 2 || !slices.Equal(r.Holders, []members.Holder{{Name: "li", Mark: o.mark(t, "li")}, {Name: "recovery:1"}}) {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := o.Rotate(t.Context(), li, members.Custodian, kept); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("by a session from before: %v", err)
	}
	again := o.unlock(t, "li", lis)
	if n, id, _ := again.Ring.Newest("custodian"); n != 2 || id.Recipient().String() != r.Keys[0].Recipient || len(again.Ring.Identities("custodian")) != 2 {
		t.Errorf("version %d of %d", n, len(again.Ring.Identities("custodian")))
	}
	pins := o.pins
	for _, k := range r.Keys {
		pins = pins.Add(k)
	}
	keys, err := o.store.RoleKeys(t.Context())
	if err != nil || pins.Check(keys) != nil || o.pins.Check(keys) == nil {
		t.Errorf("the pins: %v, %v", err, pins.Check(keys))
	}
	intaketest.Must(t, o.Add(t.Context(), again, members.NewMember{Name: "qian", Roles: []string{"custodian"}, Passphrase: zhaos}))
	if qian := o.unlock(t, "qian", zhaos); len(qian.Ring.Identities("custodian")) != 2 {
		t.Error("a newcomer can't read what is older")
	}
}

// TestARecoveryKeyAddedLater opens all that was and will be sealed to its role.
func TestARecoveryKeyAddedLater(t *testing.T) {
	o, boss := staffed(t)
	wang, fresh := o.unlock(t, "wang", wangs), intaketest.Identity(t)
	kept := []members.Recovery{{Role: members.Custodian, Recipient: o.recovery.Recipient()}}
	later := members.Recovery{Role: members.Handler, Recipient: fresh.Recipient()}
	if _, err := o.AddRecovery(t.Context(), boss, later, kept); !errors.Is(err, members.ErrNotAllowed) {
		t.Errorf("by an administrator: %v", err)
	}
	if _, err := o.AddRecovery(t.Context(), wang, members.Recovery{Role: members.Handler, Recipient: o.recovery.Recipient()}, kept); !errors.Is(err, members.ErrRecovery) {
		t.Errorf("one key for both roles: %v", err)
	}
	kept, err := o.AddRecovery(t.Context(), wang, later, kept)
	intaketest.Must(t, err)
	if _, err := o.AddRecovery(t.Context(), wang, later, kept); !errors.Is(err, intake.ErrConflict) {
		t.Errorf("twice: %v", err)
	}
	if r, err := o.Rotate(t.Context(), wang, members.Handler, kept); err != nil || len(r.Keys) != 2 || !slices.Contains(r.Holders, members.Holder{Name: "recovery:2"}) {
		t.Fatalf("%+v, %v", r, err)
	}
	intaketest.Must(t, o.RekeyByRecovery(t.Context(), fresh, "wang", "printed for wang by recovery"))
	if wang := o.unlock(t, "wang", "printed for wang by recovery"); len(wang.Ring.Identities("desk:main")) != 2 || len(wang.Ring.Identities("ledger:main")) != 2 {
		t.Error("wang can't read everything")
	}
}

func TestWeaknesses(t *testing.T) {
	o, boss := staffed(t)
	weak := func() []members.Weakness {
		t.Helper()
		w, err := o.Weaknesses(t.Context(), intaketest.Desk)
		intaketest.Must(t, err)
		return w
	}
	if d := cmp.Diff([]members.Weakness{{Role: "handler", Holders: 1}, {Role: "custodian", Holders: 1, Recovery: true}}, weak()); d != "" {
		t.Error(d)
	}
	intaketest.Must(t, o.Add(t.Context(), o.unlock(t, "li", lis), members.NewMember{Name: "qian", Roles: []string{"custodian"}, Passphrase: zhaos}))
	intaketest.Must(t, o.Add(t.Context(), boss, members.NewMember{Name: "zhao", Roles: []string{"handler"}, Passphrase: zhaos}))
	if d := cmp.Diff([]members.Weakness{{Role: "handler", Holders: 1}}, weak()); d != "" {
		t.Errorf("who waits for a grant is no holder:\n%s", d)
	}
}

func TestSessionsAreListedAndEnd(t *testing.T) {
	o, _ := staffed(t)
	ss := members.NewSessions(o.Service)
	one, a := login(t, ss, "wang", wangs)
	o.clock.Add(time.Minute)
	two, b := login(t, ss, "wang", wangs)
	other, c := login(t, ss, "li", lis)
	admin, d := login(t, ss, "boss", bosss)
	if l := ss.List("wang"); len(l) != 2 || l[0].ID != b.ID || l[1].Began != a.Began {
		t.Errorf("%+v", l)
	}
	if n, err := ss.EndOwn(t.Context(), a, c.ID); n != 0 || err != nil {
		t.Errorf("another member's session: %d, %v", n, err)
	}
	if n, err := ss.EndOwn(t.Context(), a, ""); n != 1 || err != nil {
		t.Errorf("all others: %d, %v", n, err)
	}
	over(t, ss, two, b)
	for _, token := range []string{one, other, admin} {
		if _, ok := ss.Get(token); !ok {
			t.Error("a session ended that wasn't meant")
		}
	}
	if err := ss.EndOf(t.Context(), a, "li"); !errors.Is(err, members.ErrNotAllowed) {
		t.Errorf("by a handler: %v", err)
	}
	if err := ss.EndOf(t.Context(), d, "nobody"); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("nobody's: %v", err)
	}
	intaketest.Must(t, ss.EndOf(t.Context(), d, "wang"))
	over(t, ss, one, a)
}

func TestConfirming(t *testing.T) {
	o := open(t)
	ss := members.NewSessions(o.Service)
	_, s := login(t, ss, "wang", wangs)
	if !s.Confirmed(o.clock.Now()) {
		t.Error("not right after the login")
	}
	o.clock.Add(members.Fresh)
	if s.Confirmed(o.clock.Now()) {
		t.Error("it lasts for ever")
	}
	if err := ss.Confirm(t.Context(), s, lis); !errors.Is(err, members.ErrLogin) || s.Confirmed(o.clock.Now()) {
		t.Errorf("a wrong one: %v", err)
	}
	intaketest.Must(t, ss.Confirm(t.Context(), s, wangs))
	if !s.Confirmed(o.clock.Now()) {
		t.Error("not after the passphrase")
	}
}
