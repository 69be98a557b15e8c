package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"tipline/intake/media"
)

// TestConfined: a PDF file is cleaned in a process of its own, and what it can't clean comes back as a reason.
func TestConfined(t *testing.T) {
	paper, err := os.ReadFile("../../intake/media/pdf/testdata/paper.pdf")
	if err != nil {
		t.Fatal(err)
	}
	c := newConfined(1 << 20)
	for name, want := range map[string]struct {
		file   []byte
		reason string
	}{
		"a paper":   {paper, ""},
		"damaged":   {paper[:len(paper)/3], media.ReasonDamaged},
		"too large": {bytes.Repeat(paper, 100), media.ReasonTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := c.PDF(bytes.NewReader(want.file), &out)
			if want.reason != "" {
				if !errors.Is(err, media.Refuse(want.reason)) || out.Len() > 0 {
					t.Errorf("%v and %d bytes, want %s", err, out.Len(), want.reason)
				}
				return
			}
			if err != nil || !strings.HasPrefix(out.String(), "%PDF-") || bytes.Contains(out.Bytes(), []byte("CANARY")) {
				t.Errorf("%v %.20q", err, out.String())
			}
		})
	}
	if len(c.uploads) > 0 || len(c.workers) > 0 {
		t.Error("a place stays taken")
	}
}

// TestConfinedBusy: what finds no place in time is told so.
func TestConfinedBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newConfined(1 << 20)
		for range pdfUploads {
			c.uploads <- struct{}{}
		}
		if err := c.PDF(strings.NewReader("%PDF-1.7"), io.Discard); !errors.Is(err, media.Refuse(media.ReasonBusy)) {
			t.Error(err)
		}
	})
}
