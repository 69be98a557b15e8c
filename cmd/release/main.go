// Command release makes what is handed to an office: for each architecture one
// archive with the static binary, the deployment files, the two installation
// pages, a CycloneDX bill of materials and the libraries' licences, and beside
// the archives their SHA-256 sums.
//
// The same commit, Go version and module versions give the same bytes: nothing
// in an archive tells when, where or by whom it was made.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "release: %v\n", err)
		os.Exit(1)
	}
}

// release is one version of the program, made for several architectures.
type release struct {
	root    string   // the module's folder
	out     string   // where the archives go
	version string   // such as v1.2.0
	archs   []string // GOARCH
	date    time.Time
}

func run(ctx context.Context, args []string) error {
	var r release
	var archs string
	fs := flag.NewFlagSet("release", flag.ContinueOnError)
	fs.StringVar(&r.root, "root", ".", "the module's folder")
	fs.StringVar(&r.out, "out", filepath.Join("build", "release"), "folder of the archives")
	fs.StringVar(&r.version, "version", "", "such as v1.2.0")
	fs.StringVar(&archs, "arch", "amd64,arm64,loong64", "architectures, by Go's names")
	if err := fs.Parse(args); err != nil {
		return err
	}
	r.archs = strings.Split(archs, ",")
	return r.make(ctx)
}

var versionForm = regexp.MustCompile(`^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$`)

// make writes every archive and then the sums.
func (r *release) make(ctx context.Context) (err error) {
	if !versionForm.MatchString(r.version) {
		return fmt.Errorf("the version is %q: it must look like v1.2.0 (make release VERSION=v1.2.0)", r.version)
	}
	if r.date, err = commitDate(ctx, r.root); err != nil {
		return err
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	var made []string
	for _, arch := range r.archs {
		name, err := r.archive(ctx, arch)
		if err != nil {
			return fmt.Errorf("%s: %w", arch, err)
		}
		made = append(made, name)
	}
	return writeSums(r.out, made)
}

// commitDate is the time every file of an archive bears: SOURCE_DATE_EPOCH (see
// reproducible-builds.org) where there is no git, else the commit's.
func commitDate(ctx context.Context, root string) (time.Time, error) {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		cmd := exec.CommandContext(ctx, "git", "log", "-1", "--format=%ct")
		cmd.Dir = root
		out, err := cmd.Output()
		if err != nil {
			return time.Time{}, fmt.Errorf("the commit's date: %w: outside a git work tree, set SOURCE_DATE_EPOCH", err)
		}
		text = strings.TrimSpace(string(out))
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("the commit's date: %w", err)
	}
	return time.Unix(seconds, 0).UTC(), nil
}
