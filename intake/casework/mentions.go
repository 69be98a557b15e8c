package casework

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"tipline/intake"
)

// mostMerged is how many merged tips are asked with one; more count as if they held a word.
const mostMerged = 100

// Mentions says whether what was reported, or what its reporter added, holds one of
// some words, however it is spaced, here or in a tip that was merged into this one. The
// member sees nothing of it.
func (s *Service) Mentions(ctx context.Context, by Actor, tip string, words []string) (bool, error) {
	t, err := s.handler(ctx, by, tip)
	if err != nil {
		return false, err
	}
	merged, err := s.Store.MergedInto(ctx, tip, mostMerged)
	if err != nil || len(merged) == mostMerged {
		return true, err
	}
	for _, m := range merged {
		if m.DestroyedOn != "" {
			continue // nothing of it is left to ask
		}
		if named, err := s.mentions(ctx, by, m, words); named || err != nil {
			return named, err
		}
	}
	return s.mentions(ctx, by, t, words)
}

func (s *Service) mentions(ctx context.Context, by Actor, t intake.Tip, words []string) (bool, error) {
	r, err := s.report(ctx, by, t)
	if err != nil {
		return false, err
	}
	texts := []string{r.Words.Text, r.Words.Subject, r.Words.Address}
	said, err := s.messages(ctx, by, t)
	if err != nil {
		return false, err
	}
	for _, m := range said {
		if m.From == intake.FromReporter {
			texts = append(texts, m.Text)
		}
	}
	return slices.ContainsFunc(texts, func(text string) bool { return Holds(text, words) }), nil
}

// Holds says whether a text holds one of some words, however it is spaced.
func Holds(text string, words []string) bool {
	text = unspaced(text)
	return slices.ContainsFunc(words, func(w string) bool { w = unspaced(w); return w != "" && strings.Contains(text, w) })
}

func unspaced(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPunct(r) {
			return -1
		}
		return r
	}, s)
}
