package main

import (
	"context"
	"fmt"
)

// intakes sets one, two and three public processes over one PostgreSQL and one
// Redis side by side; the clients go to them in turn.
func (b *bench) intakes(ctx context.Context) error {
	var rivals []rival
	for n := 1; n <= 3; n++ {
		rivals = append(rivals, rival{fmt.Sprintf("%d intakes in parts", n), onPostgresRedis, false, func(h *house, ctx context.Context) (*running, error) { return h.parts(ctx, n) }})
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
