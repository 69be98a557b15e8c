package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"time"
)

// load is a steady stream of reports. A sender repeats each, with the same token
// or message number, until it is answered as stored: so that every report is one
// tip, whatever died meanwhile.
type load struct {
	client   *http.Client
	stop     chan struct{}
	wg       sync.WaitGroup
	mu       sync.Mutex
	receipts []string // of web reports that were answered
	texts    int      // text messages that were answered
	refused  int      // deliveries that were not answered as stored
}

func newLoad() *load {
	return &load{client: &http.Client{Timeout: 45 * time.Second}, stop: make(chan struct{})}
}

// rest is a sender's pause between two reports: the machine's two cores are to be
// busy with faults, not with load.
const rest = 100 * time.Millisecond

// send begins a sender that files one report after another until end.
func (l *load) send(deliver func(n string) (receipt string, ok bool)) {
	l.wg.Go(func() {
		for l.pause(rest) {
			n := rand.Text()
			for {
				if receipt, ok := deliver(n); ok {
					l.note(func() { l.answered(receipt) })
					break
				}
				l.note(func() { l.refused++ })
				<-time.After(rest) // the next try of the same report
			}
		}
	})
}

func (l *load) answered(receipt string) {
	if receipt == "" {
		l.texts++
	} else {
		l.receipts = append(l.receipts, receipt)
	}
}

func (l *load) note(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do()
}

// count is how many reports were answered as stored.
func (l *load) count() (n int) {
	l.note(func() { n = len(l.receipts) + l.texts })
	return n
}

// refusals is how many deliveries were not answered as stored.
func (l *load) refusals() (n int) {
	l.note(func() { n = l.refused })
	return n
}

// pause says whether the load goes on.
func (l *load) pause(d time.Duration) bool {
	select {
	case <-l.stop:
		return false
	case <-time.After(d):
		return true
	}
}

// end waits until every report that was begun is answered.
func (l *load) end() {
	close(l.stop)
	l.wg.Wait()
}

// api files a report by the JSON API.
func (l *load) api(addr string) func(n string) (string, bool) {
	return func(n string) (string, bool) {
		body, _ := json.Marshal(map[string]string{"text": "村北的地上正在打地基 " + n})
		return l.report(addr, n, "application/json", bytes.NewReader(body))
	}
}

// attachment is too large for a row: its containers are files, of which a tip that was
// answered must have its own.
const attachment = 100_000

// files files a report with a file by the API.
func (l *load) files(addr string) func(n string) (string, bool) {
	return func(n string) (string, bool) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		_ = w.WriteField("text", "村北的地上正在打地基 "+n)
		f, _ := w.CreateFormFile("files", "a.txt")
		_, _ = io.WriteString(f, strings.Repeat("x", attachment))
		_ = w.Close()
		return l.report(addr, n, w.FormDataContentType(), &body)
	}
}

func (l *load) report(addr, n, kind string, body io.Reader) (receipt string, ok bool) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+addr+"/api/v1/reports", body)
	if err != nil {
		return "", false
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Idempotency-Key", n)
	status, text := l.do(req)
	var answer struct{ Receipt string }
	if status/100 != 2 || json.Unmarshal(text, &answer) != nil || answer.Receipt == "" {
		return "", false
	}
	return answer.Receipt, true
}

// sms delivers a text message as its gateway does.
func (l *load) sms(addr string) func(n string) (string, bool) {
	return func(n string) (string, bool) {
		number := fnv.New64a() // a sender of its own, whose text is a tip of its own
		_, _ = io.WriteString(number, n)
		body := fmt.Sprintf(`[{"phone_number":"%015d","content":"河边在挖鱼塘","send_time":"2026-11-24 08:00:00","dest_code":"1069","sequence_id":"%s"}]`, number.Sum64()%1e15, n)
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+addr+"/hooks/sms/city?key=k3y-of-the-city-gateway", strings.NewReader(body))
		if err != nil {
			return "", false
		}
		req.Header.Set("Content-Type", "application/json")
		status, _ := l.do(req)
		return "", status == http.StatusOK
	}
}

func (l *load) do(req *http.Request) (status int, body []byte) {
	resp, err := l.client.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(resp.Body); err != nil {
		return 0, nil
	}
	return resp.StatusCode, body
}
