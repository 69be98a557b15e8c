package keyring

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Pins are the fingerprints of the role keys that may be sealed to. They live in a file outside the
// database: one line "ROLE VERSION FINGERPRINT" a key, "#" begins a comment. The zero value has none.
type Pins struct{ fingerprints map[pin]string }

type pin struct {
	role    string
	version int
}

const maxPins = 1 << 20 // bytes of a pins file

// ParsePins reads a pins file of at most 1 MiB. Errors are ErrPins, with the line's number, or those of
// the reader.
func ParsePins(r io.Reader) (Pins, error) {
	out := Pins{map[pin]string{}}
	lines := bufio.NewScanner(io.LimitReader(r, maxPins+1))
	read := 0
	for n := 1; lines.Scan(); n++ {
		read += len(lines.Bytes()) + 1
		text, _, _ := strings.Cut(lines.Text(), "#")
		fields := strings.Fields(text)
		if len(fields) == 0 {
			continue
		}
		if err := out.parse(fields); err != nil {
			return Pins{}, fmt.Errorf("%w: line %d: %w", ErrPins, n, err)
		}
	}
	if read > maxPins {
		return Pins{}, fmt.Errorf("%w: it is over %d bytes", ErrPins, maxPins)
	}
	if err := lines.Err(); err != nil {
		return Pins{}, fmt.Errorf("%w: %w", ErrPins, err)
	}
	return out, nil
}

func (p Pins) parse(fields []string) error {
	if len(fields) != 3 {
		return fmt.Errorf("want ROLE VERSION FINGERPRINT, got %d words", len(fields))
	}
	version, err := strconv.Atoi(fields[1])
	if err != nil {
		return fmt.Errorf("the version is not a number")
	}
	if err := checkRole(fields[0], version); err != nil {
		return err
	}
	if !regexp.MustCompile(`^SHA256:[0-9a-f]{64}$`).MatchString(fields[2]) {
		return fmt.Errorf("a fingerprint is SHA256: and 64 hex digits")
	}
	at := pin{fields[0], version}
	if have, ok := p.fingerprints[at]; ok && have != fields[2] {
		return fmt.Errorf("a second fingerprint for %s version %d", at.role, at.version)
	}
	p.fingerprints[at] = fields[2]
	return nil
}

// Add is the pins with k as well; p stays as it is. A pin of the same role and version is replaced.
func (p Pins) Add(k RoleKey) Pins {
	out := Pins{map[pin]string{}}
	maps.Copy(out.fingerprints, p.fingerprints)
	out.fingerprints[pin{k.Role, k.Version}] = k.Fingerprint()
	return out
}

// WriteTo writes the file that ParsePins reads, ordered by role and version (io.WriterTo).
func (p Pins) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	b.WriteString("# The role keys that reports may be sealed to: ROLE VERSION FINGERPRINT\n" +
		"# Keep a copy on paper. A key that is not listed here, or differs, stops the start.\n")
	for _, at := range p.sorted() {
		fmt.Fprintf(&b, "%s %d %s\n", at.role, at.version, p.fingerprints[at])
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// Check compares the stored keys (every version of every role) with the pins: each key must be pinned
// (ErrUnpinned) with this very fingerprint (ErrSwapped), and the newest pinned version of each role must
// be among them (ErrMissing), or somebody could bring an old key back. The error names the first role
// and version that is wrong, and how to mend it.
func (p Pins) Check(keys []RoleKey) error {
	stored := map[pin]bool{}
	for _, k := range keys {
		at := pin{k.Role, k.Version}
		stored[at] = true
		switch want, ok := p.fingerprints[at]; {
		case !ok:
			return fmt.Errorf("%w: %s version %d has no line in the pins file; if an administrator made this key, add \"%s %d %s\" there, else restore the database", ErrUnpinned, k.Role, k.Version, k.Role, k.Version, k.Fingerprint())
		case want != k.Fingerprint():
			return fmt.Errorf("%w: %s version %d has fingerprint %s, but %s is pinned; restore the database from a backup and find out who changed it", ErrSwapped, k.Role, k.Version, k.Fingerprint(), want)
		}
	}
	sorted := p.sorted()
	for i, at := range sorted {
		newest := i+1 == len(sorted) || sorted[i+1].role != at.role
		if newest && !stored[at] {
			return fmt.Errorf("%w: %s version %d is pinned but not in the database; restore the database from a backup, or take its line out of the pins file if the role was given up", ErrMissing, at.role, at.version)
		}
	}
	return nil
}

func (p Pins) sorted() []pin {
	return slices.SortedFunc(maps.Keys(p.fingerprints), func(a, b pin) int {
		return cmp.Or(cmp.Compare(a.role, b.role), cmp.Compare(a.version, b.version))
	})
}
