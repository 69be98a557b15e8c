package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"
)

// hearing keeps why an ACME server didn't take the answer to its question (RFC 8555, section 7.1.4): the name leads
// elsewhere, nothing listens. autocert keeps that to itself.
type hearing struct {
	http.RoundTripper
	mu  sync.Mutex
	why map[string]string // by host
}

// RoundTrip reads along.
func (h *hearing) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := h.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	resp.Body = io.NopCloser(bytes.NewReader(body))
	h.note(body)
	return resp, err
}

func (h *hearing) note(body []byte) {
	var asked struct {
		Identifier struct{ Value string }
		Challenges []struct{ Error struct{ Detail string } }
	}
	if json.Unmarshal(body, &asked) != nil {
		return // a list, a certificate
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range asked.Challenges {
		if c.Error.Detail != "" {
			h.why[asked.Identifier.Value] = c.Error.Detail
		}
	}
}

// about is what was last said against host, and forgets it.
func (h *hearing) about(host string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	defer delete(h.why, host)
	return h.why[host]
}
