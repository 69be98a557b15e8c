package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"
	"github.com/rogpeppe/go-internal/testscript"

	"tipline/intake/members"
)

// TestScripts runs the command line as its users type it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Cmds: map[string]func(*testscript.TestScript, bool, []string){"rc": wantCode, "factor": withFactor}})
}

// withFactor enrols a member's second factor, as the desk does, and leaves its printed
// codes in a file: factor DATA MEMBER PASSPHRASE-FILE CODES.
func withFactor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: factor data member passphrase-file codes")
	}
	h, err := openHouse(context.Background(), place{Data: ts.MkAbs(args[0])})
	ts.Check(err)
	defer h.close()
	u, err := login{Member: args[1], PassphraseFile: ts.MkAbs(args[2])}.open(context.Background(), h, terminal{})
	ts.Check(err)
	secrets := members.NewSecrets()
	code, err := totp.GenerateCode(secrets.Text(), h.now())
	ts.Check(err)
	printed, err := h.members.Enrol(context.Background(), u, secrets, code)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(strings.Join(printed, "\n")+"\n"), 0o600))
}

// wantCode runs a program and wants its exit code: rc N program args…
func wantCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: rc N program [args]")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("%v: exit code %d, want %s", args[1:], got, args[0])
	}
}
