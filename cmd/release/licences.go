package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
)

// licences are the licence texts of Go and of every module in the binary; most
// of them ask to go with it.
func (r *release) licences(ctx context.Context, info *debug.BuildInfo) ([]byte, error) {
	dirs, err := r.moduleDirs(ctx, info.Deps)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := addLicences(&b, "The Go standard library, "+info.GoVersion, dirs["std"]); err != nil {
		return nil, err
	}
	for _, m := range info.Deps {
		if err := addLicences(&b, m.Path+" "+m.Version, dirs[m.Path]); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

var licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|copyright|unlicense)([-._].*)?$`)

func addLicences(b *bytes.Buffer, title, dir string) error {
	names, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("licence of %s: %w", title, err)
	}
	found := false
	for _, e := range names {
		if e.IsDir() || !licenceName.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		found = true
		fmt.Fprintf(b, "==== %s: %s\n\n%s\n\n", title, e.Name(), bytes.TrimSpace(text))
	}
	if !found {
		return fmt.Errorf("%s has no licence file: see whether it may be handed on", title)
	}
	return nil
}

// moduleDirs is where each module's files lie, and Go's own under "std".
func (r *release) moduleDirs(ctx context.Context, modules []*debug.Module) (map[string]string, error) {
	args := []string{"list", "-m", "-json=Path,Dir"}
	for _, m := range modules {
		args = append(args, m.Path)
	}
	out, err := r.ask(ctx, args...)
	if err != nil {
		return nil, err
	}
	dirs := map[string]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var m struct{ Path, Dir string }
		if err := dec.Decode(&m); err != nil {
			return nil, err
		}
		dirs[m.Path] = m.Dir
	}
	root, err := r.ask(ctx, "env", "GOROOT")
	dirs["std"] = strings.TrimSpace(string(root))
	return dirs, err
}

// ask runs the go command without network.
func (r *release) ask(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = r.root
	cmd.Env = append(slices.Clip(os.Environ()), "GOPROXY=off", "GOFLAGS=-mod=readonly", "GOTOOLCHAIN=local")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w", args[0], err)
	}
	return out, nil
}
