//go:build faultclock

package main

import (
	"os"
	"strings"
	"time"
)

// clock is the machine's time, moved by the duration in the file that
// FAULT_CLOCK names. Only the fault harness builds it in: it steps the
// clock of a running program.
func clock() time.Time {
	text, err := os.ReadFile(os.Getenv("FAULT_CLOCK"))
	if err != nil {
		return time.Now()
	}
	step, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return time.Now()
	}
	return time.Now().Add(step).Round(0)
}
