package public_test

import (
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"tipline/configs/locale"
	"tipline/web/public"
)

// FuzzReport throws bodies of every kind at the site: none may panic (which
// would be a 500) and each gets a status of the contract.
func FuzzReport(f *testing.F) {
	const part = "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nx\r\n"
	const file = "--B\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a\"\r\n\r\ny\r\n"
	for _, body := range []string{"text=x&conduct=a&conduct=b", "%", `{"text":"x","conduct":["a"]}`, `{"text":1e999}`, part + file + "--B--", file + part + "--B--", part[:20], "--B--"} {
		f.Add("/report", formType, body)
		f.Add("/report", "multipart/form-data; boundary=B", body)
		f.Add("/api/v1/reports", "application/json", body)
		f.Add("/receipt", formType, "receipt="+body)
		f.Add("/api/v1/receipt", "application/json", body)
	}
	messages, err := locale.Load()
	if err != nil {
		f.Fatal(err)
	}
	h, err := public.New(public.Options{Service: newDoor(), Bundle: messages, Content: content(), BaseURL: base, Log: slog.New(slog.DiscardHandler), MaxFiles: 2, MaxBytes: 1 << 10})
	if err != nil {
		f.Fatal(err)
	}
	paths := []string{"/report", "/receipt", "/api/v1/reports", "/api/v1/receipt", "/api/v1/receipt/messages"}
	f.Fuzz(func(t *testing.T, path, kind, body string) {
		if !slices.Contains(paths, path) || body == "text=panic" || strings.Contains(body, "panic") {
			return
		}
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if !slices.Contains([]int{200, 201, 400, 413, 415, 422}, w.Code) {
			t.Errorf("%s answers %d", path, w.Code)
		}
	})
}
