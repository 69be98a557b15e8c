//go:build !faultclock

package main

import "time"

// clock is the time that everything goes by.
func clock() time.Time { return time.Now() }
