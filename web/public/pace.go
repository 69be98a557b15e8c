package public

import (
	"strconv"
	"strings"
	"time"
)

// flagHasty tells the handler that the form came back sooner than anybody types.
const flagHasty = "hasty"

// opened is when a form is handed out: the second, under a seal. It is the form's
// alone and says nothing of who has it.
func (s *site) opened() string {
	at := strconv.FormatInt(s.Now().Unix(), 10)
	return at + "." + s.gate.mark(openedAs+at)
}

const openedAs = "opened "

// hasty says whether a form came back before a person could have filled it in. One
// that doesn't say when it was handed out isn't: programs may write to us.
func (s *site) hasty(opened string) bool {
	at, seal, ok := strings.Cut(opened, ".")
	if !ok || !s.gate.marked(openedAs+at, seal) {
		return false
	}
	second, err := strconv.ParseInt(at, 10, 64)
	return err == nil && s.Now().Sub(time.Unix(second, 0)) < s.FormTime
}
