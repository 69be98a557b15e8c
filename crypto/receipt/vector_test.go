package receipt

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the vectors in testdata anew")

// vector is one entry of testdata/vectors.json.
type vector struct {
	Pepper   string // as in a key file
	Token    string
	Content  string // hex
	Receipt  string
	Tag      string // hex
	Identity string
}

func (v vector) fill(t *testing.T) vector {
	t.Helper()
	p, err := ParsePepper(v.Pepper)
	if err != nil {
		t.Fatal(err)
	}
	content, err := hex.DecodeString(v.Content)
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.Derive(v.Token, [32]byte(content))
	if err != nil {
		t.Fatal(err)
	}
	id, err := p.Identity(r)
	if err != nil {
		t.Fatal(err)
	}
	v.Receipt, v.Tag, v.Identity = r.Grouped(), hex.EncodeToString(p.Tag(r)), id.String()
	return v
}

func TestVectors(t *testing.T) {
	path := filepath.Join("testdata", "vectors.json")
	if *update {
		writeVectors(t, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(text, &vectors); err != nil || len(vectors) < 3 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for _, want := range vectors {
		if diff := cmp.Diff(want, want.fill(t)); diff != "" {
			t.Errorf("a change here makes every receipt in use unknown:\n%s", diff)
		}
	}
}

func writeVectors(t *testing.T, path string) {
	t.Helper()
	var out []vector
	for i, token := range []string{"6ba7b810-9dad-11d1-80b4-00c04fd430c8", "q83-EjRW-JCrze8SNFZ_kA", "6BA7B8109DAD11D180B400C04FD430C8"} {
		content := bytes.Repeat([]byte{byte(i)}, 32)
		v := vector{Pepper: Pepper{byte(i + 1)}.Encode(), Token: token, Content: hex.EncodeToString(content)}
		out = append(out, v.fill(t))
	}
	text, err := json.MarshalIndent(out, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestANumberIsOneModulo97(t *testing.T) {
	for range 1000 {
		n, ok := new(big.Int).SetString(New().Digits(), 10)
		if !ok || n.Mod(n, big.NewInt(97)).Int64() != 1 {
			t.Fatalf("the rest is %v", n) // ISO/IEC 7064, MOD 97-10
		}
	}
}

func TestRandomReceiptsAreUniform(t *testing.T) {
	const n = 20_000
	var counts [payload][10]int
	for range n {
		for place, digit := range New().Digits()[:payload] {
			counts[place][digit-'0']++
		}
	}
	for place, row := range counts {
		squares := 0.0
		for _, c := range row {
			squares += float64((c-n/10)*(c-n/10)) / (n / 10)
		}
		// Chi-squared with 9 degrees of freedom is over 60 once in 10^9.
		if squares > 60 {
			t.Errorf("the digits at place %d are %v", place, row)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("1234 5678 9012 3456 7890 1234")
	f.Add("１２３４－５６７８")
	f.Add(New().Grouped())
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text)
		if err != nil {
			if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrCheck) || !r.IsZero() {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if again, err := Parse(r.Grouped()); err != nil || again != r {
			t.Fatalf("%q: %v", r.Grouped(), err)
		}
		digits := strings.Map(func(c rune) rune {
			if unicode.IsDigit(c) {
				return c
			}
			return -1
		}, text)
		if n := len([]rune(digits)); n != Size {
			t.Fatalf("took %d digits", n)
		}
	})
}

func FuzzParsePepper(f *testing.F) {
	f.Add(Pepper{1}.Encode())
	f.Add("tipline-pseudonym-1-")
	f.Fuzz(func(t *testing.T, line string) {
		p, err := ParsePepper(line)
		if err != nil {
			if !errors.Is(err, ErrPepper) || p != (Pepper{}) {
				t.Fatal(err)
			}
			return
		}
		if p.Encode() != strings.TrimSpace(line) {
			t.Fatalf("a second spelling: %q", line)
		}
	})
}
