package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
)

// seededReceipts is how many tips a receipt check chooses from.
const seededReceipts = 200

// receipt checks receipts of tips that were just filed, on each database.
func (b *bench) receipt(ctx context.Context) error {
	fmt.Printf("%-15s %3s  %-24s %-16s %8s %9s %9s %6s %8s\n", "load", "c", "server", "on", "req/s", "p50 ms", "p99 ms", "errors", "peak MB")
	all := map[string][]figures{}
	rivals := ours()
	for round := range b.rounds {
		for _, r := range rivals {
			progress("round %d of %d: receipts, %s", round+1, b.rounds, r.on)
			if err := b.receiptsOf(ctx, r, all); err != nil {
				return fmt.Errorf("%s: %w", r.on, err)
			}
		}
	}
	progress("")
	for _, n := range b.clients {
		for _, r := range rivals {
			f := median(all[fmt.Sprint(r.on, n)])
			fmt.Printf("%-15s %3d  %-24s %-16s %8.1f %9.2f %9.2f %6d %8.1f\n", "receipt check", n, r.name, r.on, f.perSecond, ms(f.p50), ms(f.p99), f.errors, f.peakMB)
			if f.first != nil {
				fmt.Println("  first error:", f.first)
			}
		}
	}
	return nil
}

func (b *bench) receiptsOf(ctx context.Context, r rival, all map[string][]figures) error {
	h, err := b.house(ctx, r.on)
	if err != nil {
		return err
	}
	defer h.remove()
	up, err := r.run(h, ctx)
	if err != nil {
		return err
	}
	defer up.stop()
	client := newClient(b.clients[len(b.clients)-1])
	defer client.CloseIdleConnections()
	var receipts []string
	for range seededReceipts {
		filed, err := file(ctx, client, up.sites[0])
		if err != nil {
			return err
		}
		receipts = append(receipts, `{"receipt":"`+filed.Receipt+`"}`)
	}
	var turn atomic.Uint64
	for _, n := range b.clients {
		f := pound(ctx, n, b.each, func() error {
			_, err := post(ctx, client, up.sites[0]+"/api/v1/receipt", "application/json", strings.NewReader(receipts[turn.Add(1)%uint64(len(receipts))]))
			return err
		})
		f.peakMB = up.peak()
		all[fmt.Sprint(r.on, n)] = append(all[fmt.Sprint(r.on, n)], f)
	}
	return ctx.Err()
}

// filed is what the API answers to a report.
type filed struct{ ID, Receipt string }

// file sends one report of 2 KB by the API.
func file(ctx context.Context, c *http.Client, site string) (f filed, err error) {
	text, err := json.Marshal(map[string]string{"text": strings.Repeat(words, 6) + randomHex(), "category": "housing_on_farmland", "place": "411422207"})
	if err != nil {
		return f, err
	}
	answer, err := post(ctx, c, site+"/api/v1/reports", "application/json", strings.NewReader(string(text)))
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(answer, &f)
}
