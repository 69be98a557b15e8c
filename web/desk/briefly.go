package desk

import (
	"sync"
	"time"
)

// briefly keeps one thing a key, in memory alone, and lets go of it when its time is over: receipts, passphrases and
// sheets mustn't lie there for as long as nobody else brings one.
type briefly[T any] struct {
	life time.Duration

	mu   sync.Mutex
	kept map[string]*brief[T]
}

type brief[T any] struct {
	what T
	at   time.Time
	end  *time.Timer
}

func (b *briefly[T]) put(key string, what T, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(key)
	if b.kept == nil {
		b.kept = map[string]*brief[T]{}
	}
	fresh := &brief[T]{what: what, at: now}
	fresh.end = time.AfterFunc(b.life, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.kept[key] == fresh {
			delete(b.kept, key)
		}
	})
	b.kept[key] = fresh
}

func (b *briefly[T]) get(key string, now time.Time) (what T, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if one := b.kept[key]; one != nil && now.Sub(one.at) <= b.life {
		return one.what, true
	}
	return what, false
}

func (b *briefly[T]) forget(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop(key)
}

// drop stops the timer as well, which would hold on to what it ends.
func (b *briefly[T]) drop(key string) {
	if one := b.kept[key]; one != nil {
		one.end.Stop()
		delete(b.kept, key)
	}
}

// minutely remembers an answer for a minute: every page of some roles shows it. Who asks while it is looked up waits
// for the same answer.
type minutely[T any] struct {
	mu   sync.Mutex
	desk map[string]answered[T]
}

type answered[T any] struct {
	at   time.Time
	last T
}

// get is what look last found for a desk. Where it fails the last answer stands for another minute.
func (m *minutely[T]) get(desk string, now time.Time, look func() (T, error)) T {
	m.mu.Lock()
	defer m.mu.Unlock()
	of := m.desk[desk]
	if age := now.Sub(of.at); age >= time.Minute || age < 0 {
		if found, err := look(); err == nil {
			of.last = found
		}
		of.at = now
		if m.desk == nil {
			m.desk = map[string]answered[T]{}
		}
		m.desk[desk] = of
	}
	return of.last
}

// again makes the next answer a fresh one.
func (m *minutely[T]) again() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.desk = nil
}
