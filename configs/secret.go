package configs

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
)

const hidden = "[secret]"

// Secret is a value that is never printed: fmt, slog, JSON and YAML all show "[secret]". In the
// configuration it is the value itself, file:PATH (one trailing newline is cut) or env:NAME.
type Secret string

// Value is the secret itself.
func (s Secret) Value() string { return string(s) }

// String hides the value.
func (s Secret) String() string { return hidden }

// Format hides the value under every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue hides the value from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the value from JSON and every other text encoder.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalYAML hides the value from YAML.
func (s Secret) MarshalYAML() (any, error) { return hidden, nil }

// Secrets is one secret or a list of them, all valid at once: a rotation keeps the old beside the new.
type Secrets []Secret

// Values are the secrets themselves, in the order written.
func (s Secrets) Values() []string {
	out := make([]string, len(s))
	for i, v := range s {
		out[i] = v.Value()
	}
	return out
}

// String hides the values and their number.
func (s Secrets) String() string { return hidden }

// Format hides the values under every verb.
func (s Secrets) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue hides the values from slog.
func (s Secrets) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the values from JSON and every other text encoder.
func (s Secrets) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalYAML hides the values from YAML.
func (s Secrets) MarshalYAML() (any, error) { return hidden, nil }

// resolver turns file: and env: references into values.
type resolver struct {
	environ map[string]string
	used    map[string]bool // environment names that secrets refer to
}

// resolve answers the value of one written secret, or what is wrong with it.
func (r *resolver) resolve(written string) (value, problem string) {
	switch kind, rest, _ := strings.Cut(written, ":"); kind {
	case "file":
		return readSecret(rest)
	case "env":
		r.used[rest] = true
		v, ok := r.environ[rest]
		if !ok || v == "" {
			return "", "the environment variable it names with env: is not set or empty"
		}
		return v, ""
	}
	return written, ""
}

// ErrLiteral: a secret itself was written on a command line.
var ErrLiteral = errors.New("the secret itself may not stand on a command line, where every user of this machine can read it: write file:PATH, env:NAME, or file:/dev/stdin and pipe it in")

// ReadSecret is what a secret on a command line refers to with file:PATH or env:NAME;
// "" is none. The secret itself is [ErrLiteral].
func ReadSecret(written string, environ []string) (string, error) {
	if written != "" && !strings.HasPrefix(written, "file:") && !strings.HasPrefix(written, "env:") {
		return "", ErrLiteral
	}
	r := resolver{environ: map[string]string{}, used: map[string]bool{}}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		r.environ[name] = value
	}
	value, problem := r.resolve(written)
	if problem != "" {
		return "", errors.New(problem)
	}
	return value, nil
}

func readSecret(path string) (value, problem string) {
	b, err := readShort(path)
	if err != nil {
		return "", "the file it names with file: cannot be read; check the path and who may read it"
	}
	if len(b) > longestSecret {
		return "", "the file it names with file: is larger than 64 KiB; it must hold the secret alone"
	}
	v := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	if v == "" {
		return "", "the file it names with file: is empty"
	}
	return v, ""
}

// longestSecret, in bytes, keeps file:/dev/zero and the like from filling memory.
const longestSecret = 64 << 10

// readShort reads a file, at most one byte past the longest secret.
func readShort(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	return io.ReadAll(io.LimitReader(f, longestSecret+1))
}
