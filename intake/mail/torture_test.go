package mail

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tortures are other projects' messages; they aren't part of this tree.
const tortures = "../../../shared/testdata"

// onWire is a message file as a mailer would send it: every line ends with CRLF,
// lines that begin with a dot have one more.
func onWire(raw []byte) string {
	s := strings.ReplaceAll(string(raw), "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	s = strings.ReplaceAll(s, "\n", "\r\n")
	if !strings.HasSuffix(s, "\r\n") {
		s += "\r\n"
	}
	s = strings.ReplaceAll(s, "\r\n.", "\r\n..")
	if strings.HasPrefix(s, ".") {
		s = "." + s
	}
	return s
}

func messageFiles(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(tortures, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && (strings.HasSuffix(path, ".msg") || strings.HasSuffix(path, ".raw")) {
			out = append(out, path)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the torture messages aren't here")
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// minTexts is how many of the expected body texts are found. The five others are
// HTML whose plain alternative is shown, and a nested message as a whole.
const minTexts = 115

// TestTorture sends every torture message through the real server. Each is
// taken within two seconds; the texts that others read in it are counted.
func TestTorture(t *testing.T) {
	files := messageFiles(t)
	d := &desk{}
	addr, _ := d.start(t, nil)
	w := dial(t, addr)
	found, expected, unparsed := 0, 0, 0
	var slowest time.Duration
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		before, start := len(d.all()), time.Now()
		w.transaction()
		w.say(onWire(raw)+".", "250 ")
		slowest = max(slowest, time.Since(start))
		if time.Since(start) > 2*time.Second {
			t.Errorf("%s took %v", filepath.Base(path), time.Since(start))
		}
		all := d.all()
		if len(all) == before {
			continue // a copy of another: see TestTortureKept
		}
		got := all[len(all)-1]
		if got.report.Hold && !flagged(got, FlagBounce) {
			unparsed++
			t.Logf("unparsed: %s", filepath.Base(path))
		}
		texts, _ := filepath.Glob(strings.TrimSuffix(path, ".msg") + "_decoded_*.txt")
		for _, text := range texts {
			want, err := os.ReadFile(text)
			if err != nil {
				t.Fatal(err)
			}
			expected++
			if holds(got, want) {
				found++
			} else {
				t.Logf("not found: %s", filepath.Base(text))
			}
		}
	}
	t.Logf("%d messages, slowest %v, %d unparsed, %d of %d expected texts found", len(files), slowest, unparsed, found, expected)
	if d.outcome(OutcomePanic) > 0 {
		t.Error("a message made the session panic")
	}
	for _, got := range d.all() {
		if flagged(got, FlagFault) {
			t.Error("the decoder panicked")
		}
	}
	if found < minTexts {
		t.Errorf("%d of %d texts found, want %d", found, expected, minTexts)
	}
}

func flagged(got *taken, flag string) bool {
	for _, f := range got.report.Flags {
		if f == flag {
			return true
		}
	}
	return false
}

// holds says whether the text, or a file, has what is wanted, spaces aside. The
// expected files are in the charset of their message.
func holds(got *taken, want []byte) bool {
	text := squeeze(got.report.Words.Text)
	for _, charset := range []string{"", "windows-1252", "iso-8859-15"} {
		plain := toUTF8(want, charset)
		if strings.Contains(text, squeeze(plain)) {
			return true
		}
		if strings.Contains(plain, "<") && strings.Contains(text, squeeze(htmlText(strings.NewReader(plain)))) {
			return true
		}
	}
	for _, f := range got.files {
		if squeeze(f.body) == squeeze(string(want)) {
			return true
		}
	}
	return false
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// TestGoldens: a message and another project's re-encoding of it read the same.
func TestGoldens(t *testing.T) {
	goldens, _ := filepath.Glob(filepath.Join(tortures, "enmime/testdata/encode/*-option-*.raw.golden"))
	if len(goldens) == 0 {
		t.Skip("the golden messages aren't here")
	}
	for _, golden := range goldens {
		raw, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		got := decode(t, onWire(raw))
		want := "My first paragraph éà."
		if strings.Contains(golden, "text-option") {
			want = "添付ファイル名テスト"
		}
		if !strings.Contains(got.report.Words.Text, want) || got.report.Hold {
			t.Errorf("%s: %q isn't in the text", filepath.Base(golden), want)
		}
	}
}
