package main

import (
	"context"
	"fmt"
)

// The large uploads: so many at once, each of so many bytes, the most a file may
// have.
const (
	largeAtOnce = 8
	largeBytes  = 25 << 20
)

// large measures what eight uploads of 25 MB at once add to the memory a text load
// took, in the same process and in one that sees nothing else.
func (b *bench) large(ctx context.Context) error {
	file := largePhoto(largeBytes)
	upload := filesBody(1, file)
	var text, after, alone []figures
	for round := range b.rounds {
		progress("round %d of %d: large uploads", round+1, b.rounds)
		t, a, err := b.textThenLarge(ctx, upload)
		if err != nil {
			return err
		}
		f, err := b.uploads(ctx, upload)
		if err != nil {
			return err
		}
		text, after, alone = append(text, t), append(after, a), append(alone, f)
	}
	progress("")
	t, a, f := median(text), median(after), median(alone)
	fmt.Printf("peak MB: text load c=16 %.1f; then %d × %d MB at once %.1f; uploads alone %.1f\n", t.peakMB, largeAtOnce, largeBytes>>20, a.peakMB, f.peakMB)
	fmt.Printf("uploads: %.2f/s, %.0f MB/s, p99 %.0f ms, errors %d\n", a.perSecond, a.perSecond*largeBytes/1e6, ms(a.p99), a.errors+f.errors)
	mustReach("peak MB of the text load", t.peakMB, 0, 64)
	mustReach("large uploads add, MB", max(a.peakMB, f.peakMB)-t.peakMB, 0, 16)
	if first := max(a.errors, f.errors); first > 0 {
		fmt.Println("  first error:", a.first, f.first)
	}
	return nil
}

func (b *bench) textThenLarge(ctx context.Context, upload body) (text, after figures, err error) {
	h, err := b.house(ctx, onSQLite)
	if err != nil {
		return text, after, err
	}
	defer h.remove()
	up, err := h.up(ctx)
	if err != nil {
		return text, after, err
	}
	defer up.stop()
	text = fire(ctx, up.sites, textBody, 16, 2*b.each)
	text.peakMB = up.peak()
	after = fire(ctx, up.sites, upload, largeAtOnce, b.each)
	after.peakMB = up.peak()
	return text, after, ctx.Err()
}

func (b *bench) uploads(ctx context.Context, upload body) (figures, error) {
	return b.once(ctx, ours()[0], kind{"large", upload, largeAtOnce})
}
