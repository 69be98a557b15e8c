package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// The program's name, as a package, a binary and a part of file names.
const program = "tipline"

// build compiles the program for one architecture: static, stripped, and without
// paths, build id or state of the work tree. It asks no network.
func (r *release) build(ctx context.Context, arch, binary string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-tags", "nomsgpack",
		"-ldflags", "-s -w -buildid= -X main.version="+r.version, "-o", binary, "./cmd/"+program)
	cmd.Dir = r.root
	// What the builder's own environment might say about the code is overruled.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOEXPERIMENT=",
		"GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w: fill the module cache first, by go mod download\n%s", err, out)
	}
	return nil
}

// archive makes one architecture's archive and its bill of materials, and
// answers their names.
func (r *release) archive(ctx context.Context, arch string) (name string, err error) {
	tmp, err := os.MkdirTemp("", "tipline-release-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	binary := filepath.Join(tmp, program)
	if err := r.build(ctx, arch, binary); err != nil {
		return "", err
	}
	top := fmt.Sprintf("%s-%s-linux-%s", program, r.version, arch)
	files, err := r.contents(ctx, binary)
	if err != nil {
		return "", err
	}
	name = top + ".tar.gz"
	return name, writeArchive(filepath.Join(r.out, name), top, files, r.date)
}
