package configs

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

const envPrefix = "TIPLINE_"

// EnvName is the environment variable of a dotted key: "public.base_url" is TIPLINE_PUBLIC_BASE_URL.
func EnvName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// environment reads the variables that Config knows. The names come from the struct and are never
// taken apart, for base_url holds an underscore of its own.
func (w *walker) environment(env map[string]string) map[string]any {
	out := map[string]any{}
	known := map[string]bool{envPrefix + "DATA": true, envPrefix + "CONFIG": true}
	leaves(reflect.TypeFor[Config](), nil, func(path []string, t reflect.Type) {
		key := strings.Join(path, ".")
		name := EnvName(key)
		known[name] = true
		if text, ok := env[name]; ok {
			put(out, path, w.variable(key, name, t, text))
		}
	})
	w.refuseUnknown(env, known)
	return out
}

// variable is the value of one variable: lists and maps as JSON, everything else as it stands.
func (w *walker) variable(key, name string, t reflect.Type, text string) any {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: text}
	if compound := t.Kind() == reflect.Slice || t.Kind() == reflect.Map; compound && text != "" {
		var doc yaml.Node
		if yaml.Unmarshal([]byte(text), &doc) != nil || len(doc.Content) != 1 {
			w.fail(key, name+` must be JSON, as in ["a","b"]`)
			return nil
		}
		n = doc.Content[0]
	}
	return w.value(key, t, n)
}

// refuseUnknown reports TIPLINE_ variables that are no key. One that a secret names with env: is no
// mistake.
func (w *walker) refuseUnknown(env map[string]string, known map[string]bool) {
	var unknown []string
	for name := range env {
		if strings.HasPrefix(name, envPrefix) && !known[name] && !w.secrets.used[name] {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		w.fail(name, "no such key; a variable is TIPLINE_ and the key's path in capitals, as in TIPLINE_PUBLIC_BASE_URL")
	}
}

func put(tree map[string]any, path []string, v any) {
	if v == nil {
		return
	}
	for _, name := range path[:len(path)-1] {
		next, ok := tree[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			tree[name] = next
		}
		tree = next
	}
	tree[path[len(path)-1]] = v
}
