package configs

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// compose is what this test reads of compose.yaml.
type compose struct {
	Services          map[string]service
	Networks, Volumes map[string]any
	Secrets           map[string]struct{ File string }
}

type service struct {
	Image       string
	Command     []string
	Environment map[string]string
	Networks    []string
	Secrets     []string
	Volumes     []string
	Ports       []string
	DependsOn   any  `yaml:"depends_on"` // names, or names with what is waited for
	ReadOnly    bool `yaml:"read_only"`
	Healthcheck map[string]any
}

func readCompose(t *testing.T) (c compose) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(deployed(t, "compose.yaml")), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestComposeFitsItsSpecification holds compose.yaml against the official schema, so that a misspelt key, which
// Compose refuses, is found here. The schema is https://github.com/compose-spec/compose-spec's schema/compose-spec.json
// of 2026-06-23 (170098b) as it is, Apache-2.0.
func TestComposeFitsItsSpecification(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "compose-spec.json"))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("compose-spec.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("compose-spec.json")
	if err != nil {
		t.Fatal(err)
	}
	text := deployed(t, "compose.yaml")
	if err := fits(t, compiled, text); err != nil {
		t.Error(err)
	}
	for right, wrong := range map[string]string{"read_only: true": "readonly: true", "cap_drop: [ALL]": "cap_drop: ALL", "internal: true": "internal: [yes]"} {
		if fits(t, compiled, strings.Replace(text, right, wrong, 1)) == nil {
			t.Errorf("%s isn't noticed", wrong)
		}
	}
}

// TestComposeHangsTogether: what a service uses is declared, each part runs its own command from read-only files,
// and the configuration takes what it is given.
func TestComposeHangsTogether(t *testing.T) {
	c := readCompose(t)
	for name, want := range map[string]string{"intake-1": "intake", "intake-2": "intake", "desk": "desk", "relay": "relay", "ledger": "ledger follow"} {
		s := c.Services[name]
		if got := strings.Join(s.Command, " "); got != want || !s.ReadOnly {
			t.Errorf("%s runs %q, read-only %v", name, got, s.ReadOnly)
		}
		loads(t, name, s.Environment)
	}
	for name, s := range c.Services {
		for _, n := range s.Networks {
			if _, ok := c.Networks[n]; !ok {
				t.Errorf("%s is on %s, which is no network", name, n)
			}
		}
		for _, n := range s.Secrets {
			if _, ok := c.Secrets[n]; !ok {
				t.Errorf("%s gets %s, which is no secret", name, n)
			}
		}
		for key, value := range s.Environment {
			if file, ok := strings.CutPrefix(value, "file:/run/secrets/"); ok && !slices.Contains(s.Secrets, file) {
				t.Errorf("%s: %s reads the secret %s, which it isn't given", name, key, file)
			}
		}
	}
}

