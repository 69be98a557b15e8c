package main

import (
	"context"
	"fmt"
)

// intakes sets one, two and three public processes over one PostgreSQL and one
// Redis side by side; the clients go to them in turn. Where all the cores are busy with one, a share
// of a core for each tells what a second one brings.
func (b *bench) intakes(ctx context.Context) error {
	var rivals []rival
	for n := 1; n <= 3; n++ {
		rivals = append(rivals, rival{fmt.Sprintf("%d intakes in parts", n), onPostgresRedis, false, func(h *house, ctx context.Context) (*running, error) { return h.shared(ctx, n, b.share) }})
	}
	kinds := []kind{{"text 2 KB", textBody, 16}, {"text 2 KB", textBody, 64}}
	t, err := b.compare(ctx, kinds, rivals)
	if err != nil {
		return err
	}
	t.print()
	for _, k := range kinds {
		t.ratio(k, rivals[1], rivals[0], 1.6)
		t.ratio(k, rivals[2], rivals[0], 0)
	}
	return nil
}

// shared is parts, each intake kept to a share of a core in percent, unless that is 0.
func (h *house) shared(ctx context.Context, n, percent int) (*running, error) {
	r, err := h.parts(ctx, n)
	if err != nil || percent == 0 {
		return r, err
	}
	for _, c := range r.children[:n] {
		free, err := hold(c.cmd.Process.Pid, percent)
		if err != nil {
			return nil, r.failed(err)
		}
		r.after = append(r.after, free)
	}
	return r, nil
}
