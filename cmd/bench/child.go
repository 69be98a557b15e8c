package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// child is one process under measurement.
type child struct {
	cmd    *exec.Cmd
	exited chan struct{}
}

// spawn starts a process; what it prints on stderr is shown.
func spawn(env []string, name string, args ...string) (*child, error) {
	c := &child{cmd: exec.Command(name, args...), exited: make(chan struct{})}
	c.cmd.Env, c.cmd.Stderr = env, os.Stderr
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { _ = c.cmd.Wait(); close(c.exited) }() // it is killed; how it ends says nothing
	return c, nil
}

// kill ends the process and waits for its end.
func (c *child) kill() {
	_ = c.cmd.Process.Kill() // it may have ended meanwhile
	<-c.exited
}

// end stops the process as an operator does.
func (c *child) end() {
	_ = c.cmd.Process.Signal(os.Interrupt) // it may have ended meanwhile
	<-c.exited
}

// answers waits until target answers 200, asking every millisecond.
func (c *child) answers(ctx context.Context, target string) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for {
		if resp, err := http.Get(target); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.exited:
			return fmt.Errorf("%s ended by itself", c.cmd.Path)
		case <-deadline:
			return fmt.Errorf("nothing answers on %s", target)
		case <-tick.C:
		}
	}
}

// memory is a figure of the process in MB, where the system tells (Linux):
// "VmHWM" is the most it held, "VmRSS" what it holds.
func (c *child) memory(key string) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, key+": %f kB", &kb); n == 1 {
			return kb / 1024
		}
	}
	return 0
}

// cpu is the processor's time the process has taken, where the system tells (Linux):
// two clocks of 100 Hz, those of the program and of the system on its behalf (proc(5)).
func (c *child) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, behind, _ := strings.Cut(string(text), ") ") // a name may hold spaces
	fields := strings.Fields(behind)
	var ticks [2]int64
	if len(fields) < 13 {
		return 0
	}
	for i := range ticks {
		if ticks[i], err = strconv.ParseInt(fields[11+i], 10, 64); err != nil {
			return 0
		}
	}
	return time.Duration(ticks[0]+ticks[1]) * (time.Second / 100)
}

// freeAddr is a loopback address that nobody listens on.
func freeAddr() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}
