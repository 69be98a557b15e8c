package main

import (
	"context"
	"debug/buildinfo"
	"os"
	"path"
	"path/filepath"
)

// entry is one file of an archive.
type entry struct {
	name       string // below the archive's only folder, with slashes
	body       []byte
	executable bool
}

// fromRoot are the files handed over beside the binary: where they stand in an
// archive, and where in the tree.
var fromRoot = [][2]string{
	{"LICENSE", "LICENSE"},
	{"README.md", "README.md"},
	{"README.zh-CN.md", "README.zh-CN.md"},
	{"SECURITY.md", "SECURITY.md"},
	{"CHANGELOG.md", "CHANGELOG.md"},
	{"INSTALL.md", deployFolder + "/INSTALL.md"},
	{"安装说明.md", deployFolder + "/安装说明.md"},
}

const deployFolder = "configs/deploy"

// contents are all files of the archive that holds binary.
func (r *release) contents(ctx context.Context, binary string) ([]entry, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	code, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	bom, err := billOfMaterials(info, r.version)
	if err != nil {
		return nil, err
	}
	licences, err := r.licences(ctx, info)
	if err != nil {
		return nil, err
	}
	out := []entry{{program, code, true}, {"sbom.cdx.json", bom, false}, {"THIRD-PARTY-LICENSES.txt", licences, false}}
	for _, f := range fromRoot {
		if out, err = r.add(out, f[0], f[1]); err != nil {
			return nil, err
		}
	}
	return r.addDeploy(out)
}

// addDeploy adds every deployment file but the pages that stand at the top.
func (r *release) addDeploy(out []entry) ([]entry, error) {
	base := filepath.Join(r.root, filepath.FromSlash(deployFolder))
	err := filepath.WalkDir(base, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(base, file)
		if err != nil {
			return err
		}
		if rel = filepath.ToSlash(rel); rel == "INSTALL.md" || rel == "安装说明.md" {
			return nil
		}
		out, err = r.add(out, path.Join("deploy", rel), path.Join(deployFolder, rel))
		return err
	})
	return out, err
}

func (r *release) add(out []entry, name, from string) ([]entry, error) {
	body, err := os.ReadFile(filepath.Join(r.root, filepath.FromSlash(from)))
	if err != nil {
		return nil, err
	}
	return append(out, entry{name: name, body: body}), nil
}
