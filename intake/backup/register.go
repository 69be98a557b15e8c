package backup

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	"tipline/intake"
)

// Box seals and opens under the installation's own key, which every backup holds: what
// opens is this installation's, and unchanged.
type Box interface {
	Seal(place string, text []byte) []byte
	Open(place string, sealed []byte) ([]byte, error)
}

// Gone is a line of the register of what was destroyed: a tip with its certificate, or a
// version of a role's key. The register stands beside the backups, so that one of before a
// destruction doesn't bring back what was destroyed.
type Gone struct {
	Tip *intake.Destruction `json:"tip,omitempty"`
	Key *intake.GoneKey     `json:"key,omitempty"`
}

const registerPlace = "destroyed"

// key tells lines apart.
func (g Gone) key() (k [3]any) {
	switch {
	case g.Tip != nil:
		k = [3]any{"tip", g.Tip.Tip}
	case g.Key != nil:
		k = [3]any{"key", g.Key.Role, g.Key.Version}
	}
	return k
}

// ReadRegister reads a register, a sealed line (base64) for each destruction. Lines that
// don't open are counted: they are another installation's, or were changed.
func ReadRegister(text []byte, box Box) (all []Gone, strange int) {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		sealed := make([]byte, base64.StdEncoding.DecodedLen(len(line)))
		n, err := base64.StdEncoding.Decode(sealed, line)
		var plain []byte
		if err == nil {
			plain, err = box.Open(registerPlace, sealed[:n])
		}
		var g Gone
		if err != nil || json.Unmarshal(plain, &g) != nil || g.Tip == nil && g.Key == nil {
			strange++
			continue
		}
		all = append(all, g)
	}
	return all, strange
}

// AddToRegister is the register with the lines that it has not. What is in it stays, so
// that no restored backup makes it forget.
func AddToRegister(text []byte, box Box, fresh []Gone) (out []byte, added int, err error) {
	have := map[[3]any]bool{}
	known, _ := ReadRegister(text, box)
	for _, g := range known {
		have[g.key()] = true
	}
	out = bytes.Clone(text)
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, '\n') // a line that was cut stands alone, and is strange
	}
	for _, g := range fresh {
		if have[g.key()] {
			continue
		}
		plain, err := json.Marshal(g)
		if err != nil {
			return nil, 0, err
		}
		have[g.key()] = true
		out = append(base64.StdEncoding.AppendEncode(out, box.Seal(registerPlace, plain)), '\n')
		added++
	}
	return out, added, nil
}
