package seal

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"filippo.io/age"
	"pgregory.net/rapid"
)

func ctx() Context {
	return Context{Tip: "0123456789abcdef", Compartment: "report", Part: "text", Direction: "inward"}
}

func newKey(t testing.TB) *age.HybridIdentity {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func mustSeal(t testing.TB, c Context, content []byte, to ...*age.HybridRecipient) []byte {
	t.Helper()
	sealed, err := Seal(c, content, to...)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestWhatIsSealedOpensAgain(t *testing.T) {
	a, b := newKey(t), newKey(t)
	rapid.Check(t, func(rt *rapid.T) {
		field := rapid.StringMatching(`[a-z0-9._:/-]{1,64}`)
		c := Context{field.Draw(rt, "tip"), field.Draw(rt, "compartment"), field.Draw(rt, "part"), field.Draw(rt, "direction")}
		if strings.HasSuffix(c.Compartment, "/outer") {
			rt.Skip()
		}
		size := rapid.OneOf(rapid.IntRange(0, 10_000), rapid.SampledFrom([]int{3900, 4096, 65535, 65536, 65537, 200_000})).Draw(rt, "size")
		content := bytes.Repeat([]byte("土地 \x00\n"), size/9+1)[:size]
		sealed, err := Seal(c, content, a.Recipient(), b.Recipient())
		if err != nil {
			rt.Fatal(err)
		}
		for _, id := range []*age.HybridIdentity{a, b} {
			got, err := OpenBytes(sealed, c, id)
			if err != nil || !bytes.Equal(got, content) {
				rt.Fatalf("opened %d bytes of %d, %v", len(got), len(content), err)
			}
		}
	})
}

func TestAStreamIsTheSameFormAsAText(t *testing.T) {
	id := newKey(t)
	content := bytes.Repeat([]byte("0123456789"), 30_000)
	var dst bytes.Buffer
	w, err := NewWriter(&dst, ctx(), id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, iotest.HalfReader(bytes.NewReader(content))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if want := len(mustSeal(t, ctx(), content, id.Recipient())); dst.Len() != want {
		t.Errorf("a stream took %d bytes, a text %d", dst.Len(), want)
	}
	r, err := Open(bytes.NewReader(dst.Bytes()), int64(dst.Len()), ctx(), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(r, content); err != nil {
		t.Error(err)
	}
}

func TestNestedOpensWithBothKeysAndWithNeitherAlone(t *testing.T) {
	desk, custodian := newKey(t), newKey(t)
	c, content := ctx(), []byte("who it was")
	sealed, err := SealNested(c, content, []*age.HybridRecipient{desk.Recipient()}, []*age.HybridRecipient{custodian.Recipient()})
	if err != nil {
		t.Fatal(err)
	}
	inner, err := OpenOuterBytes(sealed, c, desk)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenBytes(inner, c, custodian); err != nil || !bytes.Equal(got, content) {
		t.Errorf("both keys: %q, %v", got, err)
	}
	if bytes.Contains(inner, content) {
		t.Error("the inner file shows its content")
	}
	other := c
	other.Tip = "another"
	for name, test := range map[string]struct {
		open func() ([]byte, error)
		want error
	}{
		"desk alone, outer as content": {func() ([]byte, error) { return OpenBytes(sealed, c, desk) }, ErrContext},
		"desk alone, inner":            {func() ([]byte, error) { return OpenBytes(inner, c, desk) }, ErrKey},
		"custodian alone":              {func() ([]byte, error) { return OpenOuterBytes(sealed, c, custodian) }, ErrKey},
		"custodian, no outer removed":  {func() ([]byte, error) { return OpenBytes(sealed, c, custodian) }, ErrKey},
		"outer of another tip":         {func() ([]byte, error) { return OpenOuterBytes(sealed, other, desk) }, ErrContext},
		"inner of another tip":         {func() ([]byte, error) { return OpenBytes(inner, other, custodian) }, ErrContext},
	} {
		if got, err := test.open(); !errors.Is(err, test.want) || got != nil {
			t.Errorf("%s: %q, %v; want %v", name, got, err, test.want)
		}
	}
}

func TestAnotherContextIsRefused(t *testing.T) {
	id := newKey(t)
	sealed := mustSeal(t, ctx(), []byte("x"), id.Recipient())
	for name, change := range map[string]func(*Context){
		"tip":         func(c *Context) { c.Tip += "0" },
		"compartment": func(c *Context) { c.Compartment = "identity" },
		"part":        func(c *Context) { c.Part = "t" },
		"direction":   func(c *Context) { c.Direction = "outward" },
	} {
		c := ctx()
		change(&c)
		if _, err := OpenBytes(sealed, c, id); !errors.Is(err, ErrContext) {
			t.Errorf("%s: %v, want ErrContext", name, err)
		}
	}
}

func TestContextFieldsAreValidated(t *testing.T) {
	id := newKey(t)
	for _, bad := range []string{"", "A", "a b", "a\n", "村", "a\x00", strings.Repeat("a", 65)} {
		for i := range 4 {
			c := ctx()
			*[]*string{&c.Tip, &c.Compartment, &c.Part, &c.Direction}[i] = bad
			if _, err := Seal(c, nil, id.Recipient()); !errors.Is(err, ErrContext) {
				t.Errorf("Seal with field %d %q: %v, want ErrContext", i, bad, err)
			}
			if _, err := OpenBytes(nil, c, id); !errors.Is(err, ErrContext) {
				t.Errorf("Open with field %d %q: %v, want ErrContext", i, bad, err)
			}
		}
	}
	c := ctx()
	c.Compartment = "identity/outer"
	if _, err := Seal(c, nil, id.Recipient()); !errors.Is(err, ErrContext) {
		t.Errorf("an outer layer by hand: %v, want ErrContext", err)
	}
	c.Compartment = strings.Repeat("a", 60) // no room for the mark
	to := []*age.HybridRecipient{id.Recipient()}
	if _, err := SealNested(c, nil, to, to); !errors.Is(err, ErrContext) {
		t.Errorf("a nested file with a long compartment: %v, want ErrContext", err)
	}
}

func TestKeysAreRequiredAndHybrid(t *testing.T) {
	id, stranger := newKey(t), newKey(t)
	sealed := mustSeal(t, ctx(), nil, id.Recipient())
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	_, noRecipient := Seal(ctx(), nil)
	_, nilRecipient := Seal(ctx(), nil, nil)
	_, noIdentity := OpenBytes(sealed, ctx())
	_, nilIdentity := OpenBytes(sealed, ctx(), nil)
	_, wrong := OpenBytes(sealed, ctx(), stranger)
	_, classicRecipient := ParseRecipient(classic.Recipient().String())
	_, classicIdentity := ParseIdentity(classic.String())
	_, garbage := ParseIdentity("AGE-SECRET-KEY-PQ-1QQQ")
	for name, err := range map[string]error{
		"no recipient": noRecipient, "nil recipient": nilRecipient, "no identity": noIdentity, "nil identity": nilIdentity,
		"stranger": wrong, "classic recipient": classicRecipient, "classic identity": classicIdentity, "garbage": garbage,
	} {
		if !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v, want ErrKey", name, err)
		}
	}
	if got, err := OpenBytes(sealed, ctx(), stranger, id); err != nil || len(got) != 0 {
		t.Errorf("the second key fits: %q, %v", got, err)
	}
}

func TestKeysSurviveTheirText(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(rt, "seed"))
		id, err := IdentityFromSeed(seed)
		if err != nil {
			rt.Fatal(err)
		}
		again, err := ParseIdentity(id.String() + "\n")
		if err != nil || again.String() != id.String() {
			rt.Fatalf("identity: %v", err)
		}
		to, err := ParseRecipient(id.Recipient().String())
		if err != nil || to.String() != id.Recipient().String() {
			rt.Fatalf("recipient: %v", err)
		}
		if text, err := RecipientFromSeed(seed); err != nil || text != to.String() {
			rt.Fatalf("the recipient from the seed is another one: %v", err)
		}
	})
}
