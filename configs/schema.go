package configs

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed schemas
var schemas embed.FS

// eventID is the $id of schemas/base/event.json, on which the event schemas stand.
const eventID = "urn:tipline:schema:event"

// SchemaNames are the names Schema knows, in order: tip-add, and the event types.
func SchemaNames() []string {
	files, _ := schemas.ReadDir("schemas") // an embedded directory is always there
	names := make([]string, 0, len(files))
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), ".json"); ok {
			names = append(names, name)
		}
	}
	return names
}

// Schema is the JSON Schema (2020-12) of that name, complete in itself: what it refers to is bundled
// under $defs (JSON Schema Core §9.3). Its $id is urn:tipline:schema:NAME.
func Schema(name string) ([]byte, error) {
	raw, err := schemas.ReadFile("schemas/" + name + ".json")
	if err != nil {
		return nil, fmt.Errorf("no schema %q; there are: %s", name, strings.Join(SchemaNames(), ", "))
	}
	if !bytes.Contains(raw, []byte(`"`+eventID+`"`)) {
		return raw, nil
	}
	return bundle(raw)
}

func bundle(raw []byte) ([]byte, error) {
	base, err := schemas.ReadFile("schemas/base/event.json")
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	if doc["$defs"], err = json.Marshal(map[string]json.RawMessage{"event": base}); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	out, err := json.MarshalIndent(doc, "", "  ")
	return append(out, '\n'), err
}
