package locale

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// composed are beginnings of ids that no source writes in one piece: "receipt" is the area of a refusal,
// put before what went wrong (web/public/refusal.go).
var composed = []string{"receipt."}

// TestEveryMessageIsAskedFor: an id stands whole in a page, a script or the code, or one of them writes its beginning
// up to a dot and the words behind it are codes that stand somewhere. Whoever takes the last use away takes the message.
func TestEveryMessageIsAskedFor(t *testing.T) {
	text := sources(t)
	whole, words := map[string]bool{}, map[string]bool{}
	for _, q := range regexp.MustCompile(`"[a-z][\w.-]*"`).FindAllString(text, -1) {
		whole[strings.Trim(q, `"`)] = true
	}
	for _, w := range regexp.MustCompile(`[\w-]+`).FindAllString(text, -1) {
		words[w] = true
	}
	known := func(w string) bool { // the record's codes may be two words
		return words[w] || !slices.ContainsFunc(strings.Split(w, "_"), func(w string) bool { return !words[w] })
	}
	for _, id := range composed {
		whole[id] = true
	}
	asked := func(id string) bool {
		for at, r := range id {
			if r == '.' && whole[id[:at+1]] && !slices.ContainsFunc(strings.Split(id[at+1:], "."), func(w string) bool { return !known(w) }) {
				return true
			}
		}
		return whole[id]
	}
	for id := range messages(t, "en") {
		if !asked(id) {
			t.Errorf("nothing asks for %s: delete it in every language", id)
		}
	}
}

// sources are all pages, scripts, packs and code that isn't a test's.
func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, room := range []string{"cmd/tipline", "configs", "intake", "web"} {
		err := filepath.WalkDir(filepath.Join("..", "..", room), func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if e.IsDir() && e.Name() == "testdata" {
				return fs.SkipDir
			}
			ext := filepath.Ext(path)
			if strings.HasSuffix(path, "_test.go") || !slices.Contains([]string{".go", ".html", ".js", ".yaml"}, ext) || ext == ".yaml" && filepath.Base(filepath.Dir(path)) == "locale" {
				return nil
			}
			text, err := os.ReadFile(path)
			all.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}
