package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// period is how often a share is dealt out anew, in microseconds.
const period = 20_000

// hold keeps a process to a share of one core, in percent, by a control group of its own (cgroup v2, or the cpu
// controller of v1). It needs the right to make one. free takes the group away once the process is gone.
func hold(pid, percent int) (free func(), err error) {
	quota := strconv.Itoa(period * percent / 100)
	root, rules := "/sys/fs/cgroup", map[string]string{"cpu.max": fmt.Sprint(quota, " ", period)}
	if v1 := filepath.Join(root, "cpu"); exists(filepath.Join(v1, "cpu.cfs_quota_us")) {
		root, rules = v1, map[string]string{"cpu.cfs_period_us": strconv.Itoa(period), "cpu.cfs_quota_us": quota}
	}
	dir := filepath.Join(root, fmt.Sprint("tipline-bench-", pid))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, fmt.Errorf("a share of a core can't be set: %w", err)
	}
	rules["cgroup.procs"] = strconv.Itoa(pid)
	for name, value := range rules {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), []byte(value), 0o644))
	}
	return func() { _ = os.Remove(dir) }, err // an empty group that stays does nothing
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
