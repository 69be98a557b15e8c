package configs

import "errors"

// ErrConfig is wrapped by every Problem that Load reports.
var ErrConfig = errors.New("configuration refused")

// Problem is one thing wrong with the configuration. Load joins them all (errors.Join). It never
// holds a value, only the key and how to mend it.
type Problem struct {
	Key  string // dotted path, list elements by index: "sms[0].ack"; or the environment variable's name
	Text string // what is wrong and how to mend it
}

// Error is "key: text".
func (p *Problem) Error() string { return p.Key + ": " + p.Text }

// Unwrap lets errors.Is find ErrConfig.
func (p *Problem) Unwrap() error { return ErrConfig }
