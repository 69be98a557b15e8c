package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"tipline/intake/sms/gateway"
)

// A flood is so many callbacks a second from one gateway, for so long.
const (
	floodRate = 2000
	floodTime = 10 * time.Second
)

// flood pours callbacks in at a fixed rate, each the text of another number, and holds
// the answers against the store: every success is there once, and nothing else.
func (b *bench) flood(ctx context.Context) error {
	for _, limits := range []string{"as they are", "off"} {
		for _, s := range []setting{onSQLite, {postgres: true, redis: true}} {
			if err := b.floodOne(ctx, s, limits); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bench) floodOne(ctx context.Context, s setting, limits string) error {
	h, err := b.house(ctx, s)
	if err != nil {
		return err
	}
	defer h.remove()
	more := []string{`TIPLINE_SMS=[{"name":"city","provider":"standard","secret":"a-secret-of-the-bench"}]`}
	if limits == "off" {
		more = append(more, "TIPLINE_LIMITS_ENABLED=false")
	}
	up, err := h.upWith(ctx, more...)
	if err != nil {
		return err
	}
	progress("flood on %s, limits %s", s, limits)
	answers, took := h.pour(ctx, up.sites[0]+"/hooks/sms/city")
	peak := up.peak()
	up.children[0].end()
	progress("")
	stored, tips, err := h.counted(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("%-17s limits %-11s", s, limits)
	for _, code := range slices.Sorted(maps.Keys(answers)) {
		fmt.Printf("  %s: %d", code, answers[code])
	}
	slices.Sort(took)
	fmt.Printf("  stored %d in %d tips  p50 %.0f ms  p99 %.0f ms  peak %.0f MB\n", stored, tips, ms(took[len(took)/2]), ms(took[len(took)*99/100]), peak)
	wrong := 0
	for code, n := range answers {
		if code != "200" && code != "429" && code != "503" {
			wrong += n
		}
	}
	lost := max(answers["200"]-stored, answers["200"]-tips, stored-answers["200"], tips-answers["200"])
	fmt.Printf("%-17s successes that aren't in the store once: %d; answers that aren't 200, 429 or 503: %d: %s\n", "", lost, wrong, verdict(lost == 0 && wrong == 0))
	return nil
}

// pour sends at the rate, whether answers come or not.
func (h *house) pour(ctx context.Context, to string) (answers map[string]int, took []time.Duration) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 512, MaxConnsPerHost: 2048}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	answers = map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	begun := time.Now()
	for i := range floodRate * int(floodTime/time.Second) {
		if wait := time.Until(begun.Add(time.Duration(i) * time.Second / floodRate)); wait > 0 {
			time.Sleep(wait)
		}
		wg.Go(func() {
			sent := time.Now()
			code := call(ctx, client, to, i)
			mu.Lock()
			defer mu.Unlock()
			answers[code]++
			took = append(took, time.Since(sent))
		})
	}
	wg.Wait()
	return answers, took
}

// call is one callback, of the i-th sender; what it is answered by status.
func call(ctx context.Context, client *http.Client, to string, i int) string {
	m := gateway.Message{ID: fmt.Sprint("flood-", i), From: fmt.Sprintf("+861%010d", i), To: "1069", Text: fmt.Sprint("a flood of texts, number ", i), Sent: time.Now()}
	c, err := gateway.New("standard", gateway.Account{Secret: "a-secret-of-the-bench", URL: to, Now: time.Now()}, m)
	if err != nil {
		return "none"
	}
	r, err := c.Request(to)
	if err != nil {
		return "none"
	}
	resp, err := client.Do(r.WithContext(ctx))
	if err != nil {
		return "none"
	}
	resp.Body.Close()
	return fmt.Sprint(resp.StatusCode)
}

// counted are the messages the store knows again, and the tips.
func (h *house) counted(ctx context.Context) (messages, tips int, err error) {
	db, err := h.openDatabase()
	if err != nil {
		return 0, 0, err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM message_tags), (SELECT COUNT(*) FROM tips)`).Scan(&messages, &tips)
	return messages, tips, err
}
