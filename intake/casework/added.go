package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"tipline/crypto/seal"
	"tipline/intake"
)

// added is what came with a reporter's message, nothing for most.
func (s *Service) added(ctx context.Context, by Actor, t intake.Tip, m intake.Message) (a intake.AddedFiles, err error) {
	if m.From != intake.FromReporter {
		return a, nil
	}
	name := intake.FilesOf(m.ID)
	sealed, err := s.Store.Part(ctx, t.ID, intake.CompartmentFollowUps, name)
	if errors.Is(err, intake.ErrNotFound) {
		return a, nil
	}
	if err != nil {
		return a, err
	}
	text, err := seal.OpenBytes(sealed, intake.PartContext(t.ID, intake.CompartmentFollowUps, name), by.Ring.Identities(intake.DeskKey(t.Desk))...)
	if err != nil {
		return a, fmt.Errorf("files of message %s of tip %s: %w", m.ID, t.ID, err)
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return a, fmt.Errorf("files of message %s of tip %s are not readable", m.ID, t.ID)
	}
	for i := range a.Files {
		a.Files[i].Batch = a.Batch
	}
	return a, nil
}

// number counts the files of messages on behind those of the report: so they are
// called at the desk.
func number(messages []intake.Spoken, n int) {
	for _, m := range messages {
		for i := range m.Files {
			n++
			m.Files[i].N = n
		}
	}
}

// file is file n of a tip as [number] counts, with the number it has in its own
// batch.
func (s *Service) file(ctx context.Context, by Actor, t intake.Tip, n int) (intake.SealedFile, error) {
	r, err := s.report(ctx, by, t)
	if err != nil {
		return intake.SealedFile{}, err
	}
	files := r.Files
	if n > len(files) {
		stored, err := s.Store.Messages(ctx, t.ID)
		if err != nil {
			return intake.SealedFile{}, err
		}
		for _, m := range stored {
			more, err := s.added(ctx, by, t, m)
			if err != nil {
				return intake.SealedFile{}, err
			}
			files = append(files, more.Files...)
		}
	}
	if n < 1 || n > len(files) {
		return intake.SealedFile{}, fmt.Errorf("file %d of tip %s: %w", n, t.ID, intake.ErrNotFound)
	}
	return files[n-1], nil
}
