package configs

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
)

// Load reads the configuration: Default, over it the YAML file (none when file is ""), over that the
// TIPLINE_ variables of environ (as os.Environ gives them). Secrets are resolved and every value is
// checked. All problems are reported at once: the error joins a *Problem for each.
//
// TIPLINE_DATA and TIPLINE_CONFIG belong to the command line and are passed over.
func Load(file string, environ []string) (Config, error) {
	var data []byte
	if file != "" {
		var err error
		if data, err = os.ReadFile(file); err != nil {
			return Config{}, fmt.Errorf("configuration file: %w; check --config", err)
		}
	}
	return parse(data, environ)
}

// parse is Load with the file's bytes in hand.
func parse(data []byte, environ []string) (Config, error) {
	env := environMap(environ)
	w := &walker{secrets: resolver{environ: env, used: map[string]bool{}}}
	fromFile := w.document(data)
	fromEnv := w.environment(env)
	cfg, err := merge(fromFile, fromEnv)
	if err != nil {
		return Config{}, err
	}
	cfg.fill()
	problems := append(w.problems, cfg.check(w.bad)...)
	if len(problems) > 0 {
		return Config{}, errors.Join(problems...)
	}
	cfg.SMTP.Relay = Secret(relayURL(cfg.SMTP.Relay.Value()))
	return cfg, nil
}

// merge lays the layers over the defaults. The walker has already given every value the type of its
// field, so a failure here is a fault of ours; its text is not shown, for it may quote a value.
func merge(layers ...map[string]any) (Config, error) {
	k := koanf.New(".")
	var cfg Config
	err := k.Load(structs.Provider(Default(), "koanf"), nil)
	for _, layer := range layers {
		err = errors.Join(err, k.Load(confmap.Provider(layer, ""), nil))
	}
	if errors.Join(err, k.Unmarshal("", &cfg)) != nil {
		return cfg, &Problem{Key: "configuration", Text: "the layers do not fit together; please report this as a bug"}
	}
	return cfg, nil
}

func environMap(environ []string) map[string]string {
	m := make(map[string]string, len(environ))
	for _, kv := range environ {
		if name, value, ok := strings.Cut(kv, "="); ok {
			m[name] = value
		}
	}
	return m
}

// leaves calls f with the path and type of every key that takes a value: all but the sections.
func leaves(t reflect.Type, prefix []string, f func(path []string, t reflect.Type)) {
	for i := range t.NumField() {
		field := t.Field(i)
		path := append(prefix[:len(prefix):len(prefix)], field.Tag.Get("koanf"))
		if field.Type.Kind() == reflect.Struct {
			leaves(field.Type, path, f)
			continue
		}
		f(path, field.Type)
	}
}
