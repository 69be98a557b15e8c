package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/smtp"
	"strings"
	"sync"
	"time"
)

// load is a steady stream of reports. A sender repeats each, with the same token
// or message number, until it is answered as stored: so that every report is one
// tip, whatever died meanwhile. Each has words of its own, by which its tip is found.
type load struct {
	client  *http.Client
	stop    chan struct{}
	wg      sync.WaitGroup
	mu      sync.Mutex
	filed   map[string]filed // reports that were answered, by the mark in their words
	fresh   []filed          // what nobody decided yet
	decided []filed          // what was accepted and given its number, both answered
	refused int              // deliveries that were not answered as stored
	givenUp int              // what was never answered
}

// filed is what came of a report; text messages and letters are told nothing of it.
type filed struct {
	ID, Receipt string
	more, file  bool // the reporter wrote once more, with the same mark; a file came along
}

func newLoad() *load {
	return &load{client: &http.Client{Timeout: 45 * time.Second}, stop: make(chan struct{}), filed: map[string]filed{}}
}

// rest is a sender's pause between two reports: the machine's two cores are to be
// busy with faults, not with load.
const rest = 100 * time.Millisecond

// send begins a sender that files one report after another until end.
func (l *load) send(deliver func(n string) (filed, bool)) {
	l.wg.Go(func() {
		for l.pause(rest) {
			n := rand.Text()
			var f filed
			if !l.insist(func() (ok bool) { f, ok = deliver(n); return ok }) {
				continue
			}
			l.note(func() {
				l.filed[n] = f
				if f.ID != "" {
					l.fresh = append(l.fresh, f)
				}
			})
		}
	})
}

// patience is longer than any fault and what it leaves behind.
const patience = 3 * time.Minute

// insist tries until it is answered, or for so long that it never will be.
func (l *load) insist(try func() bool) bool {
	for began := time.Now(); !try(); {
		l.note(func() { l.refused++ })
		if time.Since(began) > patience {
			l.note(func() { l.givenUp++ })
			return false
		}
		<-time.After(rest) // the next try of the same
	}
	return true
}

func (l *load) note(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do()
}

// count is how many reports were answered as stored.
func (l *load) count() (n int) {
	l.note(func() { n = len(l.filed) })
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
func (l *load) api(addr string) func(n string) (filed, bool) {
	return func(n string) (filed, bool) {
		body, _ := json.Marshal(map[string]string{"text": "村北的地上正在打地基 " + n})
		return l.report(addr, n, "application/json", bytes.NewReader(body))
	}
}

// attachment is too large for a row: its containers are files, of which a tip that was
// answered must have its own.
const attachment = 100_000

// files files a report with a file by the API.
func (l *load) files(addr string) func(n string) (filed, bool) {
	return func(n string) (filed, bool) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		_ = w.WriteField("text", "村北的地上正在打地基 "+n)
		f, _ := w.CreateFormFile("files", "a.txt")
		_, _ = io.WriteString(f, strings.Repeat("x", attachment))
		_ = w.Close()
		answer, ok := l.report(addr, n, w.FormDataContentType(), &body)
		answer.file = true
		return answer, ok
	}
}

func (l *load) report(addr, n, kind string, body io.Reader) (f filed, ok bool) {
	status, text := l.post("http://"+addr+"/api/v1/reports", n, kind, body)
	return f, status/100 == 2 && json.Unmarshal(text, &f) == nil && f.Receipt != ""
}

// talk files a report and writes once more under its receipt.
func (l *load) talk(addr string) func(n string) (filed, bool) {
	return func(n string) (filed, bool) {
		f, ok := l.api(addr)(n)
		if !ok {
			return f, false
		}
		more, _ := json.Marshal(map[string]string{"receipt": f.Receipt, "text": again + n})
		f.more = l.insist(func() bool {
			status, _ := l.post("http://"+addr+"/api/v1/receipt/messages", n, "application/json", bytes.NewReader(more))
			return status == http.StatusCreated
		})
		return f, true
	}
}

// again begins what a reporter writes later.
const again = "补充说明 "

// sms delivers a text message as its gateway does.
func (l *load) sms(addr string) func(n string) (filed, bool) {
	return func(n string) (filed, bool) {
		number := fnv.New64a() // a sender of its own, whose text is a tip of its own
		_, _ = io.WriteString(number, n)
		body := fmt.Sprintf(`[{"phone_number":"%015d","content":"河边在挖鱼塘 %s","send_time":"2026-11-24 08:00:00","dest_code":"1069","sequence_id":"%[2]s"}]`, number.Sum64()%1e15, n)
		status, _ := l.post("http://"+addr+"/hooks/sms/city?key=k3y-of-the-city-gateway", "", "application/json", strings.NewReader(body))
		return filed{}, status == http.StatusOK
	}
}

// letter delivers a mail as a server does that tries again.
func (l *load) letter(addr string) func(n string) (filed, bool) {
	return func(n string) (filed, bool) {
		c, err := net.DialTimeout("tcp", addr, l.client.Timeout)
		if err != nil {
			return filed{}, false
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(l.client.Timeout))
		s, err := smtp.NewClient(c, "localhost")
		if err != nil {
			return filed{}, false
		}
		if errors.Join(s.Mail(n+"@example.org"), s.Rcpt("tips@localhost")) != nil {
			return filed{}, false
		}
		w, err := s.Data()
		if err != nil {
			return filed{}, false
		}
		_, err = fmt.Fprintf(w, "Message-ID: <%s@example.org>\r\nSubject: tip\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n村东的坑越挖越大 %[1]s\r\n", n)
		return filed{}, errors.Join(err, w.Close()) == nil
	}
}

func (l *load) post(target, token, kind string, body io.Reader) (status int, answer []byte) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, target, body)
	if err != nil {
		return 0, nil
	}
	req.Header.Set("Content-Type", kind)
	if token != "" {
		req.Header.Set("Idempotency-Key", token)
	}
	resp, err := l.client.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	if answer, err = io.ReadAll(resp.Body); err != nil {
		return 0, nil
	}
	return resp.StatusCode, answer
}