// loads loads a service's environment, with stand-ins for what compose fills in.
func loads(t *testing.T, name string, environment map[string]string) {
	t.Helper()
	dsn, redis := filepath.Join(t.TempDir(), "dsn"), filepath.Join(t.TempDir(), "redis")
	for path, text := range map[string]string{dsn: "postgres://u:p@tips-db/tipline\n", redis: "redis://:a-long-password@redis:6379/0\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var environ []string
	for key, value := range environment {
		switch {
		case strings.HasSuffix(value, "_dsn"):
			value = "file:" + dsn
		case strings.HasSuffix(value, "redis_url"):
			value = "file:" + redis
		case strings.Contains(value, "${"):
			value = "https://tips.example.org"
		}
		environ = append(environ, key+"="+value)
	}
	if _, err := Load("", environ); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// TestComposeFront: the network that proxies are believed from is one that Docker doesn't take for another of the
// networks by itself, which it does from https://docs.docker.com/engine/network/#subnet-allocation.
func TestComposeFront(t *testing.T) {
	c := readCompose(t)
	front, err := yaml.Marshal(c.Networks["front"])
	if err != nil {
		t.Fatal(err)
	}
	var fixed struct {
		Ipam struct {
			Config []struct{ Subnet netip.Prefix }
		}
	}
	if err := yaml.Unmarshal(front, &fixed); err != nil || len(fixed.Ipam.Config) != 1 {
		t.Fatalf("%s: %v", front, err)
	}
	subnet := fixed.Ipam.Config[0].Subnet
	for _, own := range []string{"172.16.0.0/12", "192.168.0.0/16"} {
		if netip.MustParsePrefix(own).Overlaps(subnet) {
			t.Errorf("Docker gives %s away", subnet)
		}
	}
	for _, name := range []string{"intake-1", "intake-2"} {
		if got := c.Services[name].Environment["TIPLINE_PUBLIC_PROXIES"]; got != `["`+subnet.String()+`"]` {
			t.Errorf("%s believes %s, and the balancer is in %s", name, got, subnet)
		}
	}
}

// TestComposeWalls: nobody reaches a server it has no business with.
func TestComposeWalls(t *testing.T) {
	c := readCompose(t)
	reach := func(from, to string) bool {
		return slices.ContainsFunc(c.Services[from].Networks, func(n string) bool { return slices.Contains(c.Services[to].Networks, n) })
	}
	for from, want := range map[string][3]bool{ // tips-db, ledger-db, redis
		"intake-1": {true, false, true}, "intake-2": {true, false, true}, "desk": {true, true, true},
		"relay": {true, false, true}, "ledger": {false, true, true}, "balancer": {},
	} {
		if got := [3]bool{reach(from, "tips-db"), reach(from, "ledger-db"), reach(from, "redis")}; got != want {
			t.Errorf("%s reaches tips-db, ledger-db, redis: %v, want %v", from, got, want)
		}
	}
	for _, keyless := range []string{"relay", "ledger"} {
		if slices.Contains(c.Services[keyless].Volumes, "./data:/data") {
			t.Errorf("%s is given the keys", keyless)
		}
	}
	for _, server := range []string{"tips-db", "ledger-db", "redis"} {
		if len(c.Services[server].Healthcheck) == 0 {
			t.Errorf("%s has no health check", server)
		}
	}
}

// TestComposeFitsItsFolder: every file that is mounted is beside compose.yaml or made by the README's commands, and
// every port that is published or balanced is one that a process listens on.
func TestComposeFitsItsFolder(t *testing.T) {
	c, readme := readCompose(t), deployed(t, "README.md")
	for name, s := range c.Services {
		for _, v := range s.Volumes {
			from, _, _ := strings.Cut(v, ":")
			file, ours := strings.CutPrefix(from, "./")
			_, err := os.Stat(filepath.Join("deploy", file))
			if _, declared := c.Volumes[from]; !ours && !declared {
				t.Errorf("%s mounts %s, which is no volume", name, from)
			} else if ours && err != nil && !strings.Contains(readme, file+" ") && !strings.Contains(readme, " "+file+"\n") {
				t.Errorf("%s mounts %s, which nobody makes", name, from)
			}
		}
		for _, p := range s.Ports {
			if inside := p[strings.LastIndexByte(p, ':')+1:]; name != "balancer" && !listens(s, inside) {
				t.Errorf("%s publishes %s, and nothing listens there", name, p)
			}
		}
	}
	for upstream := range strings.FieldsSeq(c.Services["balancer"].Environment["TIPLINE_UPSTREAMS"]) {
		name, port, _ := strings.Cut(upstream, ":")
		if !listens(c.Services[name], port) {
			t.Errorf("the balancer asks %s, and nothing listens there", upstream)
		}
	}
	for name, secret := range c.Secrets {
		if secret.File != "./secrets/"+name || !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("the secret %s: %q, or the README doesn't say what is in it", name, secret.File)
		}
	}
}

// listens says whether a service is given an address with a port.
func listens(s service, port string) bool {
	for key, value := range s.Environment {
		if strings.HasSuffix(key, "_ADDR") && strings.HasSuffix(value, ":"+port) {
			return true
		}
	}
	return false
}

// TestComposeWaits: what a service waits for is there, and healthy is only waited for where health is asked.
func TestComposeWaits(t *testing.T) {
	c := readCompose(t)
	for name, s := range c.Services {
		switch needs := s.DependsOn.(type) {
		case []any:
			for _, n := range needs {
				if _, ok := c.Services[n.(string)]; !ok {
					t.Errorf("%s waits for %v, which is no service", name, n)
				}
			}
		case map[string]any:
			for n, how := range needs {
				if other, ok := c.Services[n]; !ok || how.(map[string]any)["condition"] == "service_healthy" && len(other.Healthcheck) == 0 {
					t.Errorf("%s waits for %s, which isn't there or tells no health", name, n)
				}
			}
		}
	}
}
