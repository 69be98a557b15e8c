package configs

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestServiceUnit asks systemd itself, where there is one, with this test's binary in tipline's place.
func TestServiceUnit(t *testing.T) {
	text, err := os.ReadFile("deploy/tipline.service")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"ExecStart=/usr/local/bin/tipline up --data /var/lib/tipline --config /etc/tipline/tipline.yaml",
		"User=tipline", "StateDirectory=tipline", "StateDirectoryMode=0700", "UMask=0077", "ProtectSystem=strict",
		"NoNewPrivileges=yes", "MemoryDenyWriteExecute=yes", "SystemCallFilter=@system-service", "LimitCORE=0",
	} {
		if !strings.Contains("\n"+string(text), "\n"+line+"\n") {
			t.Errorf("the unit lacks %s", line)
		}
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "tipline.service")
	text = []byte(strings.Replace(string(text), "ExecStart=/usr/local/bin/tipline", "ExecStart="+self, 1))
	if err := os.WriteFile(unit, text, 0o600); err != nil {
		t.Fatal(err)
	}
	// The exit status also counts faults of the machine's own units; only ours matter.
	if out, err := exec.Command(analyze, "verify", "--man=no", unit).CombinedOutput(); strings.Contains(string(out), "tipline.service") {
		t.Errorf("%v\n%s", err, out)
	}
}
