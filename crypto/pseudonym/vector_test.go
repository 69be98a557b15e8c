package pseudonym

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the vectors in testdata anew")

// vector is one entry of testdata/vectors.json.
type vector struct {
	Key     string // as in a key file
	Purpose string
	Value   string
	Tag     string // hex
}

func (v vector) tag(t *testing.T) string {
	t.Helper()
	k, err := ParseKey(v.Key)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(k.Tag(v.Purpose, v.Value))
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
	for _, v := range vectors {
		if got := v.tag(t); got != v.Tag {
			t.Errorf("%s %q: %s, want %s", v.Purpose, v.Value, got, v.Tag)
		}
	}
}

func writeVectors(t *testing.T, path string) {
	t.Helper()
	key := Key{1, 2, 3}.Encode()
	out := []vector{{Key: key, Purpose: "sender", Value: "+8613800138000"}, {Key: key, Purpose: "origin", Value: "2001:db8::/64"}, {Key: key}}
	for i := range out {
		out[i].Tag = out[i].tag(t)
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
