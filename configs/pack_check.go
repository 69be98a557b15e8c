package configs

import (
	"errors"
	"fmt"
)

// check reports everything wrong in the pack at once.
func (p *Pack) check() error {
	var c packChecker
	return errors.Join(c.problems...)
}

type packChecker struct{ problems []error }

func (c *packChecker) fail(where, format string, args ...any) {
	c.problems = append(c.problems, fmt.Errorf("%w: %s: %s", ErrPack, where, fmt.Sprintf(format, args...)))
}
