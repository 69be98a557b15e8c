package configs

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed schemas/*.json
var schemas embed.FS

// SchemaNames are the names Schema knows, in order: the event types, and tip-add.
func SchemaNames() []string {
	files, _ := schemas.ReadDir("schemas") // an embedded directory is always there
	names := make([]string, 0, len(files))
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".json"))
	}
	return names
}

// Schema is the JSON Schema (2020-12) of that name.
func Schema(name string) ([]byte, error) {
	b, err := schemas.ReadFile("schemas/" + name + ".json")
	if err != nil {
		return nil, fmt.Errorf("no schema %q; there are: %s", name, strings.Join(SchemaNames(), ", "))
	}
	return b, nil
}
