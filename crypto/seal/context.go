package seal

import (
	"errors"
	"fmt"
	"strings"
)

// The package's errors; test for them with errors.Is. None of them quotes content.
var (
	// ErrContext says that a context has a field that is not [a-z0-9._:/-]{1,64}, or that the opened
	// file was sealed for another context: it stands in a place where it does not belong.
	ErrContext = errors.New("seal: wrong context")
	// ErrKey says that none of the given keys opens the file, that none was given, or that a text is no
	// hybrid key.
	ErrKey = errors.New("seal: no key that fits")
	// ErrSealed says that the file is malformed, cut short or was changed after it was sealed.
	ErrSealed = errors.New("seal: damaged or changed")
)

const (
	formatLine = "tipline/1"
	outerMark  = "/outer"
	maxField   = 64
)

// Context says where a sealed file belongs. Every field is [a-z0-9._:/-]{1,64}, and a Compartment does
// not end in "/outer", which marks the outer layer of a nested one (it must leave room for that mark).
// A context is written inside the encryption but is no secret to who may open the file.
type Context struct {
	Tip         string // the tip's id, or a constant for what belongs to no tip
	Compartment string // report, clean, identity, …
	Part        string // which of several in the compartment
	Direction   string // from or to the reporter
}

// check refuses what the context line can't hold, naming the field and not its value.
func (c Context) check() error {
	for _, f := range []struct{ name, value string }{
		{"tip", c.Tip}, {"compartment", c.Compartment}, {"part", c.Part}, {"direction", c.Direction},
	} {
		if !validField(f.value) {
			return fmt.Errorf("%w: %s must be 1 to %d characters of a-z 0-9 . _ : / -", ErrContext, f.name, maxField)
		}
	}
	return nil
}

// checkInner also keeps callers from writing an outer layer by hand.
func (c Context) checkInner() error {
	if strings.HasSuffix(c.Compartment, outerMark) {
		return fmt.Errorf("%w: compartment must not end in %s", ErrContext, outerMark)
	}
	return c.check()
}

// outer is the context of the outer layer of a nested file.
func (c Context) outer() Context {
	c.Compartment += outerMark
	return c
}

func (c Context) line() []byte {
	return []byte(strings.Join([]string{formatLine, c.Tip, c.Compartment, c.Part, c.Direction}, " ") + "\n")
}

func validField(s string) bool {
	if s == "" || len(s) > maxField {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("._:/-", rune(c)) {
			return false
		}
	}
	return true
}
