package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	os.Setenv("LC_ALL", "C.UTF-8") // what the commands say is looked for in English
	testscript.Main(tests{m}, map[string]func(){"tipline": main})
}

// tests are all tests, with a folder for what they build.
type tests struct{ *testing.M }

// Run runs them and removes the folder.
func (m tests) Run() (code int) {
	dir, err := os.MkdirTemp("", "tipline-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	built = dir
	return m.M.Run()
}

// built is where the tests' binaries stand.
var built string

// binary builds the program once, as users get it; steppable with a clock that
// a file moves.
var (
	binary    = sync.OnceValues(func() (string, error) { return build("nomsgpack") })
	steppable = sync.OnceValues(func() (string, error) { return build("nomsgpack,faultclock") })
)

func build(tags string) (string, error) {
	name := filepath.Join(built, "tipline-"+tags)
	if out, err := exec.Command("go", "build", "-tags", tags, "-o", name, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return name, nil
}

const (
	handlerPass   = "correct-horse-battery-staple-1"
	custodianPass = "correct-horse-battery-staple-2"
	secondPass    = "correct-horse-battery-staple-3" // of a second handler
	fourthPass    = "correct-horse-battery-staple-4"
)

// instance is one installation under test, run as a process of its own.
type instance struct {
	t       *testing.T
	bin     string
	dir     string // data, temporary files and log are below it
	env     []string
	public  string
	desk    string
	smtp    string
	ops     string
	logFile string
	*child  // tipline up
}

// install makes a data folder with a handler and a custodian.
func install(t *testing.T, env ...string) *instance {
	t.Helper()
	return installOn(t, t.TempDir(), env...)
}

// installOn makes it in a folder that is there.
func installOn(t *testing.T, dir string, env ...string) *instance {
	t.Helper()
	in := placeOn(t, dir, env...)
	in.init("li:handler", "wang:custodian")
	return in
}

// init sets it up with members, whose passphrases are those of the crew in order.
func (in *instance) init(crew ...string) {
	in.t.Helper()
	pass, args := filepath.Join(in.dir, "pass"), []string{"init", "--passphrase-file"}
	if err := os.WriteFile(pass, []byte(handlerPass+"\n"+custodianPass+"\n"+secondPass+"\n"+fourthPass+"\n"), 0o600); err != nil {
		in.t.Fatal(err)
	}
	args = append(args, pass)
	for _, m := range crew {
		args = append(args, "--member", m)
	}
	in.run(args...)
}

// placeOn is an installation before it is set up.
func placeOn(t *testing.T, dir string, env ...string) *instance {
	t.Helper()
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	in := &instance{t: t, bin: bin, dir: dir, logFile: filepath.Join(dir, "log")}
	free := freeAddrs(t, 4)
	in.public, in.desk, in.smtp, in.ops = free[0], free[1], free[2], free[3]
	if err := os.Mkdir(filepath.Join(dir, "tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	in.env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + filepath.Join(dir, "tmp"),
		"TIPLINE_PUBLIC_ADDR=" + in.public, "TIPLINE_PUBLIC_BASE_URL=http://" + in.public,
		"TIPLINE_DESK_ADDR=" + in.desk, "TIPLINE_DESK_BASE_URL=http://" + in.desk,
		"TIPLINE_SMTP_ADDR=" + in.smtp, "TIPLINE_OPS_ADDR=" + in.ops}, env...)
	return in
}

func freeAddr(t *testing.T) string {
	t.Helper()
	return freeAddrs(t, 1)[0]
}

// freeAddrs are n different ones: each is held until all are there.
func freeAddrs(t *testing.T, n int) (out []string) {
	t.Helper()
	for range n {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		out = append(out, ln.Addr().String())
	}
	return out
}

func (in *instance) data() string { return filepath.Join(in.dir, "data") }

// run runs one command to its end and returns what it printed.
func (in *instance) run(args ...string) string {
	in.t.Helper()
	out, err := in.try(args...)
	if err != nil {
		in.t.Fatalf("tipline %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (in *instance) try(args ...string) (string, error) {
	cmd := exec.Command(in.bin, append(args, "--data", in.data())...)
	cmd.Env = in.env
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	return out.String() + errs.String(), err
}

// start runs `tipline up` and waits until it is ready.
func (in *instance) start() {
	in.t.Helper()
	in.child = in.spawn(nil, "up")
	in.waitFor("http://"+in.ops+"/readyz", http.StatusOK)
	in.waitFor("http://"+in.public+"/", http.StatusOK)
}

// spooledFiles is how many tips wait in the spool.
func (in *instance) spooledFiles() int {
	in.t.Helper()
	files, err := filepath.Glob(filepath.Join(in.data(), spoolFolder, "1", "*"))
	if err != nil {
		in.t.Fatal(err)
	}
	n := 0
	for _, f := range files {
		if info, err := os.Stat(f); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
			n++
		}
	}
	return n
}

// child is one running process of an installation.
type child struct {
	cmd    *exec.Cmd
	exited chan error
}

// spawn runs a command with env besides the installation's own, until the test
// ends.
func (in *instance) spawn(env []string, args ...string) *child {
	in.t.Helper()
	f, err := os.OpenFile(in.logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		in.t.Fatal(err)
	}
	c := &child{cmd: exec.Command(in.bin, append(args, "--data", in.data())...), exited: make(chan error, 1)}
	c.cmd.Env, c.cmd.Stdout, c.cmd.Stderr = append(in.env[:len(in.env):len(in.env)], env...), f, f
	if err := c.cmd.Start(); err != nil {
		in.t.Fatal(err)
	}
	go func() { c.exited <- c.cmd.Wait(); f.Close() }()
	in.t.Cleanup(c.kill)
	return c
}

// kill ends the process as a power cut does.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	err := <-c.exited
	c.exited <- err
}

// end tells the process to end, as its supervisor does, and wants a clean exit before that would kill it.
func (c *child) end() error {
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-c.exited:
		c.exited <- err
		return err
	case <-time.After(lastTime + 3*time.Second):
		return errors.New("it didn't end in time")
	}
}

func (in *instance) waitFor(target string, status int) {
	in.t.Helper()
	until(in.t, 15*time.Second, target, func() bool {
		resp, err := http.Get(target)
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == status
	})
}

// until polls ok till it holds.
func until(t *testing.T, within time.Duration, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not within %v", what, within)
		case <-tick.C:
		}
	}
}

