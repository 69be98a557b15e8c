package configs

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"
)

// text takes a scalar as it was written, whatever YAML would make of it; null is the empty text.
func (w *walker) text(key string, n *yaml.Node) any {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch {
	case n.Kind != yaml.ScalarNode:
		w.fail(key, "must be one text")
		return nil
	case n.ShortTag() == "!!null":
		return ""
	}
	return n.Value
}

func decode[T any](w *walker, key string, n *yaml.Node, problem string) any {
	var v T
	// The YAML package would cut 1.5 to 1.
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!float" || n.Decode(&v) != nil {
		w.fail(key, problem)
		return nil
	}
	return v
}

func (w *walker) duration(key string, n *yaml.Node) any {
	d, err := time.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		w.fail(key, "must be a time with its unit, as in 60s or 5m")
		return nil
	}
	return d
}

func (w *walker) secret(key string, n *yaml.Node) any {
	written, ok := w.text(key, n).(string)
	if !ok {
		return nil
	}
	v, problem := w.secrets.resolve(written)
	if problem != "" {
		w.fail(key, problem)
		return nil
	}
	return v
}

func (w *walker) secretList(key string, n *yaml.Node) any {
	if n.Kind != yaml.SequenceNode {
		n = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}}
	}
	out := make([]any, 0, len(n.Content))
	for i, item := range n.Content {
		at := key
		if len(n.Content) > 1 {
			at = fmt.Sprintf("%s[%d]", key, i)
		}
		if v := w.secret(at, item); v == "" {
			w.fail(at, "is empty; write the secret, file:PATH or env:NAME")
		} else if v != nil {
			out = append(out, v)
		}
	}
	return out
}
