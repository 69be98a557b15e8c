package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// walls says which packages of ours each package may import; "crypto/*" stands
// for every room of crypto. What isn't listed doesn't exist. ARCHITECTURE.md says
// why the walls stand where they stand.
var walls = map[string][]string{
	"cmd/tipline": {"*"},
	"cmd/bench":   {"*"},
	"cmd/release": {},

	"configs":        {},
	"configs/locale": {},

	"crypto":                  {},
	"crypto/internal/keyline": {},
	"crypto/seal":             {},
	"crypto/keyring":          {"crypto/seal"},
	"crypto/receipt":          {"crypto/seal", "crypto/internal/keyline"},
	"crypto/pseudonym":        {"crypto/internal/keyline"},
	"crypto/waiting":          {},

	"intake":                  {"crypto/*"},
	"intake/mail":             {"intake", "intake/crowd"},
	"intake/mailbox":          {"intake", "intake/mail"},
	"intake/hookbody":         {},
	"intake/crowd":            {},
	"intake/mailhook":         {"intake", "intake/mail", "intake/hookbody"},
	"intake/mailhook/gateway": {},
	"intake/sms":              {"intake", "intake/hookbody"},
	"intake/sms/gateway":      {},
	"intake/courier":          {"intake"},
	"intake/fetch":            {"intake"},
	"intake/limit":            {"intake", "crypto/pseudonym"},
	"intake/media":            {},
	"intake/mapref":           {},
	"intake/datum":            {},
	"intake/tiles":            {},
	"intake/invent":           {"intake"},
	"intake/media/pdf":        {"intake/media"},
	"intake/database":         {},
	"intake/servertest":       {},
	"intake/spool":            {"intake"},
	"intake/store":            {"intake", "crypto/*", "intake/database"},
	"intake/intaketest":       {"intake", "crypto/*", "intake/blob", "intake/media", "intake/store"},
	"intake/store/storetest":  {"intake", "crypto/*", "intake/casework", "intake/members", "intake/queue", "intake/store", "intake/database"},
	"intake/blob":             {"intake", "crypto/*"},
	"intake/queue":            {"intake"},
	"intake/sheet":            {},
	"intake/ledger":           {"intake", "intake/queue", "intake/database", "intake/sheet", "crypto/seal"},
	"intake/book":             {"intake", "intake/casework", "intake/ledger", "intake/sheet", "crypto/*"},
	"intake/backup":           {"intake", "intake/database", "crypto/seal"},
	"intake/casework":         {"intake", "crypto/*", "intake/datum"},
	"intake/members":          {"intake", "crypto/*"},
	"intake/outbound":         {"intake"},

	"web/page":   {"configs/locale"},
	"web/public": {"intake", "intake/mapref", "crypto/receipt", "configs/locale", "web/page"},
	"web/desk":   {"intake", "intake/book", "intake/datum", "intake/casework", "intake/members", "intake/sheet", "crypto/keyring", "crypto/receipt", "configs/locale", "web/page"},
	"web/ops":    {"web/page"},
}

// onlyIn keeps libraries where they belong.
var onlyIn = map[string]string{
	"github.com/gin-gonic/gin":  "web/ cmd/bench",
	"github.com/emersion/":      "intake/mail intake/mailbox",
	"modernc.org/sqlite":        "intake/database cmd/bench",
	"github.com/jackc/pgx/":     "intake/database intake/servertest cmd/",
	"github.com/xuri/excelize/": "intake/sheet",
	"filippo.io/age":            "crypto/ intake cmd/",
}

type listed struct {
	ImportPath string
	Imports    []string
}

func TestWalls(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, "tipline/")
		allowed, known := walls[name]
		if !known {
			t.Errorf("%s isn't on the map: give it a line in walls, and in ARCHITECTURE.md", name)
			continue
		}
		seen[name] = true
		for _, imp := range p.Imports {
			if ours, ok := strings.CutPrefix(imp, "tipline/"); ok && !permits(allowed, ours) {
				t.Errorf("%s imports %s through a wall", name, ours)
			}
			checkLibrary(t, name, imp)
		}
	}
	for name := range walls {
		if !seen[name] {
			t.Errorf("%s is on the map and doesn't exist", name)
		}
	}
}

// TestMapIsTrue: every room has its line in ARCHITECTURE.md, and what it, CONTRIBUTING.md and README.md point to is there.
func TestMapIsTrue(t *testing.T) {
	home := filepath.Join("..", "..")
	pointed := regexp.MustCompile("`((?:cmd|configs|crypto|intake|web)(?:/[\\w.-]+)+)/?`")
	for _, page := range []string{"ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"} {
		text, err := os.ReadFile(filepath.Join(home, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range pointed.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(home, m[1])); err != nil {
				t.Errorf("%s points to %s: %v", page, m[1], err)
			}
		}
		for room := range walls {
			if page == "ARCHITECTURE.md" && room != "crypto" && !bytes.Contains(text, []byte("`"+room+"`")) {
				t.Errorf("%s has no line for %s", page, room)
			}
		}
	}
}

// TestCheapVaultIsForTests: no program locks a member's key at the cost that tests take.
func TestCheapVaultIsForTests(t *testing.T) {
	home := filepath.Join("..", "..")
	err := filepath.WalkDir(home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || path == filepath.Join(home, "crypto", "keyring", "vault.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte("NewCheapVault")) {
			t.Errorf("%s makes keys that are guessed at once", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func permits(allowed []string, imp string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		prefix, all := strings.CutSuffix(a, "*")
		return a == imp || all && strings.HasPrefix(imp, prefix)
	})
}

func checkLibrary(t *testing.T, name, imp string) {
	t.Helper()
	for lib, homes := range onlyIn {
		if !strings.HasPrefix(imp, lib) {
			continue
		}
		if !slices.ContainsFunc(strings.Fields(homes), func(h string) bool { return strings.HasPrefix(name, h) }) {
			t.Errorf("%s imports %s, which belongs in %s only", name, imp, homes)
		}
	}
}

// list is every package of the module with what it imports outside its tests.
func list(t *testing.T) (out []listed) {
	t.Helper()
	text, err := exec.Command("go", "list", "-json=ImportPath,Imports", "tipline/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(text))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
}
