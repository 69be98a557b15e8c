package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"crypto/rand"
)

// figures are what one measurement gives.
type figures struct {
	perSecond float64
	p50, p99  time.Duration
	errors    int
	first     error
	peakMB    float64
}

// body makes one request's body; each is a tip of its own.
type body func() (contentType string, content []byte)

const words = "村北的基本农田上正在打地基，已经堆了砖，听说要盖三层楼。"

// textBody is a 2 KB urlencoded form.
func textBody() (string, []byte) {
	f := url.Values{"text": {strings.Repeat(words, 6) + rand.Text()}, "category": {"housing_on_farmland"}, "place": {"411422207"}, "token": {rand.Text()}}
	return "application/x-www-form-urlencoded", []byte(f.Encode())
}

// photoBody is a multipart form with three photos of 300 KB.
func photoBody(photo []byte) body {
	return func() (string, []byte) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for k, v := range map[string]string{"text": words + rand.Text(), "category": "housing_on_farmland", "token": rand.Text()} {
			must(w.WriteField(k, v))
		}
		for i := range 3 {
			p, err := w.CreateFormFile("files", fmt.Sprintf("IMG_%d.jpg", i))
			must(err)
			_, err = p.Write(photo)
			must(err)
		}
		must(w.Close())
		return w.FormDataContentType(), b.Bytes()
	}
}

func must(err error) {
	if err != nil {
		panic(err) // only a bytes.Buffer is written to
	}
}

// fire posts bodies from n clients for d and counts what comes back.
func fire(ctx context.Context, target string, make body, n int, d time.Duration) figures {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n, DisableCompression: true}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var f figures
	var took []time.Duration
	var wg sync.WaitGroup
	began := time.Now()
	for range n {
		wg.Go(func() {
			for ctx.Err() == nil {
				kind, content := make()
				start := time.Now()
				err := post(client, target, kind, content)
				mu.Lock()
				if err != nil {
					f.errors++
					f.first = err
				} else {
					took = append(took, time.Since(start))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	if len(took) > 0 {
		f.p50, f.p99 = took[len(took)/2], took[len(took)*99/100]
	}
	f.perSecond = float64(len(took)) / time.Since(began).Seconds()
	return f
}

func post(c *http.Client, target, kind string, content []byte) error {
	resp, err := c.Post(target, kind, bytes.NewReader(content))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	if !bytes.Contains(answer, []byte(`id="receipt"`)) {
		return fmt.Errorf("an answer without a receipt")
	}
	return nil
}
