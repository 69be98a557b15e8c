package servertest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server with the processes it starts itself.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{}
}

// launch starts a server that ends with this program, however it ends.
func launch(cmd *exec.Cmd) (*process, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	cmd.SysProcAttr.Setpgid = true
	p := &process{cmd: cmd, exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the signal comes when the thread that started the server ends
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(p.exited)
		}
	}()
	return p, <-started
}

// kill ends the server and its children as a power cut does.
func (p *process) kill() {
	if p == nil || p.cmd.Process == nil {
		return
	}
	_ = p.signal(syscall.SIGKILL)
	<-p.exited
}

// signal reaches the server first, so that it starts no more children, and then
// those it has.
func (p *process) signal(s syscall.Signal) error {
	pid := p.cmd.Process.Pid
	children := childrenOf(pid)
	err := syscall.Kill(pid, s)
	for _, c := range children {
		_ = syscall.Kill(c, s) // it may have ended meanwhile
	}
	return err
}

func childrenOf(pid int) (out []int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil
	}
	for _, f := range strings.Fields(string(text)) {
		if n, err := strconv.Atoi(f); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// freePort is a loopback port that nobody listens on.
func freePort() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer ln.Close()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	return port, err
}

// startTime is how long a server may take until it answers.
const startTime = 30 * time.Second

// answers polls ask until it works, the server ends, or startTime is over.
func (p *process) answers(ask func() error) error {
	deadline := time.After(startTime)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-p.exited:
			return errors.New("the server ended by itself")
		case <-deadline:
			return fmt.Errorf("no answer within %v: %w", startTime, err)
		case <-tick.C:
		}
	}
}
