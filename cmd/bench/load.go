package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// fire posts bodies from n clients for d, to targets in turn, and counts what
// comes back.
func fire(ctx context.Context, targets []string, make body, n int, d time.Duration) figures {
	client := newClient(n)
	defer client.CloseIdleConnections()
	var turn atomic.Uint64
	return pound(ctx, n, d, func() error {
		kind, content := make()
		target := targets[turn.Add(1)%uint64(len(targets))]
		answer, err := post(ctx, client, target+"/report", kind, content)
		if err == nil && !bytes.Contains(answer, []byte(`id="receipt"`)) {
			err = fmt.Errorf("an answer without a receipt")
		}
		return err
	})
}

// pound does one from n sides for d. What was begun is finished and counts.
func pound(ctx context.Context, n int, d time.Duration, one func() error) figures {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var mu sync.Mutex
	var f figures
	var wg sync.WaitGroup
	began := time.Now()
	for range n {
		wg.Go(func() {
			for ctx.Err() == nil {
				start := time.Now()
				err := one()
				took := time.Since(start)
				mu.Lock()
				f.add(took, err)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	f.finish(time.Since(began))
	return f
}

func newClient(n int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n, DisableCompression: true}, Timeout: time.Minute}
}

// post sends one body and reads the answer, which must be a success. What was
// sent is waited for also when the run ends.
func post(ctx context.Context, c *http.Client, target, kind string, content io.Reader) ([]byte, error) {
	req, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodPost, target, content)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", kind)
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("status %d", resp.StatusCode)
	}
	return answer, err
}