// stop ends the process as an operator does, and wants a clean exit.
func (in *instance) stop() {
	in.t.Helper()
	if err := in.cmd.Process.Signal(os.Interrupt); err != nil {
		in.t.Fatal(err)
	}
	select {
	case err := <-in.exited:
		if err != nil {
			in.t.Fatalf("up ended with %v\n%s", err, in.log())
		}
		in.exited <- nil
	case <-time.After(40 * time.Second):
		in.t.Fatal("up didn't stop")
	}
}

func (in *instance) log() string {
	text, err := os.ReadFile(in.logFile)
	if err != nil {
		in.t.Fatal(err)
	}
	return string(text)
}

var receiptOutput = regexp.MustCompile(`<output id="receipt"[^>]*>\s*([0-9 ]+?)\s*</output>`)

// report files a web report and returns its receipt.
func (in *instance) report(fields url.Values) string {
	in.t.Helper()
	resp, err := http.PostForm("http://"+in.public+"/report", fields)
	if err != nil {
		in.t.Fatal(err)
	}
	body := readAll(in.t, resp)
	m := receiptOutput.FindStringSubmatch(body)
	if resp.StatusCode != http.StatusOK || m == nil {
		in.t.Fatalf("POST /report: %d\n%s", resp.StatusCode, body)
	}
	return m[1]
}

// look asks the API what stands under a receipt.
func (in *instance) look(receipt string) (status int, answer lookAnswer) {
	in.t.Helper()
	body, err := json.Marshal(map[string]string{"receipt": receipt})
	if err != nil {
		in.t.Fatal(err)
	}
	resp, err := http.Post("http://"+in.public+"/api/v1/receipt", "application/json", bytes.NewReader(body))
	if err != nil {
		in.t.Fatal(err)
	}
	text := readAll(in.t, resp)
	if resp.StatusCode == http.StatusOK {
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			in.t.Fatalf("%v: %s", err, text)
		}
	}
	return resp.StatusCode, answer
}

type lookAnswer struct {
	State    string
	History  []struct{ State, On string }
	Due      []struct{ Kind, On string }
	Messages []struct{ From, On, Text string }
}

func readAll(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// browser is one member's browser at the desk.
type browser struct {
	in *instance
	*http.Client
}

func (in *instance) login(member, passphrase string) *browser {
	in.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		in.t.Fatal(err)
	}
	b := &browser{in, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	status, where, body := b.post("/login", url.Values{"member": {member}, "passphrase": {passphrase}})
	if status != http.StatusSeeOther || strings.HasPrefix(where, "/login") {
		in.t.Fatalf("login of %s: %d to %q\n%s", member, status, where, body)
	}
	return b
}

func (b *browser) post(path string, form url.Values) (status int, location, body string) {
	b.in.t.Helper()
	resp, err := b.PostForm("http://"+b.in.desk+path, form)
	if err != nil {
		b.in.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Location"), readAll(b.in.t, resp)
}

// act posts and wants the 303 of an act that worked.
func (b *browser) act(path string, form url.Values) string {
	b.in.t.Helper()
	status, where, body := b.post(path, form)
	if status != http.StatusSeeOther {
		b.in.t.Fatalf("POST %s: %d\n%s", path, status, body)
	}
	return where
}

func (b *browser) get(path string) (int, string) {
	b.in.t.Helper()
	resp, err := b.Get("http://" + b.in.desk + path)
	if err != nil {
		b.in.t.Fatal(err)
	}
	return resp.StatusCode, readAll(b.in.t, resp)
}

// ledgerRow is a row of the JSON export.
type ledgerRow struct {
	Tip, Channel, Source, Category, Place, State string
	ReceivedOn                                   string `json:"received_on"`
	Disposition, Department, Number              *string
	Urgent                                       bool
	Files                                        int
}

func (in *instance) ledger() map[string]ledgerRow {
	in.t.Helper()
	var rows []ledgerRow
	text := in.run("ledger", "export", "--format", "json") // and the audit head, on stderr
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&rows); err != nil {
		in.t.Fatalf("%v\n%s", err, text)
	}
	out := map[string]ledgerRow{}
	for _, r := range rows {
		if _, twice := out[r.Tip]; twice {
			in.t.Errorf("tip %s stands in the ledger twice", r.Tip)
		}
		out[r.Tip] = r
	}
	return out
}
