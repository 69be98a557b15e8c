package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"syscall"
	"time"

	"tipline/intake/media"
)

// Bounds of cleaning PDF files. Reading one can be made to take any time and memory, so each is read by a process of its
// own that has no keys, no settings and no files, and that the kernel stops.
const (
	pdfUploads = 8 // held in memory at a time, the rest wait
	pdfWorkers = 2
	pdfWait    = 20 * time.Second // for a place among them
	pdfTime    = 10 * time.Second // of the clock; of the processor there is less
)

// confined cleans PDF files in processes of their own.
type confined struct {
	program          string // this one
	max              int64  // bytes of a file
	uploads, workers chan struct{}
}

func newConfined(maxBytes int64) *confined {
	return &confined{program: "/proc/self/exe", max: maxBytes, uploads: make(chan struct{}, pdfUploads), workers: make(chan struct{}, pdfWorkers)}
}

// PDF is [media.Cleaner]'s. The upload is taken whole before a process begins, so that a slow line holds none up.
func (c *confined) PDF(src io.Reader, dst io.Writer) error {
	if !enter(c.uploads) {
		return media.Refuse(media.ReasonBusy)
	}
	defer func() { <-c.uploads }()
	var file bytes.Buffer
	if n, err := io.Copy(&file, io.LimitReader(src, c.max+1)); err != nil || n > c.max {
		return errors.Join(err, tooLarge(n > c.max))
	}
	c.workers <- struct{}{}
	copied, err := c.run(&file)
	<-c.workers
	if err != nil {
		return err
	}
	_, err = dst.Write(copied)
	return err
}

func tooLarge(is bool) error {
	if is {
		return media.Refuse(media.ReasonTooLarge)
	}
	return nil
}

// enter takes a place, if one comes free in time.
func enter(places chan struct{}) bool {
	t := time.NewTimer(pdfWait)
	defer t.Stop()
	select {
	case places <- struct{}{}:
		return true
	case <-t.C:
		return false
	}
}

func (c *confined) run(file io.Reader) ([]byte, error) {
	ctx, stop := context.WithTimeout(context.Background(), pdfTime)
	defer stop()
	var copied bytes.Buffer
	cmd := exec.CommandContext(ctx, c.program, "clean-pdf")
	cmd.Args[0] = "tipline"
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.Stdin, cmd.Stdout = file, &copied
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	exit, ended := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil:
		return copied.Bytes(), nil
	case ended:
		return nil, media.Refuse(exitReason(exit.ExitCode()))
	}
	return nil, media.Refuse(media.ReasonBusy) // no process could be had
}

// Exit codes of clean-pdf beside the contract's. Whatever else it ends with, a limit of the kernel stopped it.
const (
	exitDamaged = 3
	exitType    = 4
	exitLocked  = 5
)

func exitReason(code int) string {
	switch code {
	case exitDamaged:
		return media.ReasonDamaged
	case exitType:
		return media.ReasonType
	case exitLocked:
		return media.ReasonLocked
	}
	return media.ReasonTooLarge
}
