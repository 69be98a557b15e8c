package configs

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// The units that share tipline-.service.d/common.conf, with what they run.
var splitUnits = map[string]string{
	"tipline-intake@.service": "intake",
	"tipline-desk.service":    "desk",
	"tipline-relay.service":   "relay",
	"tipline-ledger.service":  "ledger follow",
	"tipline-backup.service":  "backup",
}

const commonPart = "tipline-.service.d/common.conf"

func deployed(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// hasLines wants each line of wanted alone on a line of text.
func hasLines(t *testing.T, name, text string, wanted ...string) {
	t.Helper()
	for _, line := range wanted {
		if !strings.Contains("\n"+text+"\n", "\n"+line+"\n") {
			t.Errorf("%s lacks %s", name, line)
		}
	}
}

// TestUnits reads what the units promise, and asks systemd itself, where there is one, with this test's binary
// in tipline's place.
func TestUnits(t *testing.T) {
	corner := []string{"User=tipline", "StateDirectoryMode=0700", "UMask=0077", "ProtectSystem=strict", "PrivateUsers=yes",
		"NoNewPrivileges=yes", "MemoryDenyWriteExecute=yes", "SystemCallFilter=@system-service", "LimitCORE=0"}
	whole := deployed(t, "tipline.service")
	hasLines(t, "tipline.service", whole, append(corner, "StateDirectory=tipline", "StartLimitIntervalSec=0",
		"ExecStart=/usr/local/bin/tipline up --data /var/lib/tipline --config /etc/tipline/tipline.yaml")...)
	hasLines(t, commonPart, deployed(t, commonPart), append(corner, "StateDirectory=tipline")...)
	for name, command := range splitUnits {
		text := deployed(t, name)
		hasLines(t, name, text, "AssertPathExists=/etc/systemd/system/"+commonPart)
		if command != "backup" { // who listens waits for a database as long as it takes
			hasLines(t, name, text, "StartLimitIntervalSec=0", "Restart=on-failure")
		}
		if !strings.Contains(text, "/usr/local/bin/tipline "+command+" --data /var/lib/tipline --config /etc/tipline/tipline.yaml") {
			t.Errorf("%s doesn't run tipline %s", name, command)
		}
		for _, set := range []string{"User=", "ProtectSystem=", "NoNewPrivileges=", "PrivateUsers="} {
			if strings.Contains(text, "\n"+set) {
				t.Errorf("%s sets %s itself: that stands in %s", name, set, commonPart)
			}
		}
	}
	asksSystemd(t)
}

// TestPartsAreShutInAlike: what one process may not do, its parts may not do, and what it needs, they get.
func TestPartsAreShutInAlike(t *testing.T) {
	corner := func(name string) (lines []string) {
		_, text, _ := strings.Cut(deployed(t, name), "[Service]\n")
		text, _, _ = strings.Cut(text, "[Install]")
		for line := range strings.Lines(text) {
			key, _, set := strings.Cut(line, "=")
			if own := strings.HasPrefix(key, "Restart") || slices.Contains([]string{"Type", "ExecStart", "EnvironmentFile", "TimeoutStopSec"}, key); set && !own && line[0] != '#' {
				lines = append(lines, strings.TrimSpace(line))
			}
		}
		return lines
	}
	if one, part := corner("tipline.service"), corner(commonPart); len(part) < 30 || !slices.Equal(one, part) {
		t.Errorf("tipline.service and %s differ:\n%s", commonPart, cmp.Diff(one, part))
	}
}

// TestEveryUnitIsTested finds units the tables above don't know.
func TestEveryUnitIsTested(t *testing.T) {
	units, err := filepath.Glob("deploy/*.service")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range units {
		if name := filepath.Base(path); name != "tipline.service" && splitUnits[name] == "" {
			t.Errorf("%s is in no table of this test", name)
		}
	}
}

func asksSystemd(t *testing.T) {
	t.Helper()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, filepath.Dir(commonPart)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, commonPart), []byte(deployed(t, commonPart)), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"verify", "--man=no"}
	for _, name := range append(slices.Sorted(maps.Keys(splitUnits)), "tipline.service", "tipline-backup.timer") {
		path := filepath.Join(dir, name)
		text := strings.ReplaceAll(deployed(t, name), "/usr/local/bin/tipline", self)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	// The exit status also counts faults of the machine's own units; only ours matter.
	if out, err := exec.Command(analyze, args...).CombinedOutput(); strings.Contains(string(out), "tipline") {
		t.Errorf("%v\n%s", err, out)
	}
}

