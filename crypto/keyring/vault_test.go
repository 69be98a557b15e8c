package keyring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

const phrase = "four plain words here"

func newMember(t *testing.T, v *Vault, name string) (MemberKey, *age.HybridIdentity) {
	t.Helper()
	k, id, err := v.NewMemberKey(t.Context(), name, phrase)
	if err != nil {
		t.Fatal(err)
	}
	return k, id
}

func TestNewBlobsHaveTheFullCost(t *testing.T) {
	k, _ := newMember(t, NewVault(1), "li")
	if want := "tipline-lock/1 argon2id m=65536 t=3 p=4 "; !bytes.HasPrefix(k.Locked, []byte(want)) {
		t.Errorf("%q, want %q", k.Locked[:60], want)
	}
}

func TestOnlyThisPassphraseMemberAndRecipientUnlock(t *testing.T) {
	v := NewCheapVault(1)
	good, id := newMember(t, v, "li")
	other, _ := newMember(t, v, "li")
	for name, test := range map[string]struct {
		member, recipient, passphrase string
		want                          error
	}{
		"right":             {"li", good.Recipient, phrase, nil},
		"space around":      {"li", good.Recipient, " " + phrase + "\n", nil},
		"full-width":        {"li", good.Recipient, "ｆｏｕｒ　ｐｌａｉｎ　ｗｏｒｄｓ　ｈｅｒｅ", nil},
		"wrong passphrase":  {"li", good.Recipient, phrase + "x", ErrPassphrase},
		"other case":        {"li", good.Recipient, strings.ToUpper(phrase), ErrPassphrase},
		"empty passphrase":  {"li", good.Recipient, "", ErrPassphrase},
		"endless":           {"li", good.Recipient, strings.Repeat("x", 1<<20), ErrPassphrase},
		"another member":    {"wang", good.Recipient, phrase, ErrPassphrase},
		"another recipient": {"li", other.Recipient, phrase, ErrPassphrase},
	} {
		got, err := v.Unlock(t.Context(), test.member, MemberKey{test.recipient, good.Locked}, test.passphrase)
		if !errors.Is(err, test.want) || test.want == nil && (err != nil || got.String() != id.String()) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func TestAPassphraseIsChanged(t *testing.T) {
	v := NewCheapVault(1)
	old, id := newMember(t, v, "li")
	changed, err := v.Lock(t.Context(), "li", id, "quite another sentence")
	if err != nil {
		t.Fatal(err)
	}
	if changed.Recipient != old.Recipient {
		t.Error("another recipient: every grant would be lost")
	}
	if _, err := v.Unlock(t.Context(), "li", changed, phrase); !errors.Is(err, ErrPassphrase) {
		t.Errorf("the old passphrase: %v", err)
	}
	if got, err := v.Unlock(t.Context(), "li", changed, "quite another sentence"); err != nil || got.String() != id.String() {
		t.Errorf("the new passphrase: %v", err)
	}
}

func TestLockRefuses(t *testing.T) {
	v := NewCheapVault(1)
	_, id := newMember(t, v, "li")
	for name, test := range map[string]struct {
		member, passphrase string
		want               error
	}{
		"weak": {"li", "short", ErrWeakPassphrase}, "no name": {"", phrase, ErrMember}, "long name": {strings.Repeat("x", 129), phrase, ErrMember},
	} {
		if _, err := v.Lock(t.Context(), test.member, id, test.passphrase); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	if _, err := v.Lock(t.Context(), "li", nil, phrase); err == nil {
		t.Error("locked no identity")
	}
}

func TestAnyChangeOfABlobIsRefused(t *testing.T) {
	v := NewCheapVault(1)
	k, _ := newMember(t, v, "li")
	for i := range k.Locked {
		for _, bit := range []byte{1, 128} {
			changed := MemberKey{k.Recipient, bytes.Clone(k.Locked)}
			changed.Locked[i] ^= bit
			if _, err := v.Unlock(t.Context(), "li", changed, phrase); !errors.Is(err, ErrPassphrase) && !errors.Is(err, ErrDamaged) {
				t.Fatalf("byte %d: %v", i, err)
			}
		}
	}
	for name, blob := range map[string][]byte{
		"nothing": nil, "cut": k.Locked[:90], "version 2": bytes.Replace(k.Locked, []byte("lock/1"), []byte("lock/2"), 1),
		"much memory": bytes.Replace(k.Locked, []byte("m=8 "), []byte("m=99999999 "), 1), "no memory": bytes.Replace(k.Locked, []byte("m=8 "), []byte("m=1 "), 1),
		"many passes": bytes.Replace(k.Locked, []byte("t=1 "), []byte("t=11 "), 1), "no pass": bytes.Replace(k.Locked, []byte("t=1 "), []byte("t=0 "), 1),
		"no thread": bytes.Replace(k.Locked, []byte("p=1 "), []byte("p=0 "), 1), "many threads": bytes.Replace(k.Locked, []byte("p=1 "), []byte("p=17 "), 1),
		"second spelling": bytes.Replace(k.Locked, []byte("m=8 "), []byte("m=08 "), 1), "huge": append(bytes.Clone(k.Locked), make([]byte, 5000)...),
	} {
		if _, err := v.Unlock(t.Context(), "li", MemberKey{k.Recipient, blob}, phrase); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", name, err)
		}
	}
}

func TestABlobWithTheSecretOfAnotherRecipientIsDamaged(t *testing.T) {
	v := NewCheapVault(1)
	k, _ := newMember(t, v, "li")
	_, other := newMember(t, v, "li")
	for _, text := range []string{other.String(), "no key", ""} {
		l := locked{cost: v.cost}
		aead, err := chacha20poly1305.NewX(v.derive([]byte(phrase), l.salt[:], l.cost))
		if err != nil {
			t.Fatal(err)
		}
		l.box = aead.Seal(nil, l.nonce[:], []byte(text), l.bound("li", k.Recipient))
		if _, err := v.Unlock(t.Context(), "li", MemberKey{k.Recipient, l.bytes()}, phrase); !errors.Is(err, ErrDamaged) {
			t.Errorf("%.6s…: %v, want ErrDamaged", text, err)
		}
	}
}

func TestAVaultDerivesAFewAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const parallel, callers = 2, 7
		v := NewCheapVault(parallel)
		k, _ := newMember(t, v, "li")
		var running, done atomic.Int32
		release := make(chan struct{})
		plain := v.derive
		v.derive = func(passphrase, salt []byte, c cost) []byte {
			running.Add(1)
			defer running.Add(-1)
			<-release
			return plain(passphrase, salt, c)
		}
		for range callers {
			go func() {
				if _, err := v.Unlock(t.Context(), "li", k, phrase); err != nil {
					t.Error(err)
				}
				done.Add(1)
			}()
		}
		for left := int32(callers); left > 0; left-- {
			synctest.Wait()
			if got := running.Load(); got != min(parallel, left) {
				t.Errorf("%d run at once with %d left", got, left)
			}
			release <- struct{}{}
		}
		synctest.Wait()
		if done.Load() != callers {
			t.Errorf("%d of %d came out", done.Load(), callers)
		}
	})
}

func TestWhoWaitsForAVaultMayLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := NewCheapVault(1)
		k, _ := newMember(t, v, "li")
		v.slots <- struct{}{} // somebody is in there
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := v.Unlock(ctx, "li", k, phrase); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want DeadlineExceeded", err)
		}
		<-v.slots
		if _, err := v.Unlock(ctx, "li", k, phrase); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a context that has ended: %v", err)
		}
		if _, err := v.Unlock(t.Context(), "li", k, phrase); err != nil {
			t.Errorf("the slot is not free again: %v", err)
		}
	})
}

func TestMemberKeysLogWithoutTheirSecret(t *testing.T) {
	k := MemberKey{Recipient: "age1pq1x", Locked: []byte("locked bytes")}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "k", k)
	if strings.Contains(log.String(), "locked") || strings.Contains(log.String(), fmt.Sprint(k.Locked)) || !strings.Contains(log.String(), "age1pq1x") {
		t.Errorf("%s", log.String())
	}
}

func FuzzUnlock(f *testing.F) {
	v := NewCheapVault(1)
	k, _, err := v.NewMemberKey(f.Context(), "li", phrase)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(k.Locked)
	f.Add([]byte("tipline-lock/1 argon2id m=65536 t=3 p=4 AAAAAAAAAAAAAAAAAAAAAA xchacha20poly1305\n"))
	// No derivation: what is under test is what stands in the blob.
	v.derive = func([]byte, []byte, cost) []byte { return make([]byte, 32) }
	f.Fuzz(func(t *testing.T, blob []byte) {
		if l, err := parseLocked(blob); err == nil && !bytes.Equal(l.bytes(), blob) {
			t.Fatal("a second spelling")
		}
		if _, err := v.Unlock(t.Context(), "li", MemberKey{k.Recipient, blob}, phrase); !errors.Is(err, ErrPassphrase) && !errors.Is(err, ErrDamaged) {
			t.Fatal(err)
		}
	})
}
