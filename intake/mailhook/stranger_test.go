package mailhook

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestStrangersHoldNobodyUp: who begins a body and never ends it keeps no provider waiting, though nothing
// can say yet who sends it.
func TestStrangersHoldNobodyUp(t *testing.T) {
	o := newOffice(noon)
	h := o.handler(t, Channel{Provider: "mailgun", Secrets: []string{"k"}}, nil)
	done := make(chan struct{})
	for range 3 * together {
		body, stranger := io.Pipe()
		r := httptest.NewRequest(http.MethodPost, "/hooks/mail/box", body)
		go func() {
			call(h, r)
			done <- struct{}{}
		}()
		if _, err := stranger.Write([]byte("x")); err != nil { // it is being read
			t.Fatal(err)
		}
		defer func() { _ = stranger.Close(); <-done }()
	}
	if got := call(h, post("application/x-www-form-urlencoded", []byte("body-mime=x&timestamp=1&token=t&signature=s"))); got != http.StatusForbidden {
		t.Errorf("the next one is answered with %d", got)
	}
}