var envWord = regexp.MustCompile(`\bTIPLINE_[A-Z_]+`)

// TestEnvironmentNames wants every TIPLINE_ name of the deployment files to be a key.
func TestEnvironmentNames(t *testing.T) {
	// Not keys: the command line's own, and what compose and Caddy put together themselves.
	known := map[string]bool{"TIPLINE_DATA": true, "TIPLINE_CONFIG": true, "TIPLINE_VERSION": true, "TIPLINE_SITE": true, "TIPLINE_UPSTREAMS": true}
	leaves(reflect.TypeFor[Config](), nil, func(path []string, _ reflect.Type) { known[EnvName(strings.Join(path, "."))] = true })
	seen := 0
	err := fs.WalkDir(os.DirFS("deploy"), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == "tipline.example.yaml" {
			return err
		}
		for _, word := range envWord.FindAllString(deployed(t, name), -1) {
			seen++
			if !known[word] {
				t.Errorf("%s names %s, which is no key", name, word)
			}
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Errorf("%d names, %v", seen, err)
	}
}

var metricWord = regexp.MustCompile(`\btipline_[a-z_]+`)

// TestRulesParse asks Prometheus itself, where it is installed.
func TestRulesParse(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool isn't installed")
	}
	if out, err := exec.Command(promtool, "check", "rules", filepath.Join("deploy", "prometheus-rules.yaml")).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// TestRulesNameRealMetrics wants each metric of the alerts to be made by the program.
func TestRulesNameRealMetrics(t *testing.T) {
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(deployed(t, "prometheus-rules.yaml")), &rules); err != nil {
		t.Fatal(err)
	}
	code := sources(t, "../cmd/tipline")
	for _, g := range rules.Groups {
		if len(g.Rules) == 0 {
			t.Error("a group without rules")
		}
		for _, r := range g.Rules {
			if r.Alert == "" || r.Expr == "" || r.Annotations["summary"] == "" {
				t.Errorf("a rule lacks name, expression or summary: %+v", r)
			}
			for _, metric := range metricWord.FindAllString(r.Expr, -1) {
				if !strings.Contains(code, `"`+metric+`"`) {
					t.Errorf("%s looks at %s, which the program doesn't have", r.Alert, metric)
				}
			}
		}
	}
}

// sources is the text of a package without its tests.
func sources(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
	}
	return b.String()
}

// TestBalancersKeepNoLogs reads the two snippets for what undoes what tipline doesn't keep.
func TestBalancersKeepNoLogs(t *testing.T) {
	trimmed := func(name string) (text string) {
		for line := range strings.Lines(deployed(t, name)) {
			text += strings.TrimSpace(line) + "\n"
		}
		return text
	}
	nginx, caddy := trimmed("nginx.conf"), trimmed("Caddyfile")
	hasLines(t, "nginx.conf", nginx, "error_log /dev/null emerg;", "proxy_request_buffering off;", "client_max_body_size 0;",
		"proxy_read_timeout 60s;", "proxy_set_header X-Forwarded-For $remote_addr;")
	if off := strings.Count(nginx, "\naccess_log off;\n"); off != strings.Count(nginx, "\nserver {\n") {
		t.Errorf("nginx.conf turns the access log off in %d of its servers", off)
	}
	hasLines(t, "Caddyfile", caddy, "exclude http.log.error http.handlers.reverse_proxy", "health_method HEAD", "response_header_timeout 60s")
	if strings.Contains(caddy, "\nlog {\n") || strings.Contains(caddy, "\nlog\n") {
		t.Error("Caddyfile turns the access log on")
	}
}
