package main

import (
	"bytes"
	"runtime/debug"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// billOfMaterials is a CycloneDX 1.6 document, in JSON, of what the linker put
// into a binary: the program, Go's library and every module with its version and
// go.sum hash. It has neither serial number nor time, both optional, so that the
// same binary has the same document. The build info holds no edges between
// modules; all stand under the program.
func billOfMaterials(info *debug.BuildInfo, version string) ([]byte, error) {
	app := component(info.Main.Path, version, cdx.ComponentTypeApplication)
	app.Properties = settings(info)
	parts := []cdx.Component{component("std", strings.TrimPrefix(info.GoVersion, "go"), cdx.ComponentTypeLibrary)}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := component(m.Path, m.Version, cdx.ComponentTypeLibrary)
		c.Properties = &[]cdx.Property{{Name: "go.sum", Value: m.Sum}}
		parts = append(parts, c)
	}
	slices.SortFunc(parts, func(a, b cdx.Component) int { return strings.Compare(a.BOMRef, b.BOMRef) })
	refs := make([]string, len(parts))
	for i, c := range parts {
		refs[i] = c.BOMRef
	}
	bom := cdx.NewBOM()
	bom.SerialNumber = ""
	bom.Metadata = &cdx.Metadata{Component: &app}
	bom.Components = &parts
	bom.Dependencies = &[]cdx.Dependency{{Ref: app.BOMRef, Dependencies: &refs}}
	var out bytes.Buffer
	err := cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6)
	return out.Bytes(), err
}

func component(path, version string, kind cdx.ComponentType) cdx.Component {
	purl := "pkg:golang/" + path + "@" + version
	return cdx.Component{BOMRef: purl, Type: kind, Name: path, Version: version, PackageURL: purl}
}

// settings are those the code depends on; flags and paths of the builder stay out.
func settings(info *debug.BuildInfo) *[]cdx.Property {
	var out []cdx.Property
	for _, s := range info.Settings {
		if slices.Contains([]string{"-tags", "-trimpath", "CGO_ENABLED", "GOARCH", "GOOS", "GOAMD64", "GOARM64"}, s.Key) {
			out = append(out, cdx.Property{Name: "go.build." + strings.TrimPrefix(s.Key, "-"), Value: s.Value})
		}
	}
	return &out
}
