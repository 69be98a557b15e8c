package public_test

import (
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"tipline/configs/locale"
	"tipline/web/public"
)

// BenchmarkReport is what the site itself costs for a report of 2 KB, without
// the domain behind it and without a network.
func BenchmarkReport(b *testing.B) {
	messages, err := locale.Load()
	if err != nil {
		b.Fatal(err)
	}
	h, err := public.New(public.Options{Service: newDoor(), Bundle: messages, Content: content(), BaseURL: base, Log: slog.New(slog.DiscardHandler), MaxFiles: 3, MaxBytes: 1 << 20})
	if err != nil {
		b.Fatal(err)
	}
	body := url.Values{"text": {strings.Repeat("x", 2000)}, "category": {"lake_landscaping"}}.Encode()
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", "/report", strings.NewReader(body))
		r.Header.Set("Content-Type", formType)
		r.Header.Set("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.8")
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}
