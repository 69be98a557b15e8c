package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"
)

// ReadCalendar takes the years of an office's own file, in the form of calendar.yaml, over
// those of the pack: the State Council's notice for a year comes out in the autumn before
// it, when the pack is long installed. No such file is no error. What the pack has by the law
// alone of such a year stays beside it, for [Pack.Before].
func (p *Pack) ReadCalendar(name string) error {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var years []CalendarYear
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&years); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %s: %w", ErrPack, name, err)
	}
	c := &packChecker{pack: &Pack{Calendar: years}}
	c.calendar()
	if err := errors.Join(c.problems...); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, y := range years {
		kept := slices.DeleteFunc(slices.Clone(p.Calendar), func(z CalendarYear) bool { return z.Year == y.Year && z.Provisional == y.Provisional })
		p.Calendar = append(kept, y)
	}
	return nil
}

// Before is the pack as it was before it knew what it now knows of day's year (2006-01-02), newest
// first: with the days that the law fixes, where a notice took their place, and with nothing of that year.
func (p *Pack) Before(day string) []*Pack {
	now, ok := p.year(day)
	if !ok {
		return nil
	}
	var packs []*Pack
	for _, law := range []bool{true, false} {
		q := *p
		q.Calendar = slices.DeleteFunc(slices.Clone(p.Calendar), func(y CalendarYear) bool { return y.Year == now.Year && !(law && y.Provisional) })
		if !law || !now.Provisional && q.Provisional(day) {
			packs = append(packs, &q)
		}
	}
	return packs
}
