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
// it, when the pack is long installed. No such file is no error.
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
		p.Calendar = append(slices.Clone(p.Without(y.Year).Calendar), y)
	}
	return nil
}

// Without is the pack as if it didn't know a year's holidays.
func (p *Pack) Without(year int) *Pack {
	q := *p
	q.Calendar = slices.DeleteFunc(slices.Clone(p.Calendar), func(y CalendarYear) bool { return y.Year == year })
	return &q
}
