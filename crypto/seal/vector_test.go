package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the vectors in testdata anew")

// vector is one entry of testdata/vectors.json; the sealed file lies beside it as NAME.age.
type vector struct {
	Name    string
	Keys    []string // identity files in testdata, the outer one first
	Context Context
	Content string `json:",omitempty"` // what comes out
	Repeat  int    `json:",omitempty"` // so many times, if not 0
	Error   string `json:",omitempty"` // context, key or sealed, if nothing comes out
}

func (v vector) content() []byte { return bytes.Repeat([]byte(v.Content), max(1, v.Repeat)) }

func keys(ids ...*age.HybridIdentity) (out []*age.HybridRecipient) {
	for _, id := range ids {
		out = append(out, id.Recipient())
	}
	return out
}

func testKey(t testing.TB, name string) *age.HybridIdentity {
	t.Helper()
	line, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	id, err := ParseIdentity(string(line))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func openVector(t testing.TB, v vector) ([]byte, error) {
	t.Helper()
	sealed, err := os.ReadFile(filepath.Join("testdata", v.Name+".age"))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range v.Keys[:len(v.Keys)-1] {
		if sealed, err = OpenOuterBytes(sealed, v.Context, testKey(t, key)); err != nil {
			return nil, err
		}
	}
	return OpenBytes(sealed, v.Context, testKey(t, v.Keys[len(v.Keys)-1]))
}

func TestVectors(t *testing.T) {
	if *update {
		writeVectors(t)
	}
	index, err := os.ReadFile(filepath.Join("testdata", "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(index, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 20 {
		t.Fatalf("only %d vectors", len(vectors))
	}
	for _, v := range vectors {
		t.Run(v.Name, func(t *testing.T) {
			got, err := openVector(t, v)
			want := map[string]error{"": nil, "context": ErrContext, "key": ErrKey, "sealed": ErrSealed}[v.Error]
			if !errors.Is(err, want) {
				t.Fatalf("%v, want %v", err, want)
			}
			if want == nil && !bytes.Equal(got, v.content()) {
				t.Errorf("%d bytes: %s", len(got), cmp.Diff(string(got), string(v.content())))
			}
		})
	}
}

// writeVectors seals everything anew, under the same two keys.
func writeVectors(t *testing.T) {
	t.Helper()
	for name, seed := range map[string]byte{"desk.key": 1, "custodian.key": 2} {
		id, err := IdentityFromSeed([32]byte{seed})
		if err != nil {
			t.Fatal(err)
		}
		write(t, name, []byte(id.String()+"\n"))
	}
	desk, custodian := testKey(t, "desk.key"), testKey(t, "custodian.key")
	one, both := []string{"desk.key"}, []string{"desk.key", "custodian.key"}
	var index []vector
	add := func(v vector, sealed []byte) {
		v.Context = ctx()
		index = append(index, v)
		write(t, v.Name+".age", sealed)
	}
	short := []byte("有人在基本农田上建房。\n")
	plain := mustSeal(t, ctx(), short, keys(desk)...)
	nested, err := SealNested(ctx(), short, keys(desk), keys(custodian))
	if err != nil {
		t.Fatal(err)
	}
	add(vector{Name: "short", Keys: one, Content: string(short)}, plain)
	add(vector{Name: "empty", Keys: one}, mustSeal(t, ctx(), nil, keys(desk)...))
	add(vector{Name: "two-recipients", Keys: one, Content: string(short)}, mustSeal(t, ctx(), short, keys(custodian, desk)...))
	add(vector{Name: "two-chunks", Keys: one, Content: "0123456789\n", Repeat: 7000}, mustSeal(t, ctx(), bytes.Repeat([]byte("0123456789\n"), 7000), keys(desk)...))
	add(vector{Name: "nested", Keys: both, Content: string(short)}, nested)
	add(vector{Name: "nested-not-outer", Keys: one, Error: "context"}, nested)
	add(vector{Name: "nested-wrong-order", Keys: []string{"custodian.key", "desk.key"}, Error: "key"}, nested)
	add(vector{Name: "not-nested", Keys: both, Error: "context"}, plain)
	add(vector{Name: "other-key", Keys: []string{"custodian.key"}, Error: "key"}, plain)
	add(vector{Name: "cut", Keys: one, Error: "sealed"}, plain[:len(plain)-1])
	add(vector{Name: "long", Keys: one, Error: "sealed"}, append(bytes.Clone(plain), 0))
	other := ctx()
	other.Tip = "fedcba9876543210"
	add(vector{Name: "other-tip", Keys: one, Error: "context"}, mustSeal(t, other, short, keys(desk)...))
	forged := forgeries()
	for _, name := range slices.Sorted(maps.Keys(forged)) {
		add(vector{Name: "forged-" + strings.ReplaceAll(name, " ", "-"), Keys: one, Error: "sealed"}, forge(t, forged[name], desk.Recipient()))
	}
	text, err := json.MarshalIndent(index, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	write(t, "vectors.json", append(text, '\n'))
}

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("testdata", name), content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestTheAgeCommandAndOneCutOpenOurData is the promise in the package's comment, run as written there.
func TestTheAgeCommandAndOneCutOpenOurData(t *testing.T) {
	for _, v := range []vector{
		{Name: "short", Content: "有人在基本农田上建房。\n"}, {Name: "empty"}, {Name: "two-chunks", Content: "0123456789\n", Repeat: 7000},
	} {
		p := filepath.Join(t.TempDir(), "p")
		const script = `go tool age -d -i testdata/desk.key "testdata/$1.age" > "$2"; tail -n +2 "$2" | head -c "$(tail -c 20 "$2")"`
		cmd := exec.CommandContext(t.Context(), "sh", "-c", script, "sh", v.Name, p)
		cmd.Stderr = os.Stderr
		got, err := cmd.Output()
		if err != nil || !bytes.Equal(got, v.content()) {
			t.Errorf("%s: %d bytes, %v; want %d", v.Name, len(got), err, len(v.content()))
		}
	}
	const nested = `go tool age -d -i testdata/desk.key testdata/nested.age > "$1"; tail -n +2 "$1" | head -c "$(tail -c 20 "$1")" |
		go tool age -d -i testdata/custodian.key > "$1.2"; tail -n +2 "$1.2" | head -c "$(tail -c 20 "$1.2")"`
	got, err := exec.CommandContext(t.Context(), "sh", "-c", nested, "sh", filepath.Join(t.TempDir(), "p")).Output()
	if err != nil || string(got) != "有人在基本农田上建房。\n" {
		t.Errorf("nested: %q, %v", got, err)
	}
}
