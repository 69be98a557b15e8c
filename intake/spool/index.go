package spool

import (
	"slices"
	"time"

	"tipline/intake"
)

// entry is one waiting file.
type entry struct {
	name, tip string
	size      int64
	since     time.Time // the hour it came in, or its day when an earlier process took it
	messages  []string  // the tags it is known by
	receipt   string    // its tag, "" for none
	accepted  intake.Accepted

	seen    uint64 // the store's successes when it last failed
	strikes int    // failures with a success of others since the one before
}

// newEntry is the entry of a's file; a is nil for one that can't be read.
func newEntry(name, tip string, size int64, a *intake.Acceptance, since time.Time) *entry {
	e := &entry{name: name, tip: tip, size: size, since: since}
	if a != nil {
		for _, tag := range a.KnownBy() {
			e.messages = append(e.messages, string(tag))
		}
		e.receipt = string(a.ReceiptTag)
		e.accepted = intake.Accepted{ID: a.Tip.ID, ReceivedOn: a.Tip.ReceivedOn, State: a.Tip.State}
	}
	return e
}

// index is what stands in the folder, in memory.
type index struct {
	last     uint64 // number of the newest file
	waiting  []*entry
	messages map[string]*entry
	receipts map[string]*entry
	bytes    int64          // waiting
	set      map[string]int // files set aside, by folder
	setBytes int64
}

func newIndex() index {
	return index{messages: map[string]*entry{}, receipts: map[string]*entry{}, set: map[string]int{}}
}

func (x *index) add(e *entry) {
	x.waiting = append(x.waiting, e)
	x.bytes += e.size
	for _, tag := range e.messages {
		x.messages[tag] = e
	}
	if e.receipt != "" {
		x.receipts[e.receipt] = e
	}
}

func (x *index) remove(e *entry) {
	i := slices.Index(x.waiting, e)
	if i < 0 {
		return
	}
	x.waiting = slices.Delete(x.waiting, i, i+1)
	x.bytes -= e.size
	for _, tag := range e.messages {
		if x.messages[tag] == e {
			delete(x.messages, tag)
		}
	}
	if x.receipts[e.receipt] == e {
		delete(x.receipts, e.receipt)
	}
}

func (x *index) aside(folder string, size int64) {
	x.set[folder]++
	x.setBytes += size
}

// same is the waiting tip that a is a second delivery of, as the store would
// answer it.
func (x *index) same(a *intake.Acceptance) (intake.Accepted, bool) {
	e := x.receipts[string(a.ReceiptTag)]
	for _, tag := range a.KnownBy() {
		if e == nil {
			e = x.messages[string(tag)]
		}
	}
	if e == nil {
		return intake.Accepted{}, false
	}
	got := e.accepted
	got.Duplicate = got.ID != a.Tip.ID
	return got, true
}
