package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// seat is a process's name among those that read a stream. No other process that runs
// has it, and one that starts again finds its own, so that it takes up at once what it
// hadn't acknowledged.
type seat struct {
	name string
	lock *os.File // the kernel lets go of it when the process dies, however it does
}

// mostSeats is how many processes of one data folder may read streams.
const mostSeats = 64

// takeSeat takes the first seat of a data folder that is free. The machine's name leads,
// for whoever looks into Redis. Where a folder can't be written, as a container's that
// holds nothing, or a disk is full, that name has to do: entries that two readers of one
// name both get are applied once all the same.
func takeSeat(dir, host string) seat {
	for n := range mostSeats {
		f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf("consumer.%d", n+1)), os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			break
		}
		taken := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if taken == nil {
			if id, err := seatID(f); err == nil {
				return seat{host + "-" + id, f}
			}
		}
		_ = f.Close() // nothing in it counts
		if !errors.Is(taken, syscall.EWOULDBLOCK) {
			break
		}
	}
	return seat{name: host}
}

// seatIDLength is that of the part of a seat's name that is drawn once.
const seatIDLength = 8

// seatID is what a seat's file says, or says from now on.
func seatID(f *os.File) (string, error) {
	old, err := io.ReadAll(io.LimitReader(f, seatIDLength))
	if err != nil || len(old) == seatIDLength {
		return string(old), err
	}
	id := rand.Text()[:seatIDLength]
	if _, err := f.WriteAt([]byte(id), 0); err != nil {
		return "", err
	}
	return id, f.Sync()
}

// leave gives the seat up.
func (s seat) leave() error {
	if s.lock == nil {
		return nil
	}
	return s.lock.Close()
}
