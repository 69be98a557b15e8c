package casework

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"

	"tipline/intake"
)

// stream finds one sealed stream of a tip's container, in its row or its file.
func (s *Service) stream(ctx context.Context, t intake.Tip, compartment, name string) (*io.SectionReader, io.Closer, error) {
	containers, err := s.Store.Containers(ctx, t.ID)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range containers {
		for _, st := range c.Streams {
			if c.Compartment == compartment && st.Name == name {
				return s.section(t.ID, c, st)
			}
		}
	}
	return nil, nil, fmt.Errorf("stream %s/%s of tip %s: %w", compartment, name, t.ID, intake.ErrNotFound)
}

func (s *Service) section(tip string, c intake.Container, st intake.Stream) (*io.SectionReader, io.Closer, error) {
	if c.Inline != nil {
		return io.NewSectionReader(bytes.NewReader(c.Inline), st.Offset, st.Length), io.NopCloser(nil), nil
	}
	blob, err := s.Blobs.Open(tip, cmp.Or(c.File, c.Compartment))
	if err != nil {
		return nil, nil, err
	}
	return io.NewSectionReader(blob, st.Offset, st.Length), blob, nil
}
