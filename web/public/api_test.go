package public_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tipline/crypto/receipt"
	"tipline/intake"
)

func TestAPIReport(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	body := `{"text":"田里","category":"lake_landscaping","conduct":["wrong_plot"],"lat":34.43210,"lon":"115.0678","urgent":true,"name":null,"reply":"none"}`
	a := do(t, "POST", srv.URL+"/api/v1/reports", "application/json; charset=utf-8", body, "Idempotency-Key", `"0123456789abcdefghijkLMNOP"`)
	var got map[string]string
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.StatusCode != 201 {
		t.Fatalf("%d %v\n%s", a.StatusCode, err, a.body)
	}
	if _, err := receipt.Parse(got["receipt"]); err != nil {
		t.Errorf("receipt: %v", err)
	}
	delete(got, "receipt")
	if diff := cmp.Diff(map[string]string{"id": "tip1", "state": "received", "received_on": "2026-03-21"}, got); diff != "" {
		t.Error(diff)
	}
	r := d.reports[0]
	if r.Words.Lat != "34.43210" || r.Words.Lon != "115.0678" || !r.Urgent || r.Token != "0123456789abcdefghijkLMNOP" || len(r.Conduct) != 1 || r.Reply != intake.ReplyNone {
		t.Error("the report differs from the JSON")
	}
	kind, form := form(t, "text=x", "file:a.jpg=AA")
	if a := do(t, "POST", srv.URL+"/api/v1/reports", kind, form); a.StatusCode != 201 || len(d.names) != 1 {
		t.Errorf("multipart: %d, files %v", a.StatusCode, d.names)
	}
}

func TestAPIErrors(t *testing.T) {
	const js = "application/json"
	late, lateBody := form(t, "text=x", "file:a.jpg=AA", "subject=late")
	for _, c := range []struct {
		name, kind, body string
		fail             error
		status           int
		errors           map[string]string
	}{
		{"not JSON", js, `{"text"`, nil, 400, nil},
		{"two values", js, `{} {}`, nil, 400, nil},
		{"an array", js, `["text"]`, nil, 400, nil},
		{"urlencoded", formType, "text=x", nil, 415, nil},
		{"too large", js, `{"text":"` + strings.Repeat("x", 2<<20) + `"}`, nil, 413, map[string]string{"body": "All words together may have 1024 KB. Please take out at least 1025 KB."}},
		{"no text", js, `{}`, nil, 422, map[string]string{"text": "Please fill in: What happened."}},
		{"wrong types", js, `{"text":["x"],"address":{"a":1}}`, nil, 422,
			map[string]string{"text": "What happened: please check how it is written.", "address": "Exact spot: please check how it is written."}},
		{"unknown field", js, `{"text":"x","phon":"1"}`, nil, 422, map[string]string{"phon": "There is no such field."}},
		{"field after a file", late, lateBody, nil, 422, map[string]string{"subject": "Files must come last in the form."}},
		{"weak token", js, `{"text":"x"}`, &intake.InvalidError{Problems: []intake.Problem{{Field: "token", Code: "token"}}}, 422,
			map[string]string{"token": "A token needs 128 random bits of letters, digits, _ and -, as a UUID or 22 random characters have."}},
		{"limited", js, `{"text":"x"}`, &intake.LimitedError{RetryAfter: 1500 * time.Millisecond}, 429, nil},
		{"not durable", js, `{"text":"x"}`, intake.ErrNotDurable, 503, nil},
		{"anything else", js, `{"text":"x"}`, errors.New("oops CANARY"), 500, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor()
			d.fail = c.fail
			a := do(t, "POST", serve(t, d, nil).URL+"/api/v1/reports", c.kind, c.body, "Accept-Language", "en")
			var got struct {
				Type, Title string
				Status      int
				Errors      map[string]string
			}
			if err := json.Unmarshal([]byte(a.body), &got); err != nil {
				t.Fatalf("%v\n%s", err, a.body)
			}
			if a.StatusCode != c.status || got.Status != c.status || got.Type == "" || got.Title == "" || a.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%d %s", a.StatusCode, a.body)
			}
			if diff := cmp.Diff(c.errors, got.Errors); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(a.body, "CANARY") {
				t.Error("an error's text is shown")
			}
			if c.status == 429 && a.Header.Get("Retry-After") != "2" {
				t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
			}
		})
	}
}

func TestAPIConversation(t *testing.T) {
	d := newDoor()
	srv := serve(t, d, nil)
	code := receipt.New().Digits()
	a := do(t, "POST", srv.URL+"/api/v1/receipt", "application/json", `{"receipt":"`+code+`"}`)
	want := `{"state":"needs_info","received_on":"2026-03-21","history":[{"state":"received","on":"2026-03-21"},{"state":"needs_info","on":"2026-03-22"}],` +
		`"due":[{"kind":"acceptance","on":"2026-03-24"}],"messages":[{"from":"desk","on":"2026-03-22","text":"哪一块地？\u003cb\u003e"},{"from":"reporter","on":"2026-03-23"}],"reply":"contact","identity":"kept","told":[{"state":"sent","on":"2026-03-23"}]}` + "\n"
	if a.StatusCode != 200 || a.body != want {
		t.Errorf("%d\n%s\nwant\n%s", a.StatusCode, a.body, want)
	}
	d.talk = intake.Conversation{State: intake.StateReceived, ReceivedOn: "2026-03-21"}
	if a = do(t, "POST", srv.URL+"/api/v1/receipt", "application/json", `{"receipt":"`+code+`"}`); !strings.Contains(a.body, `"history":[],"due":[],"messages":[]`) {
		t.Errorf("empty lists: %s", a.body)
	}
	if a = do(t, "POST", srv.URL+"/api/v1/receipt/messages", "application/json", `{"receipt":"`+code+`","text":"hi"}`); a.StatusCode != 201 || len(d.said) != 1 {
		t.Errorf("message: %d %s", a.StatusCode, a.body)
	}
	if a = do(t, "POST", srv.URL+"/api/v1/receipt/messages", "text/plain", `x`); a.StatusCode != 415 {
		t.Errorf("wrong type: %d", a.StatusCode)
	}
}
