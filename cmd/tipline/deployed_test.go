package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

var (
	// A command on a line of its own, as somebody types it or a unit runs it: in a block of code, in ExecStart=.
	typedCommand = regexp.MustCompile(`(?m)^(?:    |#   |ExecStart=)(.*?)(?:^|[\s/'])tipline ([a-z].*)$`)
	// A command in a sentence or a table, which may be less than whole.
	namedCommand = regexp.MustCompile("`tipline ([a-z][^`]*)`")
)

// TestDeployedCommands: each command line that is handed out, in pages, units and containers, is one that the
// program takes.
func TestDeployedCommands(t *testing.T) {
	deploy := filepath.Join("..", "..", "configs", "deploy")
	files, err := filepath.Glob(filepath.Join(deploy, "*"))
	if err != nil {
		t.Fatal(err)
	}
	typed := 0
	for _, name := range append(files, "../../README.md", "../../README.zh-CN.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // a folder
		}
		whole := strings.ReplaceAll(string(text), "\\\n", " ")
		for _, m := range typedCommand.FindAllStringSubmatch(whole, -1) {
			if strings.HasSuffix(m[1], "-g") || strings.HasSuffix(name, ".yaml") {
				continue // the group's name; a sentence
			}
			typed++
			if err := parses(m[2]); err != nil {
				t.Errorf("%s: tipline %s: %v", filepath.Base(name), m[2], err)
			}
		}
		for _, m := range namedCommand.FindAllStringSubmatch(whole, -1) {
			if err := parses(m[1]); err != nil && !strings.HasPrefix(err.Error(), "missing flags") && !strings.HasPrefix(err.Error(), "expected") {
				t.Errorf("%s: tipline %s: %v", filepath.Base(name), m[1], err)
			}
		}
	}
	if typed < 20 {
		t.Errorf("only %d commands were found", typed)
	}
}

// TestContainerCommands: what the containers run is taken too.
func TestContainerCommands(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "configs", "deploy", "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Services map[string]struct {
			Image   string
			Command []string
		}
	}
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	ours := 0
	for name, s := range c.Services {
		if !strings.HasPrefix(s.Image, "tipline:") {
			continue
		}
		ours++
		if err := parses(strings.Join(s.Command, " ")); err != nil || len(s.Command) == 0 {
			t.Errorf("%s runs %v: %v", name, s.Command, err)
		}
	}
	if ours != 5 {
		t.Errorf("%d services of ours", ours)
	}
}

var (
	// Where the shell's part of a line begins, or its comment.
	endOfCommand = regexp.MustCompile(`\s+(?:[#|>&]|\(|--\s).*$|['")]+$`)
	// What the shell fills in, and the second of two choices.
	filledIn = regexp.MustCompile(`\$\([^)]*\)|\|[a-z|]+`)
)

// parses reads a command without running it.
func parses(line string) error {
	words := strings.Fields(endOfCommand.ReplaceAllString(filledIn.ReplaceAllString(line, ""), ""))
	for i, w := range words {
		words[i] = strings.Trim(w, `"'`)
	}
	var c cli
	parser, err := kong.New(&c, kong.Name("tipline"), kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}), kong.Vars{"version": version})
	if err != nil {
		return err
	}
	_, err = parser.Parse(words)
	if strings.HasSuffix(line, "--help") {
		return nil // the rest isn't asked for then
	}
	return err
}
