package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"syscall"

	"tipline/intake/media"
	"tipline/intake/media/pdf"
)

// Limits of the process that reads a PDF file.
const (
	pdfProcessor = 2         // seconds
	pdfMemory    = 512 << 20 // bytes of data
)

// cleanPDFCmd is the process that [confined] starts: a PDF file comes in, its clean copy goes out. It isn't for people.
type cleanPDFCmd struct{}

// Run ends the process with a code that says why there is no copy.
func (cleanPDFCmd) Run(t terminal) error {
	for limit, n := range map[int]uint64{syscall.RLIMIT_CPU: pdfProcessor, syscall.RLIMIT_DATA: pdfMemory, syscall.RLIMIT_CORE: 0, syscall.RLIMIT_FSIZE: 0} {
		if err := syscall.Setrlimit(limit, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
			return err
		}
	}
	file, err := io.ReadAll(t.in)
	if err != nil {
		return err
	}
	var copied bytes.Buffer
	switch err := pdf.Clean(file, &copied); {
	case errors.Is(err, media.Refuse(media.ReasonDamaged)):
		os.Exit(exitDamaged)
	case errors.Is(err, media.Refuse(media.ReasonType)):
		os.Exit(exitType)
	case errors.Is(err, media.Refuse(media.ReasonLocked)):
		os.Exit(exitLocked)
	case err != nil:
		return err
	}
	_, err = t.out.Write(copied.Bytes())
	return err
}
