package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

var (
	secretType   = reflect.TypeFor[Secret]()
	secretsType  = reflect.TypeFor[Secrets]()
	durationType = reflect.TypeFor[time.Duration]()
)

// walker turns YAML into a tree of plain values by the types of Config, so that an unknown key or a
// wrong type is found at its exact place, and a text such as 0370 stays the text that was written.
type walker struct {
	secrets  resolver
	problems []error
	bad      map[string]bool // keys already reported; the checks that follow pass over them
}

func (w *walker) fail(key, text string) {
	if w.bad == nil {
		w.bad = map[string]bool{}
	}
	w.bad[key] = true
	w.problems = append(w.problems, &Problem{Key: key, Text: text})
}

// document reads the whole file.
func (w *walker) document(data []byte) map[string]any {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		w.fail("configuration file", "is not YAML: "+strings.TrimPrefix(err.Error(), "yaml: "))
		return nil
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		w.fail("configuration file", "holds a second document; keep one, without --- between")
		return nil
	}
	m, _ := w.value("", reflect.TypeFor[Config](), doc.Content[0]).(map[string]any)
	return m
}

// value is the node as t wants it; nil when it is absent or wrong.
func (w *walker) value(key string, t reflect.Type, n *yaml.Node) any {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch {
	case t == secretsType:
		return w.secretList(key, n)
	case t == secretType:
		return w.secret(key, n)
	case t == durationType:
		return w.duration(key, n)
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" && t.Kind() != reflect.String:
		return nil
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return w.mapping(key, t, n)
	case reflect.Slice:
		return w.list(key, t, n)
	case reflect.String:
		return w.text(key, n)
	case reflect.Bool:
		return decode[bool](w, key, n, "must be true or false")
	default:
		return decode[int64](w, key, n, "must be a whole number")
	}
}

// mapping reads a section of Config or a Text.
func (w *walker) mapping(key string, t reflect.Type, n *yaml.Node) any {
	if n.Kind != yaml.MappingNode {
		w.fail(or(key, "configuration file"), "must be a section of keys: "+strings.Join(names(t), ", "))
		return nil
	}
	out := make(map[string]any, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		path := strings.TrimPrefix(key+"."+name, ".")
		if _, twice := out[name]; twice {
			w.fail(path, "is written twice; keep one")
			continue
		}
		field, ok := fieldType(t, name)
		if !ok {
			w.fail(path, "unknown key; known here: "+strings.Join(names(t), ", "))
			continue
		}
		if v := w.value(path, field, n.Content[i+1]); v != nil {
			out[name] = v
		}
	}
	return out
}

func (w *walker) list(key string, t reflect.Type, n *yaml.Node) any {
	if n.Kind != yaml.SequenceNode {
		w.fail(key, "must be a list, as in [a, b]")
		return nil
	}
	out := make([]any, 0, len(n.Content))
	for i, item := range n.Content {
		path := fmt.Sprintf("%s[%d]", key, i)
		v := w.value(path, t.Elem(), item)
		if v == nil && !w.bad[path] {
			w.fail(path, "is empty; fill it or take it out")
		}
		out = append(out, v)
	}
	return out
}

// fieldType is the type of the key name inside t, a struct or a Text.
func fieldType(t reflect.Type, name string) (reflect.Type, bool) {
	if t.Kind() == reflect.Map {
		return t.Elem(), slices.Contains(names(t), name)
	}
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("koanf") == name {
			return t.Field(i).Type, true
		}
	}
	return nil, false
}

// names are the keys t knows; a Text knows the languages.
func names(t reflect.Type) []string {
	if t.Kind() == reflect.Map {
		return []string{"zh-CN", "en"}
	}
	out := make([]string, t.NumField())
	for i := range out {
		out[i] = t.Field(i).Tag.Get("koanf")
	}
	return out
}
